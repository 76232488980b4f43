/* Text of /proc/PID/smaps and status: read to its end, whatever it is. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/intern.h"
#include "pfa/base/text.h"
#include "pfa/decode/procmaps.h"
#include "pfa/pages/process.h"
#include "pfa/pages/smaps.h"
#include "pfa/pages/status_text.h"
#include "pfa/pages/vm_flags.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

static void read_smaps(const char *at, const char *end)
{
	static struct procmap map;
	struct smaps smaps, sum = { 0 };
	struct text text;

	text_init(&text);
	while (smaps_next(&at, end, &map, &smaps)) {
		check(map.start < map.end && at <= end);
		check(!smaps.flags_length || smaps.flags + smaps.flags_length <= end);
		smaps_add(&sum, &smaps);
		(void)smaps_has_flag(&smaps, "ht");
		vm_flags_put(&text, smaps.flags, smaps.flags_length);
	}
	check(at == end);
	text_release(&text);
}

static void read_status(const char *bytes, size_t size)
{
	struct intern *strings = intern_new();
	struct map_process process = { 0 };
	char *text = malloc(size + 1);

	memcpy(text, bytes, size);
	text[size] = '\0';
	status_parse(text, strings, &process);
	check(process.comm != NULL);
	free(text);
	intern_free(strings);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const char *text = (const char *)bytes;

	read_smaps(text, text + size);
	read_status(text, size);
	return 0;
}
