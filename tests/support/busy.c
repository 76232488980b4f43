#include "busy.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pfa/base/mem.h"
#include "streams.h"

enum {
	PROGRAMS = 12,
	THREADS_MAX = 64,
	MAPPINGS_MAX = 24,
	FILES = 40,
	PIDS = 1 << 22, /* pid_max of a 64-bit machine */
	PAGE = 4096,
};

struct mapping {
	uint64_t start, pages;
};

struct thread {
	uint32_t tid;
	bool in_call; /* munmap or madvise of `called` has begun */
	enum mm_call call;
	struct mapping called;
};

struct program {
	uint32_t pid;
	struct thread threads[THREADS_MAX];
	size_t thread_count;
	struct mapping mappings[MAPPINGS_MAX];
	size_t mapping_count;
	uint64_t next_address;
};

struct busy {
	struct streams *streams;
	struct program programs[PROGRAMS];
	size_t program_count;
	uint32_t last_pid;
	uint64_t last_frame;
	uint64_t random;
};

static uint64_t random_below(struct busy *b, uint64_t limit)
{
	b->random = b->random * 6364136223846793005 + 1442695040888963407;
	return (b->random >> 33) % limit;
}

static uint32_t new_pid(struct busy *b)
{
	b->last_pid = b->last_pid % (PIDS - 1) + 1;
	return b->last_pid;
}

static struct who who_of(const struct program *p, const struct thread *t)
{
	return (struct who){ p->pid, t->tid };
}

/* ---- memory ---- */

static void touch(struct busy *b, struct program *p, struct thread *t)
{
	enum { FRAMES = 1 << 24, KINDS = 4 };
	static const uint64_t error_codes[KINDS] = {
		FAULT_USER,
		FAULT_USER | FAULT_WRITE,
		FAULT_USER | FAULT_WRITE | FAULT_PRESENT,
		FAULT_USER | FAULT_EXEC,
	};
	const struct mapping *m = &p->mappings[random_below(b, p->mapping_count)];
	uint64_t addr = m->start + random_below(b, m->pages) * PAGE;
	uint64_t error_code = error_codes[random_below(b, KINDS)];

	b->last_frame = b->last_frame % FRAMES + 1;
	streams_fault_begin(b->streams, who_of(p, t), addr, error_code);
	if (random_below(b, 1000)) /* or a signal came in between */
		streams_fault_end(b->streams, who_of(p, t), addr, b->last_frame * PAGE);
}

static void add_mapping(struct busy *b, struct program *p, struct thread *t,
			uint64_t pages, uint64_t inode, const char *name)
{
	struct mapping *m = &p->mappings[p->mapping_count++];

	*m = (struct mapping){ p->next_address, pages };
	p->next_address += (pages + random_below(b, 16)) * PAGE;
	streams_mmap(b->streams, who_of(p, t), m->start, pages * PAGE,
		     PROT_READ | PROT_WRITE, inode, name);
}

static void add_file(struct busy *b, struct program *p, struct thread *t, uint64_t pages)
{
	uint64_t file = random_below(b, FILES) + 1;
	char name[32];

	snprintf(name, sizeof(name), "/usr/lib/lib%ju.so", (uintmax_t)file);
	add_mapping(b, p, t, pages, file, name);
}

static void map(struct busy *b, struct program *p, struct thread *t)
{
	const uint64_t addr = p->next_address, pages = 1 + random_below(b, 64);

	if (p->mapping_count == MAPPINGS_MAX)
		return;
	streams_call_begin(b->streams, who_of(p, t), MM_CALL_mmap, 0, pages * PAGE,
			   PROT_READ | PROT_WRITE);
	if (random_below(b, 4))
		add_mapping(b, p, t, pages, 0, "//anon");
	else
		add_file(b, p, t, pages);
	streams_call_end(b->streams, who_of(p, t), MM_CALL_mmap, (int64_t)addr);
}

/* Over what is there: what was touched comes again. */
static void map_over(struct busy *b, struct program *p, struct thread *t)
{
	const struct mapping *m = &p->mappings[random_below(b, p->mapping_count)];

	streams_call_begin(b->streams, who_of(p, t), MM_CALL_mmap, m->start,
			   m->pages * PAGE, PROT_READ | PROT_WRITE);
	streams_mmap(b->streams, who_of(p, t), m->start, m->pages * PAGE,
		     PROT_READ | PROT_WRITE, 0, "//anon");
	streams_call_end(b->streams, who_of(p, t), MM_CALL_mmap, (int64_t)m->start);
}

/* Ends when the thread's turn comes again: others map meanwhile. */
static void begin_call(struct busy *b, struct program *p, struct thread *t,
		       enum mm_call call, struct mapping called)
{
	*t = (struct thread){ t->tid, true, call, called };
	streams_call_begin(b->streams, who_of(p, t), call, called.start,
			   called.pages * PAGE, MADV_DONTNEED);
}

static void end_call(struct busy *b, struct program *p, struct thread *t)
{
	streams_call_end(b->streams, who_of(p, t), t->call, 0);
	t->in_call = false;
}

static void unmap(struct busy *b, struct program *p, struct thread *t)
{
	size_t i = random_below(b, p->mapping_count);
	const struct mapping called = p->mappings[i];

	if (p->mapping_count == 1)
		return;
	p->mappings[i] = p->mappings[--p->mapping_count];
	begin_call(b, p, t, MM_CALL_munmap, called);
}

static void give_back(struct busy *b, struct program *p, struct thread *t)
{
	begin_call(b, p, t, MM_CALL_madvise,
		   p->mappings[random_below(b, p->mapping_count)]);
}

