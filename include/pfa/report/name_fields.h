/*
 * The fields of a stream line that name code and memory: by= code= at= ... A field that is
 * not known is left out; a value with blanks in it is quoted.
 */
#ifndef PFA_REPORT_NAME_FIELDS_H
#define PFA_REPORT_NAME_FIELDS_H

#include <stdint.h>

struct build_id;
struct change;
struct code;
struct fault;
struct line;
struct naming;
struct stack;
struct text;

void put_fault_names(struct text *out, const struct line *line, const struct fault *fault);
void put_change_names(struct text *out, const struct line *line,
		      const struct change *change);

/* Of the file that it is of; NULL: none, or unknown. */
const struct build_id *code_build_id(const struct code *code);

/* "main;run;fill_table", the outermost first; "..." in front of a stack that was cut. */
void put_stack(struct text *out, struct naming *naming, const struct stack *stack,
	       uint64_t time_ns);

#endif
