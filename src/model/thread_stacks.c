#include "pfa/model/thread_stacks.h"

#include <stdlib.h>
#include <string.h>

#include "pfa/base/mem.h"
#include "pfa/base/search.h"
#include "pfa/model/tasks.h"

void thread_stacks_release(struct thread_stacks *s)
{
	free(s->list);
	*s = (struct thread_stacks){ 0 };
}

static void move_up(struct thread_stacks *s, size_t from, size_t to)
{
	memmove(s->list + to, s->list + from, (s->count - from) * sizeof(*s->list));
	s->count = s->count - from + to;
}

void thread_stacks_remove(struct thread_stacks *s, uint64_t start, uint64_t end)
{
	size_t first = COUNT_UPTO(s->list, s->count, end, start), past = first;

	while (past < s->count && s->list[past].start < end)
		past++;
	if (past > first)
		move_up(s, past, first);
}

void thread_stacks_add(struct thread_stacks *s, uint64_t start, uint64_t end)
{
	size_t at;

	thread_stacks_remove(s, start, end);
	at = COUNT_UPTO(s->list, s->count, end, start);
	s->list = pfa_grow(s->list, s->count, &s->capacity, sizeof(*s->list));
	move_up(s, at, at + 1);
	s->list[at] = (struct thread_stack){ start, end, 0, 0 };
}

static void take(struct thread_stack *stack, struct thread *thread)
{
	stack->tid = thread->tid;
	stack->serial = thread->serial;
	thread->has_stack = true;
}

void thread_stacks_give(struct thread_stacks *s, struct thread *thread, uint64_t start,
			uint64_t end)
{
	thread_stacks_add(s, start, end);
	take(&s->list[COUNT_UPTO(s->list, s->count, end, start)], thread);
}

/* The first thread has the stack that exec made. */
static bool lacks_stack(const struct thread *thread)
{
	return !thread->has_stack && thread->tid != thread->process->pid;
}

const struct thread_stack *thread_stacks_touch(struct thread_stacks *s,
					       struct thread *thread, uint64_t addr)
{
	struct thread_stack *stack;
	size_t at;

	if (!s->count)
		return NULL;
	at = COUNT_UPTO(s->list, s->count, end, addr);
	if (at == s->count || s->list[at].start > addr)
		return NULL;
	stack = &s->list[at];
	if (!stack->tid && lacks_stack(thread))
		take(stack, thread);
	return stack->tid ? stack : NULL;
}

void thread_stacks_leave(struct thread_stacks *s, const struct thread *thread)
{
	if (!thread->has_stack)
		return;
	for (size_t i = 0; i < s->count; i++)
		if (s->list[i].tid == thread->tid)
			s->list[i].tid = 0;
}
