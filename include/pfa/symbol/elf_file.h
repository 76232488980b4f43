/*
 * An ELF file opened so that nothing in it can hurt: what claims to be absurdly large is
 * refused, and a file that is cut short while we read is an error, not a SIGBUS.
 *
 * Files are read, not mapped: `cp` over a shared library truncates what is in use. Only
 * of what is over ELF_FILE_READ_MAX, debug information nearly always, the parts that
 * are asked for would not fit into memory: such a file is mapped, and not to be cut.
 */
#ifndef PFA_SYMBOL_ELF_FILE_H
#define PFA_SYMBOL_ELF_FILE_H

#include <gelf.h>
#include <stdbool.h>
#include <stddef.h>

enum { ELF_FILE_READ_MAX = 256 << 20 };

struct elf_file {
	Elf *elf;
	int fd;      /* -1: an image in memory */
	void *image; /* to be freed; NULL: borrowed, or a file */
};

/* Takes the descriptor over. NULL: not an ELF file that can be used. */
struct elf_file *elf_file_open(int fd);
/* An image in memory; borrowed, or taken over where `owned`. */
struct elf_file *elf_file_of_image(void *image, size_t size, bool owned);
void elf_file_close(struct elf_file *file); /* NULL-safe */

/* The first section of that name; NULL: none. */
Elf_Scn *elf_file_section(const struct elf_file *file, const char *name, GElf_Shdr *sh);
/* Its bytes as they are in the file; NULL: none, or over `size_max`. */
Elf_Data *elf_file_bytes(const struct elf_file *file, const char *name, size_t size_max);

/*
 * A file that counts its sections in the first of them (65,280 or more, or a packer's
 * leftovers) makes libelf allocate for as many as the file's size allows, gigabytes for
 * a sparse one. `head` is the file's first 64 bytes or more.
 */
bool elf_sections_uncounted(const char *head);

/*
 * The index of the section with the sections' names, 0 when there is none to trust:
 * libelf would load it whole, or decompress it to the size that it claims.
 */
size_t elf_names_section(Elf *elf);

/* The running kernel's vdso, which is the same in every process; NULL: none. */
void *elf_vdso_image(size_t *size);

#endif
