#include "pfa/options_top.h"

#include "pfa/base/units.h"
#include "pfa/options.h"

enum pfa_status options_set_top_interval(struct options *o, const char *value,
					 struct pfa_error *err)
{
	const uint64_t shortest_ns = 50 * 1000 * 1000, longest_ns = 3600000000000;

	if (units_parse_time(value, &o->view.interval_ns) &&
	    o->view.interval_ns >= shortest_ns && o->view.interval_ns <= longest_ns)
		return PFA_OK;
	return pfa_fail(err, PFA_E_USAGE, "--interval: '%s' is not a time from 50ms to 1h",
			value);
}

enum pfa_status options_set_top_batch(struct options *o, const char *value,
				      struct pfa_error *err)
{
	if (units_parse_count(value, &o->view.frames) && o->view.frames)
		return PFA_OK;
	return pfa_fail(err, PFA_E_USAGE, "--batch: '%s' is not a number above 0", value);
}
