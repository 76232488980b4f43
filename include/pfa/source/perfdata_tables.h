/*
 * The tables around a capture's records: header, attrs, ids, features.
 *
 * Private to the reader. Every offset, size and count comes from outside and
 * is bounded by the file before it is used.
 */
#ifndef PFA_SOURCE_PERFDATA_TABLES_H
#define PFA_SOURCE_PERFDATA_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pfa/base/status.h"
#include "pfa/source/perfdata_format.h"

struct evlist;
struct formats;

/* The file as it lies in memory, and what the tables say of it. */
struct perfdata_image {
	const char *name; /* for errors; borrowed like the bytes */
	const unsigned char *bytes;
	uint64_t length;
	struct perfdata_header header;
	uint64_t data_end; /* never past the bytes */
	/* By bit. Without a feature, or with one that is cut off: size 0. */
	struct perfdata_section features[PERFDATA_FEATURE_BITS];
	const char *cut; /* a phrase when the file was not finished */
	bool records_lost;  /* the cut took records */
	bool formats_lost;  /* and formats of tracepoints it has */
};

/*
 * Reads the header and the feature table into `image`, whose name, bytes and
 * length the caller has set. Refuses what pfa cannot read.
 */
enum pfa_status perfdata_image_read(struct perfdata_image *image,
				    struct pfa_error *err) PFA_MUST_CHECK;

/* Adds the tracepoint formats, then every event with its name and ids. */
enum pfa_status perfdata_image_events(struct perfdata_image *image,
				      struct evlist *list,
				      struct formats *formats,
				      struct pfa_error *err) PFA_MUST_CHECK;

/* PFA_E_FORMAT: "NAME: why". */
enum pfa_status perfdata_image_refuse(const struct perfdata_image *image,
				      struct pfa_error *err, const char *why);

#endif
