#include "pfa/symbol/lines.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pfa/base/hash.h"
#include "pfa/base/mem.h"
#include "pfa/symbol/elf_file.h"
#include "pfa/symbol/inlines.h"
#include "pfa/symbol/intervals.h"
#include "pfa/symbol/module.h"
#include "pfa/symbol/source_path.h"

enum {
	FRAMES_MAX = 64, /* calls inlined into each other */
	/* A broken file can give each of its units the same long list of ranges. */
	RANGES_MAX = 1 << 22,
};

/* Decompressed. Compressed sections may claim a thousand times their size. */
#define DEBUG_SIZE_MAX (4ULL << 30)

struct unit {
	Dwarf_Die die; /* of a split unit, the skeleton's */
	struct inlines *inlines;
	bool tried;
};

struct answer {
	UT_hash_handle hh;
	uint64_t addr;
	size_t count;
	struct source_frame frames[];
};

struct lines {
	Dwarf *dwarf;
	struct intern *names;
	struct unit *units;
	size_t count, capacity;
	struct intervals ranges; /* of the units */
	struct answer *answers;
};

/* ---- the units ---- */

static void add_ranges(struct lines *s, Dwarf_Die *die)
{
	Dwarf_Addr base, start, end;
	ptrdiff_t at = 0;

	while (s->ranges.count < RANGES_MAX &&
	       (at = dwarf_ranges(die, at, &base, &start, &end)) > 0)
		intervals_add(&s->ranges, &(struct interval){
			.start = start, .end = end, .value = (uint32_t)s->count });
}

static void find_units(struct lines *s)
{
	Dwarf_CU *cu = NULL;
	uint8_t type;
	Dwarf_Die die;

	while (dwarf_get_units(s->dwarf, cu, &cu, NULL, &type, &die, NULL) == 0) {
		if (type != DW_UT_compile && type != DW_UT_skeleton)
			continue;
		add_ranges(s, &die);
		s->units = pfa_grow(s->units, s->count, &s->capacity, sizeof(*s->units));
		s->units[s->count++] = (struct unit){ .die = die };
	}
	intervals_settle(&s->ranges);
}

/* The size that a section of debug information will have in memory. */
static uint64_t unpacked_size(Elf_Scn *section)
{
	GElf_Shdr sh;
	GElf_Chdr ch;

	if (!gelf_getshdr(section, &sh) || (sh.sh_flags & SHF_ALLOC) ||
	    sh.sh_type == SHT_NOBITS)
		return 0;
	if (sh.sh_flags & SHF_COMPRESSED)
		return gelf_getchdr(section, &ch) ? ch.ch_size : 0;
	return sh.sh_size;
}

/* 0: it has none. */
static uint64_t debug_info_size(const struct elf_file *file)
{
	static const char *const sections[] = {
		".debug_info", ".zdebug_info", ".debug_line", ".zdebug_line",
	};
	Elf_Scn *section = NULL;
	uint64_t size = 0;
	GElf_Shdr sh;
	size_t i;

	while ((section = elf_nextscn(file->elf, section)) != NULL)
		if (__builtin_add_overflow(size, unpacked_size(section), &size))
			return UINT64_MAX;
	for (i = 0; i < sizeof(sections) / sizeof(*sections); i++)
		if (elf_file_section(file, sections[i], &sh) && sh.sh_type != SHT_NOBITS)
			return size;
	return 0;
}

/*
 * Where address space is limited (ulimit -v) libdw may fail an assertion of its own in
 * its tables, which are made as they are needed: there should be room for all of them.
 */
static bool has_room(uint64_t debug_size)
{
	size_t size = (size_t)debug_size * 4 + (32 << 20);
	void *room = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			  -1, 0);

	if (room == MAP_FAILED)
		return false;
	munmap(room, size);
	return true;
}

