/*
 * Sizes and times as people write them, in and out.
 *
 * Sizes are bytes with binary suffixes (4K, 1.5M, 2G); times are nanoseconds
 * with ns, us, ms, s, m suffixes (a bare number of seconds has none). Output
 * always fits in UNITS_MAX bytes including the terminator.
 */
#ifndef PFA_BASE_UNITS_H
#define PFA_BASE_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UNITS_MAX = 32 };

bool units_parse_size(const char *text, uint64_t *size_bytes);
bool units_parse_time(const char *text, uint64_t *time_ns);
bool units_parse_count(const char *text, uint64_t *count);

/* The text lies in `buf`, not always at its start. */
const char *units_size(char buf[UNITS_MAX], uint64_t size_bytes); /* "1.0M" */
const char *units_time(char buf[UNITS_MAX], uint64_t time_ns);    /* "12.4ms" */

#endif
