#include "pfa/pages/vm_flags.h"

#include <string.h>

#include "pfa/base/text.h"

static const char *const words[][2] = {
	{ "rd", "read" },
	{ "wr", "write" },
	{ "ex", "exec" },
	{ "sh", "shared" },
	{ "mr", "may-read" },
	{ "mw", "may-write" },
	{ "me", "may-exec" },
	{ "ms", "may-share" },
	{ "gd", "grows-down" },
	{ "pf", "frames-only" },
	{ "dw", "write-denied" },
	{ "lo", "locked" },
	{ "io", "io" },
	{ "sr", "sequential" },
	{ "rr", "random" },
	{ "dc", "dont-fork" },
	{ "de", "dont-expand" },
	{ "lf", "lock-on-fault" },
	{ "ac", "accounted" },
	{ "nr", "no-reserve" },
	{ "ht", "hugetlb" },
	{ "sf", "synchronous-faults" },
	{ "ar", "architecture" },
	{ "wf", "wipe-on-fork" },
	{ "dd", "dont-dump" },
	{ "sd", "soft-dirty" },
	{ "mm", "mixed-map" },
	{ "hg", "hugepage" },
	{ "nh", "no-hugepage" },
	{ "mg", "mergeable" },
	{ "bt", "guarded-code" },
	{ "mt", "memory-tagging" },
	{ "um", "uffd-missing" },
	{ "uw", "uffd-write-protect" },
	{ "ui", "uffd-minor" },
	{ "ss", "shadow-stack" },
	{ "sl", "sealed" },
	{ "dp", "droppable" },
	{ "gu", "guard-regions" },
};

static void put_word(struct text *out, const char *letters)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!memcmp(words[i][0], letters, 2)) {
			text_str(out, words[i][1]);
			return;
		}
	text_bytes(out, letters, 2);
}

void vm_flags_put(struct text *out, const char *flags, size_t length)
{
	for (size_t i = 0; i + 2 <= length; i += 3) {
		if (i)
			text_char(out, ',');
		put_word(out, flags + i);
	}
}
