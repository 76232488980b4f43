#include "pfa/report/top_frame.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "pfa/base/text.h"
#include "pfa/base/units.h"

/* Where things stand: the tables between get what is left. */
enum { ROW_TITLE, ROW_FILTER, ROW_RATES, ROW_LATENCY = 6, ROW_TABLES = 10 };

/* What a drawing needs everywhere. */
struct drawing {
	const struct top *top;
	const struct top_look *look;
	struct grid *grid;
	const struct top_window *window; /* that tables and latencies are of */
	struct text text; /* of one cell */
};

/* ---- cells ---- */

static void put_cell(struct drawing *d, size_t row, size_t column, size_t width,
		     enum grid_look look)
{
	grid_put_right(d->grid, row, column, width, look, text_cstr(&d->text));
	text_clear(&d->text);
}

static void put_line(struct drawing *d, size_t row, size_t column, size_t width,
		     enum grid_look look)
{
	grid_put(d->grid, row, column, width, look, text_cstr(&d->text));
	text_clear(&d->text);
}

/* Large ones in thousands, that they keep to their column. */
static void put_count(struct drawing *d, size_t row, size_t column, size_t width,
		      uint64_t value)
{
	static const char suffixes[] = " kMGTPE";
	const char *suffix = suffixes;

	while (value >= 10000000) {
		value /= 1000;
		suffix++;
	}
	text_dec(&d->text, value);
	if (suffix != suffixes)
		text_char(&d->text, *suffix);
	put_cell(d, row, column, width, LOOK_PLAIN);
}

/* Of faults, none of which may have a known latency. */
static void put_time(struct drawing *d, size_t row, size_t column, size_t width,
		     const struct counts *counts, uint64_t time_ns)
{
	char buf[UNITS_MAX];
	bool known = counts->timed || !counts->faults;

	grid_put_right(d->grid, row, column, width, LOOK_PLAIN,
		       known ? units_time(buf, time_ns) : "-");
}

static void put_size(struct drawing *d, size_t row, size_t column, size_t width,
		     bool known, uint64_t size_bytes)
{
	char buf[UNITS_MAX];

	grid_put_right(d->grid, row, column, width, LOOK_PLAIN,
		       known ? units_size(buf, size_bytes) : "-");
}

/* ---- what is shown: of the frame by the second, of the whole run all of it ---- */

static uint64_t per_second(const struct top_window *w, uint64_t amount)
{
	uint64_t length_ns = w->end_ns - w->start_ns;

	if (!length_ns)
		return 0;
	return (uint64_t)(((__uint128_t)amount * 1000000000 + length_ns / 2) / length_ns);
}

static uint64_t shown(const struct drawing *d, uint64_t amount)
{
	return d->look->whole ? amount : per_second(d->window, amount);
}

/* ---- the title, and what narrows the view ---- */

static const char *state_of(const struct top *t)
{
	return t->over ? "over" : t->paused ? "paused" : "running";
}

static void draw_title(struct drawing *d)
{
	const struct top *t = d->top;
	char every[UNITS_MAX], at[UNITS_MAX];

	text_str(&d->text, "pfa top");
	if (t->view.subject) {
		text_str(&d->text, "  ");
		text_escaped(&d->text, t->view.subject);
	}
	put_line(d, ROW_TITLE, 0, d->grid->columns - 40, LOOK_TITLE);
	text_printf(&d->text, "frame %" PRIu64 "  at %s  every %s  %s", t->number,
		    units_time(at, t->last.end_ns), units_time(every, t->view.interval_ns),
		    state_of(t));
	put_cell(d, ROW_TITLE, 0, d->grid->columns, LOOK_TITLE);
	grid_look(d->grid, ROW_TITLE, LOOK_TITLE);
}

