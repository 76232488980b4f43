/*
 * What the options of pfa map set: functions of its rows in the table (options.c).
 */
#ifndef PFA_OPTIONS_MAP_H
#define PFA_OPTIONS_MAP_H

#include "pfa/options_table.h"

option_setter options_set_map_tree, options_set_map_pages, options_set_map_each,
	options_set_map_strip, options_set_map_sort, options_set_map_fields,
	options_set_map_region, options_set_map_top;

#endif
