/*
 * Counted faults: the numbers that every table of faults has.
 */
#ifndef PFA_REPORT_COUNTS_H
#define PFA_REPORT_COUNTS_H

#include <stdint.h>

#include "pfa/model/observation.h"

struct counts {
	uint64_t faults;
	uint64_t by_type[FAULT_TYPE_COUNT];
	uint64_t timed; /* faults whose latency is known */
	uint64_t time_ns, max_ns;
};

static inline void counts_add(struct counts *c, const struct fault *f)
{
	c->faults++;
	c->by_type[f->type]++;
	if (f->latency_ns == LATENCY_UNKNOWN)
		return;
	c->timed++;
	c->time_ns += f->latency_ns;
	if (f->latency_ns > c->max_ns)
		c->max_ns = f->latency_ns;
}

/* All of another's too. */
static inline void counts_join(struct counts *c, const struct counts *other)
{
	c->faults += other->faults;
	for (int type = 0; type < FAULT_TYPE_COUNT; type++)
		c->by_type[type] += other->by_type[type];
	c->timed += other->timed;
	c->time_ns += other->time_ns;
	if (other->max_ns > c->max_ns)
		c->max_ns = other->max_ns;
}

#endif