/* ---- lives ---- */

static void start_thread(struct busy *b, struct program *p, struct thread *t)
{
	struct thread *child = &p->threads[p->thread_count];
	char comm[16];

	if (p->thread_count == THREADS_MAX)
		return;
	p->thread_count++;
	*child = (struct thread){ .tid = new_pid(b) };
	streams_fork(b->streams, who_of(p, t), who_of(p, child));
	snprintf(comm, sizeof(comm), "pool-%ju", (uintmax_t)random_below(b, 16));
	streams_comm(b->streams, who_of(p, child), comm, false);
}

static void end_thread(struct busy *b, struct program *p, struct thread *t)
{
	if (t == p->threads) /* the leader stays until the end */
		return;
	streams_exit(b->streams, who_of(p, t));
	*t = p->threads[--p->thread_count];
}

static void start_image(struct busy *b, struct program *p)
{
	static const char *const names[] = { "sh", "make", "cc1", "as", "ld", "java",
					     "python3", "git" };
	const char *name = names[random_below(b, 8)];
	struct thread *leader = p->threads;
	char path[32];

	snprintf(path, sizeof(path), "/usr/bin/%s", name);
	p->next_address = 0x10000000 + random_below(b, 1 << 30) * PAGE;
	streams_comm(b->streams, who_of(p, leader), name, true);
	add_mapping(b, p, leader, 100, FILES + 1, path);
	add_mapping(b, p, leader, 40, 0, "[heap]");
	add_mapping(b, p, leader, 33, 0, "[stack]");
	for (int i = 0; i < 4; i++)
		add_file(b, p, leader, 1 + random_below(b, 100));
	streams_exec(b->streams, who_of(p, leader), path);
}

/* NULL: there are enough. */
static struct program *fork_program(struct busy *b, const struct program *parent,
				    const struct thread *t)
{
	struct program *child = &b->programs[b->program_count];
	const uint32_t pid = new_pid(b);

	if (b->program_count == PROGRAMS)
		return NULL;
	b->program_count++;
	*child = (struct program){ .pid = pid, .threads = { { .tid = pid } },
				   .thread_count = 1 };
	streams_fork(b->streams, who_of(parent, t), who_of(child, child->threads));
	return child;
}

static void start_program(struct busy *b, const struct program *parent,
			  const struct thread *t)
{
	struct program *child = fork_program(b, parent, t);

	if (child)
		start_image(b, child);
}

/* It goes on with its parent's memory, which the two copy as they write to it. */
static void start_worker(struct busy *b, const struct program *parent,
			 const struct thread *t)
{
	struct program *child = fork_program(b, parent, t);

	if (!child)
		return;
	memcpy(child->mappings, parent->mappings, sizeof(child->mappings));
	child->mapping_count = parent->mapping_count;
	child->next_address = parent->next_address;
}

/* The first one lives as long as the machine. */
static void end_program(struct busy *b, struct program *p)
{
	if (p == b->programs)
		return;
	while (p->thread_count)
		streams_exit(b->streams, who_of(p, &p->threads[--p->thread_count]));
	*p = b->programs[--b->program_count];
}

static void tell_mappings(struct busy *b, const struct program *p)
{
	const struct who who = who_of(p, p->threads);

	streams_snapshot(b->streams, who);
	for (size_t i = 0; i < p->mapping_count; i++)
		streams_mmap(b->streams, who, p->mappings[i].start,
			     p->mappings[i].pages * PAGE, PROT_READ | PROT_WRITE, 0,
			     "//anon");
}

/* As pfa does after a loss: what is there is told anew. */
static void lose(struct busy *b)
{
	streams_lost(b->streams, (uint32_t)random_below(b, STREAM_CPUS),
		     1 + random_below(b, 1000));
	for (size_t i = 0; i < b->program_count; i++)
		tell_mappings(b, &b->programs[i]);
}

/* ---- what happens next ---- */

struct busy *busy_new(struct streams *streams)
{
	const struct program shell = { .pid = 1 };
	const struct thread leader = { .tid = 1 };
	struct busy *b = pfa_alloc(sizeof(*b));

	b->streams = streams;
	b->last_pid = 1;
	start_program(b, &shell, &leader);
	return b;
}

void busy_free(struct busy *b)
{
	free(b);
}

static void live_on(struct busy *b, struct program *p, struct thread *t, uint64_t chance)
{
	if (chance < 9000)
		touch(b, p, t);
	else if (chance < 9430)
		map(b, p, t);
	else if (chance < 9450)
		map_over(b, p, t);
	else if (chance < 9850)
		unmap(b, p, t);
	else if (chance < 9920)
		give_back(b, p, t);
	else if (chance < 9960)
		start_thread(b, p, t);
	else if (chance < 9990)
		end_thread(b, p, t);
	else if (chance < 9993)
		start_program(b, p, t);
	else if (chance < 9995)
		start_worker(b, p, t);
	else
		end_program(b, p);
}

/* Every fourth step is the first program's, which does little but map and unmap, in
 * all of its threads at once. */
void busy_step(struct busy *b)
{
	size_t i = random_below(b, 4) ? random_below(b, b->program_count) : 0;
	struct program *p = &b->programs[i];
	struct thread *t = &p->threads[random_below(b, p->thread_count)];

	if (!random_below(b, 5000000))
		lose(b);
	if (t->in_call)
		end_call(b, p, t);
	else if (i)
		live_on(b, p, t, random_below(b, 10000));
	else
		live_on(b, p, t, 8500 + random_below(b, 1500));
}
