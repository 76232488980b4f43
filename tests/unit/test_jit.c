/* Code made at run time: by perf maps and jitdump files, whole, growing and broken. */
#include "../support/check.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/record_bytes.h"
#include "pfa/base/mem.h"
#include "pfa/symbol/jit.h"
#include "pfa/symbol/jit_code.h"
#include "pfa/symbol/module.h"
#include "pfa/symbol/perf_map.h"

/* Above any pid_max: no process has it. */
enum { PID = 5000000 };

/* A directory as for --symfs, with the file under test. */
struct world {
	char dir[64], tmp[80], map[128], dump[128];
};

static int world_new(void **state)
{
	struct world *w = pfa_alloc(sizeof(*w));

	snprintf(w->dir, sizeof(w->dir), "/tmp/pfa-test-jit-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	snprintf(w->tmp, sizeof(w->tmp), "%s/tmp", w->dir);
	assert_int_equal(mkdir(w->tmp, 0700), 0);
	snprintf(w->map, sizeof(w->map), "%s/perf-%u.map", w->tmp, PID);
	snprintf(w->dump, sizeof(w->dump), "%s/jit-%u.dump", w->dir, PID);
	*state = w;
	return 0;
}

static int world_end(void **state)
{
	struct world *w = *state;

	unlink(w->map);
	unlink(w->dump);
	rmdir(w->tmp);
	rmdir(w->dir);
	free(w);
	return 0;
}

static void append(const char *path, const void *bytes, size_t length)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, length), length);
	close(fd);
}

static void append_text(const char *path, const char *text)
{
	append(path, text, strlen(text));
}

/* "NAME+OFFSET", or "none". */
static const char *name_at(struct jit *jit, uint64_t addr, uint64_t time_ns)
{
	static char buf[256];
	struct symbol symbol;

	if (!jit_function(jit, addr, time_ns, &symbol))
		return "none";
	assert_in_range(addr, symbol.start, symbol.start + symbol.size - 1);
	snprintf(buf, sizeof(buf), "%s+%d", symbol.name, (int)(addr - symbol.start));
	return buf;
}

/* ---- perf maps ---- */

static const struct {
	const char *text;
	uint64_t addr;
	const char *name; /* NULL: none */
} lines[] = {
	{ "1000 10 f\n", 0x1000, "f" },
	{ "1000 10 f\n", 0x100f, "f" },
	{ "1000 10 f\n", 0x1010, NULL },
	{ "1000 10 f\n", 0xfff, NULL },
	{ "0x1000 0X10 f\n", 0x1001, "f" },
	{ "00007FFF0000AbC0 1F f\n", 0x7fff0000abc1, "f" },
	{ "1000 10 LazyCompile:*a b /x y.js:1:2\n", 0x1000,
	  "LazyCompile:*a b /x y.js:1:2" },
	{ "1000 10 f", 0x1000, NULL }, /* without an end */
	{ "1000 10 \n", 0x1000, NULL },
	{ "1000 10\n", 0x1000, NULL },
	{ "1000\n", 0x1000, NULL },
	{ "x 10 f\n1000 10 g\n", 0x1000, "g" },
	{ "1000 0 f\n", 0x1000, NULL },
	{ "ffffffffffffff00 1000 f\n", 0xffffffffffffff01, NULL },
	{ "10000000000001000 10 f\n", 0x1000, NULL }, /* 17 digits */
	{ "1000 10 old\n1000 10 new\n", 0x1008, "new" },
	{ "1000 10 old\n1000 8 new\n", 0x1004, "new" },
	{ "1000 10 old\n1000 8 new\n", 0x100c, "old" },
	{ "1000 100 wide\n1040 10 inner\n", 0x1044, "inner" },
	{ "1000 100 wide\n1040 10 inner\n", 0x1060, "wide" },
	{ "1040 10 inner\n1000 100 wide\n", 0x1044, "wide" },
	{ "1000 100 a\n1040 100 b\n1080 100 c\n", 0x1090, "c" },
};