static void put_filter(struct text *out, const struct top *t)
{
	const char *between = "only ";

	for (int type = 0; type < FAULT_TYPE_COUNT; type++) {
		if (!(t->wanted.types & 1U << type))
			continue;
		text_printf(out, "%s%s", between, fault_type_name((enum fault_type)type));
		between = ", ";
	}
	if (t->view.kinds) {
		text_printf(out, "%s%s", between, t->view.kinds);
		between = ", ";
	}
	if (*t->wanted.region) {
		text_printf(out, "%sregion ", between);
		text_escaped(out, t->wanted.region);
	}
}

static void draw_filter(struct drawing *d)
{
	put_filter(&d->text, d->top);
	put_line(d, ROW_FILTER, 0, d->grid->columns - 36, LOOK_PLAIN);
	text_printf(&d->text, "sorted by %s, %s", d->look->by_time ? "time" : "faults",
		    d->look->whole ? "of the whole run" : "a second");
	put_cell(d, ROW_FILTER, 0, d->grid->columns, LOOK_PLAIN);
}

/* ---- rates ---- */

enum { LABEL = 10, RATE = 9 };

static void draw_counts(struct drawing *d, size_t row, const char *label,
			const struct counts *counts, const struct top_window *by)
{
	size_t at = LABEL;

	grid_put(d->grid, row, 0, LABEL, LOOK_PLAIN, label);
	put_count(d, row, at, RATE, by ? per_second(by, counts->faults) : counts->faults);
	for (int type = 0; type < FAULT_TYPE_COUNT; type++) {
		uint64_t value = counts->by_type[type];

		put_count(d, row, at += RATE, RATE, by ? per_second(by, value) : value);
	}
	put_time(d, row, at += RATE, RATE, counts,
		 by ? per_second(by, counts->time_ns) : counts->time_ns);
}

static void draw_lost(struct drawing *d, size_t row, uint64_t lost)
{
	text_dec(&d->text, lost);
	put_cell(d, row, LABEL + 6 * RATE, RATE, lost ? LOOK_WARNING : LOOK_PLAIN);
}

static void draw_rates(struct drawing *d)
{
	const struct top *t = d->top;
	size_t at = LABEL;

	grid_put_right(d->grid, ROW_RATES, at, RATE, LOOK_HEAD, "faults");
	for (int type = 0; type < FAULT_TYPE_COUNT; type++)
		grid_put_right(d->grid, ROW_RATES, at += RATE, RATE, LOOK_HEAD,
			       fault_type_name((enum fault_type)type));
	grid_put_right(d->grid, ROW_RATES, at += RATE, RATE, LOOK_HEAD, "time");
	grid_put_right(d->grid, ROW_RATES, at += RATE, RATE, LOOK_HEAD, "lost");
	grid_look(d->grid, ROW_RATES, LOOK_HEAD);
	draw_counts(d, ROW_RATES + 1, "a second", &t->last.all, &t->last);
	draw_lost(d, ROW_RATES + 1, per_second(&t->last, t->last.lost));
	draw_counts(d, ROW_RATES + 2, "in all", &t->sum, NULL);
	draw_lost(d, ROW_RATES + 2, t->sum_lost);
}

/* ---- latencies ---- */

enum { BUCKET = 7 };

static void draw_quantiles(struct drawing *d)
{
	const struct top_window *w = d->window;
	char half[UNITS_MAX], most[UNITS_MAX], max[UNITS_MAX];

	if (!w->shown.timed)
		return;
	text_printf(&d->text, "%-*shalf up to %s, 99%% up to %s, the longest %s", LABEL, "",
		    units_time(half, quantile_value(&w->half)),
		    units_time(most, quantile_value(&w->most)),
		    units_time(max, w->shown.max_ns));
	put_line(d, ROW_LATENCY + 2, 0, d->grid->columns, LOOK_PLAIN);
}

