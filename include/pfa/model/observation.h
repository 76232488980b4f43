/*
 * What the model tells the reports: faults, changes of address spaces, lives of
 * processes, losses. Plain data; pointers are borrowed for the call, strings and
 * regions are interned for the session.
 */
#ifndef PFA_MODEL_OBSERVATION_H
#define PFA_MODEL_OBSERVATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* X(name as printed, in this order in every table) */
#define FAULT_TYPES(X) X(MAJOR) X(MINOR) X(COW) X(INVALID)

enum fault_type {
#define X(name) FAULT_##name,
	FAULT_TYPES(X)
#undef X
	FAULT_TYPE_COUNT
};

enum fault_access {
	ACCESS_UNKNOWN,
	ACCESS_READ,
	ACCESS_WRITE,
	ACCESS_EXEC,
};

/* How a page that is touched again had been given back before. */
enum refault {
	REFAULT_NONE,
	REFAULT_DONTNEED,
	REFAULT_FREE,
	REFAULT_SWAP,
};

/* Where an address lies: object and section. One struct a pair, interned. */
struct region {
	const char *object;  /* "libc.so.6", "[heap]", "anon", "unmapped" */
	const char *section; /* ".text", or "" */
	const char *text;    /* both, as printed */
};

/* The process an observation is about. */
struct actor {
	uint32_t pid, tid;
	uint32_t serial; /* of the process, by appearance, from 1 */
	uint32_t thread_serial; /* likewise of the thread */
	const char *comm; /* of the thread */
	const char *process_comm; /* of the leader */
};

#define LATENCY_UNKNOWN UINT64_MAX

struct fault {
	struct actor actor;
	uint32_t cpu;
	uint64_t time_ns; /* when its outcome was known */
	uint64_t latency_ns; /* from entry to completion, or LATENCY_UNKNOWN */
	uint64_t addr, ip;
	uint64_t page_size_bytes; /* 0: unknown */
	uint64_t phys; /* meaningful if has_phys and not 0 */
	bool has_phys;
	bool in_file; /* file_offset_bytes is meant */
	uint64_t file_offset_bytes;
	bool kernel; /* taken in kernel mode, for the process */
	enum fault_type type;
	const char *kind; /* a row of classify.c; equal exactly if the pointer is */
	enum fault_access access;
	enum refault refault;
	const struct region *region;
};

/* X(name as printed) */
#define CHANGE_KINDS(X)                                                     \
	X(MMAP_ADD) X(MUNMAP_REMOVE) X(BRK_GROW) X(BRK_SHRINK)              \
	X(RESIZE_MAPPING) X(MOVE_MAPPING) X(PERM_CHANGE) X(STACK_GROW) X(ADVISE)

enum change_kind {
#define X(name) CHANGE_##name,
	CHANGE_KINDS(X)
#undef X
	CHANGE_KIND_COUNT
};

struct change {
	struct actor actor;
	uint32_t cpu;
	uint64_t time_ns;
	enum change_kind kind;
	uint64_t start, end; /* the range after the change, or the one removed */
	uint64_t old_start, old_end; /* MOVE, RESIZE */
	uint32_t prot, old_prot; /* PROT_* */
	bool shared;
	const char *advice; /* ADVISE */
	const struct region *region;
};

/* X(name as printed) */
#define LIFE_KINDS(X) X(FORK) X(EXEC_REBUILD) X(EXIT)

enum life_kind {
#define X(name) LIFE_##name,
	LIFE_KINDS(X)
#undef X
	LIFE_KIND_COUNT
};

struct life {
	struct actor actor; /* FORK: the parent */
	uint32_t cpu;
	uint64_t time_ns;
	enum life_kind kind;
	struct actor child;  /* FORK */
	bool thread;         /* FORK: a thread; EXIT: only a thread ended */
	bool shared_space;   /* FORK: CLONE_VM without being a thread */
	const char *image;   /* EXEC_REBUILD: the program's path */
};

struct loss {
	uint32_t cpu;
	uint64_t time_ns;
	uint64_t count; /* 0: nobody knows */
};

/* The facts of the run as a whole, from the notes in the stream. */
struct run_facts {
	bool started, ended;
	uint64_t start_ns, end_ns;
	bool launched, full_privilege;
	bool has_counters; /* perf's own, read at the end */
	uint64_t counted_minor, counted_major, counted_lost;
	bool has_exit; /* of the launched program */
	int wait_status;
	bool has_rusage; /* it was all that was traced */
	uint64_t rusage_minor, rusage_major;
	/* Attached: summed over the processes of which both readings exist. */
	bool has_stat;
	uint64_t stat_minor, stat_major;
	uint64_t events, corrupt, late, lost;
	uint64_t gaps; /* losses of which nobody knows the size */
	bool stopped; /* at the limit of faults: what followed was left out */
	bool suspect; /* records were lost: for a while layouts may have been stale */
	bool no_swap; /* the machine had none when the run began */
	uint64_t unfinished; /* faults still open at the end of the trace */
	uint64_t retried;    /* faults begun again: interrupted, or page-fault-disabled */
	uint64_t unpaired;   /* completions whose beginning was not seen */
};

struct observer {
	void *context;
	void (*fault)(void *context, const struct fault *fault);
	void (*change)(void *context, const struct change *change);
	void (*life)(void *context, const struct life *life);
	void (*loss)(void *context, const struct loss *loss);
};

const char *fault_type_name(enum fault_type type);
const char *fault_access_name(enum fault_access access); /* "r", "w", "x", "" */
const char *refault_name(enum refault refault);
const char *change_kind_name(enum change_kind kind);
const char *life_kind_name(enum life_kind kind);

#endif
