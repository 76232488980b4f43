/*
 * The feature sections of a capture: what the file says of itself.
 *
 * Encodings as in tools/perf/util/header.c of Linux 6.1 (write_*, process_*).
 * TRACING_DATA is not one of these: see decode/formats.h.
 */
#ifndef PFA_SOURCE_PERFDATA_FEATURES_H
#define PFA_SOURCE_PERFDATA_FEATURES_H

#include <stddef.h>
#include <stdint.h>

#include "pfa/base/text.h"
#include "pfa/source/perfdata_format.h"

struct evlist;

/* ---- writing ---- */

/* Sections for one file. Offsets are absolute for TRACING_DATA, else into
 * `contents`. */
struct perfdata_features {
	uint64_t bits;
	struct perfdata_section sections[64];
	struct text contents;
};

void perfdata_features_init(struct perfdata_features *f);
void perfdata_features_release(struct perfdata_features *f);

/* HOSTNAME to EVENT_DESC: all that is known before the first record. */
void perfdata_features_describe(struct perfdata_features *f,
				const struct evlist *list,
				const char *const *cmdline);
void perfdata_features_sample_time(struct perfdata_features *f,
				   uint64_t first_ns, uint64_t last_ns);
/* The table and the sections as they stand in a file from `offset` on. */
void perfdata_features_build(const struct perfdata_features *f, uint64_t offset,
			     struct text *out);

/* ---- reading: sections of any length and content ---- */

/* The text of HOSTNAME, OSRELEASE, VERSION or ARCH; NULL when damaged. */
char *perfdata_feature_text(const void *bytes, size_t length);
/* CPUs online, of NRCPUS; 0 when damaged. */
uint64_t perfdata_feature_cpus(const void *bytes, size_t length);
/*
 * The first `count` event names of EVENT_DESC, in the order of the attrs.
 * Missing ones stay NULL. The caller frees the names.
 */
void perfdata_feature_names(const void *bytes, size_t length, char **names,
			    size_t count);

#endif
