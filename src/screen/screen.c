#include "pfa/screen/screen.h"

#include <curses.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "pfa/base/mem.h"
#include "pfa/base/terminal.h"
#include "pfa/report/grid.h"
#include "pfa/report/top_keys.h"
#include "pfa/screen/terminfo.h"

enum { PAIR_WARNING = 1, ESCAPE_MS = 25 };

struct screen {
	FILE *in, *out;
	SCREEN *curses;
	bool color;
};

/* ---- opening ---- */

static int terminal_fd(void)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);

	if (fd < 0 && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	return fd;
}

static enum pfa_status open_files(struct screen *s, struct pfa_error *err)
{
	int fd = terminal_fd();

	if (fd >= 0) {
		s->out = fdopen(fd, "w");
		s->in = fdopen(fcntl(fd, F_DUPFD_CLOEXEC, 0), "r");
	}
	if (s->in && s->out)
		return PFA_OK;
	return pfa_fail(err, PFA_E_USAGE, "top needs a terminal, and there is none (use "
			"--batch=N: it prints N frames)");
}

static enum pfa_status start(struct screen *s, struct pfa_error *err)
{
	char ending[256];

	if (terminfo_ending(fileno(s->out), ending, sizeof(ending))) {
		terminal_keep(fileno(s->out), ending);
		setlocale(LC_CTYPE, "");
		/* Its size is what the terminal says, now and after each change. */
		unsetenv("LINES");
		unsetenv("COLUMNS");
		s->curses = newterm(NULL, s->out, s->in);
	}
	if (s->curses)
		return PFA_OK;
	return pfa_fail(err, PFA_E_USAGE, "nothing can be drawn on a terminal of type "
			"'%s' (set TERM, or use --batch=N)",
			getenv("TERM") ? getenv("TERM") : "");
}

static void set_up(struct screen *s)
{
	cbreak();
	noecho();
	curs_set(0);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(ESCAPE_MS);
	s->color = s->color && has_colors() && start_color() == OK;
	if (s->color)
		init_pair(PAIR_WARNING, COLOR_RED,
			  use_default_colors() == OK ? -1 : COLOR_BLACK);
}

enum pfa_status screen_open(struct screen **out, bool color, struct pfa_error *err)
{
	struct screen *s = pfa_alloc(sizeof(*s));
	enum pfa_status status = open_files(s, err);

	s->color = color;
	if (!status)
		status = start(s, err);
	if (status) {
		screen_close(s);
		return status;
	}
	set_up(s);
	*out = s;
	return PFA_OK;
}

void screen_close(struct screen *s)
{
	if (!s)
		return;
	if (s->curses) {
		endwin();
		delscreen(s->curses);
	}
	terminal_let_go();
	if (s->in)
		fclose(s->in);
	if (s->out)
		fclose(s->out);
	free(s);
}

/* ---- painting ---- */

void screen_size(const struct screen *s, size_t *rows, size_t *columns)
{
	int height, width;

	(void)s;
	getmaxyx(stdscr, height, width);
	*rows = (size_t)height;
	*columns = (size_t)width;
}

static attr_t attributes(const struct screen *s, enum grid_look look, short *pair)
{
	*pair = look == LOOK_WARNING && s->color ? PAIR_WARNING : 0;
	return look == LOOK_TITLE   ? A_REVERSE :
	       look == LOOK_HEAD    ? A_BOLD :
	       look == LOOK_WARNING ? A_BOLD :
				      A_NORMAL;
}

static void paint_cell(const struct screen *s, const struct grid_cell *cell)
{
	/* A locale of single bytes cannot show more than these. */
	wchar_t glyph[2] = { MB_CUR_MAX == 1 && cell->glyph > 126 ? L'?' : cell->glyph };
	attr_t look;
	cchar_t cooked;
	short pair;

	if (!cell->glyph) {
		if (MB_CUR_MAX > 1)
			return; /* the one before it is two wide */
		glyph[0] = L' ';
	}
	look = attributes(s, cell->look, &pair);
	setcchar(&cooked, glyph, look, pair, NULL);
	add_wch(&cooked);
}

void screen_paint(struct screen *s, const struct grid *grid)
{
	erase();
	for (size_t row = 0; row < grid->rows; row++) {
		move((int)row, 0);
		for (size_t i = 0; i < grid->columns; i++)
			paint_cell(s, &grid->cells[row * grid->columns + i]);
	}
	refresh();
}

/* ---- keys ---- */

int screen_fd(const struct screen *s)
{
	return fileno(s->in);
}

static bool is_gone(const struct screen *s)
{
	struct pollfd terminal = { .fd = fileno(s->in), .events = POLLIN };

	return poll(&terminal, 1, 0) == 1 && terminal.revents & (POLLHUP | POLLERR | POLLNVAL);
}

int screen_key(struct screen *s)
{
	int key = getch();

	switch (key) {
	case ERR:
		return is_gone(s) ? TOP_KEY_GONE : TOP_KEY_NONE;
	case KEY_RESIZE:
		return TOP_KEY_RESIZE;
	case KEY_BACKSPACE:
	case '\b':
		return TOP_KEY_ERASE;
	case KEY_ENTER:
	case '\r':
		return TOP_KEY_ENTER;
	default:
		return key;
	}
}
