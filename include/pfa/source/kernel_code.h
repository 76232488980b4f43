/*
 * The kernel's functions that samples were taken in, noted once each.
 *
 * The kernel lies elsewhere after each boot, and only a running one tells what lies
 * where. When a function is first met its name becomes a note in the stream, before
 * the record that it was met in:
 *
 *     kernel ffffffff816b6f90 d5 ksys_read
 *     kernel ffffffffc0431200 1f0 ext4_readpage ext4       in a module
 *
 * Reading /proc/kallsyms takes about 50 ms, and each exec faults in kernel mode, so that
 * it is needed in every run with privilege. A thread reads it while events are being
 * opened; who arms them waits for it, so that neither a ring fills nor the target is
 * disturbed meanwhile. Code that is loaded later (modules, BPF) has no name.
 */
#ifndef PFA_SOURCE_KERNEL_CODE_H
#define PFA_SOURCE_KERNEL_CODE_H

#include <stdint.h>

struct composer;
struct kernel_code;
struct record;

/* Begins to read `path`: "/proc/kallsyms". A program must have been forked before. */
struct kernel_code *kernel_code_new(const char *path);
void kernel_code_free(struct kernel_code *code);

/* Waits until it has been read. Nothing is found before that. */
void kernel_code_wait(struct kernel_code *code);

/*
 * Looks at a sample from kernel mode for functions that are not noted yet, where it is
 * of a fault; in its call chain, too. A
 * function is noted again where it is met at an earlier time, as on another CPU: the
 * note always comes first.
 */
void kernel_code_saw(struct kernel_code *code, const struct composer *composer,
		     const struct record *record);

/* Emits where the kernel's code lies, for others who read a capture. */
void kernel_code_map(const struct kernel_code *code, const struct composer *composer);

#endif
