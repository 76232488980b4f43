#include "pfa/source/compose.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "pfa/decode/procmaps.h"
#include "pfa/decode/record.h"
#include "pfa/source/events.h"

/* A record under construction; records are multiples of 8 bytes below 64 KiB. */
struct draft {
	size_t used;
	_Alignas(8) unsigned char bytes[65528];
};

enum { TRAILER_BYTES = 32, NOTE_MAX = 60 * 1024 };

static void put(struct draft *d, const void *bytes, size_t length)
{
	if (length > sizeof(d->bytes) - d->used)
		length = sizeof(d->bytes) - d->used;
	memcpy(d->bytes + d->used, bytes, length);
	d->used += length;
}

static void put_u32(struct draft *d, uint32_t v)
{
	put(d, &v, sizeof(v));
}

static void put_u64(struct draft *d, uint64_t v)
{
	put(d, &v, sizeof(v));
}

/* A string with its NUL, padded to 8 bytes as the kernel does. */
static void put_string(struct draft *d, const char *s)
{
	static const char zeros[8];
	size_t room = sizeof(d->bytes) - d->used - TRAILER_BYTES - 16;
	size_t length = strlen(s);

	if (length > room)
		length = room;
	put(d, s, length);
	put(d, zeros, 8 - length % 8);
}

static void begin(struct draft *d, uint32_t type, uint16_t misc)
{
	struct perf_event_header header = { .type = type, .misc = misc };

	d->used = 0;
	put(d, &header, sizeof(header));
}

static void emit(const struct composer *c, struct draft *d)
{
	uint16_t size = (uint16_t)d->used;

	memcpy(d->bytes + 6, &size, sizeof(size));
	c->sink->put(c->sink->context, (const void *)d->bytes);
}

/* sample_id_all of base_sample in events.c: TID, TIME, CPU, IDENTIFIER. */
static void end(const struct composer *c, struct draft *d, uint32_t pid,
		uint32_t tid)
{
	put_u32(d, pid);
	put_u32(d, tid);
	put_u64(d, c->time_ns);
	put_u64(d, c->cpu);
	put_u64(d, c->sideband_id);
	emit(c, d);
}

/*
 * What our time namespace (time_namespaces(7)) adds to the clock, and records do not
 * have: "monotonic SECONDS NANOSECONDS".
 */
static int64_t offset_ns;

static void read_namespace_offset(void)
{
	FILE *f = fopen("/proc/self/timens_offsets", "re");
	int64_t seconds = 0, ns = 0;

	if (f && fscanf(f, "monotonic %" SCNd64 " %" SCNd64, &seconds, &ns) != 2)
		seconds = ns = 0;
	if (f)
		fclose(f);
	offset_ns = seconds * 1000000000 + ns;
}

uint64_t compose_now_ns(void)
{
	static pthread_once_t read = PTHREAD_ONCE_INIT; /* it is the same while we live */
	struct timespec now;

	pthread_once(&read, read_namespace_offset);
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)(now.tv_sec * INT64_C(1000000000) + now.tv_nsec - offset_ns);
}

void compose_fork(const struct composer *c, uint32_t pid, uint32_t tid,
		  uint32_t parent_pid, uint32_t parent_tid)
{
	struct draft d;

	begin(&d, PERF_RECORD_FORK, PERF_RECORD_MISC_FORK_EXEC);
	put_u32(&d, pid);
	put_u32(&d, parent_pid);
	put_u32(&d, tid);
	put_u32(&d, parent_tid);
	put_u64(&d, c->time_ns);
	end(c, &d, pid, tid);
}

void compose_comm(const struct composer *c, uint32_t pid, uint32_t tid,
		  const char *comm)
{
	struct draft d;

	begin(&d, PERF_RECORD_COMM, 0);
	put_u32(&d, pid);
	put_u32(&d, tid);
	put_string(&d, comm);
	end(c, &d, pid, tid);
}

void compose_mmap(const struct composer *c, uint32_t pid, const struct procmap *map)
{
	uint16_t misc = PERF_RECORD_MISC_USER;
	struct draft d;

	if (!(map->prot & PROT_EXEC))
		misc |= PERF_RECORD_MISC_MMAP_DATA;
	begin(&d, PERF_RECORD_MMAP2, misc);
	put_u32(&d, pid);
	put_u32(&d, pid);
	put_u64(&d, map->start);
	put_u64(&d, map->end - map->start);
	put_u64(&d, map->pgoff_bytes);
	put_u32(&d, map->dev_major);
	put_u32(&d, map->dev_minor);
	put_u64(&d, map->inode);
	put_u64(&d, 0); /* inode generation: /proc does not tell */
	put_u32(&d, map->prot);
	put_u32(&d, map->shared ? MAP_SHARED : MAP_PRIVATE);
	put_string(&d, procmaps_name(map));
	end(c, &d, pid, pid);
}

void compose_exit(const struct composer *c, uint32_t pid)
{
	struct draft d;

	begin(&d, PERF_RECORD_EXIT, RECORD_MISC_EXIT_ALL);
	put_u32(&d, pid);
	put_u32(&d, 0);
	put_u32(&d, pid);
	put_u32(&d, 0);
	put_u64(&d, c->time_ns);
	end(c, &d, pid, pid);
}

void compose_lost(const struct composer *c, uint64_t count)
{
	struct draft d;

	begin(&d, PERF_RECORD_LOST, 0);
	put_u64(&d, c->sideband_id);
	put_u64(&d, count);
	end(c, &d, 0, 0);
}

/* Source: perf_event__synthesize_kernel_mmap in tools/perf/util/event.c. */
void compose_kernel_map(const struct composer *c, uint64_t text, uint64_t text_end)
{
	struct draft d;

	begin(&d, PERF_RECORD_MMAP, PERF_RECORD_MISC_KERNEL);
	put_u32(&d, UINT32_MAX);
	put_u32(&d, 0);
	put_u64(&d, text);
	put_u64(&d, text_end - text);
	put_u64(&d, text);
	put_string(&d, "[kernel.kallsyms]_text");
	end(c, &d, UINT32_MAX, 0);
}

void compose_note(const struct composer *c, uint32_t pid, const char *fmt, ...)
{
	static const char zeros[8];
	char text[NOTE_MAX];
	struct draft d;
	va_list ap;
	size_t length, pad;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	length = n < 0 ? 0 : n >= NOTE_MAX ? NOTE_MAX - 1 : (size_t)n;
	pad = 8 - (length + 4) % 8; /* the raw size is counted with its u32 */
	begin(&d, PERF_RECORD_SAMPLE, PERF_RECORD_MISC_USER);
	put_u64(&d, EVENTS_NOTE_ID);
	put_u64(&d, 0); /* ip */
	put_u32(&d, pid);
	put_u32(&d, pid);
	put_u64(&d, c->time_ns);
	put_u64(&d, c->cpu);
	put_u32(&d, (uint32_t)(length + pad));
	put(&d, text, length);
	put(&d, zeros, pad);
	emit(c, &d);
}
