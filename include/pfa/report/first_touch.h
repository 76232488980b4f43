/*
 * First touch: the pages of files in the order in which a run first took a fault on
 * them, with the code that did, and what lies there (--first-touch).
 *
 * A page is listed at its first fault, whichever process took it. That is not all that
 * was touched: a fault maps neighbours that are in the page cache, too (fault-around: 16
 * pages by default, /sys/kernel/debug/fault_around_bytes; Linux 6.18 was seen to map all
 * of a large folio), and what is mapped does not fault.
 *
 * Memory is bounded by the number of distinct pages. Pointers are borrowed: what model
 * and naming told stays valid for the session.
 */
#ifndef PFA_REPORT_FIRST_TOUCH_H
#define PFA_REPORT_FIRST_TOUCH_H

#include <stddef.h>
#include <stdint.h>

struct backing;
struct code;
struct fault;
struct naming;
struct region;
struct run_facts;
struct text;
struct view;

struct touched_page {
	const struct backing *file;
	uint64_t offset_bytes; /* of the page */
	uint64_t size_bytes;
	uint64_t time_ns, latency_ns;
	const char *kind;
	const struct region *region;
	const struct code *code; /* that touched */
	char *touched; /* what lies at the address, owned; NULL: no more is known */
};

struct first_touch;

struct first_touch *first_touch_new(const struct view *view, struct naming *naming);
void first_touch_free(struct first_touch *first);

void first_touch_fault(struct first_touch *first, const struct fault *fault);

/* In order of first touch. Borrowed until the next fault. */
const struct touched_page *first_touch_pages(const struct first_touch *first,
					     size_t *count);

/* The list; `origin_ns` is time zero. */
void first_touch_print(const struct first_touch *first, uint64_t origin_ns,
		       const struct run_facts *facts, struct text *out);

#endif
