/*
 * Tracepoint formats from outside: one format text, or a TRACING_DATA section.
 *
 * libtraceevent is not instrumented here, but its allocations are checked: what
 * decode/format_gate.c lets through must not make it leak or overrun.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/decode/evlist.h"
#include "pfa/decode/formats.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

static void ask_event(struct formats *formats, uint64_t id)
{
	char *name = formats_event_name(formats, id);
	struct tp_field field;
	struct pfa_error err;

	for (unsigned i = 0; i < 8; i++)
		if (!formats_field(formats, id, NULL, i, &field, &err))
			check(field.size > 0 && name);
	if (formats_field(formats, id, "pid", 0, &field, &err))
		check(err.status == PFA_E_FORMAT);
	free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct formats *formats = formats_new();
	struct pfa_error err = { 0 };
	enum pfa_status status;

	if (size >= 3 && !memcmp(bytes, "\x17\x08\x44", 3))
		status = formats_add_tracing_data(formats, bytes, size, &err);
	else
		status = formats_add(formats, "sys", (const char *)bytes, size,
				     &err);
	check(!status || (status == PFA_E_FORMAT && err.text[0]));
	for (uint64_t id = 0; id < 512; id++)
		ask_event(formats, id);
	formats_free(formats);
	return 0;
}
