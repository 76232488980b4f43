#include "pfa/decode/evlist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/bytes.h"
#include "pfa/base/mem.h"
#include "pfa/decode/formats.h"
#include "pfa/decode/note.h"
#include "pfa/decode/record.h"
#include "pfa/decode/tracepoints.h"

/*
 * The events by id, which is asked for with every record: a table of open
 * addressing, at most half full. An empty slot has no event.
 */
struct evlist_slot {
	uint64_t id;
	struct evsel *evsel;
};

enum { SLOTS_AT_FIRST = 64 };

const char *mm_call_name(enum mm_call call)
{
	static const char *const names[] = {
#define X(name) #name,
		MM_CALLS(X)
#undef X
	};

	return call < MM_CALL_COUNT ? names[call] : "?";
}

struct evlist *evlist_new(void)
{
	struct evlist *list = pfa_alloc(sizeof(*list));

	list->slot_count = SLOTS_AT_FIRST;
	list->slots = pfa_alloc(list->slot_count * sizeof(*list->slots));
	return list;
}

void evlist_free(struct evlist *list)
{
	if (!list)
		return;
	for (size_t i = 0; i < list->count; i++) {
		free(list->evsels[i]->name);
		free(list->evsels[i]->ids);
		free(list->evsels[i]);
	}
	free(list->evsels);
	free(list->slots);
	free(list);
}

struct evsel *evlist_add(struct evlist *list, const struct perf_event_attr *attr,
			 const char *name)
{
	struct evsel *evsel = pfa_alloc(sizeof(*evsel));

	evsel->attr = *attr;
	evsel->name = pfa_strdup(name);
	list->evsels = pfa_grow(list->evsels, list->count, &list->capacity,
				sizeof(struct evsel *));
	list->evsels[list->count++] = evsel;
	return evsel;
}

/* The slot that has the id, or the empty one where it belongs. */
static struct evlist_slot *slot_of(const struct evlist *list, uint64_t id)
{
	size_t at = id * 0x9e3779b97f4a7c15ULL >> 32; /* 2^64 / golden ratio */

	for (;; at++) {
		struct evlist_slot *slot = &list->slots[at & (list->slot_count - 1)];

		if (!slot->evsel || slot->id == id)
			return slot;
	}
}

static void double_slots(struct evlist *list)
{
	struct evlist_slot *old = list->slots;
	const size_t old_count = list->slot_count;

	list->slot_count *= 2;
	list->slots = pfa_alloc(list->slot_count * sizeof(*list->slots));
	for (size_t i = 0; i < old_count; i++)
		if (old[i].evsel)
			*slot_of(list, old[i].id) = old[i];
	free(old);
}

void evlist_add_id(struct evlist *list, struct evsel *evsel, uint64_t id)
{
	struct evlist_slot *slot = slot_of(list, id);

	evsel->ids = pfa_grow(evsel->ids, evsel->id_count, &evsel->id_capacity,
			      sizeof(uint64_t));
	evsel->ids[evsel->id_count++] = id;
	if (slot->evsel)
		return;
	*slot = (struct evlist_slot){ id, evsel };
	if (++list->slots_used > list->slot_count / 2)
		double_slots(list);
}

struct evsel *evlist_by_id(const struct evlist *list, uint64_t id)
{
	return slot_of(list, id)->evsel;
}

struct evsel *evlist_by_role(const struct evlist *list, enum evsel_role role)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->evsels[i]->role == role)
			return list->evsels[i];
	return NULL;
}

/* The events that count faults, those there are. */
static const enum evsel_role fault_roles[] = { ROLE_MINOR, ROLE_MAJOR, ROLE_ANY_FAULT };

enum { FAULT_ROLES = sizeof(fault_roles) / sizeof(fault_roles[0]) };

