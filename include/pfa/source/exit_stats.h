/*
 * What the kernel says of a process's memory at its end, as a note just before the
 * EXIT record of its last thread:
 *
 *     memory when=exit begin=NS peak=N hwm=N
 *
 * The peaks vanish with the memory, so that no reading of /proc can be late enough. The
 * kernel tells them by taskstats: a message for each task of the machine that ends, sent
 * before its memory goes, which costs the task a few microseconds and nothing else. (A
 * sample of kmem:rss_stat for each page would double what a fault costs; rusage has the
 * largest of a process and its children, and of all programs that it ran.)
 * As VmHWM at exit, `hwm` may be off by 32 pages (128 KiB) a CPU and kind of memory: the
 * kernel keeps a count for each CPU and adds them up only for those who read /proc.
 *
 * Source: Documentation/accounting/taskstats.rst, xacct_add_tsk() in kernel/tsacct.c.
 * Needs CAP_NET_ADMIN, and not to be in a user or PID namespace. Where it cannot be, or
 * messages were lost, no note is written.
 */
#ifndef PFA_SOURCE_EXIT_STATS_H
#define PFA_SOURCE_EXIT_STATS_H

struct composer;
struct exit_stats;
struct perf_event_header;

/* NULL where the kernel does not tell us: the other functions do nothing then. */
struct exit_stats *exit_stats_open(void);
void exit_stats_close(struct exit_stats *stats);

/*
 * Takes the messages that have come. To be called after the heads of the rings were
 * read: what they hold of ends has its message by then.
 */
void exit_stats_drain(struct exit_stats *stats);

/* Writes the note, if the record is of a last thread's end: at its time. */
void exit_stats_tell(struct exit_stats *stats, const struct composer *composer,
		     const struct perf_event_header *exit_record);

#endif
