#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "pfa/base/text.h"
#include "pfa/symbol/elf_layout.h"

static const char sample[] =
	"build-id 0f2ed6b0\n"
	"tls 0x2280 0x98 0x8\n"
	"segment 0x0 0x0 0x280 0x280 r-x\n"
	"segment 0x2280 0x280 0x80 0x100 rw-\n"
	"section 0x100 0x100 .text\n"
	"section 0x2280 0x80 .data\n"
	"section 0x2300 0x80 .bss\n";

static void assert_packs_to(const struct elf_layout *layout, const char *expected)
{
	struct text out;

	text_init(&out);
	elf_layout_pack(layout, &out);
	assert_string_equal(text_cstr(&out), expected);
	text_release(&out);
}

static void unpacking_and_packing_gives_the_same_text(void **state)
{
	static const char *const texts[] = {
		sample, "", "build-id 00\n", "tls 0x0 0x1 0x0\n",
		"build-id 000102030405060708090a0b0c0d0e0f10111213\n",
		"segment 0x0 0x0 0x0 0x0 ---\n",
		"section 0x0 0x1 a\nsection 0x0 0x1 b\nsection 0x0 0x2 c\n",
		"segment 0xffffffffffffffff 0x0 0xffffffffffffffff 0x10 rwx\n",
	};
	struct elf_layout *layout;
	struct pfa_error err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_int_equal(elf_layout_unpack(texts[i], strlen(texts[i]), &layout,
						   &err), PFA_OK);
		assert_packs_to(layout, texts[i]);
		elf_layout_free(layout);
	}
}

static void fullest_layout_fits_into_a_note(void **state)
{
	char name[2 * ELF_LAYOUT_NAME_MAX];
	struct elf_layout *layout = elf_layout_new(1000, 10000), *again;
	struct elf_segment widest = { UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, 7 };
	struct pfa_error err;
	struct text out;

	(void)state;
	memset(name, 'n', sizeof(name));
	build_id_set(&layout->build_id, name, sizeof(name));
	layout->tls = (struct elf_tls){ UINT64_MAX, UINT64_MAX, UINT64_MAX };
	while (elf_layout_add_segment(layout, &widest))
		;
	while (elf_layout_add_section(layout, UINT64_MAX, UINT64_MAX, name, sizeof(name)))
		;
	text_init(&out);
	elf_layout_pack(layout, &out);
	assert_in_range(out.length, ELF_LAYOUT_TEXT_MAX - 1024, ELF_LAYOUT_TEXT_MAX);
	assert_int_equal(elf_layout_unpack(out.bytes, out.length, &again, &err), PFA_OK);
	assert_int_equal(again->segment_count, ELF_LAYOUT_SEGMENTS_MAX);
	assert_int_equal(again->section_count, ELF_LAYOUT_SECTIONS_MAX);
	elf_layout_free(again);
	elf_layout_free(layout);
	text_release(&out);
}

