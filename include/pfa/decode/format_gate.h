/*
 * What stands between an outside format text and libtraceevent.
 *
 * A capture comes from anywhere, and libtraceevent 1.7 leaks and crashes on
 * hostile text, above all in the `print fmt:` expression, which pfa never
 * evaluates. So the text is read here first, line by line, and a plain one is
 * written from what was understood: the name, the ID, and fields whose every
 * character and number was checked. Only that copy reaches the library.
 */
#ifndef PFA_DECODE_FORMAT_GATE_H
#define PFA_DECODE_FORMAT_GATE_H

#include <stdbool.h>
#include <stddef.h>

#include "pfa/base/status.h"

struct text;

/* Letters, digits and underscores, as the kernel names systems and events. */
bool format_gate_is_name(const char *name, size_t length);

/* Appends the plain copy to `clean` and stores the event's ID. */
enum pfa_status format_gate(const char *text, size_t length, struct text *clean,
			    int *event_id, struct pfa_error *err) PFA_MUST_CHECK;

#endif
