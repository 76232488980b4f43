#include "pfa/model/samples.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "pfa/decode/event.h"
#include "pfa/model/mm.h"
#include "pfa/model/observation.h"
#include "pfa/model/space.h"
#include "pfa/model/tasks.h"

static bool find_reason(const char *word, enum sample_reason *reason)
{
	for (int i = 0; i < SAMPLE_REASON_COUNT; i++) {
		*reason = (enum sample_reason)i;
		if (!strcmp(sample_reason_name(*reason), word))
			return true;
	}
	return false;
}

/* The sizes are missing at exit. */
static bool parse(const char *text, struct memory_sample *s, uint64_t *begin_ns)
{
	char when[16];
	int found = sscanf(text, "memory when=%15s begin=%" SCNu64 " peak=%" SCNu64
			   " hwm=%" SCNu64 " size=%" SCNu64 " anon=%" SCNu64
			   " file=%" SCNu64 " shmem=%" SCNu64 " swap=%" SCNu64
			   " tables=%" SCNu64, when, begin_ns, &s->size_peak_bytes,
			   &s->rss_peak_bytes, &s->size_bytes, &s->anon_bytes,
			   &s->file_bytes, &s->shmem_bytes, &s->swap_bytes,
			   &s->table_bytes);

	return found >= 4 && find_reason(when, &s->reason) &&
	       found == (s->reason == SAMPLE_exit ? 4 : 10);
}

static bool is_of(const struct process *process, uint64_t begin_ns)
{
	return !process->shared_space && !process->in_exec &&
	       process->image_ns <= begin_ns && process->born_ns <= begin_ns;
}

void samples_take(const struct samples *samples, const struct event *event,
		 const char *text)
{
	struct process *process = tasks_find_process(samples->tasks, event->pid);
	struct memory_sample sample = { .time_ns = event->time_ns };
	uint64_t begin_ns;

	if (!process || !samples->observer->memory || !parse(text, &sample, &begin_ns) ||
	    !is_of(process, begin_ns))
		return;
	sample.actor = tasks_actor(samples->tasks, process);
	sample.heap_bytes = space_heap_bytes(process->mm->space);
	sample.stack_bytes = space_stack_bytes(process->mm->space);
	samples->observer->memory(samples->observer->context, &sample);
}
