/*
 * Where a run of the benchmarks takes place: the programs, the directory for
 * files, and what is asked of the peers so that they do what pfa does.
 *
 * One for the run; setting_init() makes the directory, which is removed when
 * the process exits, however it does. Strings are owned by the setting.
 */
#ifndef TESTS_BENCH_SETTING_H
#define TESTS_BENCH_SETTING_H

#include <stdbool.h>
#include <stddef.h>

struct setting {
	const char *build; /* the build directory: pfa, demos, programs */
	unsigned rounds;
	char *dir;    /* temporary files */
	char *out;    /* in it: what the program that runs writes */
	char *ring;   /* pfa's ring buffer of each CPU, as pfa --help says: 8M */
	char *events; /* of pfa, for perf record -e; NULL: not learned */
	size_t event_count;
};

/* Exits with a line on stderr where it cannot be done. */
void setting_init(struct setting *setting);
void setting_release(struct setting *setting);

/*
 * Asks pfa itself what it opens: a capture of true, listed by perf evlist,
 * without what perf opens in any case (dummy) and what only pfa writes.
 */
bool setting_learn_events(struct setting *setting);

/* Empties what the last program has written. */
void setting_clean_out(const struct setting *setting);

/* Bytes that can still be written to the directory. */
unsigned long long setting_room(const struct setting *setting);

#endif
