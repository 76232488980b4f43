/*
 * Notes (decode/note.h) taken to heart: facts of the run, layouts of ELF files,
 * functions of the kernel.
 *
 * The words are those that source/live.c, source/objects.c and source/kernel_code.c
 * write. A note that is not understood is passed over: it may come from a later
 * version.
 */
#ifndef PFA_MODEL_NOTES_H
#define PFA_MODEL_NOTES_H

struct backing_table;
struct event;
struct kernel_names;
struct notes;
struct run_facts;
struct samples;
struct verify;

/* All are borrowed, and filled by notes_take(). */
struct notes *notes_new(struct run_facts *facts, struct backing_table *backings,
			struct kernel_names *kernel, struct verify *verify,
			const struct samples *samples);
void notes_free(struct notes *notes);

/* `event` is an EVENT_NOTE. */
void notes_take(struct notes *notes, const struct event *event);

#endif
