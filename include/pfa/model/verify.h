/*
 * The model against the kernel (--verify): notes with the text of /proc/PID/maps, as
 * source/reread.h describes them, are compared with the process's address space.
 *
 * Only at quiet points, where nothing concerned its layout while the text was read. A
 * range that differs is drift: it is counted, told, and put right, so that what
 * follows is not wrong for the same reason. After a loss it is put right alone.
 */
#ifndef PFA_MODEL_VERIFY_H
#define PFA_MODEL_VERIFY_H

struct event;
struct intern;
struct names;
struct observer;
struct run_facts;
struct tasks;
struct verify;

/* All are borrowed. */
struct verify *verify_new(struct tasks *tasks, const struct names *names,
			  struct intern *strings, struct run_facts *facts,
			  const struct observer *observer);
void verify_free(struct verify *verify);

/* A part of a reading; `text` is that of the note `event`. At the last one: compare. */
void verify_part(struct verify *verify, const struct event *event, const char *text);

#endif
