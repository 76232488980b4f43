/*
 * Notes (decode/note.h) taken to heart: facts of the run and layouts of ELF files.
 *
 * The words are those that source/live.c and source/objects.c write. A note that is
 * not understood is passed over: it may come from a later version.
 */
#ifndef PFA_MODEL_NOTES_H
#define PFA_MODEL_NOTES_H

struct backing_table;
struct event;
struct samples;
struct notes;
struct run_facts;
struct verify;

/* All are borrowed, and filled by notes_take(). */
struct notes *notes_new(struct run_facts *facts, struct backing_table *backings,
			struct verify *verify, const struct samples *samples);
void notes_free(struct notes *notes);

/* `event` is an EVENT_NOTE. */
void notes_take(struct notes *notes, const struct event *event);

#endif
