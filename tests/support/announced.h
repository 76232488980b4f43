/*
 * What a demo said it would do (the protocol of demos/README.md), and whether that
 * is what pfa saw.
 */
#ifndef TESTS_SUPPORT_ANNOUNCED_H
#define TESTS_SUPPORT_ANNOUNCED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct announced_event;
struct csv;

struct announced_watch {
	uint64_t start, end;
	uint32_t pid; /* 0: of any process */
	char name[32];
};

struct announced_touch {
	uint32_t pid, tid;
	uint64_t addr, page_size;
	char type[16], kind[24], access[4], mode[8], refault[16];
	bool seen;
};

struct announced_count {
	char name[32], type[16], kind[24];
	size_t faults;
};

struct announced_calls {
	char name[16];
	size_t calls;
};

enum { ANNOUNCED_FEW = 16 };

struct announced {
	struct announced_touch *touches;
	size_t touch_count;
	struct announced_event *events; /* see history.h */
	size_t event_count;
	struct announced_watch watches[ANNOUNCED_FEW];
	size_t watch_count;
	struct announced_count counts[ANNOUNCED_FEW];
	size_t count_count;
	struct announced_calls calls[ANNOUNCED_FEW];
	size_t calls_count;
	char skip[128]; /* the last reason; "" if there was none */
};

/* Fails the test at a line that is not of the protocol. */
void announced_parse(struct announced *announced, const char *text);
void announced_release(struct announced *announced);

/*
 * Fails the test unless the faults in the watched ranges are the announced ones, in
 * the order of each thread, in all that was announced of them; unless the calls made are
 * the changes seen; and unless the history is the announced one (history.h).
 */
void announced_check(struct announced *announced, const struct csv *csv);

#endif
