/*
 * Tracepoint formats, parsed by libtraceevent.
 *
 * Filled from tracefs when live (formats_add with the text of an event's
 * `format` file) or from the TRACING_DATA section of a capture
 * (formats_add_tracing_data). Owns everything; formats_free() ends it.
 */
#ifndef PFA_DECODE_FORMATS_H
#define PFA_DECODE_FORMATS_H

#include <stddef.h>
#include <stdint.h>

#include "pfa/base/status.h"

struct formats;
struct tp_field;

struct formats *formats_new(void);
void formats_free(struct formats *formats);

/* `system` is "exceptions"; the text names the event itself. */
enum pfa_status formats_add(struct formats *formats, const char *system,
			    const char *text, size_t length,
			    struct pfa_error *err) PFA_MUST_CHECK;

/*
 * Reads a TRACING_DATA blob as trace-cmd and perf write it (version 0.5 and
 * 0.6; see Documentation/trace in trace-cmd, tools/perf/util/trace-event-read.c).
 * Every length in it is bounded by `length`.
 */
enum pfa_status formats_add_tracing_data(struct formats *formats,
					 const void *bytes, size_t length,
					 struct pfa_error *err) PFA_MUST_CHECK;

/*
 * Finds a field by name, or with name NULL the index-th field that is neither
 * common nor __syscall_nr. Returns PFA_E_FORMAT when the event or field is missing.
 */
enum pfa_status formats_field(struct formats *formats, uint64_t event_id,
			      const char *name, unsigned index,
			      struct tp_field *field,
			      struct pfa_error *err) PFA_MUST_CHECK;

/* "system:name" of a tracepoint id; NULL when unknown. Caller frees. */
char *formats_event_name(struct formats *formats, uint64_t event_id);

/*
 * One tracepoint as it goes into TRACING_DATA. Borrowed strings.
 */
struct format_text {
	const char *system;
	const char *text;
	size_t length;
};

/*
 * Builds a TRACING_DATA blob from header_page, header_event and the events'
 * format texts, ready for a capture. The caller frees *bytes. The two headers
 * are the texts of these files in tracefs: perf rejects other or empty ones.
 */
void formats_write_tracing_data(const char *header_page,
				const char *header_event,
				const struct format_text *events, size_t count,
				void **bytes, size_t *length);

#endif
