/*
 * The unwinder against two witnesses: a debugger's stacks, and a processor that goes
 * one instruction at a time, whose calls and returns are watched.
 */
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../support/code.h"
#include "../support/live.h"
#include "../support/run.h"
#include "pfa/symbol/unwind.h"

enum { PCS_MAX = 128, STACK_BYTES = 16 * 1024, RED_ZONE = 128 };

static char stack[4 * STACK_BYTES];

struct unwound {
	uint64_t pcs[PCS_MAX];
	size_t count;
	bool cut;
};

static struct unwound unwound_of(struct unwinder *unwinder, struct code *code,
				 const struct unwind_state *state)
{
	struct unwound u;

	u.count = unwind(unwinder, state, code_find, code, u.pcs, PCS_MAX, &u.cut);
	return u;
}

/* Shows both stacks where they differ. */
static void assert_same(const struct unwound *u, const uint64_t *expected, size_t count)
{
	size_t i;

	if (u->count == count && !memcmp(u->pcs, expected, count * sizeof(*expected)))
		return;
	for (i = 0; i < u->count || i < count; i++)
		print_message("%2zu: %16lx expected %16lx\n", i,
			      i < u->count ? u->pcs[i] : 0, i < count ? expected[i] : 0);
	fail_msg("the stack is not what it should be%s", u->cut ? ": it is cut" : "");
}

/* ---- gdb ---- */

/* One stop of gdb_stacks.py, from its lines. Returns what is after it, NULL: no more. */
static const char *read_stop(const char *line, struct unwind_state *state,
			     struct unwound *expected)
{
	unsigned reg;

	expected->count = 0;
	for (; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		if (!strncmp(line, "stop", 4))
			return line + 4;
		if (!strncmp(line, "reg ", 4)) {
			reg = (unsigned)strtoul(line + 4, (char **)&line, 10);
			assert_true(reg < UNWIND_REGS);
			state->regs[reg] = strtoul(line, NULL, 10);
		} else if (!strncmp(line, "pc ", 3) && expected->count < PCS_MAX) {
			expected->pcs[expected->count++] = strtoul(line + 3, NULL, 10);
		}
	}
	return NULL;
}

static void read_stack(struct unwind_state *state, int index)
{
	FILE *file = fopen(work_path("stack.%d", index), "r");

	assert_non_null(file);
	state->stack = stack;
	state->stack_start = state->regs[UNWIND_SP];
	state->stack_bytes = fread(stack, 1, sizeof(stack), file);
	fclose(file);
}

static void compare_with_gdb(const char *program)
{
	struct unwinder *unwinder = unwinder_new();
	struct unwind_state state = { .stack = stack };
	struct unwound expected, u;
	struct code *code;
	const char *at;
	struct run run;
	size_t deepest = 0;
	int stops = 0;

	run_command(&run, "env STACKS=%s gdb --batch -nx -x tests/live/gdb_stacks.py %s/%s",
		    work_path("stack"), live_programs(), program);
	code = code_of(work_path("stack.maps"));
	for (at = run.out; (at = read_stop(at, &state, &expected)); stops++) {
		read_stack(&state, stops);
		u = unwound_of(unwinder, code, &state);
		assert_same(&u, expected.pcs, expected.count);
		assert_false(u.cut);
		if (u.count > deepest)
			deepest = u.count;
	}
	assert_int_equal(stops, 4);
	assert_true(deepest > 15);
	unwinder_free(unwinder);
	code_free(code);
	run_release(&run);
}

static void stacks_are_those_of_gdb(void **unused)
{
	(void)unused;
	need_programs("gdb");
	compare_with_gdb("deep");
	compare_with_gdb("deep_debug_frame");
}

/* ---- one instruction at a time ---- */

/* A return address, there while sp is not above; see unwind() for those of a signal. */
struct pending {
	uint64_t slot, pc;
};

struct stepper {
	pid_t pid;
	struct user_regs_struct regs;
	struct pending pending[PCS_MAX];
	size_t depth;
	struct unwound callers; /* of the frame in which stepping began */
	struct unwinder *unwinder;
	struct code *code;
	unsigned long steps;
	size_t deepest;
};

static int wait_for_stop(struct stepper *s)
{
	int status;

	assert_int_equal(waitpid(s->pid, &status, 0), s->pid);
	assert_true(WIFSTOPPED(status));
	ptrace(PTRACE_GETREGS, s->pid, NULL, &s->regs);
	return WSTOPSIG(status);
}

