/*
 * What code and touched memory are called, as printed: functions, lines, objects.
 *
 * Each distinct piece of code is looked up once, at its first use (what a process made
 * for itself: each time, as it may make something else there). Answers are borrowed and
 * stay valid as long as the naming; their pointers are equal exactly if they are. Where
 * a name cannot be had, the object with an address stands for it
 * ("libc.so.6+0x10e5a3").
 */
#ifndef PFA_REPORT_NAMING_H
#define PFA_REPORT_NAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct backing;
struct code;
struct fault;
struct module;
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

/* Interned by name and object. */
struct function_name {
	const char *name; /* "fill_table"; the code's text where it is not known */
	const char *word; /* the name as a value in a line: in quotes if it has blanks */
	const char *object; /* "libc.so.6", "[kernel]", "[jit]"; "": in no file */
	const char *text; /* as a table has it: "fill_table (demo)", "demo+0x11a9" */
	const char *memory; /* likewise what it asked for: "memory of fill_table (demo)" */
	bool known;
	/* The C library's way into the kernel, an allocator's into the C library, or what
	 * calls main(): that one of these has asked for memory tells nothing. */
	bool go_between;
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

/* A file's symbols; NULL: nothing can be looked up. */
struct module *naming_module(struct naming *naming, const struct backing *backing);

const struct code_name *naming_code(struct naming *naming, const struct code *code,
				    enum code_use use, uint64_t time_ns);
/* The same with its lines: dear at the first time. */
const struct code_name *naming_lines(struct naming *naming, const struct code *code,
				     enum code_use use, uint64_t time_ns);

/* As a table has it, by what was there last; `without` where there is no code. */
const char *naming_text(struct naming *naming, const struct code *code,
			const char *without);

/* "inner@a.h:3<outer@b.c:42", of the code's lines; nothing if there are none. */
void naming_put_lines(const struct code_name *name, struct text *out);

/* "a.h:3 (inner)", the innermost of them, interned; there must be one. */
const char *naming_line_text(struct naming *naming, const struct code_name *name);

/*
 * Who asked for memory: of a call's stack the first function that is no go-between and
 * in no library of go-betweens; without a stack the one that made the system call. Where
 * it knows of nobody else it is a go-between. NULL: nobody.
 */
const struct code_name *naming_maker(struct naming *naming, const struct stack *stack,
				     const struct code *code, uint64_t time_ns);

/*
 * What lies at the address of a fault: "lookup_table+0x40", a function's name in
 * program text, "main()+0x3000" for memory that main() asked for, "stack of 4322". False:
 * no more is known than region and file offset say, nothing was put.
 */
bool naming_put_touched(struct naming *naming, const struct fault *fault,
			bool fixed_ts, struct text *out);
/*
 * The same as tables group by it, interned: "lookup_table (demo)", "memory of main
 * (demo)", "stacks of threads". NULL: likewise.
 */
const char *naming_touched(struct naming *naming, const struct fault *fault);

#endif
