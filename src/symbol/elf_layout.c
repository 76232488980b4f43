#include "pfa/symbol/elf_layout.h"

#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pfa/base/mem.h"
#include "pfa/base/search.h"
#include "pfa/symbol/elf_file.h"

enum {
	/*
	 * Mappings are made of whole pages, so a segment's mapping shows what shares its
	 * first and last page too. A constant, because a capture may be read on another
	 * machine; with larger pages only those neighbouring bytes go unlabelled.
	 */
	FILE_PAGE = 4096,
	/* The kernel refuses more (load_elf_phdrs: 64 KiB of program headers). */
	PHDRS_MAX = 65536 / sizeof(Elf64_Phdr),
	/* Enough for the ELF header and the program headers right after it. */
	HEAD_SIZE = 4096,
	NAME_SLOT = ELF_LAYOUT_NAME_MAX + 1,
};

struct elf_layout *elf_layout_new(size_t segments, size_t sections)
{
	struct elf_layout *layout = pfa_alloc(sizeof(*layout));

	if (segments > ELF_LAYOUT_SEGMENTS_MAX)
		segments = ELF_LAYOUT_SEGMENTS_MAX;
	if (sections > ELF_LAYOUT_SECTIONS_MAX)
		sections = ELF_LAYOUT_SECTIONS_MAX;
	layout->segments = pfa_alloc(segments * sizeof(*layout->segments));
	layout->sections = pfa_alloc(sections * sizeof(*layout->sections));
	layout->names = pfa_alloc(sections * NAME_SLOT);
	return layout;
}

void elf_layout_free(struct elf_layout *layout)
{
	if (!layout)
		return;
	free(layout->segments);
	free(layout->sections);
	free(layout->names);
	free(layout);
}

bool elf_layout_add_segment(struct elf_layout *layout,
			    const struct elf_segment *segment)
{
	if (layout->segment_count == ELF_LAYOUT_SEGMENTS_MAX)
		return false;
	layout->segments[layout->segment_count++] = *segment;
	return true;
}

/* Names go into notes and onto terminals: nothing there may split a field. */
static void copy_printable(char *to, const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		to[i] = name[i] > ' ' && name[i] < 0x7f ? name[i] : '?';
	to[length] = '\0';
}

bool elf_layout_add_section(struct elf_layout *layout, uint64_t addr,
			    uint64_t size, const char *name, size_t name_length)
{
	char *slot = layout->names + layout->section_count * NAME_SLOT;

	if (layout->section_count == ELF_LAYOUT_SECTIONS_MAX)
		return false;
	if (name_length > ELF_LAYOUT_NAME_MAX)
		name_length = ELF_LAYOUT_NAME_MAX;
	copy_printable(slot, name, name_length);
	layout->sections[layout->section_count++] = (struct elf_section){
		.addr = addr, .size = size, .name = slot,
	};
	return true;
}

static int compare_sections(const void *left, const void *right)
{
	const struct elf_section *a = left, *b = right;

	if (a->addr != b->addr)
		return a->addr < b->addr ? -1 : 1;
	if (a->size != b->size)
		return a->size < b->size ? -1 : 1;
	/* Name slots were handed out in the file's order. */
	return a->name < b->name ? -1 : a->name > b->name;
}

static uint32_t prot_of(uint32_t flags)
{
	return ((flags & PF_R) ? PROT_READ : 0) | ((flags & PF_W) ? PROT_WRITE : 0) |
	       ((flags & PF_X) ? PROT_EXEC : 0);
}

static void read_segment(const GElf_Phdr *ph, struct elf_layout *layout)
{
	if (ph->p_type == PT_LOAD)
		(void)elf_layout_add_segment(layout, &(struct elf_segment){
			.vaddr = ph->p_vaddr, .offset = ph->p_offset,
			.file_size = ph->p_filesz, .mem_size = ph->p_memsz,
			.prot = prot_of(ph->p_flags) });
	else if (ph->p_type == PT_TLS)
		layout->tls = (struct elf_tls){
			.vaddr = ph->p_vaddr, .mem_size = ph->p_memsz,
			.align = ph->p_align };
}