bool evlist_is_sampled(const struct evlist *list)
{
	for (size_t i = 0; i < FAULT_ROLES; i++) {
		const struct evsel *evsel = evlist_by_role(list, fault_roles[i]);

		if (evsel && (evsel->attr.freq || evsel->attr.sample_period != 1))
			return true;
	}
	return false;
}

bool evlist_has_kernel_mode(const struct evlist *list)
{
	for (size_t i = 0; i < FAULT_ROLES; i++) {
		const struct evsel *evsel = evlist_by_role(list, fault_roles[i]);

		if (evsel && evsel->attr.exclude_kernel)
			return false;
	}
	return true;
}

bool evlist_has_calls(const struct evlist *list)
{
	return evlist_by_role(list, ROLE_CALL_EXIT) != NULL;
}

bool evlist_has_call_stacks(const struct evlist *list)
{
	const struct evsel *enter = evlist_by_role(list, ROLE_CALL_ENTER);

	return enter && enter->attr.sample_type &
				(PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_STACK_USER);
}

static bool call_by_name(const char *name, enum mm_call *call)
{
	for (int i = 0; i < MM_CALL_COUNT; i++) {
		*call = (enum mm_call)i;
		if (!strcmp(name, mm_call_name(*call)))
			return true;
	}
	return false;
}

static enum evsel_role tracepoint_role(const char *full_name, enum mm_call *call)
{
	static const char enter[] = "syscalls:sys_enter_";
	static const char leave[] = "syscalls:sys_exit_";
	const struct tracepoint *row;

	for (row = tracepoints; row->system; row++) {
		size_t n = strlen(row->system);

		if (!strncmp(full_name, row->system, n) &&
		    full_name[n] == ':' && !strcmp(full_name + n + 1, row->name))
			return row->role;
	}
	if (!strncmp(full_name, enter, sizeof(enter) - 1))
		return call_by_name(full_name + sizeof(enter) - 1, call) ?
			       ROLE_CALL_ENTER : ROLE_OTHER;
	if (!strncmp(full_name, leave, sizeof(leave) - 1))
		return call_by_name(full_name + sizeof(leave) - 1, call) ?
			       ROLE_CALL_EXIT : ROLE_OTHER;
	return ROLE_OTHER;
}

static enum evsel_role role_of(const struct evsel *evsel, enum mm_call *call)
{
	if (evsel->attr.type == PERF_TYPE_TRACEPOINT)
		return tracepoint_role(evsel->name, call);
	if (evsel->attr.type != PERF_TYPE_SOFTWARE)
		return ROLE_OTHER;
	switch (evsel->attr.config) {
	case PERF_COUNT_SW_PAGE_FAULTS_MIN:
		return ROLE_MINOR;
	case PERF_COUNT_SW_PAGE_FAULTS_MAJ:
		return ROLE_MAJOR;
	case PERF_COUNT_SW_PAGE_FAULTS:
		return ROLE_ANY_FAULT;
	case PERF_COUNT_SW_DUMMY:
		return ROLE_SIDEBAND;
	case PERF_COUNT_SW_BPF_OUTPUT:
		return strcmp(evsel->name, NOTE_EVENT_NAME) ? ROLE_OTHER
							    : ROLE_NOTE;
	}
	return ROLE_OTHER;
}

static enum pfa_status resolve_fields(struct evsel *evsel,
				      struct formats *formats,
				      struct pfa_error *err)
{
	const struct tracepoint *row = tracepoint_by_role(evsel->role);
	enum pfa_status status;
	unsigned i;

	if (evsel->role == ROLE_CALL_EXIT)
		return formats_field(formats, evsel->attr.config, "ret", 0,
				     &evsel->fields[0], err);
	if (evsel->role == ROLE_CALL_ENTER) {
		/* A call has as many arguments as its format has fields. */
		for (i = 0; i < MM_CALL_ARGS; i++)
			if (formats_field(formats, evsel->attr.config, NULL, i,
					  &evsel->fields[i], err))
				break;
		return i ? PFA_OK : err->status;
	}
	for (i = 0; row && i < TP_FIELDS_MAX && row->fields[i]; i++) {
		status = formats_field(formats, evsel->attr.config,
				       row->fields[i], 0, &evsel->fields[i], err);
		if (status)
			return status;
	}
	return PFA_OK;
}

