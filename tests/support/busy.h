/*
 * A machine that is busy for as long as one likes: programs start, touch memory, map
 * and unmap at addresses that are always new, or over what is there, fork children that
 * go on with their memory, start threads, and end. Pids, too, are always new; names and
 * files come again. Now and then records are lost, and what is there is told anew.
 *
 * Made from a fixed seed: the same records every time.
 */
#ifndef TESTS_SUPPORT_BUSY_H
#define TESTS_SUPPORT_BUSY_H

struct busy;
struct streams;

/* The streams are borrowed: what happens is written to them. */
struct busy *busy_new(struct streams *streams);
void busy_free(struct busy *busy);

/* One thing happens: up to a hundred records. */
void busy_step(struct busy *busy);

#endif
