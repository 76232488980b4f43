/* Which row of the table a fault falls into: each kind, and who goes before whom. */
#include "../support/check.h"

#include <stdio.h>
#include <string.h>

#include "pfa/model/classify.h"

#define SEEN .has_begin = true, .in_vma = true, .allowed = true
#define READ SEEN, .access = ACCESS_READ
#define WRITE SEEN, .access = ACCESS_WRITE
#define EXEC SEEN, .access = ACCESS_EXEC
#define FAILED(why) .has_begin = true, .failure = (why)
#define ANON .backing = BACKING_ANON
#define FILE_ .backing = BACKING_FILE
#define SHMEM .backing = BACKING_SHMEM, .shared = true
#define FRAME(n) { PAGE_MAPPED, n }

static const struct {
	const char *what;
	struct circumstances c;
	enum fault_type type;
	const char *kind;
} rows[] = {
	/* ---- failures go before everything ---- */
	{ "SIGBUS", { FAILED(FAILURE_BUS), .in_vma = true, FILE_ }, FAULT_INVALID, "bus" },
	{ "SIGBUS though it was major", { FAILED(FAILURE_BUS), .major = true },
	  FAULT_INVALID, "bus" },
	{ "no signal seen, the access allowed",
	  { FAILED(FAILURE_UNTOLD), .in_vma = true, .allowed = true }, FAULT_INVALID,
	  "bus" },
	{ "SEGV_MAPERR", { FAILED(FAILURE_UNMAPPED) }, FAULT_INVALID, "unmapped" },
	{ "SEGV_MAPERR though we know a VMA there",
	  { FAILED(FAILURE_UNMAPPED), .in_vma = true, .allowed = true }, FAULT_INVALID,
	  "unmapped" },
	{ "no signal seen, nothing mapped", { FAILED(FAILURE_UNTOLD) }, FAULT_INVALID,
	  "unmapped" },
	{ "SEGV_ACCERR", { FAILED(FAILURE_PROTECTION), .in_vma = true }, FAULT_INVALID,
	  "protection" },
	{ "SEGV_ACCERR though we know no VMA", { FAILED(FAILURE_PROTECTION) },
	  FAULT_INVALID, "protection" },
	{ "no signal seen, not allowed", { FAILED(FAILURE_UNTOLD), .in_vma = true },
	  FAULT_INVALID, "protection" },

	/* ---- major goes before cow and minor ---- */
	{ "anonymous", { WRITE, ANON, .major = true }, FAULT_MAJOR, "swap-in" },
	{ "heap", { READ, .backing = BACKING_HEAP, .major = true }, FAULT_MAJOR,
	  "swap-in" },
	{ "shared memory", { WRITE, SHMEM, .major = true }, FAULT_MAJOR, "swap-in" },
	{ "file read", { READ, FILE_, .major = true }, FAULT_MAJOR, "page-in" },
	{ "file executed", { EXEC, FILE_, .major = true }, FAULT_MAJOR, "page-in" },
	{ "file written, shared", { WRITE, FILE_, .shared = true, .major = true },
	  FAULT_MAJOR, "page-in" },
	{ "file written, private", { WRITE, FILE_, .major = true }, FAULT_MAJOR,
	  "page-in-copy" },
	{ "file, access unknown", { FILE_, .major = true }, FAULT_MAJOR, "page-in" },
	{ "anonymous, access unknown", { ANON, .major = true }, FAULT_MAJOR, "swap-in" },

	{ "access unknown", { ANON }, FAULT_MINOR, "unknown" },

	/* ---- another thread was faster ---- */
	{ "served meanwhile, to the same frame",
	  { WRITE, ANON, .now = FRAME(7), .frame_after = 7 }, FAULT_MINOR, "spurious" },
	{ "copied meanwhile, to the same frame",
	  { WRITE, ANON, .present = true, .before = FRAME(5), .now = FRAME(7),
	    .frame_after = 7 }, FAULT_MINOR, "spurious" },
	{ "served meanwhile, then copied",
	  { WRITE, ANON, .present = true, .before = FRAME(5), .now = FRAME(7),
	    .frame_after = 8 }, FAULT_COW, "cow-copy" },
	{ "nothing happened meanwhile",
	  { WRITE, ANON, .present = true, .before = FRAME(7), .now = FRAME(7),
	    .frame_after = 7 }, FAULT_COW, "cow-reuse" },
	{ "frames not known", { WRITE, ANON, .now = FRAME(0) }, FAULT_MINOR, "zero-fill" },

	/* ---- copy on write ---- */
	{ "private file, first touch is a write", { WRITE, FILE_ }, FAULT_COW, "cow-file" },
	{ "private memfd, first touch is a write", { WRITE, .backing = BACKING_SHMEM },
	  FAULT_COW, "cow-file" },
	{ "over the zero page", { WRITE, ANON, .present = true, .before = { PAGE_ZERO, 0 },
				  .frame_after = 9 }, FAULT_COW, "cow-zero" },
	{ "frame kept", { WRITE, ANON, .present = true, .before = FRAME(5),
			  .frame_after = 5 }, FAULT_COW, "cow-reuse" },
	{ "another frame", { WRITE, ANON, .present = true, .before = FRAME(5),
			     .frame_after = 6 }, FAULT_COW, "cow-copy" },
	{ "frame after not known", { WRITE, ANON, .present = true, .before = FRAME(5) },
	  FAULT_COW, "cow" },
	{ "frame before not known", { WRITE, ANON, .present = true, .frame_after = 5 },
	  FAULT_COW, "cow" },
	{ "file page mapped by fault-around, all seen",
	  { WRITE, FILE_, .present = true, .whole_history = true, .frame_after = 6 },
	  FAULT_COW, "cow-copy" },
	{ "file page mapped before we looked",
	  { WRITE, FILE_, .present = true, .frame_after = 6 }, FAULT_COW, "cow" },
	{ "anonymous page never seen, all seen",
	  { WRITE, ANON, .present = true, .whole_history = true }, FAULT_COW, "cow" },

	/* ---- minor ---- */
	{ "below the stack", { WRITE, .backing = BACKING_STACK, .below_stack = true },
	  FAULT_MINOR, "stack-grow" },
	{ "taken away though nobody gave it back",
	  { WRITE, ANON, .before = FRAME(5), .frame_after = 6, .may_swap = true },
	  FAULT_MINOR, "swap-cache" },
	{ "paged out by advice",
	  { READ, ANON, .before = { PAGE_PAGEOUT, 5 }, .may_swap = true },
	  FAULT_MINOR, "swap-cache" },
	{ "taken away by someone unseen, on a machine without swap",
	  { WRITE, ANON, .before = FRAME(5), .frame_after = 6 }, FAULT_MINOR,
	  "zero-fill" },
	{ "served by another thread before the beginning was recorded",
	  { WRITE, ANON, .before = FRAME(5), .now = FRAME(5), .frame_after = 5,
	    .may_swap = true, .other_just_served = true },
	  FAULT_MINOR, "spurious" },
	{ "anonymous write", { WRITE, ANON }, FAULT_MINOR, "zero-fill" },
	{ "stack write", { WRITE, .backing = BACKING_STACK }, FAULT_MINOR, "zero-fill" },
	{ "anonymous write after dontneed",
	  { WRITE, ANON, .before = { PAGE_DONTNEED, 5 } }, FAULT_MINOR, "zero-fill" },
	{ "private huge page", { WRITE, .backing = BACKING_HUGETLB }, FAULT_MINOR,
	  "zero-fill" },
	{ "anonymous read", { READ, ANON }, FAULT_MINOR, "zero-read" },
	{ "anonymous exec", { EXEC, ANON }, FAULT_MINOR, "zero-read" },
	{ "shared memory read", { READ, SHMEM }, FAULT_MINOR, "shmem" },
	{ "shared memory write", { WRITE, SHMEM }, FAULT_MINOR, "shmem" },
	{ "shared huge page", { WRITE, .backing = BACKING_HUGETLB, .shared = true },
	  FAULT_MINOR, "shmem" },
	{ "private memfd read", { READ, .backing = BACKING_SHMEM }, FAULT_MINOR, "shmem" },
	{ "file read", { READ, FILE_ }, FAULT_MINOR, "map" },
	{ "file executed", { EXEC, FILE_ }, FAULT_MINOR, "map" },
	{ "shared file, first touch is a write", { WRITE, FILE_, .shared = true },
	  FAULT_MINOR, "map" },
	{ "vdso", { EXEC, .backing = BACKING_SPECIAL }, FAULT_MINOR, "map" },
	{ "shared file written when present",
	  { WRITE, FILE_, .shared = true, .present = true }, FAULT_MINOR, "write-notify" },
	{ "shared memory written when present", { WRITE, SHMEM, .present = true },
	  FAULT_MINOR, "write-notify" },
	{ "read of a present page", { READ, FILE_, .present = true }, FAULT_MINOR,
	  "spurious" },
	{ "exec of a present page", { EXEC, ANON, .present = true }, FAULT_MINOR,
	  "spurious" },
};

