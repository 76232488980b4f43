#include "pfa/source/stamp.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "pfa/base/bytes.h"
#include "pfa/decode/record.h"

/* Sample: header, IDENTIFIER, IP, TID, TIME. Others end in TID, TIME, CPU, IDENTIFIER. */
enum { SAMPLE_ID = 8, SAMPLE_TID = 24, TAIL_TID = 32, TAIL_ID = 8 };

static bool is_stamped(const struct perf_event_header *record)
{
	return record_size(record) >= sizeof(*record) + TAIL_TID;
}

static size_t id_offset(const struct perf_event_header *record)
{
	return record_type(record) == PERF_RECORD_SAMPLE ?
		       SAMPLE_ID : record_size(record) - TAIL_ID;
}

static size_t tid_offset(const struct perf_event_header *record)
{
	return record_type(record) == PERF_RECORD_SAMPLE ?
		       SAMPLE_TID : record_size(record) - TAIL_TID;
}

struct stamp stamp_of(const struct perf_event_header *record)
{
	const char *bytes = (const char *)record;
	size_t tid = tid_offset(record);

	if (!is_stamped(record))
		return (struct stamp){ 0 };
	return (struct stamp){
		.id = load_u64(bytes + id_offset(record)),
		.pid = load_u32(bytes + tid),
		.tid = load_u32(bytes + tid + 4),
		.time_ns = load_u64(bytes + tid + 8),
	};
}

void stamp_set(struct perf_event_header *record, const struct stamp *stamp)
{
	char *bytes = (char *)record;

	if (!is_stamped(record))
		return;
	memcpy(bytes + id_offset(record), &stamp->id, sizeof(stamp->id));
	memcpy(bytes + tid_offset(record) + 8, &stamp->time_ns, sizeof(stamp->time_ns));
}
