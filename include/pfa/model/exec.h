/*
 * What exec does to an address space without a record of it.
 */
#ifndef PFA_MODEL_EXEC_H
#define PFA_MODEL_EXEC_H

struct space;

/*
 * The kernel maps an executable, and its interpreter, first in one piece as long as
 * the whole image, which is what the MMAP2 record tells, then cuts the piece down
 * to its segment without another record (elf_load in fs/binfmt_elf.c). The other
 * segments come to lie over it; between them it must be taken away.
 */
void exec_trim(struct space *space);

#endif
