/*
 * The census of a run: which processes and threads there were, whose children, running
 * which programs, what they did and how they ended.
 *
 * Memory is bounded by what lives at a time: of processes and threads that have ended
 * only those with the most faults stay. The children of one that was dropped become
 * those of its parent. Names are borrowed: they are interned for the session.
 */
#ifndef PFA_REPORT_CENSUS_H
#define PFA_REPORT_CENSUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pfa/model/observation.h"
#include "pfa/report/counts.h"
#include "pfa/report/memory.h"

enum { CENSUS_NAMES_MAX = 8 };

struct census_process {
	uint32_t serial; /* by appearance: that of its parent is smaller */
	uint32_t parent; /* serial of the nearest ancestor that is kept; 0: none is known */
	struct actor actor; /* as it was last */
	const char *program; /* its name since fork, or the last exec */
	const char *before[CENSUS_NAMES_MAX]; /* names it had until it called exec */
	size_t before_count;
	bool names_left_out; /* after the first of them */
	struct counts counts;
	size_t thread_count; /* that faulted, kept or not */
	struct memory memory;
	/* From the model, of all it did; nothing before `told`. */
	bool told, existed, shared_space, ended;
	uint64_t born_ns, ended_ns;
	struct totals totals;
	enum ending ending;
	int status;
};

struct census_thread {
	struct actor actor; /* as it was last */
	const struct census_process *process;
	struct counts counts;
};

enum { CENSUS_RECENT = 8 };

struct census {
	struct totals sum; /* of all processes; what was largest is not summed */
	size_t process_count; /* kept or not; without those that did nothing */
	size_t space_count;   /* likewise, those that made system calls or changes */
	struct series rss; /* of all processes together, as far as they were looked at */
	/* Private. */
	uint64_t rss_bytes; /* likewise, now */
	struct process_entry *processes;
	struct thread_entry *threads;
	struct thread_entry *recent[CENSUS_RECENT];
	size_t kept; /* that have ended: so many, up to twice as many for a while */
	size_t ended_processes, ended_threads;
};

/* The first `wanted` in order are kept of processes and of threads. */
void census_init(struct census *census, size_t wanted);
void census_release(struct census *census);

void census_fault(struct census *census, const struct fault *fault);
void census_life(struct census *census, const struct life *life);
/* `since_ns`: the sample's time, since the run began. */
void census_memory(struct census *census, const struct memory_sample *sample,
		   uint64_t since_ns);
void census_facts(struct census *census, const struct process_facts *facts);

/* It was there before and did nothing but be there: of interest as an ancestor. */
bool census_is_idle(const struct census_process *process);
/* It changed its address space, or tried to. */
bool census_has_space(const struct census_process *process);

/*
 * In order: most faults first, then by appearance. The caller frees the array; what is
 * in it is borrowed.
 */
const struct census_process **census_processes(const struct census *census,
					       size_t *count);
const struct census_thread **census_threads(const struct census *census, size_t *count);

#endif
