/*
 * The state of `pfa top`: what is observed goes in, filters or not; at the end of each
 * interval it is a frame, which top_frame.h draws.
 *
 * A frame is exactly what happened in its interval, by the clock of the records; nothing
 * fades. Beside it goes all since the start. A filter that is changed holds from the next
 * frame on, and what is since the start begins anew with it; rates by type, losses and
 * alerts know no filter.
 *
 * Memory is bounded by the distinct regions and functions (TOP_ROWS_MAX of each) and by
 * the processes that live.
 */
#ifndef PFA_REPORT_TOP_H
#define PFA_REPORT_TOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pfa/model/observation.h"
#include "pfa/report/budget_text.h"
#include "pfa/report/top_window.h"
#include "pfa/report/view.h"

struct alert;
struct naming;

enum { TOP_ALERTS_MAX = 4, TOP_GLOB_MAX = 256 };

/* One that lives, or ended in the frame that is shown. */
struct top_process {
	uint32_t serial;
	struct actor actor; /* as it was last */
	uint64_t size_bytes; /* of the address space; 0: not known */
	bool has_memory; /* what follows is known: it was looked at */
	uint64_t rss_bytes, swap_bytes;
	bool ended, shown; /* shown: it was so in a frame */
};

struct top_alert {
	const struct budget *budget;
	uint64_t since_ns, figure;
	uint32_t pid; /* 0: of the run */
};

struct top_filter {
	unsigned types; /* as view.h has it */
	char region[TOP_GLOB_MAX]; /* "": all */
};

struct top {
	struct view view; /* the filters that hold now are in it */
	struct top_filter filter, wanted; /* now, and from the next frame on */
	struct naming *naming; /* borrowed */
	uint64_t origin_ns;
	struct top_window now, last, whole; /* begun, shown, since the start */
	struct counts sum; /* of all that is since the start, filters or not: up to `last` */
	uint64_t sum_lost;
	uint64_t frames; /* that have ended */
	uint64_t number; /* of the one that is shown, from 1 */
	bool paused; /* the frame that is shown stays; counting goes on */
	bool over; /* nothing follows */
	struct top_alert alerts[TOP_ALERTS_MAX]; /* the latest first */
	size_t alert_count;
	size_t ended; /* processes */
	/* Private. */
	struct top_process_entry *processes;
	struct counts counted;
	uint64_t counted_lost;
};

/* The view, with an interval, is borrowed, as is the naming. */
struct top *top_new(const struct view *view, struct naming *naming);
void top_free(struct top *top);

/* The start of the first frame. Before anything else. */
void top_set_origin(struct top *top, uint64_t time_ns);
/*
 * Nothing older follows. True: a frame has ended by then, and is the one to show; to be
 * asked again, as there may be more.
 */
bool top_turn(struct top *top, uint64_t now_ns);
/* As many frames as wanted have ended: what follows is of none. */
bool top_is_full(const struct top *top);

void top_fault(struct top *top, const struct fault *fault);
void top_change(struct top *top, const struct change *change);
void top_life(struct top *top, const struct life *life);
void top_process(struct top *top, const struct process_facts *facts);
void top_memory(struct top *top, const struct memory_sample *sample);
void top_loss(struct top *top, const struct loss *loss);
void top_alert(struct top *top, const struct alert *alert);

/*
 * The end: the last frame is as long as the run had time for it. False: there is none,
 * as the one before was the last that was wanted.
 */
bool top_finish(struct top *top, const struct run_facts *facts);

/*
 * The processes of the frame in order: most faults first, or most time; then who has
 * more memory; then by appearance. The caller frees the array.
 */
const struct top_process **top_processes(const struct top *top,
					 const struct top_window *window, bool by_time,
					 size_t *count);

#endif
