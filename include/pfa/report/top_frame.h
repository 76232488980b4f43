/*
 * Draws a frame of `pfa top` into a grid: rates, latencies, regions and functions beside
 * each other, processes with their memory, alerts, keys. Tables have the rows that there
 * is room for.
 */
#ifndef PFA_REPORT_TOP_FRAME_H
#define PFA_REPORT_TOP_FRAME_H

#include "pfa/report/grid.h"
#include "pfa/report/top.h"
#include "pfa/report/top_keys.h"

/* What a frame needs at least, and what it has where it goes into a file. */
enum { TOP_ROWS_MIN = 20, TOP_COLUMNS_MIN = 80, TOP_ROWS = 24, TOP_COLUMNS = 80 };

/* A grid of any size: too small a one says so. */
void top_draw(const struct top *top, const struct top_look *look, struct grid *grid);

/* One for a file, and an empty line. */
void top_print(const struct top *top, struct text *out);

#endif
