/*
 * The far end of the live loop: where records go, and what happens after each round.
 *
 * Embedded as the first member of its kinds; a tee is two of them at once.
 */
#ifndef PFA_CONSUMER_H
#define PFA_CONSUMER_H

#include <stdbool.h>
#include <stdint.h>

#include "pfa/base/status.h"
#include "pfa/source/ring.h"

struct analysis;
struct evlist;
struct perfdata_about;
struct perfdata_writer;
struct report;
struct relay;
struct viewer;

struct consumer {
	struct record_sink sink;
	/*
	 * A drain is over; nothing older than the limit follows. False: there is no
	 * use in going on.
	 */
	bool (*round)(struct consumer *consumer, uint64_t limit_ns, uint64_t bytes);
	int wake_fd; /* readable: a round is wanted now; -1: there is no such thing */
};

/*
 * Into an analysis, whose report is made visible after each round: to a viewer, if any.
 * All three are used by another thread (relay.h) until tracing_end().
 */
struct tracing {
	struct consumer *consumer;
	struct relay *relay;
	struct analysis *analysis;
	struct report *report;
	struct viewer *viewer;
};

enum pfa_status tracing_open(struct tracing *tracing, const struct evlist *list,
			     struct analysis *analysis, struct report *report,
			     struct viewer *viewer, struct pfa_error *err) PFA_MUST_CHECK;
void tracing_end(struct tracing *tracing);
/* After the analysis. */
void tracing_release(struct tracing *tracing);

/* Into a capture. */
struct recording {
	struct consumer consumer;
	struct perfdata_writer *writer;
	uint64_t first_ns;
	enum pfa_status status; /* of the first failed write */
	struct pfa_error error;
};

enum pfa_status recording_open(struct recording *recording, const char *path,
			       const struct evlist *list,
			       const struct perfdata_about *about,
			       struct pfa_error *err) PFA_MUST_CHECK;
/* Finishes the file; tells the first thing that went wrong with it. */
enum pfa_status recording_close(struct recording *recording,
				struct pfa_error *err) PFA_MUST_CHECK;

/* The first says when the run is over; without the second it goes on. */
struct tee {
	struct consumer consumer;
	struct consumer *first, *second;
};

void tee_init(struct tee *tee, struct consumer *first, struct consumer *second);

#endif
