#include "pfa/decode/tracepoints.h"

const struct tracepoint tracepoints[] = {
	{ "exceptions", "page_fault_user", ROLE_FAULT_USER,
	  { "address", "ip", "error_code" }, NULL },
	/* Faults on kernel addresses are nobody's memory: leave them out. */
	{ "exceptions", "page_fault_kernel", ROLE_FAULT_KERNEL,
	  { "address", "ip", "error_code" }, "address < 0x8000000000000000" },
	{ "task", "task_newtask", ROLE_TASK_NEW,
	  { "pid", "clone_flags" }, NULL },
	{ "sched", "sched_process_fork", ROLE_SCHED_FORK,
	  { "parent_pid", "child_pid" }, NULL },
	{ "sched", "sched_process_exec", ROLE_SCHED_EXEC,
	  { "filename", "pid", "old_pid" }, NULL },
	{ "sched", "sched_process_exit", ROLE_SCHED_EXIT,
	  { "pid" }, NULL },
	{ "signal", "signal_generate", ROLE_SIGNAL,
	  { "sig", "code", "pid" }, "sig == 7 || sig == 11" },
	{ "syscalls", "sys_enter_exit_group", ROLE_EXIT_CALL,
	  { "error_code" }, NULL },
	{ "signal", "signal_deliver", ROLE_DEATH,
	  { "sig" }, "sa_handler == 0" },
	/* ARCH_SET_FS */
	{ "syscalls", "sys_enter_arch_prctl", ROLE_THREAD_POINTER,
	  { "arg2", "option" }, "option == 0x1002" },
	{ "syscalls", "sys_enter_set_robust_list", ROLE_ROBUST_LIST,
	  { "head" }, NULL },
	{ .system = NULL },
};

const struct tracepoint *tracepoint_by_role(enum evsel_role role)
{
	const struct tracepoint *row;

	for (row = tracepoints; row->system; row++)
		if (row->role == role)
			return row;
	return NULL;
}