static void line_of_a_map_names_its_range(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		struct jit_code *code = jit_code_new();
		const struct jit_piece *piece;

		perf_map_read(code, lines[i].text, strlen(lines[i].text));
		piece = jit_code_find(code, lines[i].addr, 0);
		assert_int_equal(piece != NULL, lines[i].name != NULL);
		if (piece)
			assert_string_equal(piece->name, lines[i].name);
		jit_code_free(code);
	}
}

static void map_that_is_being_written_is_read_on(void **state)
{
	struct world *w = *state;
	struct jit *jit;

	append_text(w->map, "1000 10 first\n2000 10 sec");
	jit = jit_open(PID, w->dir);
	assert_non_null(jit);
	assert_string_equal(name_at(jit, 0x1004, 9), "first+4");
	assert_string_equal(name_at(jit, 0x2000, 9), "none");
	append_text(w->map, "ond\n");
	assert_string_equal(name_at(jit, 0x2000, 9), "second+0");
	append_text(w->map, "1000 10 other\n3000 10 third\n");
	assert_string_equal(name_at(jit, 0x3001, 9), "third+1");
	assert_string_equal(name_at(jit, 0x1004, 9), "other+4");
	jit_free(jit);
}

static void map_that_is_begun_anew_is_read_anew(void **state)
{
	struct world *w = *state;
	struct jit *jit;

	append_text(w->map, "1000 10 a_long_name_of_the_first\n");
	jit = jit_open(PID, w->dir);
	assert_string_equal(name_at(jit, 0x1000, 9), "a_long_name_of_the_first+0");
	assert_int_equal(truncate(w->map, 0), 0);
	append_text(w->map, "2000 10 second\n");
	assert_string_equal(name_at(jit, 0x2000, 9), "second+0");
	jit_free(jit);
}

/* Longer than is read at once. */
static void line_without_end_hides_no_other(void **state)
{
	enum { LONG = 600 * 1024 };
	char *line = pfa_alloc(LONG);
	struct world *w = *state;
	struct jit *jit;

	memset(line, 'x', LONG);
	append_text(w->map, "1000 10 f\n2000 10 ");
	append(w->map, line, LONG);
	append_text(w->map, "\n3000 10 g\n");
	free(line);
	jit = jit_open(PID, w->dir);
	assert_string_equal(name_at(jit, 0x1000, 9), "f+0");
	assert_string_equal(name_at(jit, 0x3000, 9), "g+0");
	jit_free(jit);
}

static void telling_the_same_again_leaves_room(void **state)
{
	struct jit_code *code = jit_code_new();

	(void)state;
	for (unsigned i = 0; i < 3000000; i++)
		jit_code_add(code, 0x1000 + 16 * (i % 1000), 16, 0, i % 2 ? "f" : "g", 1);
	assert_string_equal(jit_code_find(code, 0x1010, 0)->name, "f");
	assert_non_null(jit_code_add(code, 0x9000, 16, 0, "h", 1));
	assert_string_equal(jit_code_find(code, 0x9000, 0)->name, "h");
	jit_code_free(code);
}

/* ---- whose file it is ---- */

static void file_of_somebody_else_is_not_believed(void **state)
{
	struct world *w = *state;

	if (geteuid() != 0)
		skip(); /* to give a file away */
	append_text(w->map, "1000 10 f\n");
	assert_int_equal(chown(w->map, 12345, 12345), 0);
	assert_null(jit_open(PID, w->dir));
}

static void only_a_regular_file_is_opened(void **state)
{
	struct world *w = *state;
	char target[160];

	assert_null(jit_open(PID, w->dir));
	assert_int_equal(mkfifo(w->map, 0600), 0);
	assert_null(jit_open(PID, w->dir));
	unlink(w->map);
	snprintf(target, sizeof(target), "%s.target", w->map);
	append_text(target, "1000 10 f\n");
	assert_int_equal(symlink(target, w->map), 0);
	assert_null(jit_open(PID, w->dir));
	unlink(target);
}

