#include "pfa/pages/frames.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pfa/base/mem.h"

/* A key sorts by frame and says whose it is: 50 bits of number, 14 of place. */
enum { PLACE_BITS = 14, GAP_MAX = 8 };

_Static_assert(FRAMES_MAX == 1 << PLACE_BITS, "a place fits in a key");

void frames_init(struct frames *f)
{
	f->flags_fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	f->counts_fd = open("/proc/kpagecount", O_RDONLY | O_CLOEXEC);
	f->sorted = pfa_alloc(FRAMES_MAX * sizeof(*f->sorted));
	f->words = pfa_alloc(FRAMES_MAX * (GAP_MAX + 1) * sizeof(*f->words));
}

void frames_release(struct frames *f)
{
	if (f->flags_fd >= 0)
		close(f->flags_fd);
	if (f->counts_fd >= 0)
		close(f->counts_fd);
	free(f->sorted);
	free(f->words);
}

static int compare_keys(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* The known ones, by number. Most come sorted. */
static size_t sort(struct frames *f, const uint64_t *numbers, size_t count)
{
	bool sorted = true;
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		if (!numbers[i])
			continue;
		f->sorted[n] = numbers[i] << PLACE_BITS | i;
		sorted = sorted && (!n || f->sorted[n - 1] < f->sorted[n]);
		n++;
	}
	if (!sorted)
		qsort(f->sorted, n, sizeof(*f->sorted), compare_keys);
	return n;
}

/* How many keys from the first one lie so close together that one read is cheapest. */
static size_t close_together(const uint64_t *keys, size_t count)
{
	size_t n = 1;

	while (n < count && (keys[n] >> PLACE_BITS) - (keys[n - 1] >> PLACE_BITS) <=
				    GAP_MAX)
		n++;
	return n;
}

static void read_words(int fd, uint64_t first, uint64_t *words, size_t count)
{
	ssize_t n = pread(fd, words, count * sizeof(*words),
			  (off_t)(first * sizeof(*words)));
	size_t got = n > 0 ? (size_t)n / sizeof(*words) : 0;

	memset(words + got, 0, (count - got) * sizeof(*words));
}

static bool ask(struct frames *f, int fd, const uint64_t *numbers, size_t count,
		uint64_t *values)
{
	size_t n, known;

	memset(values, 0, count * sizeof(*values));
	if (fd < 0)
		return false;
	known = sort(f, numbers, count);
	for (size_t i = 0; i < known; i += n) {
		const uint64_t *keys = f->sorted + i;
		uint64_t first = keys[0] >> PLACE_BITS;

		n = close_together(keys, known - i);
		read_words(fd, first, f->words, (keys[n - 1] >> PLACE_BITS) - first + 1);
		for (size_t k = 0; k < n; k++)
			values[keys[k] & (FRAMES_MAX - 1)] =
				f->words[(keys[k] >> PLACE_BITS) - first];
	}
	return true;
}

bool frames_flags(struct frames *f, const uint64_t *numbers, size_t count,
		  uint64_t *flags)
{
	return ask(f, f->flags_fd, numbers, count, flags);
}

bool frames_counts(struct frames *f, const uint64_t *numbers, size_t count,
		   uint64_t *counts)
{
	return ask(f, f->counts_fd, numbers, count, counts);
}
