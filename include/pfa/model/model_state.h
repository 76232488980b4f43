/*
 * What the parts of the model share: model.c, the fold, and what it is made of.
 * Nobody else includes it.
 */
#ifndef PFA_MODEL_MODEL_STATE_H
#define PFA_MODEL_MODEL_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "pfa/model/model.h"
#include "pfa/model/names.h"

struct event;
struct process;
struct thread;

struct model {
	struct model_abilities abilities;
	struct observer observer;
	struct names names;
	struct tasks *tasks;
	struct verify *verify;
	struct notes *notes;
	struct run_facts facts;
	uint64_t lost_samples;
	uint64_t begun_ns; /* of the first event */
	uint64_t now_ns; /* of the last event */
	uint32_t forks; /* that copied an address space, so far */
	bool layouts_wanted;
};

/* faults.c: one function an event. */
void faults_begin(struct model *m, const struct event *event);
void faults_end(struct model *m, const struct event *event);
void faults_signal(struct model *m, const struct event *event);
/* The thread does something else: an open fault of it is not going to complete. */
void faults_give_up(struct model *m, struct thread *thread, const struct event *event);

/* changes.c: likewise. */
void changes_call_begin(struct model *m, const struct event *event);
void changes_call_end(struct model *m, const struct event *event);
void changes_mapping(struct model *m, const struct event *event);

/* lives.c: one function an event. */
void lives_task_new(struct model *m, const struct event *event);
void lives_fork(struct model *m, const struct event *event);
void lives_comm(struct model *m, const struct event *event);
void lives_exec(struct model *m, const struct event *event);
void lives_exit_call(struct model *m, const struct event *event);
void lives_death(struct model *m, const struct event *event);
void lives_exit(struct model *m, const struct event *event);
/* A fork whose child's share was not told: it is told as it is known. */
void lives_settle_fork(struct model *m, struct thread *parent, const struct event *event);
/* Of whatever cause: context is the model. */
void lives_process_ends(void *context, const struct process *process);
/* The trace ends, and they live on. */
void lives_finish(struct model *m);

/* layouts.c: tells the layout of a process; `at_exit`: it is about to end. */
void layouts_tell(struct model *m, const struct process *process, uint64_t time_ns,
		  bool at_exit);

#endif