struct lines *lines_new(const struct elf_file *file, struct intern *names,
			const char **why_not)
{
	uint64_t size = debug_info_size(file);
	Dwarf *dwarf = NULL;
	struct lines *s;

	if (size > DEBUG_SIZE_MAX)
		*why_not = "no line numbers (its debug information is too large)";
	else if (size && !has_room(size))
		*why_not = "no line numbers (too little memory for its debug "
			   "information: raise ulimit -v)";
	else if (size && !(dwarf = dwarf_begin_elf(file->elf, DWARF_C_READ, NULL)))
		*why_not = "no line numbers (its debug information cannot be read)";
	if (!dwarf)
		return NULL;
	dwarf_new_oom_handler(dwarf, pfa_out_of_memory);
	s = pfa_alloc(sizeof(*s));
	s->dwarf = dwarf;
	s->names = names;
	find_units(s);
	return s;
}

static void free_answers(struct lines *s)
{
	struct answer *answer, *next;

	HASH_ITER(hh, s->answers, answer, next) {
		HASH_DEL(s->answers, answer);
		free(answer);
	}
}

void lines_free(struct lines *s)
{
	size_t i;

	if (!s)
		return;
	free_answers(s);
	for (i = 0; i < s->count; i++)
		inlines_free(s->units[i].inlines);
	free(s->units);
	intervals_release(&s->ranges);
	dwarf_end(s->dwarf);
	free(s);
}

/* ---- an address ---- */

/* The functions of a split unit are in its other file, which libdw looks for. */
static struct inlines *inlines_of(struct lines *s, struct unit *unit)
{
	Dwarf_Die die = unit->die, split;
	uint8_t type;

	if (unit->tried)
		return unit->inlines;
	unit->tried = true;
	if (dwarf_cu_info(die.cu, NULL, &type, NULL, &split, NULL, NULL, NULL) != 0)
		return NULL;
	if (type == DW_UT_skeleton && split.addr) {
		dwarf_new_oom_handler(dwarf_cu_getdwarf(split.cu), pfa_out_of_memory);
		die = split;
	}
	unit->inlines = inlines_new(&die, s->names);
	return unit->inlines;
}

/* The line of the instruction itself. */
static bool tell_line(struct lines *s, struct unit *unit, uint64_t addr,
		      struct source_frame *frame)
{
	Dwarf_Line *line = dwarf_getsrc_die(&unit->die, addr);
	const char *file = line ? dwarf_linesrc(line, NULL, NULL) : NULL;
	int number;

	if (!file)
		return false;
	frame->file = source_path(&unit->die, file, s->names);
	frame->line = dwarf_lineno(line, &number) == 0 && number > 0 ? (uint32_t)number : 0;
	return true;
}

static size_t find_frames(struct lines *s, uint64_t addr,
			  struct source_frame frames[FRAMES_MAX])
{
	uint32_t index = intervals_find(&s->ranges, addr);
	struct inlines *inlines;
	size_t count;

	if (index == INTERVALS_NONE)
		return 0;
	inlines = inlines_of(s, &s->units[index]);
	count = inlines ? inlines_frames(inlines, addr, frames, FRAMES_MAX) : 0;
	if (!count)
		frames[0] = (struct source_frame){ 0 };
	if (tell_line(s, &s->units[index], addr, &frames[0]) && !count)
		count = 1;
	return count;
}

static struct answer *new_answer(struct lines *s, uint64_t addr)
{
	struct source_frame found[FRAMES_MAX];
	size_t count = find_frames(s, addr, found), size = count * sizeof(*found);
	struct answer *answer = pfa_alloc(sizeof(*answer) + size);

	answer->addr = addr;
	answer->count = count;
	memcpy(answer->frames, found, size);
	HASH_ADD(hh, s->answers, addr, sizeof(addr), answer);
	return answer;
}

size_t lines_frames(struct lines *s, uint64_t addr, lines_function *function,
		    void *context, const struct source_frame **frames)
{
	struct answer *answer;

	HASH_FIND(hh, s->answers, &addr, sizeof(addr), answer);
	if (!answer) {
		answer = new_answer(s, addr);
		if (answer->count && !answer->frames[answer->count - 1].function)
			answer->frames[answer->count - 1].function =
				function(context, addr);
	}
	*frames = answer->frames;
	return answer->count;
}
