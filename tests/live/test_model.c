/*
 * The model against the kernel: programs nobody here wrote dump their own maps just
 * before they end, and the model at that moment must hold the same layout, in as many
 * VMAs.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../support/live.h"

#include "pfa/base/intern.h"
#include "pfa/decode/decode.h"
#include "pfa/decode/evlist.h"
#include "pfa/decode/formats.h"
#include "pfa/decode/merge.h"
#include "pfa/decode/procmaps.h"
#include "pfa/model/backing.h"
#include "pfa/model/model.h"
#include "pfa/model/space.h"
#include "pfa/source/perfdata.h"

enum { MARK = 0x70666100, LINES_MAX = 65536 };

static char directory[] = "/tmp/pfa-model-XXXXXX";

/* One side of the comparison: a layout as lines, equal neighbours merged. */
struct dumped {
	size_t vmas; /* before they were merged */
	bool has_names; /* given to anonymous memory by prctl: they split it unseen */
	size_t count;
	struct layout_line {
		uint64_t start, end, pgoff_bytes;
		uint32_t prot;
		bool shared, file;
		char name[256];
	} lines[LINES_MAX];
};

static bool mergeable(const struct layout_line *low, const struct layout_line *high)
{
	return low->end == high->start && low->prot == high->prot &&
	       low->shared == high->shared && !strcmp(low->name, high->name) &&
	       (!low->file ||
		low->pgoff_bytes + (low->end - low->start) == high->pgoff_bytes);
}

static void layout_add(struct dumped *l, const struct layout_line *line)
{
	if (l->count && mergeable(&l->lines[l->count - 1], line)) {
		l->lines[l->count - 1].end = line->end;
		return;
	}
	assert_true(l->count < LINES_MAX);
	l->lines[l->count++] = *line;
}

/* Anonymous memory may carry a name given by prctl: it is anonymous all the same. */
static void name_line(struct layout_line *line, const char *path, uint64_t inode)
{
	char *deleted;

	line->file = inode != 0;
	if (!path[0] || !strncmp(path, "[anon:", 6) || !strcmp(path, "//anon"))
		path = "anon";
	snprintf(line->name, sizeof(line->name), "%s", path);
	/* The kernel tells of a file deleted since, the model of it as mapped. */
	deleted = strstr(line->name, " (deleted)");
	if (deleted)
		*deleted = '\0';
}

static void layout_of_dump(struct dumped *l, const char *path)
{
	char *text = NULL;
	size_t capacity = 0;
	ssize_t n;
	FILE *f = fopen(path, "re");

	assert_non_null(f);
	l->vmas = l->count = 0;
	l->has_names = false;
	while ((n = getline(&text, &capacity, f)) > 0) {
		struct layout_line line = { 0 };
		struct procmap map;

		assert_true(procmaps_parse_line(text, (size_t)n - 1, &map));
		if (map.start >> 63)
			continue; /* [vsyscall] */
		line.start = map.start;
		line.end = map.end;
		line.pgoff_bytes = map.inode ? map.pgoff_bytes : 0;
		line.prot = map.prot;
		line.shared = map.shared;
		name_line(&line, map.path, map.inode);
		layout_add(l, &line);
		l->has_names |= !strncmp(map.path, "[anon:", 6);
		l->vmas++;
	}
	free(text);
	fclose(f);
}

static void layout_of_model(struct dumped *l, const struct space *space)
{
	const struct vma *vma = space_at_or_above(space, 0);

	l->vmas = space_vma_count(space);
	l->count = 0;
	for (; vma; vma = space_at_or_above(space, vma->end)) {
		struct layout_line line = { 0 };

		line.start = vma->start;
		line.end = vma->end;
		line.pgoff_bytes = vma->backing->file.inode ? vma->pgoff_bytes : 0;
		line.prot = vma->prot;
		line.shared = vma->flags & MAP_SHARED;
		name_line(&line, vma->backing->name, vma->backing->file.inode);
		layout_add(l, &line);
	}
}

static bool same_line(const struct layout_line *a, const struct layout_line *b)
{
	return a->start == b->start && a->end == b->end && a->prot == b->prot &&
	       a->shared == b->shared && a->pgoff_bytes == b->pgoff_bytes &&
	       !strcmp(a->name, b->name);
}

static void print_line(const char *who, const struct layout_line *l)
{
	print_message("%s %lx-%lx prot=%x%s +%lx %s\n", who, l->start, l->end, l->prot,
		      l->shared ? " shared" : "", l->pgoff_bytes, l->name);
}

static void assert_same_layout(const struct dumped *kernel, const struct dumped *model)
{
	for (size_t i = 0; i < kernel->count || i < model->count; i++) {
		if (i < kernel->count && i < model->count &&
		    same_line(&kernel->lines[i], &model->lines[i]))
			continue;
		if (i < kernel->count)
			print_line("kernel", &kernel->lines[i]);
		if (i < model->count)
			print_line("model ", &model->lines[i]);
		fail_msg("line %zu of %zu differs", i, kernel->count);
	}
	if (!kernel->has_names)
		assert_int_equal(model->vmas, kernel->vmas);
}

