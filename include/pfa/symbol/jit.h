/*
 * Code that a process made for itself, by the names it tells of it: /tmp/perf-PID.map
 * (a line "START SIZE NAME" each, hexadecimal) or a jitdump file (jit-PID.dump, which
 * has times and may tell of code that replaced other code at its address).
 *
 * The file is looked for once, the first that is there being taken:
 *   - the jitdump file that the process has mapped, as it must, or that lies in its
 *     working directory; likewise in ours, and below ~/.debug/jit;
 *   - /tmp/perf-PID.map as the process sees it, in its mount and PID namespaces;
 *   - our own /tmp/perf-PID.map; with `symfs` only DIR/jit-PID.dump and
 *     DIR/tmp/perf-PID.map.
 * What is open stays readable when the process and its namespaces are gone: ask early.
 *
 * Anybody may put a file into /tmp under the number of a process that is not his, and
 * so choose what is printed of it. It must be a regular file of root, of the user of the
 * process (while it lives) or ours.
 *
 * The file is read as far as it has been written, and again when an address is not
 * found and it has grown: its writer may be at work. Broken lines are skipped.
 */
#ifndef PFA_SYMBOL_JIT_H
#define PFA_SYMBOL_JIT_H

#include <stdbool.h>
#include <stdint.h>

struct jit;
struct symbol;

/* `symfs` NULL: the files of this machine. NULL: the process tells of no code. */
struct jit *jit_open(uint32_t pid, const char *symfs);
void jit_free(struct jit *jit);

/* The function at an address of the process at that time. False: none. */
bool jit_function(struct jit *jit, uint64_t addr, uint64_t time_ns,
		  struct symbol *symbol);

#endif
