#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pfa/symbol/elf_layout.h"

enum { R = PROT_READ, W = PROT_WRITE, X = PROT_EXEC, NONE = -1 };

/* ---- the choice of a segment, on layouts made by hand ---- */

/* gcc and GNU ld today: the read-only data and the data share the file's page 2. */
static struct elf_segment gnu_segments[] = {
	{ 0x0000, 0x0000, 0x5f8, 0x5f8, R },
	{ 0x1000, 0x1000, 0x1b5, 0x1b5, R | X },
	{ 0x2000, 0x2000, 0x0e4, 0x0e4, R },
	{ 0x3de8, 0x2de8, 0x228, 0x430, R | W },
};
/* Until binutils 2.31: the code's segment shares its last page with the data's. */
static struct elf_segment two_segments[] = {
	{ 0x400000, 0x000, 0x6b4, 0x6b4, R | X },
	{ 0x600e10, 0xe10, 0x228, 0x230, R | W },
};
/* lld: everything in one file page, mapped four times. */
static struct elf_segment lld_segments[] = {
	{ 0x0000, 0x000, 0x5dc, 0x5dc, R },
	{ 0x15e0, 0x5e0, 0x170, 0x170, R | X },
	{ 0x2750, 0x750, 0x1a0, 0x1a0, R | W },
	{ 0x38f0, 0x8f0, 0x020, 0x030, R | W },
};
/* lld since 17 pads the RELRO segment's memory to the end of its page. */
static struct elf_segment padded_segments[] = {
	{ 0x2750, 0x750, 0x1a0, 0x8b0, R | W },
	{ 0x38f0, 0x8f0, 0x020, 0x030, R | W },
};
/* Offsets and sizes that overflow, and one that is never mapped from the file. */
static struct elf_segment hostile_segments[] = {
	{ 0, UINT64_MAX - 0xff, UINT64_MAX, UINT64_MAX, R },
	{ 0, 0, 0, UINT64_MAX, R | W | X },
};

#define LAYOUT(table) { .segments = table, .segment_count = sizeof(table) / sizeof(*table) }
static const struct elf_layout gnu = LAYOUT(gnu_segments);
static const struct elf_layout two = LAYOUT(two_segments);
static const struct elf_layout lld = LAYOUT(lld_segments);
static const struct elf_layout padded = LAYOUT(padded_segments);
static const struct elf_layout hostile = LAYOUT(hostile_segments);
static const struct elf_layout empty;

static const struct {
	const char *what;
	const struct elf_layout *layout;
	uint64_t offset;
	uint32_t prot;
	int segment;
} choices[] = {
	{ "inside the headers", &gnu, 0x40, R, 0 },
	{ "code", &gnu, 0x1004, R | X, 1 },
	{ "behind the code, same page", &gnu, 0x1ffc, R | X, 1 },
	{ "read-only data", &gnu, 0x2010, R, 2 },
	{ "RELRO page, exact bytes", &gnu, 0x2df0, R, 3 },
	{ "between both on the shared page, read-only", &gnu, 0x2500, R, 2 },
	{ "between both on the shared page, writable", &gnu, 0x2500, R | W, 3 },
	{ "data mapping starts a page before the data", &gnu, 0x2000, R | W, 3 },
	{ ".bss in the data's last page", &gnu, 0x3010, R | W, 3 },
	{ ".bss in the data's last page, its end", &gnu, 0x3fff, R | W, 3 },
	{ "behind the data's last page", &gnu, 0x4000, R | W, NONE },
	{ "code made writable", &gnu, 0x1004, R | W, 1 },
	{ "code made writable and executable", &gnu, 0x1004, R | W | X, 1 },
	{ "whole file as data: code", &gnu, 0x1004, R, 1 },
	{ "whole file as data: data", &gnu, 0x3008, R, 3 },
	{ "no access: exact bytes", &gnu, 0x2de8, 0, 3 },
	{ "code's half of a page", &two, 0x100, R | X, 0 },
	{ "data's half of a page, as code", &two, 0xe20, R | X, 0 },
	{ "data's half of a page, as data", &two, 0xe20, R | W, 1 },
	{ "code's half of a page, as data", &two, 0x100, R | W, 1 },
	{ "one page mapped four times: headers", &lld, 0x100, R, 0 },
	{ "one page mapped four times: code", &lld, 0x600, R | X, 1 },
	{ "one page mapped four times: code's mapping starts", &lld, 0, R | X, 1 },
	{ "one page mapped four times: RELRO", &lld, 0x760, R, 2 },
	{ "one page mapped four times: data before RELRO", &lld, 0x760, R | W, 2 },
	{ "one page mapped four times: data", &lld, 0x900, R | W, 3 },
	{ "one page mapped four times: .bss", &lld, 0x918, R | W, 3 },
	{ "one page mapped four times: behind .bss", &lld, 0xf00, R | W, 3 },
	{ "padded RELRO", &padded, 0x760, R, 0 },
	{ "padded RELRO, its padding", &padded, 0xf00, R, 0 },
	{ ".bss behind padded RELRO", &padded, 0x918, R | W, 1 },
	{ "end of the offsets", &hostile, UINT64_MAX, R, 0 },
	{ "before an overflowing segment", &hostile, 0x1000, R, NONE },
	{ "segment without file bytes", &hostile, 0, R | W | X, NONE },
	{ "no segments", &empty, 0, R, NONE },
};

