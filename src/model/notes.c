#include "pfa/model/notes.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/hash.h"
#include "pfa/base/mem.h"
#include "pfa/decode/event.h"
#include "pfa/model/backing.h"
#include "pfa/model/kernel_names.h"
#include "pfa/model/mm.h"
#include "pfa/model/observation.h"
#include "pfa/model/samples.h"
#include "pfa/model/space.h"
#include "pfa/model/tasks.h"
#include "pfa/model/thread_stacks.h"
#include "pfa/model/tls.h"
#include "pfa/model/verify.h"
#include "pfa/symbol/elf_layout.h"

/* The fault counters of an attached process when tracing began. */
struct stat_begin {
	uint32_t pid;
	uint64_t minor, major;
	UT_hash_handle hh;
};

struct notes {
	struct run_facts *facts;
	struct backing_table *backings;
	struct kernel_names *kernel;
	struct verify *verify;
	struct samples samples;
	struct stat_begin *stats;
	bool pressure_began;
	uint64_t some_us, full_us; /* of pressure, when it did */
};

struct notes *notes_new(struct run_facts *facts, struct backing_table *backings,
			struct kernel_names *kernel, struct verify *verify,
			const struct samples *samples)
{
	struct notes *n = pfa_alloc(sizeof(*n));

	n->facts = facts;
	n->backings = backings;
	n->kernel = kernel;
	n->verify = verify;
	n->samples = *samples;
	return n;
}

void notes_free(struct notes *n)
{
	struct stat_begin *stat, *next;

	if (!n)
		return;
	HASH_ITER(hh, n->stats, stat, next) {
		HASH_DEL(n->stats, stat);
		free(stat);
	}
	free(n);
}

static void note_start(struct notes *n, const struct event *event, const char *text)
{
	n->facts->started = true;
	n->facts->start_ns = event->time_ns;
	n->facts->launched = strstr(text, "mode=launch") != NULL;
	n->facts->verified = strstr(text, "verify=1") != NULL;
	n->facts->no_swap = strstr(text, "swap=0") != NULL;
	n->facts->full_privilege = strstr(text, "privilege=full") != NULL;
}

static void note_end(struct notes *n, const struct event *event, const char *text)
{
	n->facts->ended = true;
	n->facts->end_ns = event->time_ns;
	if (strstr(text, "corrupt=1"))
		n->facts->corrupt++;
}

static void note_counters(struct notes *n, const struct event *event,
			  const char *text)
{
	(void)event;
	n->facts->has_counters =
		sscanf(text, "counters minor=%" SCNu64 " major=%" SCNu64
		       " lost=%" SCNu64, &n->facts->counted_minor,
		       &n->facts->counted_major, &n->facts->counted_lost) == 3;
}

static void note_exit(struct notes *n, const struct event *event, const char *text)
{
	int found = sscanf(text, "exit status=%d minor=%" SCNu64 " major=%" SCNu64,
			   &n->facts->wait_status, &n->facts->rusage_minor,
			   &n->facts->rusage_major);

	(void)event;
	n->facts->has_exit = found >= 1;
	n->facts->has_rusage = found == 3;
}

static void note_stat(struct notes *n, const struct event *event, const char *text)
{
	struct stat_begin *begin;
	uint64_t minor, major;
	char when[8];

	if (sscanf(text, "stat when=%7s minor=%" SCNu64 " major=%" SCNu64, when,
		   &minor, &major) != 3)
		return;
	HASH_FIND(hh, n->stats, &event->pid, sizeof(event->pid), begin);
	if (!strcmp(when, "begin") && !begin) {
		begin = pfa_alloc(sizeof(*begin));
		*begin = (struct stat_begin){ .pid = event->pid,
					      .minor = minor, .major = major };
		HASH_ADD(hh, n->stats, pid, sizeof(begin->pid), begin);
	} else if (!strcmp(when, "end") && begin) {
		n->facts->has_stat = true;
		n->facts->stat_minor += minor - begin->minor;
		n->facts->stat_major += major - begin->major;
	}
}

