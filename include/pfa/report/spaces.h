/*
 * The tables of changes: what each address space went through, and the changes of all
 * by kind. The records of system calls that were seen stand beside what was made of
 * them.
 */
#ifndef PFA_REPORT_SPACES_H
#define PFA_REPORT_SPACES_H

#include "pfa/base/text.h"

struct census;
struct run_facts;
struct tally;
struct view;

/* Nothing where nothing changed. */
void spaces_print(struct text *out, const struct view *view,
		  const struct census *census, const struct run_facts *facts);
void spaces_print_kinds(struct text *out, const struct tally *tally);

#endif
