/*
 * Transparent huge pages: the first touch of an aligned 2 MiB block that asked
 * for it (MADV_HUGEPAGE) maps all of it. One fault, page_size=2097152, instead
 * of 512; it takes longer, as it zeroes 2 MiB. A read maps the huge zero page,
 * and the write that follows replaces it by a huge page (COW cow-zero). A block
 * without the advice shows the difference.
 */
#include "say.h"

#define THP "/sys/kernel/mm/transparent_hugepage/"

enum { HUGE_SIZE = 2 << 20 };

/* Whether a file of THP settings exists and doesn't say `off`. */
static int thp_setting(const char *path, const char *off)
{
	char value[64] = "";
	FILE *file = fopen(path, "r");

	if (!file)
		return 0;
	if (!fgets(value, sizeof(value), file))
		value[0] = '\0';
	fclose(file);
	return value[0] && !strstr(value, off);
}

/* Whether the mapping at addr, one block long, is a huge page now. */
static int is_huge(const char *addr)
{
	FILE *file = fopen("/proc/self/smaps", "r");
	unsigned long kib = 0;
	char start[32];
	char line[256];
	int here = 0;

	if (!file)
		die("/proc/self/smaps");
	snprintf(start, sizeof(start), "%jx-", (uintmax_t)(uintptr_t)addr);
	while (fgets(line, sizeof(line), file)) {
		if (!strncmp(line, start, strlen(start)))
			here = 1;
		if (here && sscanf(line, "AnonHugePages: %lu", &kib) == 1)
			break;
	}
	fclose(file);
	return kib == HUGE_SIZE >> 10;
}

/* The kernel may find no 2 MiB in one piece: look first, then announce. */
static void touch_huge(char *block, size_t offset)
{
	quiet_write(block + offset);
	if (!is_huge(block)) {
		say("skip no huge page was free");
		say_touch(block + offset, "MINOR zero-fill", 'w', "");
		return;
	}
	say_touch(block + offset, "MINOR zero-fill", 'w', " page_size=2097152");
	for (size_t i = 0; i < HUGE_SIZE; i += page_size())
		quiet_write(block + i);
}

/* Older kernels (before 6.13) replace the huge zero page by one base page. */
static void read_then_write(char *block)
{
	quiet_read(block);
	quiet_read(block + HUGE_SIZE - 1);
	quiet_write(block + 1);
	say_touch(block, "MINOR zero-read", 'r', " page_size=2097152");
	say_touch(block + 1, "COW cow-zero", 'w',
		  is_huge(block) ? " page_size=2097152" : "");
}

static char *map_block(size_t n, int advice, const char *name)
{
	char *block = map_private(ARENA + 2 * n * HUGE_SIZE, HUGE_SIZE);

	madvise(block, HUGE_SIZE, advice);
	say_watch(block, HUGE_SIZE, name);
	return block;
}

int main(void)
{
	char *base;

	say_start();
	if (!thp_setting(THP "enabled", "[never]")) {
		say("skip transparent huge pages are off");
		return 0;
	}
	prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0);
	touch_huge(map_block(0, MADV_HUGEPAGE, "huge"), 5 * page_size() + 1);

	base = map_block(1, MADV_NOHUGEPAGE, "base");
	for (size_t i = 0; i < 16; i++)
		touch_write(page(base, i), "MINOR zero-fill");

	if (thp_setting(THP "use_zero_page", "0"))
		read_then_write(map_block(2, MADV_HUGEPAGE, "zero"));
	else
		say("skip the huge zero page is off");
	return 0;
}
