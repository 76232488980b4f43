/*
 * Text of /proc/PID/maps compared with a layout: what differs is put right, so that the
 * same text once more does not differ. A line "--" parts two texts: the layout is first
 * made what the one before it says.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/intern.h"
#include "pfa/base/text.h"
#include "pfa/decode/event.h"
#include "pfa/model/model.h"
#include "pfa/model/observation.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

static void on_life(void *context, const struct life *life)
{
	(void)context, (void)life;
}

static void on_drift(void *context, const struct drift *drift)
{
	(void)context;
	check(drift->start < drift->end && drift->ranges > 0);
	check(strcmp(drift->modelled, "nothing") || strcmp(drift->mapped, "nothing"));
}

static void reading(struct model *model, uint64_t time_ns, const char *maps, size_t length)
{
	struct event event = { .kind = EVENT_NOTE, .pid = 1, .tid = 1,
			       .time_ns = time_ns };
	struct text note;

	text_init(&note);
	text_str(&note, "maps begin=100 part=1 of=1\n");
	text_bytes(&note, maps, length);
	event.note.bytes = note.bytes;
	event.note.length = note.length;
	model_feed(model, &event);
	text_release(&note);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const struct observer observer = { .life = on_life, .drift = on_drift };
	const struct model_abilities abilities = { .begins = true };
	const struct event exec = { .kind = EVENT_COMM, .pid = 1, .tid = 1, .time_ns = 5,
				    .comm = { .comm = "x", .exec = true } };
	const struct event done = { .kind = EVENT_EXEC, .pid = 1, .tid = 1, .time_ns = 6,
				    .exec = { .filename = "/x" } };
	const char *maps = (const char *)bytes;
	const char *parting = size ? memmem(maps, size, "--\n", 3) : NULL;
	size_t first = parting ? (size_t)(parting - maps) : size / 2;
	struct intern *strings = intern_new();
	struct model *model = model_new(strings, &abilities, &observer);
	const struct run_facts *facts = model_facts(model);
	uint64_t drifts;

	model_feed(model, &exec);
	model_feed(model, &done);
	reading(model, 200, maps, first);
	reading(model, 300, maps + first, size - first);
	drifts = facts->drifts;
	reading(model, 400, maps + first, size - first);
	check(facts->drifts == drifts);
	model_finish(model);
	model_free(model);
	intern_free(strings);
	return 0;
}
