/*
 * The part of a demo's announcement that is about address spaces and lives (the lines of
 * demos/change.h): change, fork, exec, exit; and whether that is what pfa saw.
 */
#ifndef TESTS_SUPPORT_HISTORY_H
#define TESTS_SUPPORT_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct announced;
struct csv;

struct announced_event {
	uint32_t pid, tid;
	char name[24]; /* as in the column `event` */
	bool change;   /* or a life */
	uint64_t start, end, old_start, old_end;
	char prot[8], old_prot[8]; /* "": not said */
	char vmas_before[8], vmas_after[8];
	char failed[16];
	char detail[128]; /* as in the column: an advice, a child, an image, a status */
	bool seen;
};

/* False at a line that is not of the protocol. */
bool history_parse_change(struct announced *announced, const char *line);
bool history_parse_fork(struct announced *announced, const char *line);
bool history_parse_exec(struct announced *announced, const char *line);
bool history_parse_exit(struct announced *announced, const char *line);

/*
 * Fails the test unless the changes in the watched ranges are the announced ones, in the
 * order of each thread and in all that was announced of them; likewise all forks, execs
 * and exits. What is announced of neither kind is not checked.
 */
void history_check(struct announced *announced, const struct csv *csv);

/*
 * Fails the test unless a stream of changes and lives (--fixed-ts --show=vma,life) has
 * the same of them as the CSV, one by one, at ticks from 1.
 */
void history_check_stream(const char *stream, const struct csv *csv);

#endif