static void segment_is_chosen_by_permission_then_exact_bytes(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(choices) / sizeof(*choices); i++) {
		const struct elf_segment *s = elf_layout_segment(
			choices[i].layout, choices[i].offset, choices[i].prot);
		int got = s ? (int)(s - choices[i].layout->segments) : NONE;

		if (got != choices[i].segment)
			fail_msg("%s: segment %d, not %d", choices[i].what, got,
				 choices[i].segment);
	}
}

/* ---- sections by address ---- */

static const char sections_text[] =
	"section 0x1000 0x20 .rodata\n"
	"section 0x1100 0x100 .text\n"
	"section 0x2280 0x80 .data\n"
	"section 0x2300 0x80 .bss\n";

static const struct {
	uint64_t vaddr;
	const char *section;
} lookups[] = {
	{ 0, NULL }, { 0xfff, NULL }, { 0x1000, ".rodata" }, { 0x101f, ".rodata" },
	{ 0x1040, NULL }, { 0x10ff, NULL }, { 0x1100, ".text" }, { 0x11ff, ".text" },
	{ 0x1200, NULL }, { 0x22ff, ".data" }, { 0x2300, ".bss" }, { 0x237f, ".bss" },
	{ 0x2380, NULL }, { UINT64_MAX, NULL },
};

static void section_holds_its_first_to_its_last_byte(void **state)
{
	struct elf_layout *layout;
	struct pfa_error err;
	size_t i;

	(void)state;
	assert_int_equal(elf_layout_unpack(sections_text, strlen(sections_text),
					   &layout, &err), PFA_OK);
	for (i = 0; i < sizeof(lookups) / sizeof(*lookups); i++) {
		const struct elf_section *s = elf_layout_section(layout, lookups[i].vaddr);

		if (lookups[i].section) {
			assert_non_null(s);
			assert_string_equal(s->name, lookups[i].section);
		} else {
			assert_null(s);
		}
	}
	elf_layout_free(layout);
	assert_null(elf_layout_section(&empty, 0));
}

/* ---- real files: what this process has mapped ---- */

struct mapping {
	uintptr_t start, end;
	uint64_t offset;
	uint32_t prot;
	char path[512];
};

static bool parse_mapping(const char *line, struct mapping *m)
{
	char perms[5];

	m->path[0] = '\0';
	if (sscanf(line, "%lx-%lx %4s %lx %*s %*s %511[^\n]", &m->start, &m->end,
		   perms, &m->offset, m->path) < 4)
		return false;
	m->prot = (perms[0] == 'r' ? R : 0) | (perms[1] == 'w' ? W : 0) |
		  (perms[2] == 'x' ? X : 0);
	return true;
}

/* The mapping that holds the address, from /proc/self/maps. */
static struct mapping mapping_of(uintptr_t address)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	struct mapping m;
	char line[1024];

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps))
		if (parse_mapping(line, &m) && address >= m.start && address < m.end) {
			fclose(maps);
			return m;
		}
	fclose(maps);
	fail_msg("no mapping at 0x%lx", address);
	abort();
}

static struct elf_layout *layout_of(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct elf_layout *layout;
	struct pfa_error err;

	assert_true(fd >= 0);
	assert_int_equal(elf_layout_read(fd, &layout, &err), PFA_OK);
	assert_int_equal(close(fd), 0);
	return layout;
}

