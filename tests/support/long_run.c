#include "long_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "busy.h"
#include "kept.h"
#include "pfa/analysis.h"
#include "pfa/report/report.h"
#include "streams.h"

enum { STEPS_OF_A_ROUND = 1000 };

static double processor_seconds(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

static uint64_t anon_kib(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	unsigned long long kib = 0;
	char line[128];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "RssAnon: %llu", &kib) == 1)
			break;
	if (f)
		fclose(f);
	return kib;
}

static struct report *open_report(void)
{
	const struct report_paths paths = { .stream = "/dev/null" };
	struct view view = view_default();
	struct report *report;
	struct pfa_error err;

	view.show = SHOW_FAULTS | SHOW_VMA | SHOW_LIFE;
	if (report_open(&report, &view, &paths, NULL, &err))
		abort();
	return report;
}

static void run_until(struct streams *streams, struct busy *busy, struct kept *kept,
		      uint64_t records)
{
	const struct record_sink sink = kept_sink(kept);

	while (streams->records < records) {
		for (int i = 0; i < STEPS_OF_A_ROUND; i++)
			busy_step(busy);
		analysis_release(kept->analysis, streams_drain(streams, &sink));
	}
}

void long_run(struct long_run *run, uint64_t records,
	      void (*told)(const struct long_run *run, int tenth))
{
	struct streams *streams = streams_new();
	struct busy *busy = busy_new(streams);
	struct report *report = open_report();
	struct analysis *analysis = analysis_new(streams->list, report, 0);
	const double start = processor_seconds();
	struct pfa_error err;
	struct kept kept;

	kept_init(&kept, streams->list, analysis);
	for (int i = 0; i < TENTHS; i++) {
		run_until(streams, busy, &kept, records / TENTHS * (i + 1));
		run->tenths[i].records = streams->records;
		run->tenths[i].seconds = processor_seconds() - start;
		run->tenths[i].anon_kib = anon_kib();
		if (told)
			told(run, i);
	}
	if (report_close(report, analysis_finish(analysis), &err))
		abort();
	analysis_free(analysis);
	kept_release(&kept);
	busy_free(busy);
	streams_free(streams);
}

bool long_run_grew(const struct long_run *run)
{
	const uint64_t early = run->tenths[1].anon_kib;

	return run->tenths[TENTHS - 1].anon_kib > early + early / 10 + 1024;
}
