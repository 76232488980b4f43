#include "pfa/report/memory.h"

#include "pfa/model/observation.h"

static void raise(uint64_t *peak, uint64_t value)
{
	if (value > *peak)
		*peak = value;
}

void memory_add(struct memory *m, const struct memory_sample *s, uint64_t since_ns)
{
	if (!m->rss.bucket_ns)
		series_init(&m->rss, false);
	m->samples++;
	m->final = s->reason == SAMPLE_exit || s->reason == SAMPLE_end;
	raise(&m->size_peak_bytes, s->size_peak_bytes);
	raise(&m->rss_peak_bytes, s->rss_peak_bytes);
	if (s->reason == SAMPLE_exit)
		return;
	m->looked = true;
	raise(&m->swap_peak_bytes, s->swap_bytes);
	raise(&m->table_peak_bytes, s->table_bytes);
	m->rss_bytes = memory_rss_bytes(s);
	raise(series_at(&m->rss, since_ns), m->rss_bytes);
}

void memory_exec(struct memory *m)
{
	const struct memory before = *m;

	*m = (struct memory){ .rss_bytes = before.rss_bytes, .rss = before.rss };
}