/* ---- the replay, stopped at every mark ---- */

static void ignore_fault(void *c, const struct fault *f) { (void)c, (void)f; }
static void ignore_change(void *c, const struct change *f) { (void)c, (void)f; }
static void ignore_life(void *c, const struct life *f) { (void)c, (void)f; }
static void ignore_loss(void *c, const struct loss *f)
{
	(void)c;
	fail_msg("%lu records were lost", f->count);
}

static void compare_at(const struct model *model, uint32_t pid, size_t *compared)
{
	static struct dumped of_kernel, of_model;
	char path[128];

	snprintf(path, sizeof(path), "%s/%u", directory, pid);
	layout_of_dump(&of_kernel, path);
	assert_non_null(model_space(model, pid));
	layout_of_model(&of_model, model_space(model, pid));
	assert_same_layout(&of_kernel, &of_model);
	(*compared)++;
}

static void feed(struct model *model, const struct record *record,
		 struct intern *strings, size_t *compared)
{
	struct event event;

	assert_true(decode_event(record, strings, &event));
	if (event.kind == EVENT_CALL_BEGIN &&
	    event.call_begin.call == MM_CALL_madvise &&
	    event.call_begin.args[2] == MARK)
		compare_at(model, event.pid, compared);
	model_feed(model, &event);
}

/* Returns how many processes were compared. */
static size_t replay(const char *path)
{
	const struct observer observer = { .fault = ignore_fault,
					   .change = ignore_change,
					   .life = ignore_life,
					   .loss = ignore_loss };
	const struct model_abilities abilities = { true, true, true };
	struct evlist *list = evlist_new();
	struct formats *formats = formats_new();
	struct intern *strings = intern_new();
	struct merge *merge = merge_new();
	struct model *model = model_new(strings, &abilities, &observer);
	const struct perf_event_header *header;
	struct perfdata *capture;
	struct record record;
	struct pfa_error err;
	size_t compared = 0;

	assert_int_equal(perfdata_open(&capture, path, list, formats, &err), PFA_OK);
	assert_int_equal(evlist_resolve(list, formats, &err), PFA_OK);
	while ((header = perfdata_next(capture))) {
		record = record_of(list, header);
		if (record_type(header) < RECORD_USER_START)
			merge_push(merge, &record);
	}
	while (merge_pop(merge, UINT64_MAX, &record))
		feed(model, &record, strings, &compared);
	model_free(model);
	merge_free(merge);
	intern_free(strings);
	perfdata_close(capture);
	formats_free(formats);
	evlist_free(list);
	return compared;
}

static void empty_directory(void)
{
	struct dirent *entry;
	DIR *dir = opendir(directory);
	char path[512];

	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		unlink(path);
	}
	if (dir)
		closedir(dir);
}

/* Records the command with the dumper preloaded, and compares all who dumped. */
static void model_holds_for(const char *program, const char *command,
			    size_t processes_at_least)
{
	char line[4096], capture[128];
	size_t compared;

	snprintf(line, sizeof(line), "command -v %s >/dev/null", program);
	if (system(line) != 0) {
		print_message("%s is not installed\n", program);
		skip();
	}
	empty_directory();
	snprintf(capture, sizeof(capture), "%s/capture", directory);
	snprintf(line, sizeof(line),
		 "cp %s/tests/live/dump_maps.so %s && cd /tmp && %s record -o %s -- "
		 "timeout 100 env PFA_MAPS_DIR=%s LD_PRELOAD=%s/dump_maps.so sh -c '%s' "
		 ">/dev/null 2>&1",
		 getenv("PFA_BUILD"), directory, getenv("PFA"), capture, directory,
		 directory, command);
	assert_int_equal(system(line), 0);
	compared = replay(capture);
	print_message("%s: %zu processes compared\n", program, compared);
	assert_true(compared >= processes_at_least);
}

static void model_holds_for_python_with_threads_and_dlopen(void **state)
{
	(void)state;
	model_holds_for("/usr/bin/python3",
			"/usr/bin/python3 -c \"import ssl, json, sqlite3, threading, "
			"ctypes; t=[threading.Thread(target=lambda: bytearray(1<<20)) "
			"for i in range(8)]; [x.start() for x in t]; "
			"[x.join() for x in t]; ctypes.CDLL(None)\"", 1);
}

/* A stack where exec lays the arguments out, and a child that borrows its memory. */
static void model_holds_for_a_parent_of_vfork_with_a_long_environment(void **state)
{
	(void)state;
	model_holds_for("setarch",
			"export PFA_LONG=$(head -c 30000 /dev/zero | tr \"\\0\" x); "
			"setarch -R /usr/bin/python3 -c \"import os; "
			"os.waitpid(os.posix_spawn(\\\"/bin/true\\\", "
			"[\\\"true\\\"], os.environ), 0)\"", 2);
}

static void model_holds_for_node(void **state)
{
	(void)state;
	model_holds_for("node", "node -e \"let a=[];for(let i=0;i<1e5;i++)a.push({i})\"",
			1);
}

