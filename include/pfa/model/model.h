/*
 * The model: a fold over events in time order that knows, at every instant, each
 * traced process's threads, address space and pages, and tells an observer what
 * happened in those terms.
 *
 * A function of its events alone: no file, no clock, no kernel.
 */
#ifndef PFA_MODEL_MODEL_H
#define PFA_MODEL_MODEL_H

#include <stdbool.h>

#include "pfa/decode/event.h"
#include "pfa/model/observation.h"

struct intern;
struct model;
struct space;
struct symbols;

/* What the events at hand can tell. */
struct model_abilities {
	bool begins;  /* page_fault tracepoints: access, latency, COW */
	bool signals; /* failures tell of themselves */
	bool clones;  /* task_newtask: what parent and child share */
};

struct model *model_new(struct intern *strings,
			const struct model_abilities *abilities,
			const struct observer *observer);
void model_free(struct model *model);

/* Copied stacks are unwound by these files, which are borrowed. Before the first event. */
void model_use_symbols(struct model *model, struct symbols *symbols);
/* Of memory that calls made it is wanted who called (fault.origin). Before the first
 * event. */
void model_want_origins(struct model *model);
/* Layouts are wanted (observer.layout): of each process just before its end, and of
 * those that live on at model_finish(). Before the first event. */
void model_want_layouts(struct model *model);
/* Tells the layout of every living process as it is now. */
void model_tell_layouts(struct model *model, uint64_t time_ns);

/* Events in order of time. */
void model_feed(struct model *model, const struct event *event);

/* The stream is over: what is still open is counted. */
void model_finish(struct model *model);

/* The address space of a living process as it is now; NULL: no such process. */
const struct space *model_space(const struct model *model, uint32_t pid);

/* Facts so far; the caller adds what it counted itself. */
const struct run_facts *model_facts(const struct model *model);

#endif
