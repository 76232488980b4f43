/*
 * The notes on a process's memory (source/sampler.h, source/exit_stats.h), told as
 * struct memory_sample.
 *
 * A note is of one program: where an exec, or the process's beginning, lies within the
 * time that it took to read, nobody can say of which, and it is passed over. So is that
 * of a process that runs in its parent's memory: it is the parent's.
 */
#ifndef PFA_MODEL_SAMPLES_H
#define PFA_MODEL_SAMPLES_H

struct event;
struct observer;
struct tasks;

/* Both are borrowed. */
struct samples {
	struct tasks *tasks;
	const struct observer *observer;
};

/* `text` is that of the EVENT_NOTE. */
void samples_take(const struct samples *samples, const struct event *event,
		 const char *text);

#endif
