#include "pfa/model/verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "pfa/base/intern.h"
#include "pfa/base/mem.h"
#include "pfa/base/text.h"
#include "pfa/decode/event.h"
#include "pfa/model/drift.h"
#include "pfa/model/mm.h"
#include "pfa/model/names.h"
#include "pfa/model/observation.h"
#include "pfa/model/space.h"
#include "pfa/model/tasks.h"
#include "pfa/model/totals.h"

/* The text of one process, in the making. */
struct reading {
	uint32_t pid;
	uint64_t begin_ns, end_ns;
	size_t parts, of; /* so far, of how many; 0: none is awaited */
	struct text text;
};

struct verify {
	struct tasks *tasks;
	const struct names *names;
	struct intern *strings;
	struct run_facts *facts;
	const struct observer *observer;
	struct reading reading;
};

struct verify *verify_new(struct tasks *tasks, const struct names *names,
			  struct intern *strings, struct run_facts *facts,
			  const struct observer *observer)
{
	struct verify *v = pfa_alloc(sizeof(*v));

	v->tasks = tasks;
	v->names = names;
	v->strings = strings;
	v->facts = facts;
	v->observer = observer;
	text_init(&v->reading.text);
	return v;
}

void verify_free(struct verify *v)
{
	if (!v)
		return;
	text_release(&v->reading.text);
	free(v);
}

/* ---- quiet points ---- */

/* A call may have had its effect or not, and so may a fault below a stack. */
static bool is_busy(const struct thread *thread)
{
	return thread->call.active || (thread->fault.active && !thread->fault.in_vma);
}

static bool is_quiet(const struct verify *v, const struct process *process)
{
	struct thread *thread = tasks_first_thread(v->tasks);

	if (process->mm->last_change_ns >= v->reading.begin_ns || process->in_exec)
		return false;
	for (; thread; thread = tasks_next_thread(thread))
		if (thread->process->mm == process->mm && is_busy(thread))
			return false;
	return true;
}

/*
 * Between taking the new memory and telling of it by COMM, exec shows nothing but the
 * stack that it has laid the arguments on (begin_new_exec() in fs/exec.c).
 */
static bool is_in_exec(const struct space *mapped)
{
	return space_vma_count(mapped) == 1;
}

/* ---- drift ---- */

static const char *description(const struct verify *v, const struct vma *vma,
			       uint64_t addr)
{
	const char *interned;
	struct text text;

	text_init(&text);
	drift_describe(&text, vma, addr);
	interned = intern_text(v->strings, text_cstr(&text));
	text_release(&text);
	return interned;
}

static void tell(struct verify *v, const struct process *process,
		 const struct difference *first, size_t count)
{
	const struct drift drift = {
		.actor = tasks_actor(v->tasks, process),
		.time_ns = v->reading.end_ns,
		.start = first->start,
		.end = first->end,
		.ranges = count,
		.modelled = description(v, &first->modelled, first->start),
		.mapped = description(v, &first->mapped, first->start),
	};

	if (!v->facts->drifts)
		v->facts->first_drift = drift;
	v->facts->drifts += count;
	if (v->observer->drift)
		v->observer->drift(v->observer->context, &drift);
}

/* What made it nobody saw: as with other mappings that are met without a call. */
static void repair(const struct verify *v, const struct process *process,
		   const struct difference *d)
{
	const struct origin origin = { .kind = ORIGIN_mmap, .maker = process->serial,
				       .time_ns = v->reading.end_ns };
	struct mm *mm = process->mm;

	drift_repair(mm->space, d);
	if (mm->pieces && !d->mapped.end)
		space_unmap(mm->pieces, d->start, d->end);
	if (!d->modelled.end)
		mm_made(mm, d->start, d->end, &origin);
}

static void put_right(struct verify *v, struct process *process,
		      const struct space *mapped)
{
	struct mm *mm = process->mm;
	size_t count;
	struct difference *differences = drift_find(mm->space, mapped, &count);

	if (count && mm_is_sure(mm))
		tell(v, process, differences, count);
	for (size_t i = 0; i < count; i++)
		repair(v, process, &differences[i]);
	if (count) {
		mm->brk = 0; /* as the heap has it */
		mm_measure(mm, &process->totals);
	}
	mm->suspect = false;
	free(differences);
}

static void compare(struct verify *v)
{
	struct process *process = tasks_find_process(v->tasks, v->reading.pid);
	struct text *text = &v->reading.text;
	struct space *mapped;

	if (!process)
		return; /* it has ended since */
	mapped = drift_read_maps(text_cstr(text), text->length, v->names->backings);
	if (!is_quiet(v, process) || is_in_exec(mapped)) {
		v->facts->unquiet++;
	} else if (space_vma_count(mapped)) {
		v->facts->compared++;
		put_right(v, process, mapped);
	}
	space_free(mapped);
}

/* ---- parts ---- */

static bool follows(const struct reading *r, const struct event *event,
		    uint64_t begin_ns, size_t part, size_t of)
{
	return r->of == of && r->parts + 1 == part && r->pid == event->pid &&
	       r->begin_ns == begin_ns && r->end_ns == event->time_ns;
}

static void begin(struct reading *r, const struct event *event, uint64_t begin_ns,
		  size_t of)
{
	r->pid = event->pid;
	r->begin_ns = begin_ns;
	r->end_ns = event->time_ns;
	r->parts = 0;
	r->of = of;
	text_clear(&r->text);
}

void verify_part(struct verify *v, const struct event *event, const char *text)
{
	struct reading *r = &v->reading;
	uint64_t begin_ns;
	size_t part, of;
	int at = 0;

	if (sscanf(text, "maps begin=%" SCNu64 " part=%zu of=%zu%n", &begin_ns, &part,
		   &of, &at) != 3 || text[at] != '\n')
		return;
	v->facts->verified = true;
	if (part == 1)
		begin(r, event, begin_ns, of);
	if (!follows(r, event, begin_ns, part, of)) {
		r->of = 0;
		return;
	}
	text_str(&r->text, text + at + 1);
	if (++r->parts < of)
		return;
	r->of = 0;
	compare(v);
}
