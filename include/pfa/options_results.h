/*
 * What the options of results (report/results.h) set: functions of their rows in the
 * table (options.c).
 */
#ifndef PFA_OPTIONS_RESULTS_H
#define PFA_OPTIONS_RESULTS_H

#include "pfa/options_table.h"

option_setter options_set_folded, options_set_folded_weight, options_set_folded_leaf,
	options_set_folded_inline, options_set_first_touch, options_set_order_file,
	options_set_prefetch_list, options_set_object;

#endif
