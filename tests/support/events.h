/*
 * Events as decode_event() would make them, built by hand: one function a kind.
 *
 * Strings are borrowed and must outlive the model. Fields that a test wants otherwise
 * are set on the returned value.
 */
#ifndef TESTS_SUPPORT_EVENTS_H
#define TESTS_SUPPORT_EVENTS_H

#include <stdint.h>

#include "pfa/decode/event.h"

/* The thread that an event is of. */
struct who {
	uint32_t pid, tid;
};

struct event ev_fault_begin(uint64_t time_ns, struct who who, uint64_t addr,
			    uint32_t error_code);
struct event ev_kernel_fault_begin(uint64_t time_ns, struct who who, uint64_t addr,
				   uint32_t error_code);
/* Of 4 KiB, the frame known; `phys` 0 is the zero page. */
struct event ev_fault_end(uint64_t time_ns, struct who who, uint64_t addr,
			  uint64_t phys);
struct event ev_major_end(uint64_t time_ns, struct who who, uint64_t addr,
			  uint64_t phys);

/* ev_call_begin(time, who, MM_CALL_munmap, addr, length): the rest are 0. */
#define ev_call_begin(time_ns, who, call, ...) \
	ev_call_begin_args(time_ns, who, call, \
			   (const uint64_t[MM_CALL_ARGS]){ __VA_ARGS__ })
struct event ev_call_begin_args(uint64_t time_ns, struct who who, enum mm_call call,
				const uint64_t args[MM_CALL_ARGS]);
struct event ev_call_end(uint64_t time_ns, struct who who, enum mm_call call,
			 int64_t result);

/* `perms` as in /proc/PID/maps: "rw-p". */
struct event ev_mmap(uint64_t time_ns, struct who who, uint64_t start, uint64_t end,
		     const char *perms, const char *name);
struct event ev_map_file(uint64_t time_ns, struct who who, uint64_t start, uint64_t end,
			 const char *perms, uint64_t pgoff_bytes, uint64_t inode,
			 const char *name);

struct event ev_task_new(uint64_t time_ns, struct who who, uint32_t child,
			 uint64_t clone_flags);
struct event ev_fork(uint64_t time_ns, struct who parent, struct who child);
struct event ev_comm(uint64_t time_ns, struct who who, const char *comm);
struct event ev_exec_comm(uint64_t time_ns, struct who who, const char *comm);
struct event ev_exec(uint64_t time_ns, struct who who, const char *filename);
struct event ev_exit(uint64_t time_ns, struct who who);
/* At the thread itself. */
struct event ev_signal(uint64_t time_ns, struct who who, int signal, int code);
struct event ev_lost(uint64_t time_ns, uint64_t count);
struct event ev_note(uint64_t time_ns, uint32_t pid, const char *text);

#endif