static void draw_latencies(struct drawing *d)
{
	static const char *const heads[TOP_LATENCY_COUNT] = {
#define X(below, text) text,
		TOP_LATENCIES(X)
#undef X
	};

	grid_put(d->grid, ROW_LATENCY, 0, LABEL, LOOK_HEAD, "latency");
	grid_put(d->grid, ROW_LATENCY + 1, 0, LABEL, LOOK_PLAIN,
		 d->look->whole ? "in all" : "a second");
	for (size_t i = 0; i < TOP_LATENCY_COUNT; i++) {
		size_t at = LABEL + i * BUCKET;

		grid_put_right(d->grid, ROW_LATENCY, at, BUCKET, LOOK_HEAD, heads[i]);
		put_count(d, ROW_LATENCY + 1, at, BUCKET, shown(d, d->window->latency[i]));
	}
	grid_look(d->grid, ROW_LATENCY, LOOK_HEAD);
	draw_quantiles(d);
}

/* ---- tables ---- */

enum { COUNT = 8, TIME = 8, NAMES = COUNT + TIME + 2 };

/* A table below its head, in columns of its own. */
struct place {
	size_t row, rows, column, width;
};

static void draw_head(struct drawing *d, const struct place *p, const char *name)
{
	grid_put_right(d->grid, p->row, p->column, COUNT, LOOK_HEAD,
		       d->look->whole ? "faults" : "faults/s");
	grid_put_right(d->grid, p->row, p->column + COUNT, TIME, LOOK_HEAD,
		       d->look->whole ? "time" : "time/s");
	grid_put(d->grid, p->row, p->column + NAMES, p->width - NAMES, LOOK_HEAD, name);
}

static void draw_numbers(struct drawing *d, size_t row, size_t column,
			 const struct counts *counts)
{
	put_count(d, row, column, COUNT, shown(d, counts->faults));
	put_time(d, row, column + COUNT, TIME, counts, shown(d, counts->time_ns));
}

static void draw_table(struct drawing *d, enum top_table table, const char *name,
		       const struct place *p)
{
	size_t count;
	const struct top_row **rows = top_window_sorted(d->window, table, d->look->by_time,
							&count);

	draw_head(d, p, name);
	for (size_t i = 0; i < count && i < p->rows; i++) {
		draw_numbers(d, p->row + 1 + i, p->column, &rows[i]->counts);
		text_escaped(&d->text, rows[i]->name);
		put_line(d, p->row + 1 + i, p->column + NAMES, p->width - NAMES,
			 LOOK_PLAIN);
	}
	free(rows);
}

/* ---- processes ---- */

enum { SIZE = 9 };

static void draw_process(struct drawing *d, size_t row, const struct top_process *p)
{
	const struct top_row *counted = top_window_find(d->window, TOP_PROCESSES,
							p->serial);
	const struct counts none = { 0 };
	size_t at = COUNT + TIME;

	draw_numbers(d, row, 0, counted ? &counted->counts : &none);
	put_size(d, row, at, SIZE, p->has_memory, p->rss_bytes);
	put_size(d, row, at + SIZE, SIZE, p->has_memory, p->swap_bytes);
	put_size(d, row, at + 2 * SIZE, SIZE, p->size_bytes, p->size_bytes);
	at += 3 * SIZE + 2;
	view_put_process(&d->text, &d->top->view, &p->actor);
	if (p->ended)
		text_str(&d->text, " (ended)");
	put_line(d, row, at, d->grid->columns - at, LOOK_PLAIN);
}

static void draw_process_head(struct drawing *d, size_t row, size_t count)
{
	const struct place place = { .row = row, .width = NAMES };
	size_t at = COUNT + TIME;

	draw_head(d, &place, "");
	grid_put_right(d->grid, row, at, SIZE, LOOK_HEAD, "resident");
	grid_put_right(d->grid, row, at + SIZE, SIZE, LOOK_HEAD, "swapped");
	grid_put_right(d->grid, row, at + 2 * SIZE, SIZE, LOOK_HEAD, "mapped");
	text_printf(&d->text, "process (%zu, %zu ended)", count, d->top->ended);
	at += 3 * SIZE + 2;
	put_line(d, row, at, d->grid->columns - at, LOOK_HEAD);
	grid_look(d->grid, row, LOOK_HEAD);
}

