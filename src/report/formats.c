#include "pfa/report/format.h"

#include <stddef.h>
#include <sys/mman.h>

#include "pfa/report/view.h"

const struct output_format *const export_formats[] = {
	&csv_format,
	NULL,
};

const char *prot_text(char buf[5], uint32_t prot, bool shared)
{
	buf[0] = prot & PROT_READ ? 'r' : '-';
	buf[1] = prot & PROT_WRITE ? 'w' : '-';
	buf[2] = prot & PROT_EXEC ? 'x' : '-';
	buf[3] = shared ? 's' : 'p';
	buf[4] = '\0';
	return buf;
}

uint64_t line_time_ns(const struct line *line, uint64_t time_ns)
{
	if (line->view->fixed_ts)
		return line->number;
	return time_ns > line->origin_ns ? time_ns - line->origin_ns : 0;
}
