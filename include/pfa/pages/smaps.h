/*
 * The text of /proc/PID/smaps and smaps_rollup, VMA by VMA.
 *
 * Source: proc(5), fs/proc/task_mmu.c, Documentation/filesystems/proc.rst. A pure
 * function of bytes. What an older kernel does not tell is 0.
 */
#ifndef PFA_PAGES_SMAPS_H
#define PFA_PAGES_SMAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct procmap;

/* X(name, the kernel's); in kB. */
#define SMAPS_VALUES(X)                                                     \
	X(rss, "Rss") X(pss, "Pss") X(pss_dirty, "Pss_Dirty")               \
	X(shared_clean, "Shared_Clean") X(shared_dirty, "Shared_Dirty")     \
	X(private_clean, "Private_Clean") X(private_dirty, "Private_Dirty") \
	X(referenced, "Referenced") X(anonymous, "Anonymous") X(ksm, "KSM") \
	X(lazy_free, "LazyFree") X(anon_huge, "AnonHugePages")              \
	X(shmem_huge, "ShmemPmdMapped") X(file_huge, "FilePmdMapped")       \
	X(shared_hugetlb, "Shared_Hugetlb")                                 \
	X(private_hugetlb, "Private_Hugetlb") X(swap, "Swap")               \
	X(swap_pss, "SwapPss") X(locked, "Locked")                          \
	X(page, "KernelPageSize")

struct smaps {
#define X(name, kernel) uint64_t name;
	SMAPS_VALUES(X)
#undef X
	const char *flags; /* "rd wr mr mw me ac "; in the text, not terminated */
	size_t flags_length;
};

/*
 * The next VMA in a text: *at moves behind its lines. False at the end. [vsyscall] is
 * passed over; a rollup is one VMA.
 */
bool smaps_next(const char **at, const char *end, struct procmap *map,
		struct smaps *smaps);

/* Adds what is in kB; page sizes are none. */
void smaps_add(struct smaps *sum, const struct smaps *smaps);

/* Of the flags: "rd", "ht". */
bool smaps_has_flag(const struct smaps *smaps, const char *flag);

#endif
