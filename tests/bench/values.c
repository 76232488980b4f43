#include "values.h"

#include <stdlib.h>
#include <string.h>

#include "run.h"

static bool said(const struct run *run, const char *key, double *value)
{
	const char *at = run->out.bytes ? strstr(run->out.bytes, key) : NULL;

	if (!at)
		return false;
	*value = strtod(at + strlen(key), NULL);
	return true;
}

bool value_said_elapsed(const struct run *run, double *value)
{
	return said(run, " elapsed_ns=", value);
}

bool value_said_change(const struct run *run, double *value)
{
	return said(run, " change_ns=", value);
}

bool value_said_lookup(const struct run *run, double *value)
{
	return said(run, " lookup_ns=", value);
}

bool value_said_kept(const struct run *run, double *value)
{
	return said(run, " kept_ns=", value);
}

bool value_said_fault(const struct run *run, double *value)
{
	return said(run, " fault_ns=", value);
}

bool value_whole_time(const struct run *run, double *value)
{
	*value = (double)(run->ended_ns - run->began_ns);
	return true;
}

bool value_own_memory(const struct run *run, double *value)
{
	*value = (double)run->peak_anon_bytes;
	return run->peak_anon_bytes > 0;
}

/* As integers: a double has not enough digits for the time of day. */
static bool since_end_of_target(const struct run *run, uint64_t time_ns,
				double *value)
{
	static const char key[] = " ended_ns=";
	const char *at = run->out.bytes ? strstr(run->out.bytes, key) : NULL;

	if (!at || !time_ns)
		return false;
	*value = (double)(time_ns - strtoull(at + strlen(key), NULL, 10));
	return true;
}

bool value_end_to_summary(const struct run *run, double *value)
{
	return since_end_of_target(run, run->summary_ns, value);
}

bool value_end_to_exit(const struct run *run, double *value)
{
	return since_end_of_target(run, run->ended_ns, value);
}
