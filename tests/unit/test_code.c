/* Code by name, and who gave memory back: the same in every run, each one once. */
#include "../support/check.h"

#include <string.h>
#include <sys/mman.h>

#include "../support/layout.h"
#include "pfa/base/intern.h"
#include "pfa/model/backing.h"
#include "pfa/model/code.h"
#include "pfa/model/givers.h"
#include "pfa/model/names.h"
#include "pfa/model/observation.h"
#include "pfa/model/space.h"
#include "pfa/symbol/elf_layout.h"

/* Its code lies in the file at 0x2000 and belongs at 0x402000. */
static const char demo_layout[] = "segment 0x400000 0x0 0x1000 0x1000 r--\n"
				  "segment 0x402000 0x2000 0x3000 0x3000 r-x\n";

enum { RX = PROT_READ | PROT_EXEC };

/*
 *     10-13 r-xp demo+2   20-28 r-xp plain+1   30-31 r-xp [vdso]   40-48 rwxp anon
 */
struct world {
	struct intern *strings;
	struct names names;
	struct space *space;
};

static struct backing *map(struct world *w, uint64_t first, uint64_t past, const char *name,
			   uint64_t offset_pages)
{
	struct backing *backing = backing_of(w->names.backings, name, NULL);
	const struct vma vma = { .start = PAGE(first), .end = PAGE(past), .prot = RX,
				 .flags = MAP_PRIVATE, .backing = backing,
				 .pgoff_bytes = PAGE(offset_pages) };

	space_map(w->space, &vma);
	return backing;
}

static int world_new(void **state)
{
	static struct world w;
	struct backing *demo;
	struct pfa_error err;

	w.strings = intern_new();
	names_init(&w.names, w.strings);
	w.space = space_new();
	demo = map(&w, 0x10, 0x13, "/usr/bin/demo", 2);
	assert_int_equal(elf_layout_unpack(demo_layout, strlen(demo_layout),
					   &demo->layout, &err), PFA_OK);
	map(&w, 0x20, 0x28, "/opt/odd name", 1);
	map(&w, 0x30, 0x31, "[vdso]", 0);
	map(&w, 0x40, 0x48, "//anon", 0);
	*state = &w;
	return 0;
}

static int world_end(void **state)
{
	struct world *w = *state;

	space_free(w->space);
	names_release(&w->names);
	intern_free(w->strings);
	return 0;
}

static const struct {
	uint64_t ip;
	const char *text, *object; /* NULL: in no file */
	uint64_t addr;
} places[] = {
	{ PAGE(0x10), "demo+0x402000", "demo", 0x402000 },
	{ PAGE(0x12) + 0xabc, "demo+0x404abc", "demo", 0x404abc },
	{ PAGE(0x21) + 5, "odd name+0x2005", "odd name", 0x2005 },
	{ PAGE(0x30) + 0x789, "[vdso]+0x789", "[vdso]", 0x789 },
	{ PAGE(0x41) + 4, "0x41004", NULL, PAGE(0x41) + 4 }, /* made at run time */
	{ PAGE(0x99), "0x99000", NULL, PAGE(0x99) },
	{ 0, "0x0", NULL, 0 },
	{ 0xffffffff81234567, "[kernel]", "[kernel]", 0 },
};

static void code_is_named_by_its_file_and_its_address_there(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < COUNT_OF(places); i++) {
		const struct code *code = code_at(w->names.codes, w->space, 1, places[i].ip);

		assert_string_equal(code->text, places[i].text);
		assert_int_equal(code->addr, places[i].addr);
		assert_int_equal(code->object == NULL, places[i].object == NULL);
		if (code->object)
			assert_string_equal(code->object, places[i].object);
	}
}

static void same_code_elsewhere_is_the_same(void **state)
{
	struct world *w = *state;
	const struct code *here = code_at(w->names.codes, w->space, 1, PAGE(0x11) + 8);

	assert_ptr_equal(code_at(w->names.codes, w->space, 1, PAGE(0x11) + 8), here);
	map(w, 0x711, 0x712, "/usr/bin/demo", 3);
	assert_ptr_equal(code_at(w->names.codes, w->space, 1, PAGE(0x711) + 8), here);
	assert_ptr_not_equal(code_at(w->names.codes, w->space, 1, PAGE(0x711) + 24), here);
	assert_ptr_equal(code_at(w->names.codes, w->space, 1, UINT64_MAX),
			 code_at(w->names.codes, w->space, 1, UINT64_MAX - 4096));
}

/* What is mapped there now counts, not what was found there before. */
static void code_is_looked_up_in_the_layout_of_the_moment(void **state)
{
	struct world *w = *state;

	assert_string_equal(code_at(w->names.codes, w->space, 1, PAGE(0x20))->text,
			    "odd name+0x1000");
	space_unmap(w->space, PAGE(0x20), PAGE(0x28));
	assert_string_equal(code_at(w->names.codes, w->space, 1, PAGE(0x20))->text,
			    "0x20000");
	map(w, 0x18, 0x22, "/usr/bin/demo", 0);
	assert_string_equal(code_at(w->names.codes, w->space, 1, PAGE(0x1b))->text,
			    "demo+0x403000");
}

/* ---- givers ---- */

static void giver_is_one_for_each_call_place_way_and_object(void **state)
{
	struct world *w = *state;
	struct givers *g = w->names.givers;
	const struct backing *anon = backing_of(w->names.backings, "//anon", NULL);
	const struct backing *heap = backing_of(w->names.backings, "[heap]", NULL);
	const struct code *code = code_at(w->names.codes, w->space, 1, PAGE(0x11));
	char call[] = "munmap";
	uint32_t number = givers_number(g, REFAULT_UNMAP, call, code, anon);

	assert_int_equal(number, 1);
	call[0] = 'M'; /* it keeps its own */
	assert_int_equal(givers_number(g, REFAULT_UNMAP, "munmap", code, anon), 1);
	assert_int_equal(givers_number(g, REFAULT_UNMAP, "munmap", NULL, anon), 2);
	assert_int_equal(givers_number(g, REFAULT_UNMAP, "munmap", code, heap), 3);
	assert_int_equal(givers_number(g, REFAULT_UNMAP, "brk", code, heap), 4);
	assert_int_equal(givers_number(g, REFAULT_SWAP, "brk", code, heap), 5);
	assert_string_equal(giver_by_number(g, 1)->call, "munmap");
	assert_string_equal(giver_by_number(g, 1)->object, "anon");
	assert_ptr_equal(giver_by_number(g, 1)->code, code);
	assert_int_equal(giver_by_number(g, 5)->how, REFAULT_SWAP);
	assert_ptr_equal(giver_backing(g, 3), heap);
	assert_null(giver_by_number(g, 0));
	assert_null(giver_by_number(g, 6));
	assert_null(giver_backing(g, 0));
}

#define in_world(test) cmocka_unit_test_setup_teardown(test, world_new, world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_world(code_is_named_by_its_file_and_its_address_there),
		in_world(same_code_elsewhere_is_the_same),
		in_world(code_is_looked_up_in_the_layout_of_the_moment),
		in_world(giver_is_one_for_each_call_place_way_and_object),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
