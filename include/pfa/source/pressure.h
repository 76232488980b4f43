/*
 * How long tasks waited for memory, by the kernel's own account, as a note at the
 * beginning and at the end of a run:
 *
 *     pressure when=begin|end of=machine|group some=US full=US
 *
 * Totals since the machine or the control group began: microseconds in which some task
 * that wanted to run waited, and in which all of them did.
 * Source: Documentation/accounting/psi.rst. No note where the kernel has none.
 */
#ifndef PFA_SOURCE_PRESSURE_H
#define PFA_SOURCE_PRESSURE_H

struct composer;
struct scope;

/* Of the control group that is traced, else of the machine. */
void pressure_note(const struct scope *scope, const struct composer *composer,
		   const char *when);

#endif
