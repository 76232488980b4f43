/*
 * Lines and inlined calls beside what addr2line says of the same program, built by the
 * compilers that are here. Every few bytes of .text are asked about.
 *
 * They differ where there is no line: then addr2line still names the symbol's own file
 * ("crtstuff.c:?"), and module_lines() says that it knows nothing. The outermost
 * function has its name from the debug information here, from the symbol there: "main"
 * is "main.cold" in its cold part. (Rust's compiler makes one function of several that
 * came out the same: which of their names that one has is nobody's to say.)
 *
 * The witness is LLVM's: of binutils 2.40 the names of cold parts replace those of what
 * is inlined there, and it finds no inlined calls of clang's; elfutils' 0.188 finds none
 * in units that .debug_aranges does not list, which are clang's and split ones.
 */
#include "../support/check.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/run.h"
#include "pfa/base/intern.h"
#include "pfa/base/text.h"
#include "pfa/symbol/demangle.h"
#include "pfa/symbol/elf_file.h"
#include "pfa/symbol/module.h"
#include "pfa/symbol/symbols.h"

enum { STEP = 5, ADDRESSES_MAX = 4000, WITNESS_FRAMES_MAX = 64 };

struct trial {
	struct symbols *symbols;
	struct module *module;
	struct module_id id;
	struct intern *names;
	char path[PATH_MAX];
	bool folded; /* functions that are the same */
	size_t known, inlined; /* addresses with a line, and with more than one */
};

/* Builds in a directory of its own, which is %s; the source is beside this file. */
static void build(struct trial *trial, char *directory, const char *compiler,
		  const char *options, const char *source, const char *after)
{
	struct run run;

	assert_non_null(mkdtemp(directory));
	snprintf(trial->path, sizeof(trial->path), "%s/program", directory);
	run_command(&run, "sh -c '%s %s -o %s tests/live/%s && cd %s && %s'", compiler, options,
		    trial->path, source, directory, after);
	assert_run_status(&run, 0);
	run_release(&run);
	trial->id.path = trial->path;
	trial->symbols = symbols_new(&(struct symbols_options){ 0 });
	trial->module = symbols_module(trial->symbols, &trial->id);
	trial->names = intern_new();
}

static bool is_here(const char *program)
{
	char command[128];

	snprintf(command, sizeof(command), "command -v %s >/dev/null", program);
	return system(command) == 0;
}

static void text_section(struct module *module, GElf_Shdr *sh)
{
	struct elf_file file = { .elf = module_elf(module) };

	assert_non_null(file.elf);
	assert_non_null(elf_file_section(&file, ".text", sh));
}

static size_t step_of(const GElf_Shdr *text)
{
	return text->sh_size / STEP > ADDRESSES_MAX ? text->sh_size / ADDRESSES_MAX : STEP;
}

static void write_addresses(const struct trial *trial, const char *path)
{
	FILE *file = fopen(path, "w");
	uint64_t at;
	GElf_Shdr sh;

	assert_non_null(file);
	text_section(trial->module, &sh);
	for (at = 0; at < sh.sh_size; at += step_of(&sh))
		fprintf(file, "0x%" PRIx64 "\n", sh.sh_addr + at);
	fclose(file);
}

/* ---- what the witness says ---- */

struct answer {
	uint64_t addr;
	struct { char *function, *file; unsigned line; } frames[WITNESS_FRAMES_MAX];
	size_t count;
};

static char *take_line(char **at)
{
	char *line = *at, *end = strchr(line, '\n');

	if (!*line || !end)
		return NULL;
	*end = '\0';
	*at = end + 1;
	return line;
}

static void take_frame(struct answer *answer, char *function, char *place)
{
	char *colon;

	assert_non_null(place);
	assert_true(answer->count < WITNESS_FRAMES_MAX);
	place[strcspn(place, " ")] = '\0'; /* (discriminator 3) */
	colon = strrchr(place, ':');
	assert_non_null(colon);
	*colon = '\0';
	answer->frames[answer->count].function = function;
	answer->frames[answer->count].file = place;
	answer->frames[answer->count++].line = (unsigned)strtoul(colon + 1, NULL, 10);
}

