/*
 * The tracepoints pfa subscribes to, beside the system calls of mm_calls.h:
 * one row a tracepoint. The order of `fields` is what decode.c reads by index.
 */
#ifndef PFA_DECODE_TRACEPOINTS_H
#define PFA_DECODE_TRACEPOINTS_H

#include <stddef.h>

#include "pfa/decode/evlist.h"

struct tracepoint {
	const char *system;
	const char *name;
	enum evsel_role role;
	const char *fields[TP_FIELDS_MAX]; /* NULL-terminated */
	const char *filter; /* in-kernel filter, or NULL */
};

/* Ends with a row whose system is NULL. */
extern const struct tracepoint tracepoints[];

/* The row with that role; NULL when the role is not a fixed tracepoint. */
const struct tracepoint *tracepoint_by_role(enum evsel_role role);

#endif
