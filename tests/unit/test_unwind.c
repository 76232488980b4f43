/*
 * Stacks of this very program, compared with what its compiler's own unwinder says of
 * them; and made-up ones, for what that one never meets.
 */
#include "../support/check.h"

#include <alloca.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>
#include <unwind.h>

#include "../support/code.h"
#include "pfa/symbol/unwind.h"

enum { PCS_MAX = 64, STACK_BYTES = 64 * 1024, STACK_START = 0x10000, WORDS = 8 };

/* ---- real stacks ---- */

struct taken {
	struct unwind_state state;
	uint64_t expected[PCS_MAX]; /* the first is inaccurate: in the same function */
	size_t expected_count;
	char stack[STACK_BYTES];
};

static struct taken taken;

static _Unwind_Reason_Code note_frame(struct _Unwind_Context *context, void *unused)
{
	int stopped = 0; /* by a signal; the frame before it is the kernel's */
	uint64_t pc = _Unwind_GetIPInfo(context, &stopped);

	(void)unused;
	if (!pc || taken.expected_count == PCS_MAX) /* 0: what would call _start */
		return _URC_END_OF_STACK;
	if (stopped)
		taken.expected[taken.expected_count - 1]++;
	taken.expected[taken.expected_count++] = pc + (stopped != 0);
	return _URC_NO_REASON;
}

/* In the order of struct unwind_state. */
static const int in_context[UNWIND_REGS] = {
	REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI, REG_RBP, REG_RSP, REG_R8,
	REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP,
};

static __attribute__((noinline)) int take(int value)
{
	ucontext_t here;
	size_t i;

	memset(&taken, 0, sizeof(taken));
	getcontext(&here);
	for (i = 0; i < UNWIND_REGS; i++)
		taken.state.regs[i] = (uint64_t)here.uc_mcontext.gregs[in_context[i]];
	taken.state.stack = taken.stack;
	taken.state.stack_start = taken.state.regs[UNWIND_SP];
	taken.state.stack_bytes = stack_copy(getpid(), taken.state.stack_start,
					     taken.stack, STACK_BYTES);
	_Unwind_Backtrace(note_frame, NULL);
	return value + 1;
}

static __attribute__((noinline)) int with_alloca(int value)
{
	char *bytes = alloca((size_t)value % 100 + 300);

	memset(bytes, value, 300);
	return take(value) + bytes[17];
}

static __attribute__((noinline)) int with_alignment(int value)
{
	volatile char bytes[64] __attribute__((aligned(64)));

	bytes[3] = (char)value;
	return with_alloca(value) + bytes[3];
}

static __attribute__((noinline)) int with_varargs(int count, ...)
{
	va_list list;
	int sum = 0;

	va_start(list, count);
	while (count-- > 0)
		sum += va_arg(list, int);
	va_end(list);
	return with_alignment(sum) + sum;
}

static __attribute__((noinline)) int with_saved(int a, int b, int c, int d, int e, int f)
{
	int sum = with_varargs(3, a, b, c);

	return sum + a * b + c * d + e * f;
}

static int compared_by_taking(const void *a, const void *b)
{
	return with_saved(*(const int *)a, *(const int *)b, 3, 4, 5, 6) ? -1 : 1;
}

static void take_from_handler(int signal)
{
	with_alloca(signal);
}

static void through_qsort(void)
{
	int numbers[] = { 1, 2 };

	qsort(numbers, 2, sizeof(numbers[0]), compared_by_taking);
}

static void through_signal(void)
{
	signal(SIGUSR1, take_from_handler);
	raise(SIGUSR1);
}

static void directly(void)
{
	with_saved(1, 2, 3, 4, 5, 6);
}

/* This program and the unwinder with it, for one stack after another. */
struct world {
	struct unwinder *unwinder;
	struct code *code;
	uint64_t pcs[PCS_MAX];
	size_t count;
	bool cut;
};

static int make_world(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	world->unwinder = unwinder_new();
	world->code = code_of("/proc/self/maps");
	*state = world;
	return 0;
}

static int free_world(void **state)
{
	struct world *world = *state;

	unwinder_free(world->unwinder);
	code_free(world->code);
	free(world);
	return 0;
}

static void unwind_taken(struct world *world, size_t stack_bytes, size_t max)
{
	struct unwind_state state = taken.state;

	state.stack_bytes = stack_bytes;
	world->count = unwind(world->unwinder, &state, code_find, world->code,
			      world->pcs, max, &world->cut);
}

static void assert_as_expected(const struct world *world, size_t count)
{
	size_t i;

	assert_int_equal(world->count, count);
	assert_int_equal(world->pcs[0], taken.state.regs[UNWIND_PC]);
	for (i = 1; i < count; i++)
		assert_int_equal(world->pcs[i], taken.expected[i]);
}

static void stacks_are_those_of_the_compilers_unwinder(void **state)
{
	static void (*const ways[])(void) = { directly, through_qsort, through_signal };
	struct world *world = *state;
	size_t i, again;

	for (i = 0; i < COUNT_OF(ways); i++) {
		ways[i]();
		assert_true(taken.expected_count > 6);
		for (again = 0; again < 2; again++) {
			unwind_taken(world, taken.state.stack_bytes, PCS_MAX);
			assert_as_expected(world, taken.expected_count);
			assert_false(world->cut);
		}
	}
}

