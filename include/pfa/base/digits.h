/*
 * Decimal digits without printf: the stream prints a dozen of them a line, and
 * millions of lines.
 */
#ifndef PFA_BASE_DIGITS_H
#define PFA_BASE_DIGITS_H

#include <stdint.h>
#include <string.h>

enum { DIGITS_MAX = 20 }; /* of UINT64_MAX */

/* Writes the digits that end before `end`; returns where they begin. */
static inline char *digits_before(char *end, uint64_t value)
{
	static const char pairs[] = "00010203040506070809"
				    "10111213141516171819"
				    "20212223242526272829"
				    "30313233343536373839"
				    "40414243444546474849"
				    "50515253545556575859"
				    "60616263646566676869"
				    "70717273747576777879"
				    "80818283848586878889"
				    "90919293949596979899";

	for (; value >= 100; value /= 100)
		memcpy(end -= 2, pairs + 2 * (value % 100), 2);
	if (value >= 10)
		return memcpy(end - 2, pairs + 2 * value, 2);
	*--end = (char)('0' + value);
	return end;
}

#endif
