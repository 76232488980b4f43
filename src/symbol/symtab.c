#include "pfa/symbol/symtab.h"

#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/mem.h"
#include "pfa/symbol/demangle.h"
#include "pfa/symbol/elf_file.h"
#include "pfa/symbol/intervals.h"
#include "pfa/symbol/module.h"
#include "pfa/symbol/symtab.h"

/* Chromium's take 300 MB. */
enum { TABLE_SIZE_MAX = 1 << 30 };

struct entry {
	uint64_t start, size;
	const char *linkage; /* as in the file */
	const char *name; /* demangled; NULL until it is asked for */
};

struct symtab {
	struct intern *names;
	struct entry *entries;
	size_t count, capacity;
	struct intervals kinds[SYMTAB_KINDS];
};

/* A table while it is read. */
struct table {
	const struct elf_file *file;
	GElf_Half machine;
	Elf_Data *symbols;
	const char *strings;
	size_t strings_size; /* up to the last terminator */
	struct section { uint64_t flags, end; } *sections;
	size_t section_count;
};

struct symtab *symtab_new(struct intern *names)
{
	struct symtab *symtab = pfa_alloc(sizeof(*symtab));

	symtab->names = names;
	return symtab;
}

void symtab_free(struct symtab *symtab)
{
	size_t i;

	if (!symtab)
		return;
	for (i = 0; i < SYMTAB_KINDS; i++)
		intervals_release(&symtab->kinds[i]);
	free(symtab->entries);
	free(symtab);
}

/* ---- reading a table ---- */

static Elf_Scn *section_of_type(Elf *elf, uint32_t type, GElf_Shdr *sh)
{
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(elf, section)) != NULL)
		if (gelf_getshdr(section, sh) && sh->sh_type == type)
			return section;
	return NULL;
}

static bool acceptable(const GElf_Shdr *sh)
{
	return sh->sh_size <= TABLE_SIZE_MAX && !(sh->sh_flags & SHF_COMPRESSED);
}

static bool load_strings(struct table *t, Elf *elf, size_t index)
{
	Elf_Scn *section = elf_getscn(elf, index);
	GElf_Shdr sh;
	Elf_Data *data;
	const char *last;

	if (!gelf_getshdr(section, &sh) || sh.sh_type != SHT_STRTAB || !acceptable(&sh))
		return false;
	data = elf_getdata(section, NULL);
	if (!data || !data->d_buf)
		return false;
	last = memrchr(data->d_buf, '\0', data->d_size);
	t->strings = data->d_buf;
	t->strings_size = last ? (size_t)(last - t->strings) : 0;
	return true;
}

static void load_sections(struct table *t, Elf *elf)
{
	GElf_Shdr sh;
	size_t i;

	if (elf_getshdrnum(elf, &t->section_count) != 0)
		t->section_count = 0;
	t->sections = pfa_alloc((t->section_count + 1) * sizeof(*t->sections));
	for (i = 1; i < t->section_count; i++)
		if (gelf_getshdr(elf_getscn(elf, i), &sh))
			t->sections[i] = (struct section){
				sh.sh_flags, sh.sh_addr + sh.sh_size };
}

static bool load_table(struct table *t, const struct elf_file *file, uint32_t type)
{
	GElf_Shdr sh;
	GElf_Ehdr eh;
	Elf_Scn *section = section_of_type(file->elf, type, &sh);

	if (!section || !acceptable(&sh) || !gelf_getehdr(file->elf, &eh) ||
	    !load_strings(t, file->elf, sh.sh_link))
		return false;
	t->symbols = elf_getdata(section, NULL);
	if (!t->symbols || !sh.sh_entsize)
		return false;
	t->machine = eh.e_machine;
	load_sections(t, file->elf);
	return true;
}

/* ---- which symbols are what ---- */

/* $a, $d, $t, $x: where code and data begin, for disassemblers. */
static bool is_mapping_symbol(const struct table *t, const char *name)
{
	if (t->machine != EM_ARM && t->machine != EM_AARCH64 && t->machine != EM_RISCV)
		return false;
	return name[0] == '$' && name[1] && strchr("adtx", name[1]);
}

static const struct section *section_of(const struct table *t, const GElf_Sym *sym)
{
	/* Also SHN_UNDEF, SHN_ABS, SHN_COMMON and the other reserved ones. */
	if (!sym->st_shndx || sym->st_shndx >= t->section_count)
		return NULL;
	return &t->sections[sym->st_shndx];
}