static void copy_that_ends_early_cuts_the_stack(void **state)
{
	struct world *world = *state;
	size_t bytes, last = 0;

	through_qsort();
	for (bytes = 0; bytes <= taken.state.stack_bytes; bytes++) {
		unwind_taken(world, bytes, PCS_MAX);
		assert_true(world->count >= last);
		assert_as_expected(world, world->count);
		assert_int_equal(world->cut, world->count < taken.expected_count);
		last = world->count;
	}
	assert_int_equal(last, taken.expected_count);
}

static void more_frames_than_asked_for_are_a_cut(void **state)
{
	struct world *world = *state;
	size_t max;

	directly();
	for (max = 1; max <= taken.expected_count; max++) {
		unwind_taken(world, taken.state.stack_bytes, max);
		assert_as_expected(world, max);
		assert_int_equal(world->cut, max < taken.expected_count);
	}
}

/* What a handler interrupted lies on another stack, which is not in the copy. */
static void stack_of_a_handlers_own_is_cut_at_what_it_interrupted(void **state)
{
	struct world *world = *state;
	struct sigaction action = { .sa_handler = take_from_handler,
				    .sa_flags = SA_ONSTACK };
	stack_t own = { .ss_size = STACK_BYTES };

	own.ss_sp = mmap(NULL, own.ss_size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_int_equal(sigaltstack(&own, NULL), 0);
	sigaction(SIGUSR2, &action, NULL);
	raise(SIGUSR2);
	unwind_taken(world, (uint64_t)own.ss_sp + own.ss_size - taken.state.stack_start,
		     PCS_MAX);
	assert_true(world->cut);
	assert_true(world->count >= 4 && world->count < taken.expected_count);
	assert_as_expected(world, world->count);
	own.ss_flags = SS_DISABLE;
	sigaltstack(&own, NULL);
	munmap(own.ss_sp, own.ss_size);
}

/* ---- made-up stacks, of code in no file: from 0x1000 to 0x2000 ---- */

static bool find_made_up(void *context, uint64_t pc, struct cfi **cfi, uint64_t *addr)
{
	(void)context;
	(void)addr;
	*cfi = NULL;
	return pc >= 0x1000 && pc < 0x2000;
}

#define AT(word) (STACK_START + 8 * (word))

static void frame_pointers_are_followed_as_far_as_they_make_sense(void **state)
{
	static const struct {
		uint64_t pc, sp, fp, stack[WORDS];
		uint64_t pcs[4];
		bool cut;
	} rows[] = {
		/* to the end, by a frame pointer or a return address of 0 */
		{ 0x1100, AT(0), 0, { 0 }, { 0x1100 }, false },
		{ 0x1100, AT(0), AT(1), { 0, AT(4), 0x1200, 0, 0, 0x1300 },
		  { 0x1100, 0x1200, 0x1300 }, false },
		{ 0x1100, AT(0), AT(1), { 0, AT(4), 0x1200, 0, AT(6), 0 },
		  { 0x1100, 0x1200 }, false },
		/* below the stack pointer, onto itself, downwards, unaligned, outside */
		{ 0x1100, AT(2), AT(1), { 0, AT(4), 0x1200 }, { 0x1100 }, true },
		{ 0x1100, AT(0), AT(1), { 0, AT(1), 0x1200 }, { 0x1100, 0x1200 }, true },
		{ 0x1100, AT(0), AT(1), { 0, AT(0), 0x1200 }, { 0x1100, 0x1200 }, true },
		{ 0x1100, AT(0), AT(1) + 4, { 0 }, { 0x1100 }, true },
		{ 0x1100, AT(0), AT(7), { 0 }, { 0x1100 }, true },
		{ 0x1100, AT(0), 0x30, { 0 }, { 0x1100 }, true },
		{ 0x1100, AT(0), UINT64_MAX - 7, { 0 }, { 0x1100 }, true },
		/* the return address is of no code */
		{ 0x1100, AT(0), AT(1), { 0, AT(4), 0x5000 }, { 0x1100 }, true },
		{ 0x1100, AT(0), AT(1), { 0, AT(4), 0x1000 }, { 0x1100 }, true },
		/* called through a bad pointer: from where, is on top of the stack */
		{ 0, AT(0), AT(1), { 0x1200, 0, 0x1300 }, { 0, 0x1200, 0x1300 }, false },
		{ 0x10, AT(0), AT(1), { 0x10 }, { 0x10 }, true },
		{ 0x10, AT(8), AT(1), { 0x1200 }, { 0x10 }, true },
	};
	struct world *world = *state;
	size_t i, j;

	for (i = 0; i < COUNT_OF(rows); i++) {
		struct unwind_state made = {
			.stack = rows[i].stack, .stack_start = STACK_START,
			.stack_bytes = sizeof(rows[i].stack),
		};

		made.regs[UNWIND_PC] = rows[i].pc;
		made.regs[UNWIND_SP] = rows[i].sp;
		made.regs[UNWIND_FP] = rows[i].fp;
		world->count = unwind(world->unwinder, &made, find_made_up, NULL,
				      world->pcs, PCS_MAX, &world->cut);
		for (j = 0; j < world->count; j++)
			assert_int_equal(world->pcs[j], rows[i].pcs[j]);
		assert_int_equal(rows[i].pcs[j], 0);
		assert_int_equal(world->cut, rows[i].cut);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stacks_are_those_of_the_compilers_unwinder),
		cmocka_unit_test(copy_that_ends_early_cuts_the_stack),
		cmocka_unit_test(more_frames_than_asked_for_are_a_cut),
		cmocka_unit_test(stack_of_a_handlers_own_is_cut_at_what_it_interrupted),
		cmocka_unit_test(frame_pointers_are_followed_as_far_as_they_make_sense),
	};

	return cmocka_run_group_tests(tests, make_world, free_world);
}
