/* A layout as lines of text, and back: the format is in the header. */
#include "pfa/symbol/elf_layout.h"

#include <string.h>
#include <sys/mman.h>

#include "pfa/base/text.h"

enum {
	HEX_MAX = 18, /* 0x and 16 digits */
	BUILD_ID_LINE_MAX = sizeof("build-id") + BUILD_ID_TEXT_MAX,
	TLS_LINE_MAX = sizeof("tls") + 3 * (HEX_MAX + 1),
	SEGMENT_LINE_MAX = sizeof("segment") + 4 * (HEX_MAX + 1) + sizeof("rwx"),
	SECTION_LINE_MAX = sizeof("section") + 2 * (HEX_MAX + 1) +
			   ELF_LAYOUT_NAME_MAX + sizeof("\n") - 1,
};

_Static_assert(BUILD_ID_LINE_MAX + TLS_LINE_MAX +
	       ELF_LAYOUT_SEGMENTS_MAX * SEGMENT_LINE_MAX +
	       ELF_LAYOUT_SECTIONS_MAX * SECTION_LINE_MAX <= ELF_LAYOUT_TEXT_MAX,
	       "a full layout fits into a note");

static void pack_number(struct text *out, uint64_t value)
{
	text_hex(out, value);
	text_char(out, ' ');
}

static void pack_build_id(struct text *out, const struct build_id *id)
{
	char digits[BUILD_ID_TEXT_MAX];

	text_str(out, "build-id ");
	text_str(out, build_id_text(id, digits));
	text_char(out, '\n');
}

static void pack_tls(struct text *out, const struct elf_tls *tls)
{
	text_str(out, "tls ");
	pack_number(out, tls->vaddr);
	pack_number(out, tls->mem_size);
	text_hex(out, tls->align);
	text_char(out, '\n');
}

static void pack_segment(struct text *out, const struct elf_segment *s)
{
	text_str(out, "segment ");
	pack_number(out, s->vaddr);
	pack_number(out, s->offset);
	pack_number(out, s->file_size);
	pack_number(out, s->mem_size);
	text_char(out, s->prot & PROT_READ ? 'r' : '-');
	text_char(out, s->prot & PROT_WRITE ? 'w' : '-');
	text_char(out, s->prot & PROT_EXEC ? 'x' : '-');
	text_char(out, '\n');
}

static void pack_section(struct text *out, const struct elf_section *s)
{
	text_str(out, "section ");
	pack_number(out, s->addr);
	pack_number(out, s->size);
	text_str(out, s->name);
	text_char(out, '\n');
}

void elf_layout_pack(const struct elf_layout *layout, struct text *out)
{
	size_t i;

	if (layout->build_id.length)
		pack_build_id(out, &layout->build_id);
	if (layout->tls.mem_size)
		pack_tls(out, &layout->tls);
	for (i = 0; i < layout->segment_count; i++)
		pack_segment(out, &layout->segments[i]);
	for (i = 0; i < layout->section_count; i++)
		pack_section(out, &layout->sections[i]);
}

/* What is left of the text; takers that don't find their thing make it bad. */
struct reader {
	const char *at, *end;
	bool bad;
};

static bool next_is(const struct reader *r, const char *word)
{
	size_t length = strlen(word);

	return !r->bad && (size_t)(r->end - r->at) >= length &&
	       !memcmp(r->at, word, length);
}

static void take_word(struct reader *r, const char *word)
{
	if (next_is(r, word))
		r->at += strlen(word);
	else
		r->bad = true;
}

/* A digit's value; 16 for anything that text_hex() doesn't write. */
static unsigned digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

static uint64_t take_hex(struct reader *r)
{
	uint64_t value = 0;
	size_t digits;

	take_word(r, "0x");
	for (digits = 0; !r->bad && r->at < r->end; digits++, r->at++) {
		unsigned digit = digit_value(*r->at);

		if (digit == 16)
			break;
		/* Over 64 bits, or with a leading zero. */
		if (value >> 60 || (digits && !value))
			r->bad = true;
		value = value << 4 | digit;
	}
	if (!digits)
		r->bad = true;
	return value;
}

/* A number and the space behind it. */
static uint64_t take_number(struct reader *r)
{
	uint64_t value = take_hex(r);

	take_word(r, " ");
	return value;
}