/* An address, then a function and a place for each frame. */
static bool take_answer(char **at, struct answer *answer)
{
	char *line = take_line(at);

	if (!line)
		return false;
	answer->addr = strtoull(line, NULL, 16);
	answer->count = 0;
	while (**at && strncmp(*at, "0x", 2) != 0) {
		line = take_line(at);
		take_frame(answer, line, take_line(at));
	}
	return true;
}

/* ---- both ---- */

/* a/./b and a/x/../b are a/b. */
static const char *tidy(const char *path, char to[PATH_MAX])
{
	char *part;

	snprintf(to, PATH_MAX, "%s", path);
	while ((part = strstr(to, "/./")))
		memmove(part, part + 2, strlen(part + 2) + 1);
	while ((part = strstr(to, "/../"))) {
		char *before = part;

		while (before > to && before[-1] != '/')
			before--;
		if (before <= to + 1)
			break;
		memmove(before, part + 4, strlen(part + 4) + 1);
	}
	return to;
}

/* Of the outermost function, also by its symbol; unless it has several. */
static bool same_function(struct trial *trial, const struct answer *answer, size_t i,
			  const char *function, const char *ours)
{
	struct symbol symbol;

	if (!strcmp(function, ours))
		return true;
	return i == answer->count - 1 &&
	       module_function(trial->module, answer->addr, &symbol) &&
	       (trial->folded || !strcmp(function, symbol.name));
}

static void compare_frame(struct trial *trial, const struct answer *answer, size_t i,
			  const struct source_frame *frame)
{
	const char *function = demangle(trial->names, answer->frames[i].function);
	const char *ours = frame->function ? frame->function : "??";
	char one[PATH_MAX], other[PATH_MAX];

	tidy(answer->frames[i].file, one);
	tidy(frame->file ? frame->file : "??", other);
	if (answer->frames[i].line != frame->line || strcmp(one, other) != 0 ||
	    !same_function(trial, answer, i, function, ours))
		fail_msg("%s 0x%" PRIx64 " frame %zu: %s %s:%u, not %s %s:%u", trial->path,
			 answer->addr, i, ours, other, frame->line, function, one,
			 answer->frames[i].line);
}

static void compare(struct trial *trial, const struct answer *answer)
{
	const struct source_frame *frames;
	size_t count = module_lines(trial->module, answer->addr, &frames), i;

	if (!count) {
		if (answer->frames[0].line)
			fail_msg("%s 0x%" PRIx64 ": nothing, not %s:%u", trial->path,
				 answer->addr, answer->frames[0].file,
				 answer->frames[0].line);
		return;
	}
	if (count != answer->count)
		fail_msg("%s 0x%" PRIx64 ": %zu frames, not %zu", trial->path,
			 answer->addr, count, answer->count);
	for (i = 0; i < count; i++)
		compare_frame(trial, answer, i, &frames[i]);
	trial->known++;
	trial->inlined += count > 1;
}

static void compare_all(struct trial *trial, const char *directory)
{
	char addresses[PATH_MAX], *at;
	struct answer answer;
	struct run run;

	snprintf(addresses, sizeof(addresses), "%s/addresses", directory);
	write_addresses(trial, addresses);
	run_command(&run, "sh -c 'cd %s && llvm-addr2line -a -i -f -e %s <addresses'", directory,
		    trial->path);
	assert_run_status(&run, 0);
	for (at = run.out; take_answer(&at, &answer);)
		compare(trial, &answer);
	run_release(&run);
}

static void assert_agrees(const char *compiler, const char *options, const char *source,
			  const char *after)
{
	char directory[] = "/tmp/pfa-lines-XXXXXX", command[64];
	struct trial trial = { .folded = !strcmp(compiler, "rustc") };

	build(&trial, directory, compiler, options, source, after);
	compare_all(&trial, directory);
	assert_true(trial.known > 50);
	assert_true(trial.inlined > 20);
	symbols_free(trial.symbols);
	intern_free(trial.names);
	snprintf(command, sizeof(command), "rm -rf %s", directory);
	assert_int_equal(system(command), 0);
}

