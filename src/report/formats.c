#include "pfa/report/format.h"

#include <stddef.h>

#include "pfa/report/view.h"

const struct output_format *const export_formats[] = {
	&csv_format,
	NULL,
};

uint64_t line_time_ns(const struct line *line, uint64_t time_ns)
{
	if (line->view->fixed_ts)
		return line->number;
	return time_ns > line->origin_ns ? time_ns - line->origin_ns : 0;
}
