/*
 * What the reports of layouts have in common: whose layout it is, of which moment.
 */
#ifndef PFA_REPORT_LAYOUT_TEXT_H
#define PFA_REPORT_LAYOUT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pfa/base/text.h"

struct layout;
struct naming;
struct view;

struct layout_page {
	const struct view *view;
	struct naming *naming;
	uint64_t origin_ns; /* time zero of the run */
	bool at_time; /* --at: it was told for that moment */
	const uint32_t *pids; /* by serial, also of those that have ended; 0: unknown */
	size_t pid_count;
};

/* Seconds since the run began, as the stream has them and --at takes them: "0.001354". */
void layout_put_time(struct text *out, const struct layout_page *page,
		     uint64_t time_ns);

/* "4321 demo at exit (0.005600)"; without the time with --fixed-ts. */
void layout_put_title(struct text *out, const struct layout_page *page,
		      const struct layout *layout);

/* The process with that serial: "4321", or "P1" with --fixed-ts. */
void layout_put_maker(struct text *out, const struct layout_page *page, uint32_t serial);

#endif
