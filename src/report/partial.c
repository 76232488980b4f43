#include "pfa/report/partial.h"

#include <inttypes.h>

#include "pfa/base/text.h"
#include "pfa/model/observation.h"

static void put_comma(struct text *out)
{
	if (out->length)
		text_str(out, ", ");
}

void partial_put_reason(struct text *out, const char *why)
{
	put_comma(out);
	text_str(out, why);
}

void partial_put(struct text *out, const struct run_facts *f)
{
	if (f->lost) {
		put_comma(out);
		text_printf(out, "%" PRIu64 " records were lost", f->lost);
	}
	if (f->gaps) {
		put_comma(out);
		text_printf(out, "a CPU came online %" PRIu64 " times", f->gaps);
	}
	if (f->stopped)
		partial_put_reason(out, "--max-faults ended the run");
	if (f->no_calls)
		partial_put_reason(out, "munmap, mremap and madvise were not traced");
}
