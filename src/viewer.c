#include "pfa/viewer.h"

#include <poll.h>
#include <stdint.h>
#include <stdlib.h>

#include "pfa/base/mem.h"
#include "pfa/report/grid.h"
#include "pfa/report/top_frame.h"
#include "pfa/report/top_keys.h"
#include "pfa/screen/screen.h"

struct viewer {
	struct screen *screen;
	struct top *top;
	struct top_look look;
	struct grid grid;
	uint64_t drawn; /* frames had ended when it was drawn last */
	bool quit;
};

static void draw(struct viewer *v)
{
	size_t rows, columns;

	screen_size(v->screen, &rows, &columns);
	grid_clear(&v->grid, rows, columns);
	top_draw(v->top, &v->look, &v->grid);
	screen_paint(v->screen, &v->grid);
	v->drawn = v->top->frames;
}

enum pfa_status viewer_open(struct viewer **out, struct top *top, bool color,
			    struct pfa_error *err)
{
	struct screen *screen;
	enum pfa_status status = screen_open(&screen, color, err);
	struct viewer *v;

	if (status)
		return status;
	v = pfa_alloc(sizeof(*v));
	v->screen = screen;
	v->top = top;
	v->look.has_keys = true;
	v->look.by_time = top->view.sort_by_time;
	grid_init(&v->grid);
	draw(v);
	*out = v;
	return PFA_OK;
}

void viewer_close(struct viewer *v)
{
	if (!v)
		return;
	screen_close(v->screen);
	grid_release(&v->grid);
	free(v);
}

int viewer_fd(const struct viewer *v)
{
	return screen_fd(v->screen);
}

/* True: what is drawn is not as it should be any more. */
static bool obey(struct viewer *v)
{
	bool any = false;
	int key;

	while (!v->quit && (key = screen_key(v->screen)) != TOP_KEY_NONE) {
		v->quit = top_key(v->top, &v->look, key) == TOP_QUIT;
		any = true;
	}
	return any;
}

bool viewer_round(struct viewer *v)
{
	bool changed = obey(v);

	if (!v->quit && (changed || (v->top->frames != v->drawn && !v->top->paused)))
		draw(v);
	return !v->quit;
}

/* The last frame is the rest of one: all of the run tells more. */
void viewer_linger(struct viewer *v, int interrupt_fd)
{
	v->look.whole = true;
	draw(v);
	while (viewer_round(v)) {
		struct pollfd fds[] = {
			{ .fd = screen_fd(v->screen), .events = POLLIN },
			{ .fd = interrupt_fd, .events = POLLIN },
		};

		poll(fds, sizeof(fds) / sizeof(fds[0]), -1);
		if (fds[1].revents)
			return;
	}
}