/* ---- jitdump files ---- */

static void put_header(struct record_bytes *r, uint64_t flags)
{
	*r = (struct record_bytes){ 0 };
	record_u32(r, 0x4a695444);
	record_u32(r, 1);
	record_u32(r, 48); /* longer than it needs to be */
	record_u32(r, 62);
	record_u32(r, 0);
	record_u32(r, PID);
	record_u64(r, 5);
	record_u64(r, flags);
	record_u64(r, 0);
}

static void put_prefix(struct record_bytes *r, uint32_t kind, uint32_t size,
		       uint64_t time_ns)
{
	record_u32(r, kind);
	record_u32(r, size);
	record_u64(r, time_ns);
}

static void put_load(struct record_bytes *r, uint64_t time_ns, uint64_t start,
		     uint64_t number, const char *name)
{
	static const char machine_code[16];
	size_t name_bytes = strlen(name) + 1;

	put_prefix(r, 0, (uint32_t)(16 + 40 + name_bytes + sizeof(machine_code)), time_ns);
	record_u32(r, PID);
	record_u32(r, PID);
	record_u64(r, start);
	record_u64(r, start);
	record_u64(r, sizeof(machine_code));
	record_u64(r, number);
	record_put(r, name, name_bytes);
	record_put(r, machine_code, sizeof(machine_code));
}

static void put_move(struct record_bytes *r, uint64_t time_ns, uint64_t from, uint64_t to,
		     uint64_t number)
{
	put_prefix(r, 1, 16 + 48, time_ns);
	record_u32(r, PID);
	record_u32(r, PID);
	record_u64(r, to);
	record_u64(r, from);
	record_u64(r, to);
	record_u64(r, 16);
	record_u64(r, number);
}

static void put_other(struct record_bytes *r, uint32_t kind)
{
	put_prefix(r, kind, 16 + 8, 0);
	record_u64(r, 0xabcdef);
}

static struct jit *open_dump(const struct world *w, const struct record_bytes *r)
{
	struct jit *jit;

	append(w->dump, r->bytes, r->used);
	jit = jit_open(PID, w->dir);
	assert_non_null(jit);
	return jit;
}

static void code_of_a_dump_is_that_of_the_moment(void **state)
{
	struct world *w = *state;
	struct record_bytes r;
	struct jit *jit;

	put_header(&r, 0);
	put_load(&r, 100, 0x1000, 1, "first");
	put_other(&r, 2);
	put_other(&r, 4);
	put_load(&r, 200, 0x1000, 2, "second");
	put_move(&r, 300, 0x1000, 0x5000, 2);
	put_move(&r, 300, 0x1000, 0x6000, 99);
	put_other(&r, 3);
	put_load(&r, 50, 0x9000, 3, "told late");
	append_text(w->map, "1000 10 of the map\n");
	jit = open_dump(w, &r);
	assert_string_equal(name_at(jit, 0x1000, 99), "none");
	assert_string_equal(name_at(jit, 0x1001, 100), "first+1");
	assert_string_equal(name_at(jit, 0x1001, 199), "first+1");
	assert_string_equal(name_at(jit, 0x100f, 200), "second+15");
	assert_string_equal(name_at(jit, 0x5002, 299), "none");
	assert_string_equal(name_at(jit, 0x5002, 300), "second+2");
	assert_string_equal(name_at(jit, 0x6000, 300), "none");
	assert_string_equal(name_at(jit, 0x9000, 60), "told late+0");
	jit_free(jit);
}

