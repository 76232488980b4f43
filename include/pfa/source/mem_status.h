/*
 * The memory of a process, as its /proc/PID/status has it (proc_pid_status(5)).
 *
 * Sizes are bytes; the file has units of 1024. Since Linux 6.16 the kernel adds up its
 * counts of each CPU for this file; before, what is resident may be off by 32 pages
 * (128 KiB) a CPU and kind.
 */
#ifndef PFA_SOURCE_MEM_STATUS_H
#define PFA_SOURCE_MEM_STATUS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* X(member, name in the file, word in a note); all are there or the file is no use. */
#define MEM_STATUS_LINES(X)                                             \
	X(size_peak, "VmPeak", "peak") X(rss_peak, "VmHWM", "hwm")      \
	X(size, "VmSize", "size") X(anon, "RssAnon", "anon")            \
	X(file, "RssFile", "file") X(shmem, "RssShmem", "shmem")        \
	X(swap, "VmSwap", "swap") X(tables, "VmPTE", "tables")

struct mem_status {
#define X(member, name, word) uint64_t member##_bytes;
	MEM_STATUS_LINES(X)
#undef X
};

/* False where lines are missing: a kernel thread, or memory that is gone. */
bool mem_status_parse(const char *text, struct mem_status *status);

/* False when the process is gone, or has no memory any more. */
bool mem_status_read(pid_t pid, struct mem_status *status);

#endif
