/*
 * The text of /proc/PID/maps, line by line.
 *
 * Source: proc(5), fs/proc/task_mmu.c. A pure function of bytes.
 */
#ifndef PFA_DECODE_PROCMAPS_H
#define PFA_DECODE_PROCMAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PROCMAPS_PATH_MAX = 4096 };

struct procmap {
	uint64_t start, end, pgoff_bytes, inode;
	uint32_t dev_major, dev_minor;
	uint32_t prot;  /* PROT_* */
	bool shared;
	char path[PROCMAPS_PATH_MAX]; /* "" for anonymous memory; unescaped */
};

/*
 * Parses one line of `length` bytes, without its newline. False when it is not a
 * maps line.
 */
bool procmaps_parse_line(const char *line, size_t length, struct procmap *map);

/*
 * The next mapping in a text: *text moves behind its line. Lines that are none are
 * passed over, and [vsyscall], which lies in the kernel's half and is the same for
 * all. False at the end.
 */
bool procmaps_next(const char **text, const char *end, struct procmap *map);

/* What MMAP2 calls that which maps leaves without a name, or decorates. */
const char *procmaps_name(const struct procmap *map);

#endif
