#include "pfa/symbol/dies.h"

#include <dwarf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/mem.h"
#include "pfa/symbol/elf_file.h"

enum {
	/* The largest known have some thousand codes and some twenty attributes. */
	CODES_MAX = 1 << 17,
	ATTRIBUTES_MAX = 256,
	LEVELS_MAX = 4096,
};

struct abbreviation {
	int tag; /* 0: there is none of this code */
	bool has_children;
	uint16_t form_count;
	uint32_t first_form; /* in the list of all forms */
};

struct scan {
	Dwarf_Die *unit;
	struct abbreviation *codes;
	size_t code_count;
	uint16_t *forms;
	size_t form_count, form_capacity;
	const unsigned char *at, *end;
	uint8_t address_size, offset_size;
	bool big_endian;
	Dwarf_Half version;
};

/* ---- the unit's abbreviations ---- */

static struct abbreviation *code_slot(struct scan *s, unsigned code)
{
	size_t count = s->code_count ? s->code_count : 256;

	if (code >= CODES_MAX)
		return NULL;
	while (count <= code)
		count *= 2;
	if (count > s->code_count) {
		s->codes = pfa_realloc(s->codes, count * sizeof(*s->codes));
		memset(s->codes + s->code_count, 0,
		       (count - s->code_count) * sizeof(*s->codes));
		s->code_count = count;
	}
	return &s->codes[code];
}

/*
 * Returns how many there are. (dwarf_getattrcnt() of elfutils 0.188 takes the value of
 * an implicit constant for an attribute; only the end of the list is to be relied on.)
 */
static size_t add_forms(struct scan *s, Dwarf_Abbrev *abbrev)
{
	unsigned name, form;
	Dwarf_Off offset;
	size_t i;

	for (i = 0; i < ATTRIBUTES_MAX; i++) {
		if (dwarf_getabbrevattr(abbrev, i, &name, &form, &offset) != 0)
			break;
		s->forms = pfa_grow(s->forms, s->form_count, &s->form_capacity,
				    sizeof(*s->forms));
		s->forms[s->form_count++] = form <= UINT16_MAX ? (uint16_t)form : 0;
	}
	return i;
}

static bool add_code(struct scan *s, Dwarf_Abbrev *abbrev)
{
	struct abbreviation *slot = code_slot(s, dwarf_getabbrevcode(abbrev));

	if (!slot || slot->tag)
		return false;
	slot->tag = (int)dwarf_getabbrevtag(abbrev);
	slot->has_children = dwarf_abbrevhaschildren(abbrev);
	slot->first_form = (uint32_t)s->form_count;
	slot->form_count = (uint16_t)add_forms(s, abbrev);
	return slot->form_count < ATTRIBUTES_MAX;
}

static bool read_codes(struct scan *s)
{
	Dwarf_Off offset = 0;
	size_t length;

	for (;;) {
		Dwarf_Abbrev *abbrev = dwarf_getabbrev(s->unit, offset, &length);

		if (abbrev == DWARF_END_ABBREV)
			return true;
		if (!abbrev || !length || !add_code(s, abbrev))
			return false;
		offset += length;
	}
}

/* ---- going over the bytes of an entry ---- */

static uint64_t take_uleb(struct scan *s)
{
	uint64_t value = 0;
	unsigned shift = 0;

	while (s->at < s->end) {
		unsigned char byte = *s->at++;

		if (shift < 64)
			value |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
		if (!(byte & 0x80))
			break;
	}
	return value;
}

static bool skip(struct scan *s, uint64_t length)
{
	if (length > (uint64_t)(s->end - s->at))
		return false;
	s->at += length;
	return true;
}

static bool skip_string(struct scan *s)
{
	const void *end = memchr(s->at, '\0', (size_t)(s->end - s->at));

	if (!end)
		return false;
	s->at = (const unsigned char *)end + 1;
	return true;
}

/* The length of a block, in `size` bytes of the unit's order, and the block. */
static bool skip_block(struct scan *s, size_t size)
{
	uint64_t length = 0;
	size_t i;

	if ((size_t)(s->end - s->at) < size)
		return false;
	for (i = 0; i < size; i++)
		length |= (uint64_t)s->at[s->big_endian ? size - 1 - i : i] << (8 * i);
	s->at += size;
	return skip(s, length);
}

/* The size of what has always the same; -1: it depends. */
static int fixed_size(const struct scan *s, unsigned form)
{
	switch (form) {
	case DW_FORM_flag_present: case DW_FORM_implicit_const:
		return 0;
	case DW_FORM_data1: case DW_FORM_ref1: case DW_FORM_flag:
	case DW_FORM_strx1: case DW_FORM_addrx1:
		return 1;
	case DW_FORM_data2: case DW_FORM_ref2: case DW_FORM_strx2: case DW_FORM_addrx2:
		return 2;
	case DW_FORM_strx3: case DW_FORM_addrx3:
		return 3;
	case DW_FORM_data4: case DW_FORM_ref4: case DW_FORM_ref_sup4:
	case DW_FORM_strx4: case DW_FORM_addrx4:
		return 4;
	case DW_FORM_data8: case DW_FORM_ref8: case DW_FORM_ref_sup8: case DW_FORM_ref_sig8:
		return 8;
	case DW_FORM_data16:
		return 16;
	case DW_FORM_addr:
		return s->address_size;
	case DW_FORM_ref_addr: /* until DWARF 2 an address */
		return s->version < 3 ? s->address_size : s->offset_size;
	case DW_FORM_strp: case DW_FORM_sec_offset: case DW_FORM_line_strp:
	case DW_FORM_strp_sup: case DW_FORM_GNU_ref_alt: case DW_FORM_GNU_strp_alt:
		return s->offset_size;
	default:
		return -1;
	}
}

