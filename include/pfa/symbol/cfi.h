/*
 * The call frame information of one x86-64 ELF file, read by libdw: .eh_frame, which
 * programs carry with them, and where that is silent .debug_frame of the file or of its
 * separate debug file.
 *
 * Addresses are the file's own. Looking a rule up runs the tables' programs (some
 * microseconds the first time in a function): whoever asks often keeps the answer.
 */
#ifndef PFA_SYMBOL_CFI_H
#define PFA_SYMBOL_CFI_H

#include <stdbool.h>
#include <stdint.h>

#include <libelf.h>

struct cfi;
struct frame_rule;

/* Both are borrowed and must outlive it; NULL: there is none. */
struct cfi *cfi_new(Elf *elf, Elf *debug_elf);
void cfi_free(struct cfi *cfi);

/*
 * The rule at an instruction: for a return address, ask at the byte before it. False:
 * nothing is known there, or nothing that can be used (*rule is undefined then).
 */
bool cfi_rule(struct cfi *cfi, uint64_t addr, struct frame_rule *rule);

#endif
