/*
 * The two letters of each flag in smaps' VmFlags, spelled out.
 *
 * Source: show_smap_vma_flags() in fs/proc/task_mmu.c.
 */
#ifndef PFA_PAGES_VM_FLAGS_H
#define PFA_PAGES_VM_FLAGS_H

#include <stddef.h>

struct text;

/* "rd wr mr" is "read,write,may-read"; letters of a later kernel stay as they are. */
void vm_flags_put(struct text *out, const char *flags, size_t length);

#endif
