/* Which file is taken for the one that was mapped: copies of this test in a directory. */
#include "../support/check.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pfa/base/mem.h"
#include "pfa/symbol/elf_layout.h"
#include "pfa/symbol/files.h"
#include "pfa/symbol/module.h"
#include "pfa/symbol/symbols.h"

extern const char __ehdr_start[]; /* by the linker */

static struct {
	char directory[32], path[64];
	char *self;
	size_t size;
	struct elf_layout *layout; /* as noted of this test */
} own;

static void read_self(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct pfa_error err;
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	own.size = (size_t)st.st_size;
	own.self = pfa_alloc(own.size);
	assert_int_equal(pread(fd, own.self, own.size, 0), own.size);
	assert_int_equal(elf_layout_read(fd, &own.layout, &err), PFA_OK);
	assert_int_equal(own.layout->build_id.length, BUILD_ID_MAX);
	close(fd);
}

static int begin(void **state)
{
	(void)state;
	snprintf(own.directory, sizeof(own.directory), "/tmp/pfa-find-XXXXXX");
	if (!mkdtemp(own.directory))
		return -1;
	snprintf(own.path, sizeof(own.path), "%s/program", own.directory);
	read_self();
	return 0;
}

static int end(void **state)
{
	char command[64];

	(void)state;
	elf_layout_free(own.layout);
	free(own.self);
	snprintf(command, sizeof(command), "rm -rf %s", own.directory);
	return system(command);
}

static void write_file(const char *path, const void *bytes, size_t size)
{
	int fd;

	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), size);
	close(fd);
}

/* Like this test, but of another build. */
static void write_other_build(const char *path)
{
	char *copy = pfa_memdup(own.self, own.size);
	char *id = memmem(copy, own.size, own.layout->build_id.bytes, BUILD_ID_MAX);

	assert_non_null(id);
	id[0] ^= 1;
	write_file(path, copy, own.size);
	free(copy);
}

/* Whether this function's name is known there, and what was remarked. */
static void assert_found(const struct symbols_options *options,
			 const struct module_id *id, bool found, const char *remark)
{
	struct symbols *symbols = symbols_new(options);
	uint64_t addr = (uintptr_t)assert_found - (uintptr_t)__ehdr_start;
	struct symbol symbol;
	char line[256] = "";

	if (remark)
		snprintf(line, sizeof(line), "%s: %s\n", id->path, remark);
	assert_int_equal(module_function(symbols_module(symbols, id), addr, &symbol), found);
	if (found)
		assert_string_equal(symbol.name, "assert_found");
	(void)module_function(symbols_module(symbols, id), addr + 1, &symbol);
	assert_string_equal(symbols_remarks(symbols), line);
	symbols_free(symbols);
}

static void file_is_known_by_its_build_id(void **state)
{
	struct symbols_options none = { 0 };
	struct module_id id = { .path = own.path, .inode = 1, .layout = own.layout };

	(void)state;
	write_file(own.path, own.self, own.size);
	assert_found(&none, &id, true, NULL);
	write_other_build(own.path);
	assert_found(&none, &id, false,
		     "replaced since (its build-id differs)");
	write_file(own.path, "#!/bin/sh\n", 10);
	assert_found(&none, &id, false, "replaced since (it is no ELF file)");
	unlink(own.path);
	assert_found(&none, &id, false, "not there any more (--symfs=DIR: where the files are)");
}

/* As captures have it from before build-ids were noted. */
static void file_without_noted_build_id_is_known_by_its_sections(void **state)
{
	struct build_id build_id = own.layout->build_id;
	struct symbols_options none = { 0 };
	struct module_id id = { .path = own.path, .layout = own.layout };

	(void)state;
	own.layout->build_id.length = 0;
	write_other_build(own.path);
	assert_found(&none, &id, true, NULL);
	own.layout->sections[3].size++;
	assert_found(&none, &id, false, "replaced since (its sections differ)");
	own.layout->sections[3].size--;
	own.layout->build_id = build_id;
}

static void file_of_which_nothing_was_noted_is_known_by_its_inode(void **state)
{
	struct module_id id = { .path = own.path };
	struct symbols_options none = { 0 };
	struct stat st;

	(void)state;
	write_file(own.path, own.self, own.size);
	assert_int_equal(stat(own.path, &st), 0);
	id.inode = st.st_ino;
	assert_found(&none, &id, true, NULL);
	id.inode++;
	assert_found(&none, &id, false, "replaced since (it is another inode)");
	unlink(own.path);
	assert_found(&none, &id, false, NULL);
}