static const struct {
	const char *what, *text;
	unsigned line;
} rejected[] = {
	{ "no line end", "section 0x0 0x1 a", 1 },
	{ "empty line", "\n", 1 },
	{ "second line empty", "section 0x0 0x1 a\n\n", 2 },
	{ "another word", "sector 0x0 0x1 a\n", 1 },
	{ "segment behind a section", "section 0x0 0x1 a\nsegment 0x0 0x0 0x0 0x0 r--\n", 2 },
	{ "build-id behind a segment",
	  "segment 0x0 0x0 0x0 0x0 r--\nbuild-id 00\n", 2 },
	{ "build-id behind the tls", "tls 0x0 0x1 0x0\nbuild-id 00\n", 2 },
	{ "two build-ids", "build-id 00\nbuild-id 00\n", 2 },
	{ "build-id without digits", "build-id \n", 1 },
	{ "build-id of half a byte", "build-id 123\n", 1 },
	{ "build-id in upper case", "build-id 0A\n", 1 },
	{ "build-id with a prefix", "build-id 0x12\n", 1 },
	{ "build-id of 21 bytes",
	  "build-id 000102030405060708090a0b0c0d0e0f1011121314\n", 1 },
	{ "two tls", "tls 0x0 0x1 0x0\ntls 0x0 0x1 0x0\n", 2 },
	{ "tls of no size", "tls 0x0 0x0 0x0\n", 1 },
	{ "tls with another number", "tls 0x0 0x1 0x0 0x0\n", 1 },
	{ "tls without alignment", "tls 0x0 0x1 \n", 1 },
	{ "missing number", "section 0x0 a\n", 1 },
	{ "no digits", "section 0x 0x1 a\n", 1 },
	{ "no prefix", "section 0 0x1 a\n", 1 },
	{ "leading zero", "section 0x01 0x1 a\n", 1 },
	{ "upper case", "section 0xA 0x1 a\n", 1 },
	{ "sign", "section -0x1 0x1 a\n", 1 },
	{ "over 64 bits", "section 0x10000000000000000 0x1 a\n", 1 },
	{ "two spaces", "section 0x0  0x1 a\n", 1 },
	{ "tab", "section\t0x0 0x1 a\n", 1 },
	{ "empty section", "section 0x0 0x0 a\n", 1 },
	{ "second section empty", "section 0x0 0x1 a\nsection 0x1 0x0 a\n", 2 },
	{ "out of order", "section 0x2 0x1 a\nsection 0x1 0x1 b\n", 2 },
	{ "out of order by size", "section 0x1 0x2 a\nsection 0x1 0x1 b\n", 2 },
	{ "no name", "section 0x0 0x1 \n", 1 },
	{ "name with a space", "section 0x0 0x1 a b\n", 1 },
	{ "name with an escape", "section 0x0 0x1 a\x1b\n", 1 },
	{ "name beyond ASCII", "section 0x0 0x1 \xc3\xa4\n", 1 },
	{ "name of 37 bytes", "section 0x0 0x1 nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn\n", 1 },
	{ "unknown permission", "segment 0x0 0x0 0x0 0x0 rws\n", 1 },
	{ "permissions swapped", "segment 0x0 0x0 0x0 0x0 xwr\n", 1 },
	{ "short permissions", "segment 0x0 0x0 0x0 0x0 rw\n", 1 },
	{ "permissions run on", "segment 0x0 0x0 0x0 0x0 rw-p\n", 1 },
};

static void malformed_text_is_rejected_with_its_line(void **state)
{
	struct elf_layout *layout;
	struct pfa_error err;
	char message[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rejected) / sizeof(*rejected); i++) {
		if (elf_layout_unpack(rejected[i].text, strlen(rejected[i].text), &layout,
				      &err) != PFA_E_FORMAT)
			fail_msg("%s: accepted", rejected[i].what);
		assert_null(layout);
		snprintf(message, sizeof(message), "ELF layout note: line %u is malformed",
			 rejected[i].line);
		assert_string_equal(err.text, message);
	}
}

static void rejects_text(const char *text, size_t length)
{
	struct elf_layout *layout;
	struct pfa_error err;

	assert_int_equal(elf_layout_unpack(text, length, &layout, &err), PFA_E_FORMAT);
	assert_null(layout);
}

static void repeat_line(struct text *out, const char *line, size_t count)
{
	text_clear(out);
	while (count--)
		text_str(out, line);
}

static void text_beyond_the_limits_is_rejected(void **state)
{
	struct text out;

	(void)state;
	rejects_text("section 0x0 0x1 a\0b\n", 20);
	text_init(&out);
	repeat_line(&out, "segment 0x0 0x0 0x0 0x0 r--\n", ELF_LAYOUT_SEGMENTS_MAX + 1);
	rejects_text(out.bytes, out.length);
	repeat_line(&out, "section 0x0 0x1 a\n", ELF_LAYOUT_SECTIONS_MAX + 1);
	rejects_text(out.bytes, out.length);
	repeat_line(&out, "\n", ELF_LAYOUT_TEXT_MAX + 1);
	rejects_text(out.bytes, out.length);
	text_release(&out);
}

static void text_cut_anywhere_but_between_lines_is_rejected(void **state)
{
	struct elf_layout *layout;
	struct pfa_error err;
	size_t length;

	(void)state;
	for (length = 1; length < strlen(sample); length++) {
		bool whole = sample[length - 1] == '\n';

		assert_int_equal(elf_layout_unpack(sample, length, &layout, &err),
				 whole ? PFA_OK : PFA_E_FORMAT);
		elf_layout_free(layout);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unpacking_and_packing_gives_the_same_text),
		cmocka_unit_test(fullest_layout_fits_into_a_note),
		cmocka_unit_test(malformed_text_is_rejected_with_its_line),
		cmocka_unit_test(text_beyond_the_limits_is_rejected),
		cmocka_unit_test(text_cut_anywhere_but_between_lines_is_rejected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
