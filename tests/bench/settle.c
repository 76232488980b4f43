#include "settle.h"

#include <linux/perf_event.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "interrupt.h"

enum { IN_A_ROW = 4, LIMIT_MS = 5000, PAUSE_MS = 5 };

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000;
}

/*
 * How long the kernel takes to say that there is no such tracepoint: it looks
 * for it under the lock (event_mutex, kernel/trace/trace_event_perf.c) that is
 * held while another one is closed.
 */
static uint64_t time_refusal_us(void)
{
	struct perf_event_attr none = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(none),
		.config = INT32_MAX,
		.sample_period = 1,
	};
	uint64_t began_us = now_us();
	long fd = syscall(SYS_perf_event_open, &none, 0, -1, -1, 0);

	if (fd >= 0)
		close((int)fd);
	return now_us() - began_us;
}

void settle(void)
{
	const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000L };
	uint64_t until_us = now_us() + LIMIT_MS * 1000u;
	int free_in_a_row = 0;

	while (free_in_a_row < IN_A_ROW && now_us() < until_us && !interrupted()) {
		nanosleep(&pause, NULL);
		free_in_a_row = time_refusal_us() < 2000 ? free_in_a_row + 1 : 0;
	}
}
