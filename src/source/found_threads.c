#include "pfa/source/found_threads.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "pfa/base/mem.h"
#include "pfa/decode/procmaps.h"
#include "pfa/source/procfs.h"

#define PAGE UINT64_C(4096)

/* Where glibc's malloc has heaps of its own: they lie above each other's reserves. */
#define ARENA_ALIGN (UINT64_C(64) << 20)

static int by_pointer(const void *a, const void *b)
{
	const struct found_thread *x = a, *y = b;

	return (x->area.pointer > y->area.pointer) - (x->area.pointer < y->area.pointer);
}

void found_threads_read(struct found_threads *f, const struct pids *tids)
{
	for (size_t i = 0; i < tids->count; i++) {
		struct found_thread thread = { .tid = tids->list[i] };

		if (!thread_area_read(thread.tid, &thread.area))
			continue;
		f->list = pfa_grow(f->list, f->count, &f->capacity, sizeof(*f->list));
		f->list[f->count++] = thread;
	}
	if (f->count)
		qsort(f->list, f->count, sizeof(*f->list), by_pointer);
}

static bool may_hold_stacks(const struct found_threads *f, const struct procmap *map)
{
	return !map->path[0] && map->prot != PROT_NONE && map->start == f->guard_end &&
	       map->start % ARENA_ALIGN;
}

void found_threads_see(struct found_threads *f, pid_t pid, const struct procmap *map)
{
	bool stacks = may_hold_stacks(f, map);
	uint64_t lowest = map->start;

	for (; f->next < f->count && f->list[f->next].area.pointer < map->end; f->next++) {
		struct found_thread *thread = &f->list[f->next];
		uint64_t end = (thread->area.pointer | (PAGE - 1)) + 1;

		if (stacks && thread->tid != pid && thread->area.pointer >= lowest) {
			thread->stack_start = lowest;
			thread->stack_end = end;
		}
		if (end > lowest)
			lowest = end;
	}
	f->guard_end = map->prot == PROT_NONE ? map->end : 0;
}

void found_threads_release(struct found_threads *f)
{
	free(f->list);
	*f = (struct found_threads){ 0 };
}
