/*
 * The crew of tests/live/crew.c as a target: called to work when pfa has been seen to
 * see it, and held to what it announced.
 */
#ifndef TESTS_SUPPORT_CREW_H
#define TESTS_SUPPORT_CREW_H

#include <stdbool.h>
#include <sys/types.h>

#include "announced.h"
#include "csv.h"
#include "run.h"

/* The program; its arguments go behind. */
const char *crew_program(void);

struct crew {
	struct run run;
	pid_t pid; /* as it knows itself */
};

/* Starts a command that becomes the crew, and waits until it is ready. */
void crew_start(struct crew *crew, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The same for one that a running command has started; the words end its output. */
pid_t crew_await_ready(struct run *run);

/* Waits until pfa, started with --fields=pid, has told a fault of the crew. */
void crew_await_seen(const struct crew *crew, struct run *pfa_run);

/* Calls it to work and waits for its end. */
void crew_work(struct crew *crew);

/*
 * Fails the test unless the processes of the crew faulted just as announced in
 * `said`. Returns in how many of its processes, the first not counted.
 */
size_t crew_check(const char *said, const char *csv_path);

/*
 * The same where births went on while pfa attached: families begun before are not
 * traced, but from the first one that is, all are; but for so many processes whose
 * birth took from before it to after it. Of kinds and regions nothing is asked. Returns
 * how many processes were born since.
 */
size_t crew_check_born(const char *said, const char *csv_path, size_t in_flight);

/* The same where nobody else is traced; and where its first process alone is. */
size_t crew_check_alone(const char *said, const char *csv_path);
void crew_check_first(const char *said, const char *csv_path);

#endif
