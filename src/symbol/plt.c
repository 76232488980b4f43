#include "pfa/symbol/plt.h"

#include <stdlib.h>
#include <string.h>

#include "pfa/base/bytes.h"
#include "pfa/base/intern.h"
#include "pfa/base/mem.h"
#include "pfa/base/search.h"
#include "pfa/base/text.h"
#include "pfa/symbol/elf_file.h"
#include "pfa/symbol/symtab.h"

enum { SECTION_SIZE_MAX = 1 << 28, NAME_MAX_BYTES = 4096 };

/* What fills a slot that a linkage table entry may jump through. */
struct slot {
	uint64_t addr;
	uint64_t symbol; /* in .dynsym */
};

struct slots {
	const struct elf_file *file;
	struct slot *list;
	size_t count, capacity;
	Elf_Data *symbols;
	size_t strings; /* index of the section of their names */
};

static void add_relocation(struct slots *s, const GElf_Rela *rela)
{
	unsigned type = (unsigned)GELF_R_TYPE(rela->r_info);

	if (type != R_X86_64_JUMP_SLOT && type != R_X86_64_GLOB_DAT)
		return;
	s->list = pfa_grow(s->list, s->count, &s->capacity, sizeof(*s->list));
	s->list[s->count++] = (struct slot){ rela->r_offset, GELF_R_SYM(rela->r_info) };
}

static void add_relocations(struct slots *s, Elf_Scn *section, const GElf_Shdr *sh)
{
	Elf_Data *data = sh->sh_size <= SECTION_SIZE_MAX ? elf_getdata(section, NULL) : NULL;
	size_t count = data ? data->d_size / sizeof(Elf64_Rela) : 0, i;
	GElf_Rela rela;

	for (i = 0; i < count; i++)
		if (gelf_getrela(data, (int)i, &rela))
			add_relocation(s, &rela);
}

static int compare_slots(const void *left, const void *right)
{
	const struct slot *a = left, *b = right;

	if (a->addr != b->addr)
		return a->addr < b->addr ? -1 : 1;
	return a->symbol < b->symbol ? -1 : a->symbol > b->symbol;
}

static void read_slots(struct slots *s)
{
	Elf_Scn *section = NULL;
	GElf_Shdr sh;

	while ((section = elf_nextscn(s->file->elf, section)) != NULL) {
		if (!gelf_getshdr(section, &sh) || !(sh.sh_flags & SHF_ALLOC))
			continue;
		if (sh.sh_type == SHT_RELA)
			add_relocations(s, section, &sh);
		if (sh.sh_type == SHT_DYNSYM && sh.sh_size <= SECTION_SIZE_MAX) {
			s->symbols = elf_getdata(section, NULL);
			s->strings = sh.sh_link;
		}
	}
	if (s->count)
		qsort(s->list, s->count, sizeof(*s->list), compare_slots);
}

/* What the slot at an address is filled with; NULL: it is none. */
static const char *name_in_slot(const struct slots *s, uint64_t addr)
{
	size_t at = COUNT_BELOW(s->list, s->count, addr, addr);
	GElf_Sym sym;

	if (at == s->count || s->list[at].addr != addr || !s->symbols ||
	    !gelf_getsym(s->symbols, (int)s->list[at].symbol, &sym))
		return NULL;
	return elf_strptr(s->file->elf, s->strings, sym.st_name);
}

/* Where the jump at the beginning of an entry goes through; 0: there is none. */
static uint64_t slot_of(const unsigned char *code, size_t size, uint64_t addr)
{
	static const unsigned char endbr64[] = { 0xf3, 0x0f, 0x1e, 0xfa };
	size_t at = size >= 4 && !memcmp(code, endbr64, 4) ? 4 : 0;

	if (at < size && code[at] == 0xf2) /* bnd */
		at++;
	if (size < at + 6 || code[at] != 0xff || code[at + 1] != 0x25)
		return 0;
	return addr + at + 6 + (uint64_t)(int32_t)load_u32(code + at + 2);
}

static const char *with_suffix(struct intern *names, const char *name)
{
	struct text text;
	const char *result;

	text_init(&text);
	text_bytes(&text, name, strnlen(name, NAME_MAX_BYTES));
	text_str(&text, "@plt");
	result = intern_bytes(names, text.bytes, text.length);
	text_release(&text);
	return result;
}

static void add_section(struct symtab *symtab, const struct slots *slots,
			const char *section, struct intern *names)
{
	Elf_Data *data = elf_file_bytes(slots->file, section, SECTION_SIZE_MAX);
	size_t at, step;
	GElf_Shdr sh;

	if (!data || !elf_file_section(slots->file, section, &sh))
		return;
	step = sh.sh_entsize == 8 ? 8 : 16;
	for (at = 0; at + step <= data->d_size; at += step) {
		uint64_t addr = sh.sh_addr + at;
		const char *name = name_in_slot(slots, slot_of(
			(const unsigned char *)data->d_buf + at, step, addr));

		if (name && *name)
			symtab_add_function(symtab, addr, step, with_suffix(names, name));
	}
}

void plt_add(struct symtab *symtab, const struct elf_file *file, struct intern *names)
{
	static const char *const sections[] = { ".plt", ".plt.sec", ".plt.got" };
	struct slots slots = { .file = file };
	GElf_Ehdr eh;
	size_t i;

	if (!gelf_getehdr(file->elf, &eh) || eh.e_machine != EM_X86_64 ||
	    eh.e_ident[EI_CLASS] != ELFCLASS64)
		return;
	read_slots(&slots);
	for (i = 0; i < sizeof(sections) / sizeof(*sections); i++)
		add_section(symtab, &slots, sections[i], names);
	free(slots.list);
}
