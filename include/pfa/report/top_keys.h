/*
 * What a key does in `pfa top`: it changes the way in which the frame is looked at, or
 * the filter.
 */
#ifndef PFA_REPORT_TOP_KEYS_H
#define PFA_REPORT_TOP_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "pfa/report/top.h"

/* How the frame is looked at. */
struct top_look {
	bool by_time; /* tables; otherwise by the number of faults */
	bool whole; /* tables and latencies since the start, not of the frame */
	bool typing; /* a region, to be filtered by */
	char typed[TOP_GLOB_MAX];
	size_t typed_length;
	bool has_keys; /* there is somebody who can press them */
};

/* Keys that are no characters, as the screen tells them. */
enum top_special {
	TOP_KEY_NONE = -1, /* none was pressed */
	TOP_KEY_RESIZE = -2, /* the screen has another size */
	TOP_KEY_GONE = -3, /* there is no terminal any more */
	TOP_KEY_ENTER = '\n',
	TOP_KEY_ESCAPE = 27,
	TOP_KEY_ERASE = 127,
	TOP_KEY_ERASE_LINE = 'U' - '@',
};

enum top_wish { TOP_DRAW, TOP_QUIT };

/* A key was pressed. What it means for who asks for keys. */
enum top_wish top_key(struct top *top, struct top_look *look, int key);

/* The line that tells the keys, or what is being typed. */
void top_put_keys(const struct top_look *look, struct text *out);

#endif