static void circumstances_give_the_kind(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct fault_kind *kind = classify(&rows[i].c);
		char wanted[128], found[128];

		snprintf(wanted, sizeof(wanted), "%s: %s %s", rows[i].what,
			 fault_type_name(rows[i].type), rows[i].kind);
		snprintf(found, sizeof(found), "%s: %s %s", rows[i].what,
			 fault_type_name(kind->type), kind->name);
		assert_string_equal(found, wanted);
	}
}

/* A new row of the table must bring a row here. */
static void every_kind_has_a_row_above(void **state)
{
	const struct fault_kind *kind = fault_kinds;

	(void)state;
	for (; kind->name; kind++) {
		size_t i = 0;

		while (i < COUNT_OF(rows) && classify(&rows[i].c) != kind)
			i++;
		if (i == COUNT_OF(rows))
			fail_msg("no row gives %s %s", fault_type_name(kind->type),
				 kind->name);
	}
}

static void beginning_not_seen_has_a_kind_of_its_own(void **state)
{
	const struct circumstances c = { ANON };

	(void)state;
	assert_ptr_equal(classify(&c)->name, fault_kind_unknown);
}

static void names_are_as_printed(void **state)
{
	(void)state;
	assert_string_equal(fault_type_name(FAULT_MAJOR), "MAJOR");
	assert_string_equal(fault_type_name(FAULT_INVALID), "INVALID");
	assert_string_equal(fault_access_name(ACCESS_UNKNOWN), "");
	assert_string_equal(fault_access_name(ACCESS_EXEC), "x");
	assert_string_equal(refault_name(REFAULT_NONE), "");
	assert_string_equal(refault_name(REFAULT_SWAP), "swap");
	assert_string_equal(change_kind_name(CHANGE_MMAP_ADD), "MMAP_ADD");
	assert_string_equal(change_kind_name(CHANGE_ADVISE), "ADVISE");
	assert_string_equal(life_kind_name(LIFE_EXEC_REBUILD), "EXEC_REBUILD");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(circumstances_give_the_kind),
		cmocka_unit_test(every_kind_has_a_row_above),
		cmocka_unit_test(beginning_not_seen_has_a_kind_of_its_own),
		cmocka_unit_test(names_are_as_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
