#include "kept.h"

#include "pfa/analysis.h"
#include "pfa/decode/keeper.h"
#include "pfa/decode/record.h"

void kept_init(struct kept *kept, const struct evlist *list, struct analysis *analysis)
{
	*kept = (struct kept){ list, analysis, keeper_new() };
	analysis_use_keeper(analysis, kept->keeper);
}

static void put(void *context, const struct perf_event_header *header)
{
	const struct kept *kept = context;
	const struct record record = record_of(kept->list,
					       keeper_copy(kept->keeper, header));

	analysis_take(kept->analysis, &record);
}

struct record_sink kept_sink(struct kept *kept)
{
	return (struct record_sink){ put, kept };
}

void kept_release(struct kept *kept)
{
	keeper_free(kept->keeper);
}