/* False when the program headers that the file claims can't be read. */
static bool read_segments(Elf *elf, size_t count, struct elf_layout *layout)
{
	GElf_Phdr ph;
	size_t i;

	for (i = 0; i < count; i++) {
		if (!gelf_getphdr(elf, (int)i, &ph))
			return false;
		read_segment(&ph, layout);
	}
	return true;
}

/* .tbss has an address but no memory there: it overlaps what follows. */
static bool has_memory(const GElf_Shdr *sh)
{
	return (sh->sh_flags & SHF_ALLOC) && sh->sh_size > 0 &&
	       !(sh->sh_type == SHT_NOBITS && (sh->sh_flags & SHF_TLS));
}

static void read_sections(Elf *elf, size_t count, struct elf_layout *layout)
{
	size_t names = elf_names_section(elf), i;
	GElf_Shdr sh;

	for (i = 1; names && i < count; i++) {
		const char *name;

		if (!gelf_getshdr(elf_getscn(elf, i), &sh) || !has_memory(&sh))
			continue;
		name = elf_strptr(elf, names, sh.sh_name);
		if (!name || !*name)
			continue;
		if (!elf_layout_add_section(layout, sh.sh_addr, sh.sh_size, name,
					    strnlen(name, ELF_LAYOUT_NAME_MAX)))
			break;
	}
	qsort(layout->sections, layout->section_count, sizeof(*layout->sections),
	      compare_sections);
}

static enum pfa_status read_layout(Elf *elf, struct elf_layout **layout,
				   struct pfa_error *err)
{
	size_t phdrs, shdrs;

	if (!elf || elf_kind(elf) != ELF_K_ELF)
		return pfa_fail(err, PFA_E_FORMAT, "not an ELF file");
	if (elf_getphdrnum(elf, &phdrs) != 0 || phdrs > PHDRS_MAX)
		return pfa_fail(err, PFA_E_FORMAT,
				"ELF file with too many program headers");
	if (elf_getshdrnum(elf, &shdrs) != 0)
		shdrs = 0;
	*layout = elf_layout_new(phdrs, shdrs);
	if (!read_segments(elf, phdrs, *layout)) {
		elf_layout_free(*layout);
		*layout = NULL;
		return pfa_fail(err, PFA_E_FORMAT, "ELF program headers: %s",
				elf_errmsg(-1));
	}
	read_sections(elf, shdrs, *layout);
	build_id_read(elf, &(*layout)->build_id);
	return PFA_OK;
}

enum pfa_status elf_layout_read_image(const void *image, size_t size_bytes,
				      struct elf_layout **layout,
				      struct pfa_error *err)
{
	enum pfa_status status;
	Elf *elf;

	*layout = NULL;
	elf_version(EV_CURRENT);
	/* libelf writes only to images opened for writing. */
	elf = elf_memory((char *)image, size_bytes);
	status = read_layout(elf, layout, err);
	elf_end(elf);
	return status;
}

/* Forgets the section headers of a file that does not say how many there are. */
static bool forget_uncounted_sections(char head[HEAD_SIZE])
{
	if (!elf_sections_uncounted(head))
		return false;
	if (head[EI_CLASS] == ELFCLASS64)
		((Elf64_Ehdr *)(void *)head)->e_shoff = 0;
	else
		((Elf32_Ehdr *)(void *)head)->e_shoff = 0;
	return true;
}

enum pfa_status elf_layout_read(int fd, struct elf_layout **layout,
				struct pfa_error *err)
{
	char head[HEAD_SIZE] __attribute__((aligned(8))) = { 0 };
	ssize_t size = pread(fd, head, sizeof(head), 0);
	enum pfa_status status;
	Elf *elf;