static void start_stepper(struct stepper *s, const char *program)
{
	*s = (struct stepper){ .pid = fork() };
	if (!s->pid) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execl(program, program, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(wait_for_stop(s), SIGTRAP);
	ptrace(PTRACE_SETOPTIONS, s->pid, NULL, PTRACE_O_EXITKILL);
	ptrace(PTRACE_CONT, s->pid, NULL, NULL);
	assert_int_equal(wait_for_stop(s), SIGTRAP);
	s->unwinder = unwinder_new();
}

static void free_stepper(struct stepper *s)
{
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	unwinder_free(s->unwinder);
	code_free(s->code);
}

static struct unwound unwind_here(struct stepper *s)
{
	const struct user_regs_struct *r = &s->regs;
	struct unwind_state state = {
		.regs = { r->rax, r->rdx, r->rcx, r->rbx, r->rsi, r->rdi, r->rbp, r->rsp,
			  r->r8, r->r9, r->r10, r->r11, r->r12, r->r13, r->r14, r->r15,
			  r->rip },
		.stack = stack, .stack_start = r->rsp,
	};

	state.stack_bytes = stack_copy(s->pid, r->rsp, stack, STACK_BYTES);
	return unwound_of(s->unwinder, s->code, &state);
}

static void check_here(struct stepper *s)
{
	struct unwound u = unwind_here(s);
	uint64_t expected[PCS_MAX];
	size_t count = 0, i;

	expected[count++] = s->regs.rip;
	for (i = s->depth; i > 0; i--)
		expected[count++] = s->pending[i - 1].pc;
	for (i = 1; i < s->callers.count; i++)
		expected[count++] = s->callers.pcs[i];
	assert_same(&u, expected, count);
	assert_false(u.cut);
	if (count > s->deepest)
		s->deepest = count;
}

static void add_pending(struct stepper *s, uint64_t slot, uint64_t pc)
{
	assert_true(s->depth < PCS_MAX / 2);
	s->pending[s->depth++] = (struct pending){ slot, pc };
}

/* A call has put the address of what follows it where the stack ends now. */
static void note_call_or_return(struct stepper *s, const struct user_regs_struct *before)
{
	uint64_t sp = s->regs.rsp, top = 0;

	while (s->depth && s->pending[s->depth - 1].slot < sp)
		s->depth--;
	if (sp != before->rsp - 8)
		return;
	stack_copy(s->pid, sp, &top, sizeof(top));
	if (top > before->rip && top <= before->rip + 8 && top != s->regs.rip)
		add_pending(s, sp, top);
}

/* The kernel has put a frame below the red zone, the handler's return address last. */
static void note_signal(struct stepper *s, const struct user_regs_struct *before)
{
	uint64_t top = 0;

	add_pending(s, before->rsp - RED_ZONE - 1, before->rip + 1);
	stack_copy(s->pid, s->regs.rsp, &top, sizeof(top));
	add_pending(s, s->regs.rsp, top + 1);
}

/* Steps until what main() calls has returned. */
static void step_and_check(struct stepper *s)
{
	struct user_regs_struct before;
	bool called = false;
	int sig = 0, stopped;

	while (!called || s->depth) {
		before = s->regs;
		ptrace(PTRACE_SINGLESTEP, s->pid, NULL, sig);
		stopped = wait_for_stop(s);
		if (sig)
			note_signal(s, &before);
		else if (stopped == SIGTRAP)
			note_call_or_return(s, &before);
		sig = stopped == SIGTRAP ? 0 : stopped;
		called = called || s->depth;
		check_here(s);
		s->steps++;
	}
}

static void step_through(const char *program)
{
	char path[PATH_MAX];
	struct stepper s;

	snprintf(path, sizeof(path), "%s/%s", live_programs(), program);
	start_stepper(&s, path);
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)s.pid);
	s.code = code_of(path);
	s.callers = unwind_here(&s);
	assert_false(s.callers.cut);
	step_and_check(&s);
	print_message("%lu instructions, up to %zu frames\n", s.steps, s.deepest);
	assert_true(s.steps > 5000 && s.deepest > 15);
	free_stepper(&s);
}

static void every_instruction_has_the_stack_that_calls_and_returns_made(void **unused)
{
	(void)unused;
	step_through("deep");
	step_through("deep_debug_frame");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(stacks_are_those_of_gdb, run_kill_all),
		cmocka_unit_test(every_instruction_has_the_stack_that_calls_and_returns_made),
	};

	return cmocka_run_group_tests(tests, work_dir_make, work_dir_remove);
}
