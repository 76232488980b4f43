#include "pfa/consumer.h"

#include "pfa/analysis.h"
#include "pfa/decode/record.h"
#include "pfa/relay.h"
#include "pfa/report/report.h"
#include "pfa/source/compose.h"
#include "pfa/source/perfdata.h"
#include "pfa/viewer.h"

static void tracing_take(void *context, const struct record *record)
{
	const struct tracing *t = context;

	analysis_take(t->analysis, record);
}

static bool tracing_round(void *context, uint64_t limit_ns)
{
	const struct tracing *t = context;

	analysis_release(t->analysis, limit_ns);
	if (t->viewer && !viewer_round(t->viewer))
		return false;
	return report_flush(t->report) && !analysis_full(t->analysis);
}

enum pfa_status tracing_open(struct tracing *t, const struct evlist *list,
			     struct analysis *analysis, struct report *report,
			     struct viewer *viewer, struct pfa_error *err)
{
	const struct relay_far far = { t, tracing_take, tracing_round };
	enum pfa_status status;

	*t = (struct tracing){ .analysis = analysis, .report = report,
			       .viewer = viewer };
	status = relay_open(&t->relay, list, &far, viewer ? viewer_fd(viewer) : -1, err);
	if (status)
		return status;
	t->consumer = relay_consumer(t->relay);
	analysis_use_keeper(analysis, relay_keeper(t->relay));
	return PFA_OK;
}

void tracing_end(struct tracing *t)
{
	relay_end(t->relay);
}

void tracing_release(struct tracing *t)
{
	relay_free(t->relay);
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
