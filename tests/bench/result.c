#include <stdlib.h>

#include "pfa/base/mem.h"
#include "race.h"

static int compare_values(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

double samples_median(struct samples *samples)
{
	const double *values = samples->values;
	size_t middle = samples->count / 2;

	if (!samples->count)
		return 0;
	qsort(samples->values, samples->count, sizeof(*values), compare_values);
	if (samples->count % 2)
		return values[middle];
	return (values[middle - 1] + values[middle]) / 2;
}

void result_init(struct result *result, const struct row *row)
{
	*result = (struct result){ .row = row };
}

void result_release(struct result *result)
{
	for (int part = 0; part < PARTS; part++)
		free(result->samples[part].values);
	text_release(&result->not_measured);
	text_release(&result->failed);
	text_release(&result->missed);
}

/* Slowdowns are to the same untraced run: their ratio is that of the times. */
static double measured(struct result *result)
{
	double pfa = samples_median(&result->samples[PFA]);

	if (result->row->bar.absolute)
		return pfa;
	return pfa / samples_median(&result->samples[PEER]);
}

enum verdict result_verdict(struct result *result)
{
	const struct bar *bar = &result->row->bar;

	if (result->failed.length)
		return FAILED;
	if (result->not_measured.length)
		return NOT_MEASURED;
	if (result->missed.length)
		return MISSED;
	if (!bar->text)
		return NO_BAR;
	return measured(result) <= bar->at_most ? MET : MISSED;
}
