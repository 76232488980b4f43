/*
 * Call stacks, interned: from what a sample tells of them (decode/callers.h) to code
 * under names that last (code.h).
 *
 * The same addresses mean the same code while nothing executable is mapped or unmapped:
 * until then a stack seen before costs one look-up. Stacks stay valid until
 * stack_table_free().
 */
#ifndef PFA_MODEL_STACKS_H
#define PFA_MODEL_STACKS_H

struct code_table;
struct event;
struct intern;
struct process;
struct stack;
struct stack_table;
struct symbols;

/* Both borrowed. */
struct stack_table *stack_table_new(struct intern *strings, struct code_table *codes);
void stack_table_free(struct stack_table *table);

/* The files that copied stacks are unwound by: without them they are none. Borrowed. */
void stack_table_use(struct stack_table *table, struct symbols *symbols);

/* The stack at an event of a thread of the process; NULL: the event tells of none. */
const struct stack *stack_at(struct stack_table *table, const struct process *process,
			     const struct event *event);

#endif
