/*
 * A decoded event: what one perf record says, in our own terms.
 *
 * Plain data. Strings are interned for the session. Times are nanoseconds of
 * the capture's clock, addresses and lengths bytes. An event is built from a
 * record by decode_event() (decode/decode.h) or by hand in a test.
 */
#ifndef PFA_DECODE_EVENT_H
#define PFA_DECODE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pfa/decode/callers.h"
#include "pfa/decode/mm_calls.h"

enum event_kind {
	EVENT_NONE, /* nothing pfa uses */
	EVENT_FAULT_BEGIN, /* exceptions:page_fault_user, _kernel */
	EVENT_FAULT_END,   /* minor-faults, major-faults */
	EVENT_CALL_BEGIN,  /* syscalls:sys_enter_NAME of mm_calls.h */
	EVENT_CALL_END,    /* syscalls:sys_exit_NAME */
	EVENT_TASK_NEW,    /* task:task_newtask: the clone flags, right after FORK */
	EVENT_FORK,        /* PERF_RECORD_FORK: a thread or a process */
	EVENT_COMM,        /* PERF_RECORD_COMM: a rename, or exec's first sign */
	EVENT_MMAP,        /* PERF_RECORD_MMAP, MMAP2: a VMA as it is now */
	EVENT_EXEC,        /* sched:sched_process_exec */
	EVENT_EXIT,        /* PERF_RECORD_EXIT: a thread ended */
	EVENT_GROUP_EXIT,  /* sched:sched_process_exit of the last thread */
	EVENT_SIGNAL,      /* signal:signal_generate, SIGSEGV and SIGBUS */
	EVENT_EXIT_CALL,   /* exit_group(2) */
	EVENT_DEATH,       /* signal:signal_deliver, where no handler takes it */
	EVENT_THREAD_POINTER, /* arch_prctl(ARCH_SET_FS) */
	EVENT_ROBUST_LIST,    /* set_robust_list(2) */
	EVENT_LOST,        /* PERF_RECORD_LOST, LOST_SAMPLES */
	EVENT_NOTE,        /* pfa's own: see decode/note.h */
	EVENT_KIND_COUNT
};

/* The x86 page-fault error code (arch/x86/include/asm/trap_pf.h). */
enum {
	FAULT_PRESENT = 1 << 0,
	FAULT_WRITE = 1 << 1,
	FAULT_USER = 1 << 2,
	FAULT_EXEC = 1 << 4,
};

struct event {
	enum event_kind kind;
	uint32_t cpu;
	uint32_t pid; /* process (thread group) */
	uint32_t tid;
	uint64_t time_ns;
	bool has_callers; /* they are meant */
	struct callers callers; /* FAULT_END, CALL_BEGIN, SIGNAL */
	union {
		struct {
			uint64_t addr;
			uint64_t ip;
			uint32_t error_code;
			bool kernel; /* taken in kernel mode */
		} begin;
		struct {
			uint64_t addr;
			uint64_t ip;
			uint64_t page_size; /* 0 when the event lacks it */
			uint64_t phys;
			bool has_phys;
			bool major;
			bool kernel;
			bool has_addr;
		} end;
		struct {
			enum mm_call call;
			uint64_t args[MM_CALL_ARGS];
			uint64_t ip; /* where the thread called */
		} call_begin;
		struct {
			enum mm_call call;
			int64_t result; /* negative errno on failure */
		} call_end;
		struct {
			uint32_t child; /* tid */
			uint64_t clone_flags;
		} task_new;
		struct {
			uint32_t child_pid, child_tid;
			uint32_t parent_pid, parent_tid;
			bool fresh; /* existing process: inherits nothing */
		} fork;
		struct {
			const char *comm;
			bool exec;
		} comm;
		struct {
			uint64_t start, length, pgoff_bytes;
			uint64_t inode, generation; /* 0: not told */
			uint32_t dev_major, dev_minor;
			uint32_t prot, flags; /* PROT_*, MAP_* */
			bool has_attr; /* MMAP2: prot, flags, inode known */
			const char *name;
		} mmap;
		struct {
			const char *filename;
			uint32_t old_tid; /* the thread that called exec */
		} exec;
		struct {
			int signal, code;
			uint32_t target; /* tid */
		} signal;
		struct {
			bool all; /* its process, whatever threads it had */
		} exit;
		struct {
			int status;
		} exit_call;
		struct {
			int signal;
		} death;
		struct {
			uint64_t addr;
		} thread_pointer;
		struct {
			uint64_t head;
		} robust_list;
		struct {
			uint64_t count;
			bool samples; /* told at the end, on top of what was told before */
		} lost;
		struct {
			const void *bytes; /* borrowed from the record */
			size_t length;
		} note;
	};
};

#endif
