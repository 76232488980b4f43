/*
 * Records become events.
 *
 * Stateless but for the string pool: all that is known about an event's bytes was
 * fixed by evlist_resolve(). A record that contradicts its own lengths is corrupt;
 * the caller counts it and goes on.
 */
#ifndef PFA_DECODE_DECODE_H
#define PFA_DECODE_DECODE_H

#include <stdbool.h>

#include "pfa/decode/event.h"
#include "pfa/decode/record.h"

struct intern;

/* False when the record is corrupt. EVENT_NONE for records pfa has no use for. */
bool decode_event(const struct record *record, struct intern *strings,
		  struct event *event);

#endif
