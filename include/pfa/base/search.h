/*
 * Binary search in an array that is ordered by one member of its elements, a uint64_t.
 *
 *	COUNT_UPTO(list, count, start, addr)	how many start at the address or below it,
 *						which is where the first above it is
 *	COUNT_BELOW(list, count, start, addr)	how many start below it
 *
 * They are macros, which may evaluate what they are given twice.
 */
#ifndef PFA_BASE_SEARCH_H
#define PFA_BASE_SEARCH_H

#include <stddef.h>
#include <stdint.h>

/* `first` is the member in the first element, `stride` an element's size in bytes. */
static inline size_t search_upto(const uint64_t *first, size_t count, size_t stride,
				 uint64_t key)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const void *at = (const char *)first + middle * stride;

		if (*(const uint64_t *)at <= key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

#define COUNT_UPTO(list, count, member, key) \
	((count) ? search_upto(&(list)->member, count, sizeof(*(list)), key) : 0)

#define COUNT_BELOW(list, count, member, key) \
	((key) ? COUNT_UPTO(list, count, member, (key) - 1) : 0)

#endif
