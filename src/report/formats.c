#include "pfa/report/format.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>

#include "pfa/report/view.h"

const struct output_format *const export_formats[] = {
	&csv_format,
	NULL,
};

void csv_put_quoted(struct text *out, const char *s)
{
	if (!strpbrk(s, ",\"\n\r")) {
		text_str(out, s);
		return;
	}
	text_char(out, '"');
	for (; *s; s++) {
		if (*s == '"')
			text_char(out, '"');
		text_char(out, *s);
	}
	text_char(out, '"');
}

static void put_name_or_number(struct text *out, const char *name, int number)
{
	if (name)
		text_str(out, name);
	else
		text_dec(out, (uint64_t)number);
}

void put_error_name(struct text *out, int error)
{
	put_name_or_number(out, strerrorname_np(error), error);
}

void put_signal_name(struct text *out, int number)
{
	put_name_or_number(out, sigabbrev_np(number), number);
}

void put_task_name(struct text *out, const struct view *view, char letter,
		   uint32_t serial, uint32_t id)
{
	if (view->fixed_ts)
		text_char(out, letter);
	text_dec(out, view->fixed_ts ? serial : id);
}

bool footprint_is_known(const struct footprint *vmas)
{
	return vmas->before || vmas->after;
}

uint64_t line_time_ns(const struct line *line, uint64_t time_ns)
{
	if (line->view->fixed_ts)
		return line->number;
	return time_ns > line->origin_ns ? time_ns - line->origin_ns : 0;
}
