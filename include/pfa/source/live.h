/*
 * A live session: arms the targets, drains the rings, ends in order.
 *
 *     live_open    choose events, open rings, fork the gate or arm the threads
 *     live_start   emit the snapshot of what exists, let the program go
 *     live_wait    sleep until there is something to drain, or a time-out
 *     live_drain   hand over all records, the kernel's and ours
 *     live_stop    events off, the last drain, closing notes
 *     live_close
 *
 * Records go to the sink as they lie in the rings: in order per CPU only.
 */
#ifndef PFA_SOURCE_LIVE_H
#define PFA_SOURCE_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "pfa/base/status.h"
#include "pfa/source/ring.h"

struct evlist;
struct formats;
struct live;
struct live_options;

enum pfa_status live_open(struct live **live, const struct live_options *options,
			  struct evlist *list, struct formats *formats,
			  struct pfa_error *err) PFA_MUST_CHECK;

/*
 * What live_open() settled on: lines to tell the user, or "", and what a capture
 * needs. Both are borrowed.
 */
const char *live_notices(struct live *live);
const void *live_tracing_data(const struct live *live, size_t *bytes);

enum pfa_status live_start(struct live *live, const struct record_sink *sink,
			   struct pfa_error *err) PFA_MUST_CHECK;

/* Whether live_start() succeeded: there is something to report. */
bool live_started(const struct live *live);

/* Returns early when one of `wake_fds` becomes readable; -1 is none. */
enum { LIVE_WAKE_FDS = 2 };
void live_wait(struct live *live, int timeout_ms, const int wake_fds[LIVE_WAKE_FDS]);

/*
 * Drains every ring once. Afterwards no record older than the returned time can
 * arrive any more. *bytes tells how much there was.
 */
uint64_t live_drain(struct live *live, const struct record_sink *sink,
		    uint64_t *bytes);

/*
 * Whether another drain should follow within a millisecond: files were mapped for the
 * first time (what is known of them must be read while they can be reached, and
 * their owner may be short-lived), or a snapshot is being taken.
 */
bool live_has_news(const struct live *live);

/* For how long there is nothing to do where nothing happens. */
uint64_t live_patience_ms(const struct live *live);

/* True once every target has ended; never without one. */
bool live_ended(struct live *live);

void live_stop(struct live *live, const struct record_sink *sink);
/* The launched program, if it still runs: its pid, else 0. */
pid_t live_still_running(const struct live *live);
/* Processes that the launched program has left behind. */
size_t live_children_left(const struct live *live);
void live_close(struct live *live);

#endif
