/* Object and section of an address, from layouts made by hand. */
#include "../support/check.h"

#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "../support/layout.h"
#include "pfa/base/intern.h"
#include "pfa/model/backing.h"
#include "pfa/model/observation.h"
#include "pfa/model/region.h"
#include "pfa/model/space.h"
#include "pfa/symbol/elf_layout.h"

enum { R = PROT_READ, RW = PROT_READ | PROT_WRITE, RX = PROT_READ | PROT_EXEC };

struct world {
	struct intern *strings;
	struct backing_table *backings;
	struct region_table *regions;
	struct space *space;
	struct image image; /* of the region asked for last */
};

static int world_new(void **state)
{
	static struct world w;

	w.strings = intern_new();
	w.backings = backing_table_new(w.strings);
	w.regions = region_table_new(w.strings);
	w.space = space_new();
	*state = &w;
	return 0;
}

static int world_end(void **state)
{
	struct world *w = *state;

	space_free(w->space);
	region_table_free(w->regions);
	backing_table_free(w->backings);
	intern_free(w->strings);
	return 0;
}

static void map(struct world *w, const char *name, uint64_t start, uint64_t end,
		uint32_t prot, uint64_t offset)
{
	const struct vma vma = { .start = start, .end = end, .prot = prot,
				 .flags = MAP_PRIVATE, .pgoff_bytes = offset,
				 .backing = backing_of(w->backings, name, NULL) };

	space_map(w->space, &vma);
}

static void add_section(struct elf_layout *layout, uint64_t addr, uint64_t size,
			const char *name)
{
	assert_true(elf_layout_add_section(layout, addr, size, name, strlen(name)));
}

/*
 * A position-independent program as GNU ld makes it:
 *
 *     file     0-628 headers   1000-1200 .text   2000-2100 .rodata   2dc0-3020 .data
 *     memory   0              1000              2000                3dc0-4020, .bss to 6000
 */
static struct elf_layout *program_layout(void)
{
	static const struct elf_segment segments[] = {
		{ 0x0000, 0x0000, 0x628, 0x628, R },
		{ 0x1000, 0x1000, 0x200, 0x200, RX },
		{ 0x2000, 0x2000, 0x100, 0x100, R },
		{ 0x3dc0, 0x2dc0, 0x260, 0x2240, RW },
	};
	struct elf_layout *layout = elf_layout_new(4, 6);

	for (size_t i = 0; i < COUNT_OF(segments); i++)
		assert_true(elf_layout_add_segment(layout, &segments[i]));
	add_section(layout, 0x318, 0x1c, ".interp");
	add_section(layout, 0x1000, 0x180, ".text");
	add_section(layout, 0x1180, 0x0d, ".fini");
	add_section(layout, 0x2000, 0x100, ".rodata");
	add_section(layout, 0x4000, 0x20, ".data");
	add_section(layout, 0x4020, 0x1fe0, ".bss");
	return layout;
}

enum { BASE = 0x555000 };

/* As the kernel maps it: the data's tail beyond its file page is anonymous. */
static void map_program(struct world *w)
{
	struct backing *b = backing_of(w->backings, "/usr/bin/demo", NULL);

	if (!b->layout)
		b->layout = program_layout();
	map(w, "/usr/bin/demo", BASE, BASE + 0x1000, R, 0);
	map(w, "/usr/bin/demo", BASE + 0x1000, BASE + 0x2000, RX, 0x1000);
	map(w, "/usr/bin/demo", BASE + 0x2000, BASE + 0x3000, R, 0x2000);
	map(w, "/usr/bin/demo", BASE + 0x3000, BASE + 0x4000, R, 0x2000); /* RELRO */
	map(w, "/usr/bin/demo", BASE + 0x4000, BASE + 0x5000, RW, 0x3000);
	map(w, "//anon", BASE + 0x5000, BASE + 0x6000, RW, 0);
}

static const char *region_text(struct world *w, uint64_t addr)
{
	const struct vma *vma = space_find(w->space, addr);

	assert_non_null(vma);
	return region_of(w->regions, w->space, vma, addr, &w->image)->text;
}

static const struct {
	uint64_t addr;
	const char *text;
} places[] = {
	{ 0x000, "demo" }, /* headers */
	{ 0x320, "demo .interp" },
	{ 0x1000, "demo .text" },
	{ 0x117f, "demo .text" },
	{ 0x1180, "demo .fini" },
	{ 0x1fff, "demo" }, /* padding */
	{ 0x2080, "demo .rodata" },
	{ 0x3dc8, "demo" }, /* RELRO data without a section here */
	{ 0x4000, "demo .data" },
	{ 0x401f, "demo .data" },
	{ 0x4020, "demo .bss" }, /* in the data's last file page */
	{ 0x4fff, "demo .bss" },
	{ 0x5000, "demo .bss" }, /* anonymous, behind it */
	{ 0x5fff, "demo .bss" },
};

static void places_of_a_program_have_their_sections(void **state)
{
	struct world *w = *state;

	map_program(w);
	for (size_t i = 0; i < COUNT_OF(places); i++)
		assert_string_equal(region_text(w, BASE + places[i].addr),
				    places[i].text);
}