static const struct {
	const char *compiler, *options, *source;
} programs[] = {
	{ "gcc", "-O2 -g", "inlined.c" },
	{ "gcc", "-O2 -gdwarf-4", "inlined.c" },
	{ "gcc", "-O2 -g -gsplit-dwarf", "inlined.c" },
	{ "gcc", "-O2 -g -gz=zlib", "inlined.c" },
	{ "gcc", "-O2 -g -flto", "inlined.c" },
	{ "clang", "-O2 -g", "inlined.c" },
	{ "clang", "-O2 -gdwarf-4", "inlined.c" },
	{ "g++", "-O2 -g", "inlined.cc" },
	{ "g++", "-O2 -gdwarf-4", "inlined.cc" },
	{ "clang++", "-O2 -g", "inlined.cc" },
	{ "rustc", "-O -g", "inlined.rs" },
	{ "rustc", "-O -g -C symbol-mangling-version=v0", "inlined.rs" },
};

static void lines_are_those_of_addr2line(void **state)
{
	size_t i;

	(void)state;
	if (!is_here("llvm-addr2line"))
		skip();
	for (i = 0; i < COUNT_OF(programs); i++)
		if (is_here(programs[i].compiler))
			assert_agrees(programs[i].compiler, programs[i].options,
				      programs[i].source, "true");
}

#define STRIP "objcopy --only-keep-debug program program.debug && strip program && "

static void stripped_file_has_the_lines_of_its_debug_file(void **state)
{
	static const char *const ways[] = {
		STRIP "objcopy --add-gnu-debuglink=program.debug program",
		STRIP "objcopy --add-gnu-debuglink=program.debug program && mkdir .debug && "
		      "mv program.debug .debug",
	};
	size_t i;

	(void)state;
	if (!is_here("llvm-addr2line") || !is_here("objcopy"))
		skip();
	for (i = 0; i < COUNT_OF(ways); i++)
		assert_agrees("gcc", "-O2 -g", "inlined.c", ways[i]);
}

static bool has_function(struct trial *trial, const char *name)
{
	struct symbol symbol;
	GElf_Shdr sh;
	uint64_t at;

	text_section(trial->module, &sh);
	for (at = 0; at < sh.sh_size; at++)
		if (module_function(trial->module, sh.sh_addr + at, &symbol) &&
		    !strcmp(symbol.name, name))
			return true;
	return false;
}

static void assert_knows_outer(const char *after, bool known, const char *remark)
{
	char directory[] = "/tmp/pfa-lines-XXXXXX", command[64];
	struct trial trial = { 0 };

	build(&trial, directory, "gcc", "-O2 -g", "inlined.c", after);
	assert_int_equal(has_function(&trial, "outer"), known);
	assert_says(symbols_remarks(trial.symbols), remark);
	symbols_free(trial.symbols);
	intern_free(trial.names);
	snprintf(command, sizeof(command), "rm -rf %s", directory);
	assert_int_equal(system(command), 0);
}

static void stripped_file_has_what_is_packed_into_it(void **state)
{
	(void)state;
	if (!is_here("objcopy") || !is_here("xz"))
		skip();
	assert_knows_outer("true", true, "");
	assert_knows_outer("strip program", false, "stripped");
	assert_knows_outer("echo outer >keep && "
			   "objcopy -S --keep-symbols=keep program small && "
			   "strip program && xz small && "
			   "objcopy --add-section .gnu_debugdata=small.xz program", true, "");
}

static void debug_file_of_another_build_is_not_used(void **state)
{
	(void)state;
	if (!is_here("objcopy"))
		skip();
	assert_knows_outer(STRIP "objcopy --add-gnu-debuglink=program.debug program", true, "");
	assert_knows_outer(STRIP "objcopy --add-gnu-debuglink=program.debug program && "
			   "objcopy --remove-section .note.gnu.build-id program.debug",
			   false, "stripped");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_those_of_addr2line),
		cmocka_unit_test(stripped_file_has_the_lines_of_its_debug_file),
		cmocka_unit_test(stripped_file_has_what_is_packed_into_it),
		cmocka_unit_test(debug_file_of_another_build_is_not_used),
	};

	return cmocka_run_group_tests(tests, NULL, run_kill_all);
}