/* "object MAJOR:MINOR INODE/GENERATION LENGTH PATH\n" and the packed layout. */
static void note_object(struct notes *n, const struct event *event,
			const char *text)
{
	struct backing *backing;
	struct file_id file;
	struct pfa_error err;
	size_t length;
	char *path;
	int at = 0;

	(void)event;
	if (sscanf(text, "object %u:%u %" SCNu64 "/%" SCNu64 " %zu %n",
		   &file.dev_major, &file.dev_minor, &file.inode,
		   &file.generation, &length, &at) != 5 || !at ||
	    length >= strlen(text + at) || text[at + (int)length] != '\n')
		return;
	path = pfa_memdup(text + at, length + 1);
	path[length] = '\0';
	backing = backing_of(n->backings, path, &file);
	free(path);
	text += at + length + 1;
	if (!backing->layout &&
	    elf_layout_unpack(text, strlen(text), &backing->layout, &err))
		backing->layout = NULL;
}

/* Totals since the machine, or the group, began: the run has what they grew by. */
static void note_pressure(struct notes *n, const struct event *event, const char *text)
{
	struct run_facts *f = n->facts;
	uint64_t some_us, full_us;
	char when[8], whose[8];

	(void)event;
	if (sscanf(text, "pressure when=%7s of=%7s some=%" SCNu64 " full=%" SCNu64, when,
		   whose, &some_us, &full_us) != 4)
		return;
	if (!strcmp(when, "begin")) {
		n->pressure_began = true;
		n->some_us = some_us;
		n->full_us = full_us;
	} else if (n->pressure_began) {
		f->has_pressure = true;
		f->group_pressure = !strcmp(whose, "group");
		f->pressure_some_ns = (some_us - n->some_us) * 1000;
		f->pressure_full_ns = (full_us - n->full_us) * 1000;
	}
}

static void note_memory(struct notes *n, const struct event *event, const char *text)
{
	samples_take(&n->samples, event, text);
}

static void note_kernel(struct notes *n, const struct event *event, const char *text)
{
	(void)event;
	kernel_names_note(n->kernel, text);
}

static void note_maps(struct notes *n, const struct event *event, const char *text)
{
	verify_part(n->verify, event, text);
}

/* What a process runs that was there before the run: the file mapped at the address. */
static void note_program(struct notes *n, const struct event *event, const char *text)
{
	const struct vma *vma;
	struct mm *mm;
	uint64_t addr;

	if (sscanf(text, "program %" SCNx64, &addr) != 1)
		return;
	mm = tasks_process(n->samples.tasks, event->pid)->mm;
	vma = space_find(mm->space, addr);
	if (vma && vma->backing->kind == BACKING_FILE)
		mm->program = vma->backing;
}

/* Of a thread that was there before the run: where its thread pointer leads, and its
 * stack, if it is known. */
static void note_thread(struct notes *n, const struct event *event, const char *text)
{
	uint64_t pointer, robust, start, end;
	struct thread *thread;
	uint32_t tid;

	if (sscanf(text, "thread %" SCNu32 " pointer=%" SCNx64 " robust=%" SCNx64
		   " stack=%" SCNx64 "-%" SCNx64, &tid, &pointer, &robust, &start,
		   &end) != 5)
		return;
	thread = tasks_thread(n->samples.tasks, event->pid, tid);
	tls_thread_pointer(thread, pointer);
	tls_robust_list(thread, robust);
	if (start < end)
		thread_stacks_give(&thread->process->mm->thread_stacks, thread, start, end);
}

static const struct note_kind {
	const char *word;
	void (*take)(struct notes *n, const struct event *event, const char *text);
} note_kinds[] = {
	{ "object ", note_object }, { "kernel ", note_kernel }, { "stat ", note_stat },
	{ "counters ", note_counters }, { "exit ", note_exit },
	{ "start ", note_start }, { "end", note_end }, { "maps ", note_maps },
	{ "memory ", note_memory }, { "pressure ", note_pressure },
	{ "program ", note_program }, { "thread ", note_thread },
};

void notes_take(struct notes *n, const struct event *event)
{
	char *text = pfa_alloc(event->note.length + 1);

	memcpy(text, event->note.bytes, event->note.length);
	for (size_t i = 0; i < sizeof(note_kinds) / sizeof(note_kinds[0]); i++) {
		const struct note_kind *kind = &note_kinds[i];

		if (!strncmp(text, kind->word, strlen(kind->word))) {
			kind->take(n, event, text);
			break;
		}
	}
	free(text);
}
