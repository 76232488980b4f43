/*
 * The events of a session: one evsel for each perf event attribute.
 *
 * A live session fills the list from the tracepoint table as it opens the
 * events; a capture brings its own attributes, ids and names. Either way
 * evlist_resolve() then fixes, once per event, what its records mean (role)
 * and where their fields are (from the format text, never from constants).
 * The list owns its evsels; pointers to them stay valid until evlist_free().
 */
#ifndef PFA_DECODE_EVLIST_H
#define PFA_DECODE_EVLIST_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pfa/base/status.h"
#include "pfa/decode/mm_calls.h"
#include "pfa/decode/sample.h"

struct formats;

enum evsel_role {
	ROLE_OTHER, /* an event pfa has no use for */
	ROLE_SIDEBAND, /* MMAP2, COMM, FORK, EXIT; no samples of its own */
	ROLE_NOTE,
	ROLE_MINOR,
	ROLE_MAJOR,
	ROLE_ANY_FAULT, /* page-faults: MIN and MAJ undistinguished */
	ROLE_FAULT_USER,
	ROLE_FAULT_KERNEL,
	ROLE_CALL_ENTER,
	ROLE_CALL_EXIT,
	ROLE_TASK_NEW,
	ROLE_SCHED_FORK,
	ROLE_SCHED_EXEC,
	ROLE_SCHED_EXIT,
	ROLE_SIGNAL,
	ROLE_EXIT_CALL,
	ROLE_DEATH,
	ROLE_THREAD_POINTER,
	ROLE_ROBUST_LIST,
	ROLE_COUNT
};

/* Where a tracepoint field lies in the raw data. size 0: not there. */
struct tp_field {
	uint16_t offset;
	uint8_t size;
	bool is_signed;
	bool is_dynamic; /* __data_loc: offset | length << 16 */
};

enum { TP_FIELDS_MAX = 6 };

struct evsel {
	struct perf_event_attr attr;
	char *name; /* "exceptions:page_fault_user", "minor-faults" */
	uint64_t *ids;
	size_t id_count;
	size_t id_capacity;

	/* Set by evlist_resolve(). */
	enum evsel_role role;
	enum mm_call call; /* ROLE_CALL_ENTER, ROLE_CALL_EXIT */
	struct tp_field fields[TP_FIELDS_MAX];

	struct sample_layout sample;
	/* Of other records: bytes back from the end; 0: not there. */
	unsigned tail_time, tail_cpu, tail_id;
};

struct evlist {
	struct evsel **evsels;
	size_t count;
	size_t capacity;
	struct evlist_slot *slots; /* private: by id */
	size_t slot_count, slots_used;
};

struct evlist *evlist_new(void);
void evlist_free(struct evlist *list);

struct evsel *evlist_add(struct evlist *list, const struct perf_event_attr *attr,
			 const char *name);
void evlist_add_id(struct evlist *list, struct evsel *evsel, uint64_t id);

/* NULL when no event has that id. */
struct evsel *evlist_by_id(const struct evlist *list, uint64_t id);
/* NULL when no event has that role. */
struct evsel *evlist_by_role(const struct evlist *list, enum evsel_role role);
/* Whether faults were recorded now and then only, not each time. */
bool evlist_is_sampled(const struct evlist *list);
/* Whether faults in kernel mode are among those recorded. */
bool evlist_has_kernel_mode(const struct evlist *list);
bool evlist_has_calls(const struct evlist *list);
/* Whether system calls tell of their callers. */
bool evlist_has_call_stacks(const struct evlist *list);

/*
 * Fixes role, field and offset of every event. A tracepoint whose format is
 * missing or lacks a field pfa needs fails with PFA_E_FORMAT.
 */
enum pfa_status evlist_resolve(struct evlist *list, struct formats *formats,
			       struct pfa_error *err) PFA_MUST_CHECK;

/* The record's event; NULL for an unknown id. */
struct evsel *evlist_of_record(const struct evlist *list,
			       const struct perf_event_header *record);

#endif