static void times_of_another_clock_are_an_order(void **state)
{
	struct world *w = *state;
	struct record_bytes r;
	struct jit *jit;

	put_header(&r, 1);
	put_load(&r, 1000000, 0x1000, 1, "first");
	put_load(&r, 2000000, 0x1000, 2, "second");
	jit = open_dump(w, &r);
	assert_string_equal(name_at(jit, 0x1000, 5), "second+0");
	jit_free(jit);
}

/* However much of the last record is there already. */
static void dump_that_is_being_written_is_read_on(void **state)
{
	struct world *w = *state;
	struct record_bytes r;
	size_t first;

	put_header(&r, 0);
	put_load(&r, 100, 0x1000, 1, "first");
	first = r.used;
	put_load(&r, 200, 0x1000, 2, "second");
	for (size_t part = first; part < r.used; part++) {
		struct record_bytes begun = r;
		struct jit *jit;

		unlink(w->dump);
		begun.used = part;
		jit = open_dump(w, &begun);
		assert_string_equal(name_at(jit, 0x1000, 300), "first+0");
		append(w->dump, r.bytes + part, r.used - part);
		assert_string_equal(name_at(jit, 0x1000, 300), "second+0");
		jit_free(jit);
	}
}

static void broken_dump_is_read_up_to_there(void **state)
{
	struct world *w = *state;
	struct record_bytes r;
	struct jit *jit;

	put_header(&r, 0);
	put_load(&r, 100, 0x1000, 1, "first");
	put_prefix(&r, 0, 15, 100);
	put_load(&r, 100, 0x2000, 2, "second");
	jit = open_dump(w, &r);
	assert_string_equal(name_at(jit, 0x1000, 300), "first+0");
	assert_string_equal(name_at(jit, 0x2000, 300), "none");
	jit_free(jit);
}

static void what_is_no_dump_gives_way_to_a_map(void **state)
{
	struct world *w = *state;
	struct jit *jit;

	append_text(w->dump, "a file of the same name, as long as a header would be");
	assert_null(jit_open(PID, w->dir));
	append_text(w->map, "1000 10 f\n");
	jit = jit_open(PID, w->dir);
	assert_string_equal(name_at(jit, 0x1000, 5), "f+0");
	jit_free(jit);
	jit_free(NULL);
}

/* Wherever it lies, who writes it maps it, and so tells of it. */
static void dump_is_found_by_its_mapping(void **state)
{
	struct world *w = *state;
	struct record_bytes r;
	struct jit *jit;
	void *marker;
	int fd;

	snprintf(w->dump, sizeof(w->dump), "%s/jit-%u.dump", w->tmp, (unsigned)getpid());
	put_header(&r, 0);
	put_load(&r, 100, 0x1000, 1, "mine");
	append(w->dump, r.bytes, r.used);
	assert_null(jit_open((uint32_t)getpid(), NULL));
	fd = open(w->dump, O_RDONLY | O_CLOEXEC);
	marker = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	close(fd);
	assert_ptr_not_equal(marker, MAP_FAILED);
	jit = jit_open((uint32_t)getpid(), NULL);
	munmap(marker, 4096);
	assert_non_null(jit);
	assert_string_equal(name_at(jit, 0x1000, 300), "mine+0");
	jit_free(jit);
}

#define in_world(test) cmocka_unit_test_setup_teardown(test, world_new, world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_of_a_map_names_its_range),
		in_world(map_that_is_being_written_is_read_on),
		in_world(map_that_is_begun_anew_is_read_anew),
		in_world(line_without_end_hides_no_other),
		cmocka_unit_test(telling_the_same_again_leaves_room),
		in_world(file_of_somebody_else_is_not_believed),
		in_world(only_a_regular_file_is_opened),
		in_world(code_of_a_dump_is_that_of_the_moment),
		in_world(times_of_another_clock_are_an_order),
		in_world(dump_that_is_being_written_is_read_on),
		in_world(broken_dump_is_read_up_to_there),
		in_world(what_is_no_dump_gives_way_to_a_map),
		in_world(dump_is_found_by_its_mapping),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