static void draw_processes(struct drawing *d, const struct place *p,
			   const struct top_process **list, size_t count)
{
	draw_process_head(d, p->row, count);
	for (size_t i = 0; i < count && i < p->rows; i++)
		draw_process(d, p->row + 1 + i, list[i]);
}

/* ---- alerts and keys ---- */

static void draw_alert(struct drawing *d, size_t row, const struct top_alert *a)
{
	char at[UNITS_MAX];

	text_printf(&d->text, "ALERT at %s: ", units_time(at, a->since_ns));
	text_escaped(&d->text, a->budget->text);
	text_str(&d->text, ", it was ");
	budget_put_figure(&d->text, a->budget, a->figure);
	if (a->pid)
		text_printf(&d->text, ", process %" PRIu32, a->pid);
	put_line(d, row, 0, d->grid->columns, LOOK_WARNING);
}

static void draw_keys(struct drawing *d)
{
	if (!d->look->has_keys)
		return;
	top_put_keys(d->look, &d->text);
	put_line(d, d->grid->rows - 1, 0, d->grid->columns, LOOK_TITLE);
	grid_look(d->grid, d->grid->rows - 1, LOOK_TITLE);
}

/* ---- all of it ---- */

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* From the bottom: keys, alerts, processes; the tables have the rest. */
static void draw_body(struct drawing *d)
{
	size_t columns = d->grid->columns, bottom = d->grid->rows - 1, count;
	const struct top_process **list = top_processes(d->top, d->window,
							d->look->by_time, &count);
	struct place regions = { .row = ROW_TABLES, .width = columns / 2 - 1 };
	struct place functions = { .row = ROW_TABLES, .column = columns / 2,
				   .width = columns - columns / 2 };
	struct place processes = { .rows = smaller(count, 1 + bottom / 8) };

	for (size_t i = smaller(d->top->alert_count, bottom / 8); i; i--)
		draw_alert(d, --bottom, &d->top->alerts[i - 1]);
	processes.row = bottom - processes.rows - 1;
	regions.rows = functions.rows = processes.row - ROW_TABLES - 2;
	draw_table(d, TOP_REGIONS, "region", &regions);
	draw_table(d, TOP_FUNCTIONS, "function", &functions);
	grid_look(d->grid, ROW_TABLES, LOOK_HEAD);
	draw_processes(d, &processes, list, count);
	free(list);
}

static void draw_too_small(struct drawing *d)
{
	text_printf(&d->text, "%dx%d wanted, %zux%zu there", TOP_COLUMNS_MIN, TOP_ROWS_MIN,
		    d->grid->columns, d->grid->rows);
	put_line(d, 0, 0, d->grid->columns, LOOK_WARNING);
	grid_put(d->grid, 1, 0, d->grid->columns, LOOK_PLAIN, "(q quits)");
}

static void draw(struct drawing *d)
{
	if (d->grid->rows < TOP_ROWS_MIN || d->grid->columns < TOP_COLUMNS_MIN) {
		draw_too_small(d);
		return;
	}
	draw_title(d);
	draw_filter(d);
	draw_rates(d);
	draw_latencies(d);
	draw_body(d);
	draw_keys(d);
}

void top_draw(const struct top *t, const struct top_look *look, struct grid *grid)
{
	struct drawing d = { .top = t, .look = look, .grid = grid,
			     .window = look->whole ? &t->whole : &t->last };

	text_init(&d.text);
	draw(&d);
	text_release(&d.text);
}

void top_print(const struct top *t, struct text *out)
{
	const struct top_look look = { .by_time = t->view.sort_by_time };
	struct grid grid;

	grid_init(&grid);
	grid_clear(&grid, TOP_ROWS, TOP_COLUMNS);
	top_draw(t, &look, &grid);
	grid_print(&grid, out);
	text_char(out, '\n');
	grid_release(&grid);
}