static void model_holds_for_java(void **state)
{
	(void)state;
	model_holds_for("java", "java -version", 1);
}

static void model_holds_for_the_process_tree_of_gcc(void **state)
{
	(void)state;
	model_holds_for("gcc",
			"echo \"int main(void){return 0;}\" > pfa_x.c; "
			"gcc -O2 -o pfa_x pfa_x.c; rm -f pfa_x pfa_x.c", 4);
}

static void model_holds_for_git_clone(void **state)
{
	(void)state;
	model_holds_for("git",
			"rm -rf pfa_a pfa_b; git init -q pfa_a; "
			"git clone -q pfa_a pfa_b; rm -rf pfa_a pfa_b", 3);
}

static void model_holds_for_perl(void **state)
{
	(void)state;
	model_holds_for("perl", "perl -MPOSIX -e \"fork; my @a=(1..100000); wait\"", 2);
}

/* Everything the demos do to their address spaces. */
static void model_holds_for_the_demos(void **state)
{
	(void)state;
	model_holds_for("sh",
			"cd $PFA_DEMOS; for d in brk_heap cow_fork data_bss "
			"dontneed_refault mprotect_write mremap_move private_write "
			"segv_bus shared_memory stack_grow thp threads vfork_exec; "
			"do ./$d; done", 13);
}

/* Every combination, then threads at full speed beside families of processes. */
static void model_holds_for_the_stress_demo(void **state)
{
	(void)state;
	model_holds_for("sh", "$PFA_DEMOS/stress 4 300 2", 2);
}

static void model_holds_for_60000_mappings(void **state)
{
	(void)state;
	model_holds_for("sh", "$PFA_BUILD/tests/live/layouts many", 1);
}

/* Threads that unmap and map the same addresses against each other. */
static void model_holds_for_racing_threads(void **state)
{
	(void)state;
	model_holds_for("sh", "$PFA_BUILD/tests/live/racer 4000", 1);
}

static void model_holds_for_sqlite(void **state)
{
	(void)state;
	model_holds_for("sqlite3",
			"sqlite3 :memory: \"create table t(a, b); with recursive c(x) as "
			"(select 1 union all select x + 1 from c where x < 100000) insert "
			"into t select x, hex(randomblob(20)) from c; create index i on "
			"t(b); select count(distinct b) from t\"", 1);
}

/* Written to while a child saves what it got by fork. */
static void model_holds_for_redis_while_it_saves(void **state)
{
	(void)state;
	model_holds_for("redis-server",
			"rm -rf pfa_redis; mkdir pfa_redis && cd pfa_redis && "
			"{ redis-server --port 0 --unixsocket $PWD/s --save \"\" "
			"--rdb-key-save-delay 2 & } && r=\"redis-cli -s s\" && "
			"until $r ping; do sleep 0.05; done && "
			"$r debug populate 100000 key 50 && $r bgsave && "
			"$r debug populate 200000 key 50 && $r flushall && "
			"while $r info | grep in_progress:1; do sleep 0.05; done && "
			"$r shutdown nosave; wait; cd .. && rm -r pfa_redis", 8);
}

/* It refuses to be root's; a process for each client and each service. */
static void model_holds_for_postgres(void **state)
{
	char path[4096];

	(void)state;
	snprintf(path, sizeof(path), "%s:%s", postgres(), getenv("PATH"));
	setenv("PATH", path, 1);
	model_holds_for("initdb",
			"rm -rf pfa_pg; mkdir pfa_pg && cd pfa_pg && chown postgres . && "
			"setpriv --reuid=postgres --clear-groups sh -c \"initdb -N -D d && "
			"{ postgres -F -D d -k $PWD -c listen_addresses= & } && "
			"until psql -h $PWD -d postgres -c checkpoint; do sleep 0.05; done; "
			"psql -h $PWD -d postgres -c vacuum; pg_ctl -D d -m fast stop; wait\"; "
			"cd .. && rm -r pfa_pg", 12);
}

static int make_directory(void **state)
{
	(void)state;
	/* For those, too, who are not root. */
	return mkdtemp(directory) && chmod(directory, 0777) == 0 ? 0 : -1;
}

static int remove_directory(void **state)
{
	(void)state;
	empty_directory();
	return rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(model_holds_for_python_with_threads_and_dlopen),
		cmocka_unit_test(
			model_holds_for_a_parent_of_vfork_with_a_long_environment),
		cmocka_unit_test(model_holds_for_node),
		cmocka_unit_test(model_holds_for_java),
		cmocka_unit_test(model_holds_for_the_process_tree_of_gcc),
		cmocka_unit_test(model_holds_for_git_clone),
		cmocka_unit_test(model_holds_for_perl),
		cmocka_unit_test(model_holds_for_the_demos),
		cmocka_unit_test(model_holds_for_the_stress_demo),
		cmocka_unit_test(model_holds_for_60000_mappings),
		cmocka_unit_test(model_holds_for_racing_threads),
		cmocka_unit_test(model_holds_for_sqlite),
		cmocka_unit_test(model_holds_for_redis_while_it_saves),
		cmocka_unit_test(model_holds_for_postgres),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
