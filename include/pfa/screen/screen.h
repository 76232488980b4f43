/*
 * The terminal as a screen: grids are painted on it, keys read from it. By ncurses, the
 * only place that knows it.
 *
 * It is the controlling terminal, whatever stdin and stdout are. Nothing else is to be
 * printed on it until screen_close(); however pfa ends, it is put back as it was
 * (base/terminal.h). Ctrl-C is a signal as ever.
 */
#ifndef PFA_SCREEN_SCREEN_H
#define PFA_SCREEN_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "pfa/base/status.h"

struct grid;
struct screen;

/* PFA_E_USAGE: there is no terminal, or it is one that nothing can be drawn on. */
enum pfa_status screen_open(struct screen **screen, bool color,
			    struct pfa_error *err) PFA_MUST_CHECK;
void screen_close(struct screen *screen);

/* Readable: a key was pressed. Borrowed. */
int screen_fd(const struct screen *screen);

void screen_size(const struct screen *screen, size_t *rows, size_t *columns);
/* The grid has the screen's size. */
void screen_paint(struct screen *screen, const struct grid *grid);

/* The next key that was pressed, or one of enum top_special. Does not wait. */
int screen_key(struct screen *screen);

#endif
