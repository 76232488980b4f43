/* What a mapping's name says of what it shows. */
#include "../support/check.h"

#include "pfa/base/intern.h"
#include "pfa/model/backing.h"

static const struct {
	const char *name;
	enum backing_kind kind;
	const char *label;
} names[] = {
	{ "//anon", BACKING_ANON, "anon" },
	{ "[heap]", BACKING_HEAP, "[heap]" },
	{ "[stack]", BACKING_STACK, "[stack]" },
	{ "[stack:1234]", BACKING_STACK, "[stack:1234]" },
	{ "[vdso]", BACKING_SPECIAL, "[vdso]" },
	{ "[vvar]", BACKING_SPECIAL, "[vvar]" },
	{ "[vvar_vclock]", BACKING_SPECIAL, "[vvar_vclock]" },
	{ "[uprobes]", BACKING_SPECIAL, "[uprobes]" },
	{ "/memfd:pool (deleted)", BACKING_SHMEM, "memfd:pool" },
	{ "/memfd: (deleted)", BACKING_SHMEM, "memfd:" },
	{ "/dev/zero (deleted)", BACKING_SHMEM, "shared-anon" },
	{ "/dev/zero", BACKING_FILE, "zero" },
	{ "/SYSV0000162e (deleted)", BACKING_SHMEM, "SYSV0000162e" },
	{ "/dev/shm/pool", BACKING_SHMEM, "pool" },
	{ "/anon_hugepage (deleted)", BACKING_HUGETLB, "anon_hugepage" },
	{ "/usr/lib/libc.so.6", BACKING_FILE, "libc.so.6" },
	{ "/tmp/gone.so (deleted)", BACKING_FILE, "gone.so" },
	{ "/a (deleted)/b", BACKING_FILE, "b" },
	{ "/ (deleted)", BACKING_FILE, " (deleted)" }, /* an empty label names nothing */
	{ "socket:[123]", BACKING_FILE, "socket:[123]" },
	{ "anon_inode:[perf_event]", BACKING_FILE, "anon_inode:[perf_event]" },
	{ "anon_inode:/a", BACKING_FILE, "a" },
	{ "", BACKING_FILE, "" },
};

static void name_tells_kind_and_label(void **state)
{
	struct intern *strings = intern_new();
	struct backing_table *table = backing_table_new(strings);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		const struct backing *b = backing_of(table, names[i].name, NULL);

		assert_string_equal(b->name, names[i].name);
		assert_string_equal(b->label, names[i].label);
		assert_int_equal(b->kind, names[i].kind);
	}
	backing_table_free(table);
	intern_free(strings);
}

static const struct file_id files[] = {
	{ .inode = 0 },
	{ .inode = 4711 },
	{ .inode = 4711, .generation = 1 },
	{ .inode = 4711, .dev_major = 8 },
	{ .inode = 4711, .dev_minor = 8 },
	{ .inode = 4712 },
};

static void same_name_and_file_is_one_backing(void **state)
{
	struct intern *strings = intern_new();
	struct backing_table *table = backing_table_new(strings);
	struct backing *all[COUNT_OF(files)];
	char again[] = "/lib/libc.so";

	(void)state;
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		all[i] = backing_of(table, "/lib/libc.so", &files[i]);
		assert_int_equal(all[i]->file.inode, files[i].inode);
		for (size_t k = 0; k < i; k++)
			assert_ptr_not_equal(all[i], all[k]);
	}
	for (size_t i = 0; i < COUNT_OF(files); i++)
		assert_ptr_equal(backing_of(table, again, &files[i]), all[i]);
	assert_ptr_equal(backing_of(table, again, NULL), all[0]);
	assert_ptr_not_equal(backing_of(table, "/lib/libm.so", &files[1]), all[1]);
	backing_table_free(table);
	backing_table_free(NULL);
	intern_free(strings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(name_tells_kind_and_label),
		cmocka_unit_test(same_name_and_file_is_one_backing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
