/*
 * What the options of pfa top set: functions of its rows in the table (options.c).
 */
#ifndef PFA_OPTIONS_TOP_H
#define PFA_OPTIONS_TOP_H

#include "pfa/base/status.h"

struct options;

enum pfa_status options_set_top_interval(struct options *options, const char *value,
					 struct pfa_error *err);
enum pfa_status options_set_top_batch(struct options *options, const char *value,
				      struct pfa_error *err);

#endif
