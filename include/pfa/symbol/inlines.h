/*
 * The functions of one compilation unit, and what was inlined into them: by address,
 * from DWARF. Made once for each unit that is asked about.
 */
#ifndef PFA_SYMBOL_INLINES_H
#define PFA_SYMBOL_INLINES_H

#include <elfutils/libdw.h>
#include <stddef.h>
#include <stdint.h>

struct inlines;
struct intern;
struct source_frame;

/* Of the unit's full entry (not a skeleton's). */
struct inlines *inlines_new(Dwarf_Die *unit, struct intern *names);
void inlines_free(struct inlines *inlines); /* NULL-safe */

/*
 * The functions at an address, the innermost first, at most `max` of them. frames[i]
 * is told its function, and from frames[1] on its file and line: those of the call that
 * was inlined. Returns how many; 0: no function is there.
 */
size_t inlines_frames(struct inlines *inlines, uint64_t addr,
		      struct source_frame *frames, size_t max);

#endif