/* Other records end with the same fields (sample_id_all), read backwards. */
static void resolve_tail_offsets(struct evsel *evsel)
{
	uint64_t type = evsel->attr.sample_type;
	unsigned back = 0;

	if (!evsel->attr.sample_id_all)
		return;
	if (type & PERF_SAMPLE_IDENTIFIER)
		evsel->tail_id = back += 8;
	if (type & PERF_SAMPLE_CPU)
		evsel->tail_cpu = back += 8;
	if (type & PERF_SAMPLE_STREAM_ID)
		back += 8;
	if (type & PERF_SAMPLE_ID) {
		back += 8;
		if (!evsel->tail_id)
			evsel->tail_id = back;
	}
	if (type & PERF_SAMPLE_TIME)
		evsel->tail_time = back += 8;
}

enum pfa_status evlist_resolve(struct evlist *list, struct formats *formats,
			       struct pfa_error *err)
{
	for (size_t i = 0; i < list->count; i++) {
		struct evsel *evsel = list->evsels[i];
		enum pfa_status status;

		evsel->role = role_of(evsel, &evsel->call);
		evsel->sample = sample_layout_of(&evsel->attr);
		resolve_tail_offsets(evsel);
		if (evsel->attr.type != PERF_TYPE_TRACEPOINT ||
		    evsel->role == ROLE_OTHER)
			continue;
		status = resolve_fields(evsel, formats, err);
		if (status)
			return status;
	}
	return PFA_OK;
}

struct evsel *evlist_of_record(const struct evlist *list,
			       const struct perf_event_header *record)
{
	const struct perf_event_header header = {
		.type = load_u32(record),
		.size = load_u16((const char *)record + 6),
	};
	const struct evsel *first;
	struct evsel *evsel;
	unsigned at;

	if (!list->count)
		return NULL;
	first = list->evsels[0];
	if (list->count == 1)
		return list->evsels[0];
	if (header.type == PERF_RECORD_SAMPLE)
		at = first->sample.id;
	else
		at = first->tail_id && first->tail_id < header.size ?
			     header.size - first->tail_id : 0;
	if (!at || at + 8 > header.size)
		return header.type == PERF_RECORD_SAMPLE ? NULL
							 : list->evsels[0];
	evsel = evlist_by_id(list, load_u64((const char *)record + at));
	/* perf leaves the id of records it makes itself empty. */
	return evsel || header.type == PERF_RECORD_SAMPLE ? evsel
							  : list->evsels[0];
}

/* Where a field lies that is `back` bytes from the end; 0: not in this record. */
static unsigned from_end(unsigned size, unsigned back)
{
	return back && back + sizeof(struct perf_event_header) <= size ? size - back : 0;
}

struct record record_of(const struct evlist *list,
			const struct perf_event_header *header)
{
	const struct evsel *evsel = evlist_of_record(list, header);
	const unsigned size = record_size(header);
	struct record record = { .header = header, .evsel = evsel,
				 .size = (uint16_t)size };
	const char *bytes = (const char *)header;
	unsigned time = 0, cpu = 0;

	if (!evsel)
		return record;
	if (record_type(header) == PERF_RECORD_SAMPLE) {
		time = evsel->sample.time;
		cpu = evsel->sample.cpu;
	} else {
		time = from_end(size, evsel->tail_time);
		cpu = from_end(size, evsel->tail_cpu);
	}
	if (time && time + 8 <= size)
		record.time_ns = load_u64(bytes + time);
	if (cpu && cpu + 4 <= size)
		record.cpu = load_u32(bytes + cpu);
	return record;
}
