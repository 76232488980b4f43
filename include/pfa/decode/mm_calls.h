/*
 * The system calls that change an address space: one row a call.
 *
 * A row makes pfa subscribe to syscalls:sys_enter_NAME and sys_exit_NAME,
 * decode them as EVENT_CALL_BEGIN/END, and hand them to the model function
 * of that name (src/model/calls.c). Arguments are taken by position, in the
 * order of the call.
 */
#ifndef PFA_DECODE_MM_CALLS_H
#define PFA_DECODE_MM_CALLS_H

#define MM_CALLS(X)          \
	X(mmap)              \
	X(munmap)            \
	X(mprotect)          \
	X(pkey_mprotect)     \
	X(mremap)            \
	X(brk)               \
	X(madvise)           \
	X(shmat)             \
	X(shmdt)             \
	X(remap_file_pages)

enum mm_call {
#define X(name) MM_CALL_##name,
	MM_CALLS(X)
#undef X
	MM_CALL_COUNT
};

enum { MM_CALL_ARGS = 6 };

const char *mm_call_name(enum mm_call call);

#endif