/* Without address randomisation the heap follows the .bss and merges with it. */
static void heap_behind_the_bss_is_not_bss(void **state)
{
	static const char *const names[] = { "[heap]", "//anon" };
	static const char *const labels[] = { "[heap]", "anon" };
	struct world *w = *state;

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		map_program(w);
		map(w, names[i], BASE + 0x5000, BASE + 0x20000, RW, 0);
		assert_string_equal(region_text(w, BASE + 0x5fff), "demo .bss");
		assert_string_equal(region_text(w, BASE + 0x6000), labels[i]);
		assert_string_equal(region_text(w, BASE + 0x1ffff), labels[i]);
	}
}

static void bss_that_mprotect_cut_is_bss_in_all_its_pieces(void **state)
{
	struct world *w = *state;

	map_program(w);
	map(w, "//anon", BASE + 0x5000, BASE + 0x5400, RW, 0);
	map(w, "//anon", BASE + 0x5400, BASE + 0x5800, R, 0);
	map(w, "//anon", BASE + 0x5800, BASE + 0x6000, RW, 0);
	assert_string_equal(region_text(w, BASE + 0x5000), "demo .bss");
	assert_string_equal(region_text(w, BASE + 0x5500), "demo .bss");
	assert_string_equal(region_text(w, BASE + 0x5900), "demo .bss");
}

static void anonymous_memory_elsewhere_is_anonymous(void **state)
{
	struct world *w = *state;

	map_program(w);
	map(w, "//anon", BASE + 0x7000, BASE + 0x8000, RW, 0); /* a gap before it */
	map(w, "/usr/share/data", BASE + 0x9000, BASE + 0xa000, R, 0); /* not ELF */
	map(w, "//anon", BASE + 0xa000, BASE + 0xb000, RW, 0);
	map(w, "[vvar]", BASE + 0xc000, BASE + 0xd000, R, 0);
	map(w, "//anon", BASE + 0xd000, BASE + 0xe000, RW, 0);
	assert_string_equal(region_text(w, BASE + 0x7000), "anon");
	assert_string_equal(region_text(w, BASE + 0x9000), "data");
	assert_string_equal(region_text(w, BASE + 0xa000), "anon");
	assert_string_equal(region_text(w, BASE + 0xc000), "[vvar]");
	assert_string_equal(region_text(w, BASE + 0xd000), "anon");
}

/* The code is no data: what follows it directly does not continue it. */
static void anonymous_memory_behind_code_is_anonymous(void **state)
{
	struct world *w = *state;

	map_program(w);
	map(w, "//anon", BASE + 0x2000, BASE + 0x3000, RW, 0);
	assert_string_equal(region_text(w, BASE + 0x2000), "anon");
}

static void bss_without_a_section_of_its_own_is_bss(void **state)
{
	const struct elf_segment data = { 0x3000, 0x2000, 0x800, 0x3000, RW };
	struct world *w = *state;
	struct backing *b = backing_of(w->backings, "/usr/bin/stripped", NULL);

	b->layout = elf_layout_new(1, 0);
	assert_true(elf_layout_add_segment(b->layout, &data));
	map(w, "/usr/bin/stripped", 0x3000, 0x4000, RW, 0x2000);
	map(w, "//anon", 0x4000, 0x6000, RW, 0);
	assert_string_equal(region_text(w, 0x37ff), "stripped");
	assert_string_equal(region_text(w, 0x3800), "stripped .bss");
	assert_string_equal(region_text(w, 0x5fff), "stripped .bss");
}

/* ---- the pairs themselves ---- */

static void equal_pairs_are_one_pointer(void **state)
{
	struct world *w = *state;
	char object[] = "libc.so.6", section[] = ".text";
	const struct region *region = region_named(w->regions, "libc.so.6", ".text");

	assert_ptr_equal(region_named(w->regions, object, section), region);
	assert_ptr_not_equal(region_named(w->regions, object, ""), region);
	assert_ptr_not_equal(region_named(w->regions, "libm.so.6", section), region);
	assert_string_equal(region->object, "libc.so.6");
	assert_string_equal(region->section, ".text");
	assert_string_equal(region->text, "libc.so.6 .text");
	assert_string_equal(region_named(w->regions, "unmapped", "")->text, "unmapped");
	map_program(w);
	assert_ptr_equal(region_of(w->regions, w->space, space_find(w->space, BASE + 0x1000),
				   BASE + 0x1000, &w->image),
			 region_named(w->regions, "demo", ".text"));
}

static void control_bytes_in_a_name_are_escaped_as_printed(void **state)
{
	struct world *w = *state;
	const struct region *region = region_named(w->regions, "a\nb", "");

	assert_string_equal(region->object, "a\nb");
	assert_string_equal(region->text, "a\\x0ab");
}

#define in_world(test) cmocka_unit_test_setup_teardown(test, world_new, world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_world(places_of_a_program_have_their_sections),
		in_world(heap_behind_the_bss_is_not_bss),
		in_world(bss_that_mprotect_cut_is_bss_in_all_its_pieces),
		in_world(anonymous_memory_elsewhere_is_anonymous),
		in_world(anonymous_memory_behind_code_is_anonymous),
		in_world(bss_without_a_section_of_its_own_is_bss),
		in_world(equal_pairs_are_one_pointer),
		in_world(control_bytes_in_a_name_are_escaped_as_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
