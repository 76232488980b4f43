/* A capture from outside: opened, resolved and read to its end, or refused. */
#include <stdint.h>
#include <stdlib.h>

#include "pfa/decode/evlist.h"
#include "pfa/decode/formats.h"
#include "pfa/decode/record.h"
#include "pfa/source/perfdata.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

/* Every record lies inside the file with its whole size. */
static void read_records(struct perfdata *capture, const struct evlist *list,
			 const uint8_t *bytes, size_t size)
{
	const struct perf_event_header *record;

	while ((record = perfdata_next(capture))) {
		const uint8_t *at = (const void *)record;

		check(at >= bytes && at < bytes + size);
		check(record_size(record) >= sizeof(*record));
		check(record_size(record) <= (size_t)(bytes + size - at));
		(void)evlist_of_record(list, record);
	}
	check(!perfdata_next(capture));
}

static void check_info(const struct perfdata_info *info)
{
	check(info->finished == !info->cut_reason);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct evlist *list = evlist_new();
	struct formats *formats = formats_new();
	struct perfdata *capture;
	struct pfa_error err = { 0 };

	if (perfdata_open_bytes(&capture, bytes, size, list, formats, &err)) {
		check(!capture && err.status && err.text[0]);
	} else {
		check_info(perfdata_info(capture));
		if (!evlist_resolve(list, formats, &err))
			read_records(capture, list, bytes, size);
		check_info(perfdata_info(capture));
	}
	perfdata_close(capture);
	evlist_free(list);
	formats_free(formats);
	return 0;
}
