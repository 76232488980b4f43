/*
 * A process's memory as the kernel sums it up: its VMAs with what smaps tells of each,
 * the rollup over all of them, and the counters of /proc/PID/status.
 *
 * Sizes from the kernel are in kB, as it has them. Names and regions are interned.
 * These files are read one after the other: of a process that runs meanwhile they are
 * of different moments.
 */
#ifndef PFA_PAGES_PROCESS_H
#define PFA_PAGES_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "pfa/base/status.h"
#include "pfa/pages/smaps.h"

struct intern;
struct names;
struct region;

struct map_vma {
	uint64_t start, end, pgoff_bytes, inode;
	uint32_t dev_major, dev_minor;
	uint32_t prot; /* PROT_* */
	bool shared;
	const char *path;  /* as maps has it; "": anonymous memory */
	const char *class; /* model/vma_class.h */
	const struct region *region;
	struct smaps smaps; /* its flags are interned */
};

/* X(name, the kernel's): of /proc/PID/status, in kB. */
#define STATUS_COUNTERS(X)                                                  \
	X(vm_size, "VmSize") X(vm_rss, "VmRSS") X(rss_anon, "RssAnon")      \
	X(rss_file, "RssFile") X(rss_shmem, "RssShmem") X(vm_swap, "VmSwap") \
	X(hugetlb, "HugetlbPages")

struct status_counters {
#define X(name, kernel) uint64_t name;
	STATUS_COUNTERS(X)
#undef X
	bool known; /* there were such */
};

struct map_process {
	pid_t pid, parent;
	unsigned depth; /* below the process that was named */
	const char *comm;
	bool stopped; /* so that all that is read of it is of one moment */
	bool ended; /* while it was read: what is here is what there was until then */
	struct map_vma *vmas; /* owned; in the order of addresses */
	size_t vma_count;
	struct smaps rollup;
	bool has_rollup;
	struct status_counters counters;
};

/*
 * The directory in /proc of a process that has memory; of one of its threads where the
 * first has ended before the others. What is opened in it is of that process, whoever
 * gets its number.
 */
enum pfa_status process_open(pid_t pid, int *dir, struct pfa_error *err) PFA_MUST_CHECK;

/* `strings` is the pool of `names`. */
enum pfa_status process_read(struct map_process *process, pid_t pid, int dir,
			     struct intern *strings, const struct names *names,
			     struct pfa_error *err) PFA_MUST_CHECK;
void process_release(struct map_process *process);

#endif
