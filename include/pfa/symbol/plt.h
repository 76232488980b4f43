/*
 * The entries of an x86-64 file's procedure linkage table, as functions NAME@plt: no
 * symbol says where they are. Each jumps through a slot, and a relocation says whose
 * address the slot gets; so what it is called is read off, not guessed by its position.
 *
 * Source: System V ABI, AMD64 supplement, 5.2 "Dynamic linking".
 */
#ifndef PFA_SYMBOL_PLT_H
#define PFA_SYMBOL_PLT_H

struct elf_file;
struct intern;
struct symtab;

/* Other machines' files have none for us. */
void plt_add(struct symtab *symtab, const struct elf_file *file, struct intern *names);

#endif
