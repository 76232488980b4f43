/*
 * "Given back and touched again" in the summary: by who gave, and by who touched.
 * Nothing if nothing came back.
 */
#ifndef PFA_REPORT_REFAULT_TABLES_H
#define PFA_REPORT_REFAULT_TABLES_H

#include "pfa/base/text.h"

struct naming;
struct refaults;
struct view;

void refault_tables_print(struct text *out, const struct view *view,
			  struct naming *naming, const struct refaults *refaults);

#endif
