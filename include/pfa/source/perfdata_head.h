/*
 * What a capture of ours has before its first record: header, ids, attrs and
 * TRACING_DATA, in this order. Private to the writer.
 */
#ifndef PFA_SOURCE_PERFDATA_HEAD_H
#define PFA_SOURCE_PERFDATA_HEAD_H

#include "pfa/source/perfdata_format.h"

struct evlist;
struct perfdata_about;
struct perfdata_features;
struct text;

/*
 * Appends it to `head` (empty), keeps the header for the end of the recording
 * (data.size is 0: not finished) and notes where TRACING_DATA lies.
 */
void perfdata_head_build(const struct evlist *list,
			 const struct perfdata_about *about,
			 struct perfdata_header *header,
			 struct perfdata_features *features, struct text *head);

#endif
