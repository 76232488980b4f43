#include "pfa/report/series.h"

#include <string.h>

void series_init(struct series *s, bool sums)
{
	*s = (struct series){ .sums = sums, .bucket_ns = 1000000 };
}

void series_halve(struct series *s)
{
	enum { HALF = SERIES_BUCKETS / 2 };

	for (int i = 0; i < HALF; i++) {
		uint64_t a = s->values[2 * i], b = s->values[2 * i + 1];

		s->values[i] = s->sums ? a + b : a > b ? a : b;
	}
	memset(s->values + HALF, 0, HALF * sizeof(*s->values));
	s->bucket_ns *= 2;
}