/* SYMTAB_KINDS: nothing that an address could be in. */
static enum symtab_kind kind_of(const struct section *section, unsigned type)
{
	if (!(section->flags & SHF_ALLOC))
		return SYMTAB_KINDS;
	switch (type) {
	case STT_FUNC:
	case STT_GNU_IFUNC:
		return SYMTAB_FUNCTIONS;
	case STT_NOTYPE:
		/* A label of assembly; among data, only what linkers mark with it. */
		return section->flags & SHF_EXECINSTR ? SYMTAB_FUNCTIONS : SYMTAB_KINDS;
	case STT_OBJECT:
	case STT_COMMON:
		return SYMTAB_OBJECTS;
	case STT_TLS:
		return section->flags & SHF_TLS ? SYMTAB_TLS : SYMTAB_KINDS;
	default:
		return SYMTAB_KINDS;
	}
}

static uint32_t underscores_of(const char *name)
{
	size_t count = strspn(name, "_");

	return count < 15 ? (uint32_t)count : 15;
}

/* What is preferred has more of: size, binding, then the look of the name. */
static uint32_t rank_of(const GElf_Sym *sym, const char *name)
{
	static const uint32_t bindings[] = {
		[STB_LOCAL] = 0, [STB_WEAK] = 1, [STB_GLOBAL] = 2,
	};
	unsigned bind = GELF_ST_BIND(sym->st_info);
	size_t length = strnlen(name, UINT8_MAX);

	return (sym->st_size > 0) << 14 |
	       bindings[bind <= STB_WEAK ? bind : STB_GLOBAL] << 12 |
	       (15 - underscores_of(name)) << 8 | (uint32_t)length;
}

static uint32_t new_entry(struct symtab *symtab, uint64_t start, uint64_t size,
			  const char *name)
{
	symtab->entries = pfa_grow(symtab->entries, symtab->count, &symtab->capacity,
				   sizeof(*symtab->entries));
	symtab->entries[symtab->count] = (struct entry){ start, size, name, NULL };
	return (uint32_t)symtab->count++;
}

static uint64_t end_of(uint64_t start, uint64_t size)
{
	return start > UINT64_MAX - size ? UINT64_MAX : start + size;
}

static void add(struct symtab *symtab, const struct table *t, GElf_Sym *sym)
{
	const struct section *section = section_of(t, sym);
	enum symtab_kind kind;
	const char *name;

	if (!section || sym->st_name >= t->strings_size)
		return;
	kind = kind_of(section, GELF_ST_TYPE(sym->st_info));
	name = t->strings + sym->st_name;
	if (kind == SYMTAB_KINDS || !*name || is_mapping_symbol(t, name))
		return;
	if (kind == SYMTAB_FUNCTIONS && t->machine == EM_ARM)
		sym->st_value &= ~1ULL; /* it says that the code is Thumb's */
	intervals_add(&symtab->kinds[kind], &(struct interval){
		.start = sym->st_value,
		.end = sym->st_size ? end_of(sym->st_value, sym->st_size) : section->end,
		.open = !sym->st_size,
		.rank = rank_of(sym, name),
		.value = new_entry(symtab, sym->st_value, sym->st_size, name) });
}

bool symtab_add(struct symtab *symtab, const struct elf_file *file, uint32_t type)
{
	struct table t = { .file = file };
	GElf_Sym sym;
	size_t i, count;

	if (!load_table(&t, file, type))
		return false;
	count = t.symbols->d_size / gelf_fsize(file->elf, ELF_T_SYM, 1, EV_CURRENT);
	for (i = 1; i < count; i++)
		if (gelf_getsym(t.symbols, (int)i, &sym))
			add(symtab, &t, &sym);
	free(t.sections);
	return true;
}

void symtab_add_function(struct symtab *symtab, uint64_t addr, uint64_t size,
			 const char *name)
{
	intervals_add(&symtab->kinds[SYMTAB_FUNCTIONS], &(struct interval){
		.start = addr, .end = end_of(addr, size),
		.value = new_entry(symtab, addr, size, name) });
}

void symtab_settle(struct symtab *symtab)
{
	size_t i;

	for (i = 0; i < SYMTAB_KINDS; i++)
		intervals_settle(&symtab->kinds[i]);
}

static struct entry *entry_at(const struct symtab *symtab, enum symtab_kind kind,
			      uint64_t addr)
{
	uint32_t index = intervals_find(&symtab->kinds[kind], addr);

	return index == INTERVALS_NONE ? NULL : &symtab->entries[index];
}

bool symtab_find(struct symtab *symtab, enum symtab_kind kind, uint64_t addr,
		 struct symbol *symbol)
{
	struct entry *entry = entry_at(symtab, kind, addr);

	if (!entry)
		return false;
	if (!entry->name)
		entry->name = demangle(symtab->names, entry->linkage);
	*symbol = (struct symbol){ entry->name, entry->start, entry->size };
	return true;
}

const char *symtab_linkage_name(const struct symtab *symtab, enum symtab_kind kind,
				uint64_t addr)
{
	const struct entry *entry = entry_at(symtab, kind, addr);

	return entry ? entry->linkage : NULL;
}
