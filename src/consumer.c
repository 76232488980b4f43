#include "pfa/consumer.h"

#include "pfa/analysis.h"
#include "pfa/decode/record.h"
#include "pfa/report/report.h"
#include "pfa/source/compose.h"
#include "pfa/source/perfdata.h"
#include "pfa/viewer.h"

static bool tracing_round(struct consumer *consumer, uint64_t limit_ns,
			  uint64_t bytes)
{
	struct tracing *t = (struct tracing *)consumer;

	(void)bytes;
	analysis_release(t->analysis, limit_ns);
	if (t->viewer && !viewer_round(t->viewer))
		return false;
	return report_flush(t->report) && !analysis_full(t->analysis);
}

void tracing_init(struct tracing *t, struct analysis *analysis,
		  struct report *report, struct viewer *viewer)
{
	*t = (struct tracing){
		.consumer = { analysis_sink(analysis), tracing_round,
			      viewer ? viewer_fd(viewer) : -1 },
		.analysis = analysis,
		.report = report,
		.viewer = viewer,
	};
}

static void recording_put(void *context, const struct perf_event_header *record)
{
	struct recording *r = context;

	if (!r->status)
		r->status = perfdata_write(r->writer, record, record_size(record),
					   &r->error);
}

static bool recording_round(struct consumer *consumer, uint64_t limit_ns,
			    uint64_t bytes)
{
	struct recording *r = (struct recording *)consumer;

	(void)limit_ns;
	if (bytes && !r->status)
		r->status = perfdata_write_round(r->writer, &r->error);
	return !r->status;
}

enum pfa_status recording_open(struct recording *r, const char *path,
			       const struct evlist *list,
			       const struct perfdata_about *about,
			       struct pfa_error *err)
{
	*r = (struct recording){
		.consumer = { { recording_put, r }, recording_round, -1 },
		.first_ns = compose_now_ns(),
	};
	return perfdata_writer_open(&r->writer, path, list, about, err);
}

enum pfa_status recording_close(struct recording *r, struct pfa_error *err)
{
	enum pfa_status finish = perfdata_writer_finish(r->writer, r->first_ns,
							compose_now_ns(), err);

	if (!r->status)
		return finish;
	*err = r->error;
	return r->status;
}

static void tee_put(void *context, const struct perf_event_header *record)
{
	const struct tee *t = context;

	t->first->sink.put(t->first->sink.context, record);
	t->second->sink.put(t->second->sink.context, record);
}

/* The second may fail, as on a full disk: that is told when it is closed. */
static bool tee_round(struct consumer *consumer, uint64_t limit_ns, uint64_t bytes)
{
	const struct tee *t = (const struct tee *)consumer;

	(void)t->second->round(t->second, limit_ns, bytes);
	return t->first->round(t->first, limit_ns, bytes);
}

void tee_init(struct tee *t, struct consumer *first, struct consumer *second)
{
	*t = (struct tee){
		.consumer = { { tee_put, t }, tee_round, first->wake_fd },
		.first = first,
		.second = second,
	};
}
