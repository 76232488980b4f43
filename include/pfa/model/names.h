/*
 * What the model names things by: the tables of a session that intern what reports are
 * told. Owned together; each has its own header.
 */
#ifndef PFA_MODEL_NAMES_H
#define PFA_MODEL_NAMES_H

struct backing_table;
struct code_table;
struct givers;
struct intern;
struct kernel_names;
struct region_table;
struct stack_table;

struct names {
	struct backing_table *backings;
	struct region_table *regions;
	struct kernel_names *kernel;
	struct code_table *codes;
	struct givers *givers;
	struct stack_table *stacks;
};

void names_init(struct names *names, struct intern *strings);
void names_release(struct names *names);

#endif
