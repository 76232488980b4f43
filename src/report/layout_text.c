#include "pfa/report/layout_text.h"

#include <inttypes.h>

#include "pfa/model/observation.h"
#include "pfa/report/view.h"

void layout_put_time(struct text *out, const struct layout_page *page,
		     uint64_t time_ns)
{
	uint64_t t = time_ns > page->origin_ns ? time_ns - page->origin_ns : 0;

	text_dec(out, t / 1000000000);
	text_char(out, '.');
	text_dec_padded(out, t / 1000 % 1000000, 6);
}

static void put_moment(struct text *out, const struct layout_page *page,
		       const struct layout *layout)
{
	if (page->at_time) { /* the user's own, which is no secret with --fixed-ts */
		text_str(out, " at ");
		layout_put_time(out, page, layout->time_ns);
		return;
	}
	text_str(out, layout->at_exit ? " at exit" : " still alive");
	if (page->view->fixed_ts)
		return;
	text_str(out, " (");
	layout_put_time(out, page, layout->time_ns);
	text_char(out, ')');
}

void layout_put_title(struct text *out, const struct layout_page *page,
		      const struct layout *layout)
{
	view_put_process(out, page->view, &layout->actor);
	put_moment(out, page, layout);
	if (layout->suspect)
		text_str(out, ", perhaps wrong (records were lost)");
}

void layout_put_maker(struct text *out, const struct layout_page *page, uint32_t serial)
{
	uint32_t pid = serial < page->pid_count ? page->pids[serial] : 0;

	if (page->view->fixed_ts || !pid)
		text_printf(out, "P%" PRIu32, serial);
	else
		text_printf(out, "%" PRIu32, pid);
}
