#include "pfa/decode/formats.h"

#include <event-parse.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/mem.h"
#include "pfa/base/text.h"
#include "pfa/decode/evlist.h"
#include "pfa/decode/format_gate.h"

struct formats {
	struct tep_handle *tep;
};

struct formats *formats_new(void)
{
	struct formats *formats = pfa_alloc(sizeof(*formats));

	/* It would print to stderr, which is main's. */
	tep_set_loglevel(TEP_LOG_NONE);
	formats->tep = tep_alloc();
	if (!formats->tep)
		pfa_out_of_memory();
	return formats;
}

void formats_free(struct formats *formats)
{
	if (!formats)
		return;
	tep_free(formats->tep);
	free(formats);
}

static struct tep_event *find_event(struct formats *formats, uint64_t event_id)
{
	if (event_id > INT_MAX)
		return NULL;
	return tep_find_event(formats->tep, (int)event_id);
}

static enum pfa_status parse(struct formats *formats, const char *system,
			     struct text *clean, struct pfa_error *err)
{
	enum tep_errno failed;

	failed = tep_parse_event(formats->tep, clean->bytes, clean->length,
				 system);
	if (!failed)
		return PFA_OK;
	return pfa_fail(err, PFA_E_FORMAT,
			"libtraceevent cannot read a format of %s (error %d)",
			system, (int)failed);
}

enum pfa_status formats_add(struct formats *formats, const char *system,
			    const char *text, size_t length,
			    struct pfa_error *err)
{
	enum pfa_status status;
	struct pfa_error why;
	struct text clean;
	int event_id = 0;

	if (!format_gate_is_name(system, strlen(system)))
		return pfa_fail(err, PFA_E_FORMAT,
				"a tracepoint system's name is not one word");
	text_init(&clean);
	status = format_gate(text, length, &clean, &event_id, &why);
	if (status)
		pfa_fail(err, status, "format of a tracepoint of %s: %s",
			 system, why.text);
	else if (!find_event(formats, (uint64_t)event_id))
		status = parse(formats, system, &clean, err);
	text_release(&clean);
	return status;
}

/* A tracepoint field of another kind than pfa's records can hold. */
static enum pfa_status fill_field(const struct tep_event *event,
				  const struct tep_format_field *from,
				  struct tp_field *field, struct pfa_error *err)
{
	if (from->offset < 0 || from->offset > UINT16_MAX || from->size <= 0 ||
	    from->size > UINT8_MAX || (from->flags & TEP_FIELD_IS_RELATIVE))
		return pfa_fail(err, PFA_E_FORMAT,
				"tracepoint %s:%s: field \"%s\" has a size, offset "
				"or type pfa does not know (report this with the "
				"kernel's version)",
				event->system, event->name, from->name);
	*field = (struct tp_field){
		.offset = (uint16_t)from->offset,
		.size = (uint8_t)from->size,
		.is_signed = from->flags & TEP_FIELD_IS_SIGNED,
		.is_dynamic = from->flags & TEP_FIELD_IS_DYNAMIC,
	};
	return PFA_OK;
}

static const struct tep_format_field *nth_field(const struct tep_event *event,
						unsigned index)
{
	const struct tep_format_field *field = event->format.fields;

	for (; field; field = field->next)
		if (strcmp(field->name, "__syscall_nr") != 0 && !index--)
			return field;
	return NULL;
}

enum pfa_status formats_field(struct formats *formats, uint64_t event_id,
			      const char *name, unsigned index,
			      struct tp_field *field, struct pfa_error *err)
{
	struct tep_event *event = find_event(formats, event_id);
	const struct tep_format_field *found;

	if (!event)
		return pfa_fail(err, PFA_E_FORMAT,
				"tracepoint id %llu has no format here: the "
				"capture was made without it, record it again",
				(unsigned long long)event_id);
	found = name ? tep_find_any_field(event, name) : nth_field(event, index);
	if (found)
		return fill_field(event, found, field, err);
	if (name)
		return pfa_fail(err, PFA_E_FORMAT,
				"tracepoint %s:%s has no field \"%s\" in this "
				"kernel's format (report this with the kernel's "
				"version)", event->system, event->name, name);
	return pfa_fail(err, PFA_E_FORMAT,
			"tracepoint %s:%s has no argument %u in this kernel's format",
			event->system, event->name, index);
}

char *formats_event_name(struct formats *formats, uint64_t event_id)
{
	const struct tep_event *event = find_event(formats, event_id);
	struct text name;
	char *copy;

	if (!event || !event->system || !event->name)
		return NULL;
	text_init(&name);
	text_printf(&name, "%s:%s", event->system, event->name);
	copy = pfa_strdup(text_cstr(&name));
	text_release(&name);
	return copy;
}
