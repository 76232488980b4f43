/*
 * Captures: perf.data files, PERFILE2 layout, read and written.
 *
 * Source: tools/perf/Documentation/perf.data-file-format.txt and
 * tools/perf/util/header.c of Linux. Ours are opened by `perf script -i` and
 * `perf report -i`; those of `perf record` are opened by us.
 */
#ifndef PFA_SOURCE_PERFDATA_H
#define PFA_SOURCE_PERFDATA_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pfa/base/status.h"

struct evlist;
struct formats;

/* ---- writing ---- */

struct perfdata_writer;

/* What goes into the header and the feature sections. All borrowed. */
struct perfdata_about {
	const char *const *cmdline; /* NULL-terminated argv of pfa */
	const void *tracing_data;   /* may be NULL when no tracepoint is used */
	size_t tracing_data_bytes;
};

/*
 * Creates FILE and writes everything that is known before the first record:
 * attributes, ids and tracing data, so that a capture cut off later can still
 * be decoded. The list must be complete (all ids known). Until
 * perfdata_writer_finish() the header says that the file was not finished.
 */
enum pfa_status perfdata_writer_open(struct perfdata_writer **writer,
				     const char *path,
				     const struct evlist *list,
				     const struct perfdata_about *about,
				     struct pfa_error *err) PFA_MUST_CHECK;

/* Appends one record, or many that follow each other. Buffered. */
enum pfa_status perfdata_write(struct perfdata_writer *writer,
			       const void *records, size_t bytes,
			       struct pfa_error *err) PFA_MUST_CHECK;

/* Ends a round: later records are not older than those of the round before. */
enum pfa_status perfdata_write_round(struct perfdata_writer *writer,
				     struct pfa_error *err) PFA_MUST_CHECK;

/*
 * Writes the feature sections (HOSTNAME, OSRELEASE, VERSION, ARCH, NRCPUS,
 * CMDLINE, EVENT_DESC, SAMPLE_TIME, TRACING_DATA) and the final header.
 * After a write error it still leaves what was written readable up to the cut.
 * Frees the writer in every case.
 */
enum pfa_status perfdata_writer_finish(struct perfdata_writer *writer,
				       uint64_t first_ns, uint64_t last_ns,
				       struct pfa_error *err) PFA_MUST_CHECK;

/* ---- reading ---- */

struct perfdata;

/*
 * What the capture says of itself. Strings are NULL when it does not say. Whether
 * it was cut, and after how much, is certain once perfdata_next() returned NULL.
 */
struct perfdata_info {
	const char *hostname, *os_release, *version, *arch;
	uint64_t cpus_online;  /* 0: not said */
	bool finished;         /* false: cut off, by a crash or a full disk */
	const char *cut_reason; /* one phrase when not finished */
};

/*
 * Opens and maps FILE, fills `list` with its events, names and ids and
 * `formats` with its tracepoint formats. Refuses, in one line each: not a
 * perf.data file; another byte order; pipe mode; compressed data.
 */
enum pfa_status perfdata_open(struct perfdata **capture, const char *path,
			      struct evlist *list, struct formats *formats,
			      struct pfa_error *err) PFA_MUST_CHECK;
/* The same over bytes in memory (borrowed), for tests and fuzzing. */
enum pfa_status perfdata_open_bytes(struct perfdata **capture,
				    const void *bytes, size_t length,
				    struct evlist *list,
				    struct formats *formats,
				    struct pfa_error *err) PFA_MUST_CHECK;
void perfdata_close(struct perfdata *capture);

const struct perfdata_info *perfdata_info(const struct perfdata *capture);

/*
 * The next record of the data section in file order, or NULL at its end. The
 * record's whole size lies inside the file; it is borrowed until
 * perfdata_close() and may be unaligned. A record whose size field is impossible
 * ends the reading as a cut does: info->finished turns false.
 */
const struct perf_event_header *perfdata_next(struct perfdata *capture);

#endif
