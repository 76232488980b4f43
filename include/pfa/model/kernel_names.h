/*
 * The kernel's functions by name, as far as notes tell of them (source/kernel_code.h):
 * those that samples were taken in.
 */
#ifndef PFA_MODEL_KERNEL_NAMES_H
#define PFA_MODEL_KERNEL_NAMES_H

#include <stdint.h>

struct code;
struct intern;
struct kernel_names;

/* Names are interned in `strings`. */
struct kernel_names *kernel_names_new(struct intern *strings);
void kernel_names_free(struct kernel_names *names);

struct kernel_name {
	uint64_t start, size;
	const char *function; /* "vfs_read" */
	const char *object;   /* "[kernel]", "[ext4]" for what is in a module */
};

/* "kernel START SIZE NAME [MODULE]", the numbers hexadecimal. What it says first holds;
 * what is not understood is passed over. */
void kernel_names_note(struct kernel_names *names, const char *text);

/* NULL: not known. Borrowed until the next note. A return address may lie right behind
 * its function's last instruction, and is looked up as if it lay in it. */
const struct kernel_name *kernel_names_find(const struct kernel_names *names,
					    uint64_t addr);

/*
 * The system call that a thread is in, by the frames of its stack, the innermost first:
 * "read" where they lead up to __x64_sys_read(). Interned in `strings`; NULL: none, as
 * in a fault that was taken in user mode.
 */
const char *kernel_call_of(struct intern *strings, const struct code *const *frames,
			   uint32_t count);

#endif
