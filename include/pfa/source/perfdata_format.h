/*
 * The bytes of a perf.data file (PERFILE2), in the machine's own byte order.
 *
 * Source: tools/perf/Documentation/perf.data-file-format.txt and
 * tools/perf/util/header.h of Linux 6.1. A file is
 *
 *     header | ids, attrs, data in any order | feature table | feature sections
 *
 * and ours puts TRACING_DATA before the data, where it survives a cut.
 */
#ifndef PFA_SOURCE_PERFDATA_FORMAT_H
#define PFA_SOURCE_PERFDATA_FORMAT_H

#include <linux/perf_event.h>
#include <stdint.h>

/* "PERFILE2" read as a native number. */
#define PERFDATA_MAGIC 0x32454c4946524550ULL

enum {
	PERFDATA_PIPE_HEADER_BYTES = 16, /* `perf record -o -` */
	PERFDATA_ATTR_MIN_BYTES = 64,    /* PERF_ATTR_SIZE_VER0 */
	PERFDATA_ATTR_MAX_BYTES = 4096,  /* far above any yet; a sanity bound */
};

struct perfdata_section {
	uint64_t offset;
	uint64_t size;
};

/* Feature bits; the table after the data has one section a set bit. */
enum {
	PERFDATA_TRACING_DATA = 1,
	PERFDATA_HOSTNAME = 3,
	PERFDATA_OSRELEASE = 4,
	PERFDATA_VERSION = 5,
	PERFDATA_ARCH = 6,
	PERFDATA_NRCPUS = 7,
	PERFDATA_CMDLINE = 11,
	PERFDATA_EVENT_DESC = 12,
	PERFDATA_SAMPLE_TIME = 21,
	PERFDATA_COMPRESSED = 27,
	PERFDATA_FEATURE_BITS = 256,
};

struct perfdata_header {
	uint64_t magic;
	uint64_t size;      /* of this struct */
	uint64_t attr_size; /* of an entry of `attrs` */
	struct perfdata_section attrs;
	struct perfdata_section data; /* size 0: the recorder did not finish */
	struct perfdata_section event_types; /* unused since 2.6.34 */
	uint64_t features[PERFDATA_FEATURE_BITS / 64];
};

/* An entry of `attrs`, when written by us: others' attrs differ in size. */
struct perfdata_attr {
	struct perf_event_attr attr;
	struct perfdata_section ids;
};

/* Records of perf's own, beside those of decode/record.h (perf's event.h). */
enum {
	PERFDATA_AUXTRACE_RECORD = 71, /* a u64 first: bytes that follow it */
	PERFDATA_COMPRESSED_RECORD = 81,
	PERFDATA_COMPRESSED2_RECORD = 83,
};

/* Strings of the features: a u32 length, then text padded with NULs. */
enum { PERFDATA_STRING_ALIGN = 64 };

#endif
