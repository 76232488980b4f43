/*
 * A made-up run for the census and the tables made of it. A process has one number:
 * its serial; its pid is 4000 more. Its first thread has the same, others have theirs.
 */
#ifndef TESTS_UNIT_CENSUS_WORLD_H
#define TESTS_UNIT_CENSUS_WORLD_H

#include "pfa/report/census.h"

static const struct region anon_region = { "anon", "", "anon" };

static inline struct actor actor_of(uint32_t serial, uint32_t thread, const char *comm)
{
	return (struct actor){ .pid = 4000 + serial, .tid = 4000 + thread,
			       .serial = serial, .thread_serial = thread, .comm = comm,
			       .process_comm = comm };
}

static inline void faults(struct census *census, struct actor actor, int count)
{
	const struct fault fault = { .actor = actor, .type = FAULT_MINOR,
				     .kind = "zero-fill", .region = &anon_region,
				     .latency_ns = 1000 };

	while (count--)
		census_fault(census, &fault);
}

static inline void forks(struct census *census, struct actor parent, struct actor child)
{
	const struct life life = { .kind = LIFE_FORK, .actor = parent, .child = child };

	census_life(census, &life);
}

static inline void execs(struct census *census, struct actor actor)
{
	const struct life life = { .kind = LIFE_EXEC_REBUILD, .actor = actor };

	census_life(census, &life);
}

/* As the model does it: first the facts, then the end. */
static inline void ends_with(struct census *census, struct actor actor,
			     struct process_facts facts, enum ending ending, int status)
{
	const struct life life = { .kind = LIFE_EXIT, .actor = actor, .ending = ending,
				   .status = status };

	facts.actor = actor;
	facts.ended = true;
	census_facts(census, &facts);
	census_life(census, &life);
}

static inline void ends(struct census *census, struct actor actor)
{
	static const struct totals none;

	ends_with(census, actor, (struct process_facts){ .totals = &none },
		  ENDED_STATUS, 0);
}

#endif
