/*
 * The text of /tmp/perf-PID.map, a piece of code a line, numbers hexadecimal:
 *
 *     7f3a1c0021c0 1a4 LazyCompile:*sum /srv/app.js:12:9
 *
 * Source: tools/perf/Documentation/jit-interface.txt in the kernel's tree. There are no
 * times: the last line about an address holds.
 */
#ifndef PFA_SYMBOL_PERF_MAP_H
#define PFA_SYMBOL_PERF_MAP_H

#include <stddef.h>

struct jit_code;

/* Takes the whole lines at the beginning of the text. Returns how many bytes they are:
 * what follows has no end yet. Broken lines are skipped. */
size_t perf_map_read(struct jit_code *code, const char *text, size_t length);

#endif
