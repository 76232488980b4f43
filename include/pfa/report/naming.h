/*
 * What code and touched memory are called, as printed: functions, lines, objects.
 *
 * Each distinct piece of code is looked up once, at its first use; answers are
 * borrowed and stay valid as long as the naming. Where a name cannot be had, the
 * object with an address stands for it ("libc.so.6+0x10e5a3").
 */
#ifndef PFA_REPORT_NAMING_H
#define PFA_REPORT_NAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct code;
struct fault;
struct naming;
struct source_frame;
struct stack;
struct symbols;
struct text;

/* How an address in code is meant: a return address is looked up as its call. */
enum code_use {
	CODE_ITSELF,
	CODE_CALLER,
};

/* Interned by function: equal exactly if the pointers are. */
struct function_name {
	const char *name; /* "fill_table"; the code's text where it is not known */
	const char *object; /* "libc.so.6", "[kernel]", "[jit]"; "": in no file */
	bool known;
};

struct code_name {
	const struct function_name *function;
	uint64_t offset; /* from the function's start; 0 where that is not known */
	/* By DWARF, the innermost inlined function first; none: count 0. */
	const struct source_frame *lines; /* once naming_lines() was asked */
	size_t line_count;
	bool lines_known; /* they were asked for */
};

/* `symbols` NULL: nothing is looked up, everything has its bare name. Borrowed. */
struct naming *naming_new(struct symbols *symbols);
void naming_free(struct naming *naming);

const struct code_name *naming_code(struct naming *naming, const struct code *code,
				    enum code_use use, uint64_t time_ns);
/* The same with its lines: dear at the first time. */
const struct code_name *naming_lines(struct naming *naming, const struct code *code,
				     enum code_use use, uint64_t time_ns);

/*
 * Who asked for memory: of a call's stack the first frame outside the object that the
 * call was made in (libc's malloc and its like), with `use` for it; without a stack
 * the system call's own code. NULL: nobody.
 */
const struct code *naming_maker(const struct stack *stack, const struct code *code,
				enum code_use *use);

/*
 * What lies at the address of a fault: "lookup_table+0x40", a function's name in
 * program text, "main()+0x3000" for memory that main() mapped, "data.bin+0x12000",
 * "stack of 4322". False: no more is known than the region says, nothing was put.
 */
bool naming_put_touched(struct naming *naming, const struct fault *fault,
			bool fixed_ts, struct text *out);
/* The same without the offset, interned: what tables group by. NULL: likewise. */
const char *naming_touched(struct naming *naming, const struct fault *fault,
			   bool fixed_ts);

#endif
