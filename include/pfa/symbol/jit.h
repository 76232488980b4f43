/*
 * Code that a process made for itself, by the names it tells of it: /tmp/perf-PID.map
 * (a line "START SIZE NAME" each, hexadecimal) or a jitdump file (jit-PID.dump, which
 * has times and may tell of code that replaced other code at its address).
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
struct source_frame;

/* The function at an address of the process at that time. False: none. */
bool jit_function(struct jit *jit, uint64_t addr, uint64_t time_ns,
		  struct symbol *symbol);

#endif
