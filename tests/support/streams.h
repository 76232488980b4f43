/*
 * The records of a traced machine, one function a record: what the kernel writes into
 * the rings of its CPUs, until they are drained.
 *
 * A thread runs on the CPU of its tid. Time goes on with every record.
 */
#ifndef TESTS_SUPPORT_STREAMS_H
#define TESTS_SUPPORT_STREAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "events.h"
#include "pfa/decode/mm_calls.h"
#include "pfa/source/ring.h"
#include "record_bytes.h"

struct evlist;

enum { STREAM_CPUS = 4, STREAM_BYTES = 1 << 20 };

struct stream {
	size_t used;
	_Alignas(8) unsigned char bytes[STREAM_BYTES];
};

struct streams {
	struct evlist *list; /* resolved */
	uint64_t records;    /* so far */
	uint64_t time_ns;
	struct stream cpus[STREAM_CPUS];
	struct record_bytes draft;
};

struct streams *streams_new(void);
void streams_free(struct streams *streams);

/* Hands over everything, CPU after CPU. Returns a time that is not younger. */
uint64_t streams_drain(struct streams *streams, const struct record_sink *sink);

void streams_fault_begin(struct streams *s, struct who who, uint64_t addr,
			 uint64_t error_code);
/* Of 4 KiB. */
void streams_fault_end(struct streams *s, struct who who, uint64_t addr, uint64_t phys);
/* mmap, munmap and madvise, each with its first three arguments. */
void streams_call_begin(struct streams *s, struct who who, enum mm_call call,
			uint64_t addr, uint64_t length, uint64_t third);
void streams_call_end(struct streams *s, struct who who, enum mm_call call,
		      int64_t result);
/* Private; `inode` 0: no file. */
void streams_mmap(struct streams *s, struct who who, uint64_t start, uint64_t length,
		  uint32_t prot, uint64_t inode, const char *name);
void streams_fork(struct streams *s, struct who parent, struct who child);
/* A process that has been there for long: its mappings follow. */
void streams_snapshot(struct streams *s, struct who who);
/* `exec`: the first sign of it; the new program's mappings follow, then its path. */
void streams_comm(struct streams *s, struct who who, const char *comm, bool exec);
void streams_exec(struct streams *s, struct who who, const char *path);
void streams_exit(struct streams *s, struct who who);
void streams_lost(struct streams *s, uint32_t cpu, uint64_t count);

#endif