static bool skip_form(struct scan *s, unsigned form)
{
	int size;

	/* Each of them takes a byte: they come to an end. */
	while (form == DW_FORM_indirect && s->at < s->end)
		form = (unsigned)take_uleb(s);
	size = fixed_size(s, form);
	if (size >= 0)
		return skip(s, (uint64_t)size);
	switch (form) {
	case DW_FORM_udata: case DW_FORM_sdata: case DW_FORM_ref_udata:
	case DW_FORM_strx: case DW_FORM_addrx: case DW_FORM_loclistx: case DW_FORM_rnglistx:
	case DW_FORM_GNU_addr_index: case DW_FORM_GNU_str_index:
		take_uleb(s);
		return true;
	case DW_FORM_string:
		return skip_string(s);
	case DW_FORM_block: case DW_FORM_exprloc:
		return skip(s, take_uleb(s));
	case DW_FORM_block1:
		return skip_block(s, 1);
	case DW_FORM_block2:
		return skip_block(s, 2);
	case DW_FORM_block4:
		return skip_block(s, 4);
	default:
		return false;
	}
}

/* The abbreviation of the entry here; NULL: the end of a list of children, or broken. */
static const struct abbreviation *take_code(struct scan *s, bool *broken)
{
	uint64_t code = take_uleb(s);

	if (!code)
		return NULL;
	*broken = code >= s->code_count || !s->codes[code].tag;
	return *broken ? NULL : &s->codes[code];
}

/* Attributes that the table of abbreviations promises, one after the other. */
static bool skip_forms(struct scan *s, const struct abbreviation *abbreviation)
{
	size_t i;

	for (i = 0; i < abbreviation->form_count; i++)
		if (!skip_form(s, s->forms[abbreviation->first_form + i]))
			return false;
	return true;
}

static void visit_all(struct scan *s, dies_visit *visit, void *context)
{
	const struct abbreviation *abbreviation;
	unsigned level = 0;
	bool broken = false;

	while (s->at < s->end) {
		Dwarf_Die die = { .addr = (void *)s->at, .cu = s->unit->cu };

		abbreviation = take_code(s, &broken);
		if (broken)
			return;
		if (!abbreviation) {
			if (level-- <= 1)
				return;
			continue;
		}
		if (level && !visit(context, &die, abbreviation->tag, level))
			return;
		if (!skip_forms(s, abbreviation))
			return;
		level += abbreviation->has_children;
		if (!level || level > LEVELS_MAX)
			return;
	}
}

/* ---- where the unit ends ---- */

/*
 * The size of the section that begins here in memory: libdw has loaded it, and
 * decompressed it if need be, and does not tell how long it is.
 */
static size_t section_size(Elf *elf, const unsigned char *start)
{
	size_t names = elf_names_section(elf);
	Elf_Scn *section = NULL;
	GElf_Shdr sh;

	while (names && (section = elf_nextscn(elf, section)) != NULL) {
		const char *name = gelf_getshdr(section, &sh) ?
				   elf_strptr(elf, names, sh.sh_name) : NULL;
		Elf_Data *data;

		if (!name || !strstr(name, "debug_info"))
			continue;
		data = elf_rawdata(section, NULL);
		if (data && data->d_buf == start)
			return data->d_size;
	}
	return 0;
}

static bool find_bounds(struct scan *s)
{
	Dwarf *dwarf = dwarf_cu_getdwarf(s->unit->cu);
	Dwarf_Off at = dwarf_dieoffset(s->unit), next;
	const unsigned char *start = (const unsigned char *)s->unit->addr - at;
	const char *ident = elf_getident(dwarf_getelf(dwarf), NULL);
	size_t size = section_size(dwarf_getelf(dwarf), start), header;

	if (!ident || dwarf_next_unit(dwarf, at - dwarf_cuoffset(s->unit), &next, &header,
				      NULL, NULL, NULL, NULL, NULL, NULL) != 0)
		return false;
	s->big_endian = ident[EI_DATA] == ELFDATA2MSB;
	s->at = s->unit->addr;
	s->end = start + (next < size ? next : size);
	return s->at < s->end;
}

void dies_scan(Dwarf_Die *unit, dies_visit *visit, void *context)
{
	struct scan s = { .unit = unit };

	if (dwarf_cu_info(unit->cu, &s.version, NULL, NULL, NULL, NULL, &s.address_size,
			  &s.offset_size) == 0 &&
	    find_bounds(&s) && read_codes(&s))
		visit_all(&s, visit, context);
	free(s.codes);
	free(s.forms);
}
