/*
 * What budgets and alerts have come to: a table of each, in the order of the command
 * line.
 */
#ifndef PFA_REPORT_BUDGET_TABLES_H
#define PFA_REPORT_BUDGET_TABLES_H

#include <stdint.h>

struct budgets;
struct text;
struct view;

void budget_tables_print(struct text *out, const struct view *view,
			 const struct budgets *budgets, uint64_t origin_ns);

#endif
