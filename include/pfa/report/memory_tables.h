/*
 * "Memory" in the summary: the peaks of each process, and its course over time. Nothing
 * where nothing was looked at; nothing with --fixed-ts, which no two runs agree in,
 * unless --show=memory asks for it.
 */
#ifndef PFA_REPORT_MEMORY_TABLES_H
#define PFA_REPORT_MEMORY_TABLES_H

#include <stdbool.h>

#include "pfa/base/text.h"

struct census;
struct view;

void memory_tables_print(struct text *out, const struct view *view,
			 const struct census *census);

#endif