	if (size > 0 && forget_uncounted_sections(head))
		return elf_layout_read_image(head, (size_t)size, layout, err);
	*layout = NULL;
	elf_version(EV_CURRENT);
	/* Not mapped: a file that shrinks under us must not be a SIGBUS here. */
	elf = elf_begin(fd, ELF_C_READ, NULL);
	status = read_layout(elf, layout, err);
	elf_end(elf);
	return status;
}

static bool shares_page(const struct elf_segment *s, uint64_t file_offset)
{
	uint64_t last = s->offset + s->file_size - 1;

	if (!s->file_size)
		return false;
	if (last < s->offset)
		last = UINT64_MAX;
	return file_offset / FILE_PAGE >= s->offset / FILE_PAGE &&
	       file_offset / FILE_PAGE <= last / FILE_PAGE;
}

/*
 * How well the segment explains a mapping with `prot`; 0: not at all. Writing and
 * executing are permissions that a segment rarely gains, so they decide first. Reading
 * says nothing (RELRO, or the whole file read as data), so then the exact bytes
 * decide, and behind them the memory: .bss goes on in the last file page.
 */
static unsigned fit_of(const struct elf_segment *s, uint64_t file_offset, uint32_t prot)
{
	uint64_t at = file_offset - s->offset;
	unsigned fit = 1;

	if (!shares_page(s, file_offset))
		return 0;
	if (s->prot & prot & PROT_WRITE)
		fit += 8;
	if (s->prot & prot & PROT_EXEC)
		fit += 8;
	if (file_offset >= s->offset)
		fit += (at < s->file_size) * 4 + (at < s->mem_size) * 2;
	return fit + (s->prot == prot);
}

static bool same_segments(const struct elf_layout *a, const struct elf_layout *b)
{
	size_t i;

	if (a->segment_count != b->segment_count)
		return false;
	for (i = 0; i < a->segment_count; i++) {
		const struct elf_segment *x = &a->segments[i], *y = &b->segments[i];

		if (x->vaddr != y->vaddr || x->offset != y->offset ||
		    x->file_size != y->file_size || x->mem_size != y->mem_size ||
		    x->prot != y->prot)
			return false;
	}
	return true;
}

static bool same_sections(const struct elf_layout *a, const struct elf_layout *b)
{
	size_t i;

	if (a->section_count != b->section_count)
		return false;
	for (i = 0; i < a->section_count; i++)
		if (a->sections[i].addr != b->sections[i].addr ||
		    a->sections[i].size != b->sections[i].size ||
		    strcmp(a->sections[i].name, b->sections[i].name) != 0)
			return false;
	return true;
}

bool elf_layout_same_file(const struct elf_layout *noted, const struct elf_layout *found)
{
	if (noted->build_id.length)
		return build_id_same(&noted->build_id, &found->build_id);
	return same_segments(noted, found) && same_sections(noted, found);
}

const struct elf_segment *elf_layout_segment(const struct elf_layout *layout,
					     uint64_t file_offset, uint32_t prot)
{
	const struct elf_segment *best = NULL;
	unsigned best_fit = 0;
	size_t i;

	for (i = 0; i < layout->segment_count; i++) {
		const struct elf_segment *s = &layout->segments[i];
		unsigned fit = fit_of(s, file_offset, prot);

		/* Of equals the later one: lld pads the RELRO segment over the data's. */
		if (fit && fit >= best_fit) {
			best = s;
			best_fit = fit;
		}
	}
	return best;
}

const struct elf_section *elf_layout_section(const struct elf_layout *layout,
					     uint64_t vaddr)
{
	size_t below = COUNT_UPTO(layout->sections, layout->section_count, addr, vaddr);
	const struct elf_section *found;

	if (!below)
		return NULL;
	found = &layout->sections[below - 1];
	return vaddr - found->addr < found->size ? found : NULL;
}
