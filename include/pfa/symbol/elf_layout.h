/*
 * The layout of one ELF file: its loadable segments, allocated sections and build-id.
 *
 * Read once with libelf when a file is first mapped, packed into a note so that
 * a capture carries it to another machine, and asked by the model which section
 * an address of a mapping belongs to. Immutable once made. Offsets, addresses
 * and sizes are bytes; addresses are the file's own virtual addresses.
 */
#ifndef PFA_SYMBOL_ELF_LAYOUT_H
#define PFA_SYMBOL_ELF_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pfa/base/status.h"
#include "pfa/symbol/build_id.h"

struct text;

/*
 * What is kept of one file. The packed text of a layout at all these limits is
 * ELF_LAYOUT_TEXT_MAX: a perf record holds 64 KiB, so a note never has to be cut.
 */
enum {
	ELF_LAYOUT_SEGMENTS_MAX = 64,     /* the first ones; programs have 2 to 10 */
	ELF_LAYOUT_SECTIONS_MAX = 512,    /* the first ones; programs have 20 to 50 */
	ELF_LAYOUT_NAME_MAX = 36,         /* bytes of a section's name */
	ELF_LAYOUT_TEXT_MAX = 48 * 1024,  /* bytes of packed text */
};

struct elf_segment { /* PT_LOAD */
	uint64_t vaddr, offset, file_size, mem_size;
	uint32_t prot; /* PROT_* */
};

/* SHF_ALLOC, sorted by address; .tbss, empty and nameless ones left out. */
struct elf_section {
	uint64_t addr, size;
	const char *name; /* printable, no spaces; owned by the layout */
};

/* PT_TLS: the image that each thread gets a copy of, .tdata and .tbss. */
struct elf_tls {
	uint64_t vaddr, mem_size, align; /* mem_size 0: none */
};

struct elf_layout {
	struct elf_segment *segments;
	size_t segment_count;
	struct elf_section *sections;
	size_t section_count;
	char *names;
	struct build_id build_id;
	struct elf_tls tls;
};

/* PFA_E_FORMAT when it is not an ELF file libelf can read. The fd stays open. */
enum pfa_status elf_layout_read(int fd, struct elf_layout **layout,
				struct pfa_error *err) PFA_MUST_CHECK;
/* The same over an image in memory: the vdso. */
enum pfa_status elf_layout_read_image(const void *image, size_t size_bytes,
				      struct elf_layout **layout,
				      struct pfa_error *err) PFA_MUST_CHECK;
void elf_layout_free(struct elf_layout *layout);

/*
 * To make one from elsewhere: an empty layout with room for so many of each, and
 * the two ways to fill it, false past the limits above. Names are made printable
 * and cut; the caller adds sections in order of address, or sorts them.
 */
struct elf_layout *elf_layout_new(size_t segments, size_t sections);
bool elf_layout_add_segment(struct elf_layout *layout,
			    const struct elf_segment *segment);
bool elf_layout_add_section(struct elf_layout *layout, uint64_t addr,
			    uint64_t size, const char *name, size_t name_length);

/*
 * Lines of text, as the note carries them, in this order, the first two where the file
 * has one:
 *
 *     build-id 9f2ed6b0bb41dd5e
 *     tls 0x3dd8 0x98 0x8                      address, size in memory, alignment
 *     segment 0x3de8 0x2de8 0x228 0x230 rw-    address, offset, file and memory size
 *     section 0x1060 0x107 .text
 *
 * unpack takes exactly what pack writes, so that packing again gives the same bytes.
 */
void elf_layout_pack(const struct elf_layout *layout, struct text *out);
enum pfa_status elf_layout_unpack(const char *bytes, size_t length,
				  struct elf_layout **layout,
				  struct pfa_error *err) PFA_MUST_CHECK;

/*
 * Whether a file found now is the one whose layout was noted: by its build-id, or where
 * none was noted by having the same segments and sections.
 */
bool elf_layout_same_file(const struct elf_layout *noted, const struct elf_layout *found);

/*
 * The segment that a mapping of this file shows at `file_offset` with
 * protection `prot`: where two segments share a file page, the one whose
 * permissions fit the mapping (a writable mapping is the writable segment's;
 * RELRO makes a writable segment's head read-only). NULL: none.
 *
 * Pass the offset of the address in question, not the mapping's start: only the
 * exact offset tells a RELRO page from a read-only segment on the same file page.
 * The address in the file is segment->vaddr + (file_offset - segment->offset).
 */
const struct elf_segment *elf_layout_segment(const struct elf_layout *layout,
					     uint64_t file_offset, uint32_t prot);

/* The section that holds the file's virtual address; NULL: none (headers, padding). */
const struct elf_section *elf_layout_section(const struct elf_layout *layout,
					     uint64_t vaddr);

#endif