static void file_kept_open_outlives_its_name(void **state)
{
	struct files *files = files_new();
	struct symbols_options options = { .files = files };
	struct module_id id = { .path = own.path, .inode = 7, .layout = own.layout };
	struct module_id other = { .path = own.path, .inode = 8, .layout = own.layout };
	int fd;

	(void)state;
	write_file(own.path, own.self, own.size);
	fd = open(own.path, O_RDONLY | O_CLOEXEC);
	files_keep(files, &id, fd);
	files_keep(files, &id, fd);
	close(fd);
	write_other_build(own.path);
	assert_found(&options, &id, true, NULL);
	assert_found(&options, &other, false,
		     "replaced since (its build-id differs)");
	assert_int_equal(files_find(files, &other), -1);
	files_free(files);
}

/* DIRECTORY/.build-id/xx/yyyy below `root`, and the file's name in it. */
static void build_id_path(char *path, size_t size, const char *root, const char *file)
{
	char id[BUILD_ID_TEXT_MAX], command[256];

	build_id_text(&own.layout->build_id, id);
	snprintf(path, size, "%s/.build-id/%.2s/%s%s", root, id, id + 2, file);
	snprintf(command, sizeof(command), "mkdir -p $(dirname %s)", path);
	assert_int_equal(system(command), 0);
}

static void file_is_found_by_its_build_id(void **state)
{
	struct module_id id = { .path = "/nowhere/program", .layout = own.layout };
	char path[256], root[64];
	struct symbols_options none = { 0 };

	(void)state;
	snprintf(root, sizeof(root), "%s/.debug", own.directory);
	build_id_path(path, sizeof(path), root, "/elf");
	write_file(path, own.self, own.size);
	setenv("HOME", own.directory, 1);
	assert_found(&none, &id, true, NULL);
	write_other_build(path);
	assert_found(&none, &id, false,
		     "replaced since (its build-id differs)");
}

static void another_root_is_the_only_place(void **state)
{
	struct symbols_options options = { .symfs = own.directory };
	struct module_id id = { .path = "/program", .inode = 1, .layout = own.layout };
	char path[256];

	(void)state;
	write_file(own.path, own.self, own.size);
	assert_found(&options, &id, true, NULL);
	id.layout = NULL; /* who names it knows what is there */
	assert_found(&options, &id, true, NULL);
	id = (struct module_id){ .path = "/proc/self/exe", .layout = own.layout };
	assert_found(&options, &id, false, "not below the directory of --symfs");
	build_id_path(path, sizeof(path), own.directory, "");
	write_file(path, own.self, own.size);
	assert_found(&options, &id, true, NULL);
}

static void files_that_are_none_are_not_opened(void **state)
{
	static const char *const paths[] = {
		"/dev/zero", "/tmp", "//anon", "[heap]", "", "anon_inode:x",
	};
	struct symbols_options none = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT_OF(paths); i++)
		assert_found(&none, &(struct module_id){ .path = paths[i] }, false, NULL);
}

static void each_remark_is_made_once(void **state)
{
	struct symbols *symbols = symbols_new(&(struct symbols_options){ 0 });

	(void)state;
	assert_string_equal(symbols_remarks(symbols), "");
	symbols_remark(symbols, "/b\n", "is odd");
	symbols_remark(symbols, "/a", "is odd");
	symbols_remark(symbols, "/b\n", "is odd");
	assert_string_equal(symbols_remarks(symbols), "/b\\x0a, /a: is odd\n");
	symbols_free(symbols);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_is_known_by_its_build_id),
		cmocka_unit_test(file_without_noted_build_id_is_known_by_its_sections),
		cmocka_unit_test(file_of_which_nothing_was_noted_is_known_by_its_inode),
		cmocka_unit_test(file_kept_open_outlives_its_name),
		cmocka_unit_test(file_is_found_by_its_build_id),
		cmocka_unit_test(another_root_is_the_only_place),
		cmocka_unit_test(files_that_are_none_are_not_opened),
		cmocka_unit_test(each_remark_is_made_once),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
