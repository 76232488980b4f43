/*
 * Records from outside, one after the other, on their whole way: found their event,
 * merged, decoded, and folded into the model. The list of events holds every role;
 * ids are their places in it.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/intern.h"
#include "pfa/decode/decode.h"
#include "pfa/decode/evlist.h"
#include "pfa/decode/formats.h"
#include "pfa/decode/merge.h"
#include "pfa/model/model.h"
#include "pfa/model/space.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum {
	SAMPLE_TYPE = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID |
		      PERF_SAMPLE_TIME | PERF_SAMPLE_CPU,
	ROUND = 8, /* records between two releases */
};

static void check(int holds)
{
	if (!holds)
		abort();
}

/* ---- the list ---- */

static struct evsel *add_event(struct evlist *list, uint64_t more_fields)
{
	const struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE, /* no role by itself */
		.sample_type = SAMPLE_TYPE | more_fields,
		.sample_id_all = 1,
	};
	struct evsel *evsel = evlist_add(list, &attr, "fuzz");

	evlist_add_id(list, evsel, list->count - 1);
	return evsel;
}

static uint64_t fields_of(enum evsel_role role)
{
	switch (role) {
	case ROLE_OTHER:
	case ROLE_SIDEBAND:
		return 0;
	case ROLE_MINOR:
	case ROLE_MAJOR:
	case ROLE_ANY_FAULT:
		return PERF_SAMPLE_ADDR | PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_PHYS_ADDR |
		       PERF_SAMPLE_DATA_PAGE_SIZE;
	default:
		return PERF_SAMPLE_RAW;
	}
}

/* Numbers of 8 bytes one behind the other; exec's first is a string. */
static void set_fields(struct evsel *evsel)
{
	for (uint16_t i = 0; i < TP_FIELDS_MAX; i++)
		evsel->fields[i] = (struct tp_field){ .offset = (uint16_t)(8 * i),
						      .size = 8, .is_signed = i % 2 };
	if (evsel->role == ROLE_SCHED_EXEC) {
		evsel->fields[0].size = 4;
		evsel->fields[0].is_dynamic = true;
	}
}

static bool has_a_call(enum evsel_role role)
{
	return role == ROLE_CALL_ENTER || role == ROLE_CALL_EXIT;
}

static struct evlist *every_event(void)
{
	struct evlist *list = evlist_new();
	struct formats *formats = formats_new();
	struct pfa_error err;

	for (int role = 0; role < ROLE_COUNT; role++)
		for (int call = 0; call < MM_CALL_COUNT; call++)
			if (!call || has_a_call((enum evsel_role)role))
				add_event(list, fields_of((enum evsel_role)role));
	check(evlist_resolve(list, formats, &err) == PFA_OK);
	formats_free(formats);
	for (size_t i = 0, role = 0, call = 0; i < list->count; i++) {
		struct evsel *evsel = list->evsels[i];

		evsel->role = (enum evsel_role)role;
		evsel->call = (enum mm_call)call;
		set_fields(evsel);
		call = has_a_call(evsel->role) ? (call + 1) % MM_CALL_COUNT : 0;
		role += !call;
	}
	return list;
}

/* ---- the observer: what is told makes sense ---- */

static void check_actor(const struct actor *actor)
{
	check(actor->serial && actor->thread_serial);
	check(strlen(actor->comm) < UINT16_MAX && strlen(actor->process_comm) < UINT16_MAX);
}

static void on_fault(void *context, const struct fault *fault)
{
	(void)context;
	check_actor(&fault->actor);
	check(fault->type < FAULT_TYPE_COUNT && fault->kind[0] && fault->region->text);
}

static void on_change(void *context, const struct change *change)
{
	(void)context;
	check_actor(&change->actor);
	check(change->kind < CHANGE_KIND_COUNT && change->region->object);
	check(!change->giver || change->pages_given);
}

static void on_life(void *context, const struct life *life)
{
	(void)context;
	check_actor(&life->actor);
	check(life->kind != LIFE_EXEC_REBUILD || life->image);
	if (life->kind == LIFE_FORK)
		check_actor(&life->child);
}

static void on_loss(void *context, const struct loss *loss)
{
	(void)context;
	(void)loss;
}

static void on_process(void *context, const struct process_facts *process)
{
	(void)context;
	check(process->actor.serial && process->totals);
	check(process->parent < process->actor.serial);
}

/* In order, none over another. */
static void on_layout(void *context, const struct layout *layout)
{
	uint64_t end = 0;

	(void)context;
	for (size_t i = 0; i < layout->vma_count; i++) {
		check(layout->vmas[i].start >= end);
		end = layout->vmas[i].end;
		check(layout->vmas[i].start < end && layout->vmas[i].class[0]);
	}
	end = 0;
	for (size_t i = 0; i < layout->piece_count; i++) {
		check(layout->pieces[i].start >= end);
		end = layout->pieces[i].end;
		check(layout->pieces[i].start < end && layout->pieces[i].region->text);
	}
}

static void on_memory(void *context, const struct memory_sample *sample)
{
	(void)context;
	check(sample->actor.serial && sample->actor.comm);
	check(sample->reason < SAMPLE_REASON_COUNT);
	check(sample->reason != SAMPLE_exit || !sample->size_bytes);
}

/* ---- the way ---- */

struct pipeline {
	const struct evlist *list;
	struct intern *strings;
	struct merge *merge;
	struct model *model;
	uint64_t newest_ns;
};

static void release(struct pipeline *p, uint64_t limit_ns)
{
	struct record record;
	struct event event;

	while (merge_pop(p->merge, limit_ns, &record))
		if (decode_event(&record, p->strings, &event))
			model_feed(p->model, &event);
}

/* As every source does: a record is at least its header and lies whole in memory. */
static void feed(struct pipeline *p, const uint8_t *bytes, size_t size)
{
	for (unsigned count = 1; size >= sizeof(struct perf_event_header); count++) {
		const struct perf_event_header *header = (const void *)bytes;
		size_t length = record_size(header);
		struct record record;

		if (length < sizeof(*header) || length > size)
			return;
		record = record_of(p->list, header);
		merge_push(p->merge, &record);
		if (record.time_ns > p->newest_ns)
			p->newest_ns = record.time_ns;
		if (count % ROUND == 0)
			release(p, p->newest_ns / 2);
		bytes += length;
		size -= length;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const struct observer observer = { .fault = on_fault, .change = on_change,
					   .life = on_life, .loss = on_loss,
					   .process = on_process,
					   .layout = on_layout,
					   .memory = on_memory };
	const struct model_abilities abilities = { .begins = true, .signals = size % 2,
						   .clones = size % 3 };
	static const struct evlist *list; /* made once */
	struct pipeline p = { .strings = intern_new(), .merge = merge_new() };

	if (!list)
		list = every_event();
	p.list = list;
	p.model = model_new(p.strings, &abilities, &observer);
	if (size % 5)
		model_want_layouts(p.model);
	feed(&p, bytes, size);
	release(&p, UINT64_MAX);
	model_finish(p.model);
	model_free(p.model);
	merge_free(p.merge);
	intern_free(p.strings);
	return 0;
}
