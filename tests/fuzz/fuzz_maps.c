/* Text of /proc/PID/maps: a line is a mapping that makes sense, or refused. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/decode/procmaps.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const char *at = (const char *)bytes, *end = at + size;
	static struct procmap map;

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t length = (size_t)((newline ? newline : end) - at);

		memset(map.path, 'x', sizeof(map.path));
		if (procmaps_parse_line(at, length, &map)) {
			check(map.start < map.end && map.prot <= 7);
			check(strnlen(map.path, sizeof(map.path)) < sizeof(map.path));
			check(strlen(map.path) <= length);
		}
		at += length + 1;
	}
	return 0;
}