/* Two digits; 0 where there are none. */
static uint8_t take_byte(struct reader *r)
{
	unsigned high = 16, low = 16;

	if (r->end - r->at >= 2) {
		high = digit_value(r->at[0]);
		low = digit_value(r->at[1]);
	}
	if (high == 16 || low == 16) {
		r->bad = true;
		return 0;
	}
	r->at += 2;
	return (uint8_t)(high << 4 | low);
}

static void unpack_build_id(struct reader *r, struct build_id *id)
{
	uint8_t bytes[BUILD_ID_MAX];
	size_t length = 0;

	take_word(r, "build-id ");
	do
		bytes[length++] = take_byte(r);
	while (!r->bad && length < BUILD_ID_MAX && !next_is(r, "\n"));
	take_word(r, "\n");
	build_id_set(id, bytes, length);
}

static void unpack_tls(struct reader *r, struct elf_tls *tls)
{
	take_word(r, "tls ");
	tls->vaddr = take_number(r);
	tls->mem_size = take_number(r);
	tls->align = take_hex(r);
	take_word(r, "\n");
	/* The reader has none of that kind. */
	if (!tls->mem_size)
		r->bad = true;
}

static uint32_t take_permission(struct reader *r, const char *letter, uint32_t prot)
{
	if (!next_is(r, letter)) {
		take_word(r, "-");
		return 0;
	}
	take_word(r, letter);
	return prot;
}

static void unpack_segment(struct reader *r, struct elf_layout *layout)
{
	struct elf_segment s = { 0 };

	take_word(r, "segment ");
	s.vaddr = take_number(r);
	s.offset = take_number(r);
	s.file_size = take_number(r);
	s.mem_size = take_number(r);
	s.prot = take_permission(r, "r", PROT_READ);
	s.prot |= take_permission(r, "w", PROT_WRITE);
	s.prot |= take_permission(r, "x", PROT_EXEC);
	take_word(r, "\n");
	if (!r->bad && !elf_layout_add_segment(layout, &s))
		r->bad = true;
}

/* The length of a name of a section: printable, not too long, not empty. */
static size_t take_name(struct reader *r)
{
	const char *start = r->at;
	size_t length;

	while (!r->bad && r->at < r->end && *r->at > ' ' && *r->at < 0x7f)
		r->at++;
	length = (size_t)(r->at - start);
	if (!length || length > ELF_LAYOUT_NAME_MAX)
		r->bad = true;
	return length;
}

/* elf_layout_section() relies on the order, and the reader drops empty sections. */
static bool in_order(const struct elf_layout *layout, uint64_t addr, uint64_t size)
{
	const struct elf_section *before;

	if (!size)
		return false;
	if (!layout->section_count)
		return true;
	before = &layout->sections[layout->section_count - 1];
	return addr > before->addr || (addr == before->addr && size >= before->size);
}

static void unpack_section(struct reader *r, struct elf_layout *layout)
{
	const char *name;
	uint64_t addr, size;
	size_t length;

	take_word(r, "section ");
	addr = take_number(r);
	size = take_number(r);
	name = r->at;
	length = take_name(r);
	take_word(r, "\n");
	if (!r->bad && (!in_order(layout, addr, size) ||
			!elf_layout_add_section(layout, addr, size, name, length)))
		r->bad = true;
}

static size_t count_lines(const char *bytes, size_t length)
{
	size_t lines = 0;

	while (length--)
		lines += *bytes++ == '\n';
	return lines;
}

enum pfa_status elf_layout_unpack(const char *bytes, size_t length,
				  struct elf_layout **layout,
				  struct pfa_error *err)
{
	struct reader r = { .at = bytes, .end = bytes + length };
	size_t lines, line = 0;

	*layout = NULL;
	if (length > ELF_LAYOUT_TEXT_MAX)
		return pfa_fail(err, PFA_E_FORMAT, "ELF layout note of %zu bytes", length);
	lines = count_lines(bytes, length);
	*layout = elf_layout_new(lines, lines);
	if (next_is(&r, "build-id ") && ++line)
		unpack_build_id(&r, &(*layout)->build_id);
	if (next_is(&r, "tls ") && ++line)
		unpack_tls(&r, &(*layout)->tls);
	for (; next_is(&r, "segment "); line++)
		unpack_segment(&r, *layout);
	for (; !r.bad && r.at < r.end; line++)
		unpack_section(&r, *layout);
	if (!r.bad)
		return PFA_OK;
	elf_layout_free(*layout);
	*layout = NULL;
	return pfa_fail(err, PFA_E_FORMAT, "ELF layout note: line %zu is malformed", line);
}