/* The section of an address, the way the model finds it: through its mapping. */
static const struct elf_section *section_at(const struct elf_layout *layout,
					    uintptr_t address)
{
	struct mapping m = mapping_of(address);
	uint64_t offset = address - m.start + m.offset;
	const struct elf_segment *s = elf_layout_segment(layout, offset, m.prot);

	return s ? elf_layout_section(layout, s->vaddr + (offset - s->offset)) : NULL;
}

static void assert_section(const struct elf_layout *layout, const void *address,
			   const char *name)
{
	const struct elf_section *s = section_at(layout, (uintptr_t)address);

	assert_non_null(s);
	assert_string_equal(s->name, name);
}

static int initialised = 42;
static const char constant[] = "a constant with a name of its own";

static void own_objects_are_in_their_sections(void **state)
{
	struct elf_layout *layout = layout_of("/proc/self/exe");

	(void)state;
	assert_section(layout, (void *)own_objects_are_in_their_sections, ".text");
	assert_section(layout, &initialised, ".data");
	assert_section(layout, constant, ".rodata");
	elf_layout_free(layout);
}

static int zero;

/* .bss may be in the data's last file page or in the anonymous memory behind it. */
static void zero_global_is_in_bss_by_its_address(void **state)
{
	struct elf_layout *layout = layout_of("/proc/self/exe");
	struct dl_find_object self;
	const struct elf_section *s;

	(void)state;
	assert_int_equal(_dl_find_object(&initialised, &self), 0);
	s = elf_layout_section(layout, (uintptr_t)&zero - self.dlfo_link_map->l_addr);
	assert_non_null(s);
	assert_string_equal(s->name, ".bss");
	elf_layout_free(layout);
}

/* A byte of the section, if it is file-backed, must lead back to the section. */
static void assert_found(const struct elf_layout *layout, uintptr_t address,
			 const struct elf_section *expected)
{
	if (mapping_of(address).path[0] == '/')
		assert_ptr_equal(section_at(layout, address), expected);
}

static int check_object(struct dl_phdr_info *info, size_t size, void *checked)
{
	const char *path = *info->dlpi_name ? info->dlpi_name : "/proc/self/exe";
	struct elf_layout *layout;
	size_t i;

	(void)size;
	if (access(path, R_OK) != 0) /* the vdso */
		return 0;
	layout = layout_of(path);
	for (i = 0; i < layout->section_count; i++) {
		const struct elf_section *s = &layout->sections[i];
		uintptr_t first = info->dlpi_addr + s->addr;

		/* Nothing is there: its file offsets are those of the data behind it. */
		if (!strcmp(s->name, ".relro_padding"))
			continue;
		assert_found(layout, first, s);
		assert_found(layout, first + s->size - 1, s);
	}
	elf_layout_free(layout);
	++*(int *)checked;
	return 0;
}

static void every_section_of_every_loaded_object_is_found(void **state)
{
	int checked = 0;

	(void)state;
	dl_iterate_phdr(check_object, &checked);
	assert_true(checked >= 1);
}

static void vdso_image_has_text(void **state)
{
	uintptr_t image = getauxval(AT_SYSINFO_EHDR);
	const struct elf_section *s;
	struct elf_layout *layout;
	struct pfa_error err;
	struct mapping m;
	void *vdso = dlopen("linux-vdso.so.1", RTLD_LAZY | RTLD_NOLOAD);

	(void)state;
	if (!image || !vdso)
		skip();
	m = mapping_of(image);
	assert_int_equal(elf_layout_read_image((void *)image, m.end - image, &layout,
					       &err), PFA_OK);
	s = section_at(layout, (uintptr_t)dlsym(vdso, "__vdso_clock_gettime"));
	assert_non_null(s);
	assert_string_equal(s->name, ".text");
	elf_layout_free(layout);
	dlclose(vdso);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(segment_is_chosen_by_permission_then_exact_bytes),
		cmocka_unit_test(own_objects_are_in_their_sections),
		cmocka_unit_test(zero_global_is_in_bss_by_its_address),
		cmocka_unit_test(every_section_of_every_loaded_object_is_found),
		cmocka_unit_test(vdso_image_has_text),
		cmocka_unit_test(section_holds_its_first_to_its_last_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
