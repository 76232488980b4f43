/*
 * Faults counted by what is called by name: the code that took them, what it touched,
 * and who had asked for that memory.
 *
 * Memory is bounded by the distinct code, objects and makers, never by the number of
 * faults. Code is looked up at the end, when all that a process tells of its own is there.
 */
#ifndef PFA_REPORT_BY_NAME_H
#define PFA_REPORT_BY_NAME_H

#include <stdint.h>

#include "pfa/report/counts.h"

struct fault;
struct naming;
struct text;
struct view;

enum by_name_what { BY_CODE, BY_TOUCHED, BY_MAKER, BY_COUNT };

enum { BY_RECENT = 8, BY_RECENT_CODE = 1 << 14 };

struct by_name {
	struct naming *naming;
	struct counts total;
	/* Private: all, and those found last by a part of their key. */
	struct by_entry *entries[BY_COUNT];
	struct by_entry *recent[BY_COUNT][BY_RECENT];
	struct by_entry *recent_code[BY_RECENT_CODE]; /* by its number */
};

/* The naming is borrowed. */
void by_name_init(struct by_name *by, struct naming *naming);
void by_name_release(struct by_name *by);

void by_name_fault(struct by_name *by, const struct fault *fault);

/* The tables by function, touched object and maker; each only if it has a name. */
void by_name_print(struct text *out, const struct view *view, const struct by_name *by);
/*
 * The table by line, likewise. Lines are dear where a file's debug information was not
 * read yet: only of code that took a hundredth of the faults, or of their time, are they
 * looked up. The rest goes by its function.
 */
void by_name_print_lines(struct text *out, const struct view *view,
			 const struct by_name *by);

#endif
