/*
 * --compare=A,B: two address spaces, range by range: the same, only in one, different
 * in permission or in what is mapped. Where one process is the other's child, also the
 * pages that each side has copied since the fork.
 *
 * Of which moment: --at; without it, when the first of the two ends. If the other was
 * not born by then, each is shown at its own end. Of a pid that was used again it is
 * the first process.
 */
#ifndef PFA_REPORT_COMPARE_H
#define PFA_REPORT_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct compare;
struct fault;
struct layout;
struct layout_page;
struct life;
struct text;

/* Two names (process_list.h), borrowed. */
struct compare *compare_new(const char *processes);
void compare_free(struct compare *compare);

void compare_life(struct compare *compare, const struct life *life);
void compare_fault(struct compare *compare, const struct fault *fault);
/* A layout of that moment, of whatever process. True: now the other's is wanted. */
bool compare_layout(struct compare *compare, const struct layout *layout);
/* Those it has are not of the moment that is wanted. */
void compare_forget(struct compare *compare);

/* The place in the list of a process whose layout was not told; -1: both were. */
int compare_missing(const struct compare *compare);
/* Both were. */
void compare_print(struct text *out, const struct layout_page *page,
		   struct compare *compare);

#endif
