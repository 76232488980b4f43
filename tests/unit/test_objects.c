/* Files that are mapped are noted once, before anybody's first mapping of them. */
#include "../support/check.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/record_bytes.h"
#include "pfa/base/bytes.h"
#include "pfa/base/mem.h"
#include "pfa/decode/record.h"
#include "pfa/source/compose.h"
#include "pfa/source/objects.h"

/* Nobody's: what it maps is found by name. */
enum { PID = 0x7ffffff0, NOTE_TIME_AT = 32, NOTE_TEXT_AT = 52 };

struct world {
	struct objects *objects;
	struct record_sink sink;
	char program[PATH_MAX];
	char told[256]; /* the first words and the time of each note */
};

static void take(void *context, const struct perf_event_header *header)
{
	struct world *w = context;
	const char *bytes = (const char *)header;
	size_t used = strlen(w->told);

	assert_int_equal(record_type(header), PERF_RECORD_SAMPLE);
	snprintf(w->told + used, sizeof(w->told) - used, "%.6s@%ju ",
		 bytes + NOTE_TEXT_AT, (uintmax_t)load_u64(bytes + NOTE_TIME_AT));
}

static int world_new(void **state)
{
	struct world *w = pfa_alloc(sizeof(*w));

	assert_non_null(realpath("/proc/self/exe", w->program));
	w->objects = objects_new(NULL);
	w->sink = (struct record_sink){ take, w };
	*state = w;
	return 0;
}

static int world_end(void **state)
{
	struct world *w = *state;

	objects_free(w->objects);
	free(w);
	return 0;
}

/* The file is mapped; returns what was noted. */
static const char *maps(struct world *w, const char *path, uint64_t time_ns,
			uint32_t protection)
{
	const struct composer composer = { .sink = &w->sink, .time_ns = time_ns };
	struct record_bytes r;
	struct stat st = { 0 };

	(void)!stat(path, &st);
	record_begin(&r, PERF_RECORD_MMAP2, PERF_RECORD_MISC_USER);
	record_u32(&r, PID);
	record_u32(&r, PID);
	record_u64(&r, 0x400000);
	record_u64(&r, 0x1000);
	record_u64(&r, 0);
	record_u32(&r, 0);
	record_u32(&r, 0);
	record_u64(&r, st.st_ino);
	record_u64(&r, 0);
	record_u32(&r, protection);
	record_u32(&r, MAP_PRIVATE);
	record_string(&r, path);
	w->told[0] = '\0';
	objects_saw_mmap(w->objects, &composer, record_end(&r));
	return w->told;
}

static void file_is_noted_once(void **state)
{
	struct world *w = *state;

	assert_string_equal(maps(w, w->program, 100, PROT_READ), "object@100 ");
	assert_string_equal(maps(w, w->program, 100, PROT_READ | PROT_EXEC), "");
	assert_string_equal(maps(w, w->program, 200, PROT_READ), "");
}

/* Rings are drained one after another. */
static void file_is_noted_again_where_it_was_mapped_before(void **state)
{
	struct world *w = *state;

	assert_string_equal(maps(w, w->program, 200, PROT_READ), "object@200 ");
	assert_string_equal(maps(w, w->program, 100, PROT_READ), "object@100 ");
	assert_string_equal(maps(w, w->program, 150, PROT_READ | PROT_EXEC), "");
	assert_string_equal(maps(w, w->program, 300, PROT_READ), "");
}

static void what_is_no_program_is_not_noted(void **state)
{
	struct world *w = *state;

	assert_string_equal(maps(w, "/proc/self/maps", 100, PROT_READ), "");
	assert_string_equal(maps(w, "//anon", 100, PROT_READ), "");
	assert_string_equal(maps(w, "[heap]", 100, PROT_READ), "");
	assert_string_equal(maps(w, "/not/there", 100, PROT_READ | PROT_EXEC), "");
	assert_string_equal(maps(w, "[vdso]", 100, PROT_READ | PROT_EXEC), "object@100 ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_new, world_end)
		TEST(file_is_noted_once),
		TEST(file_is_noted_again_where_it_was_mapped_before),
		TEST(what_is_no_program_is_not_noted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
