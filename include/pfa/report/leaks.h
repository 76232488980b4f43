/*
 * --leaks: what a process mapped while it was traced and never unmapped, by the code
 * that did; touched and kept apart from reserved and never touched.
 *
 * What was there before, came by exec, is the stack, or was made by a parent is left
 * out, but for its size.
 */
#ifndef PFA_REPORT_LEAKS_H
#define PFA_REPORT_LEAKS_H

#include <stdint.h>

struct layout;
struct layout_page;
struct text;

void leaks_print(struct text *out, const struct layout_page *page,
		 const struct layout *layout);

/* What its tables come to. */
uint64_t leaks_bytes(const struct layout *layout);

#endif
