/* Counting: groups, their order, latencies, and the course over time. */
#include "../support/check.h"

#include <stdio.h>
#include <stdlib.h>

#include "pfa/report/tally.h"

static const struct region alpha = { "alpha", "", "alpha" };
static const struct region beta = { "beta", ".data", "beta .data" };
static const struct region gamma_ = { "gamma", "", "gamma" };

static struct fault fault_of(enum fault_type type, const char *kind,
			     const struct region *region, uint32_t process,
			     uint32_t thread, uint64_t latency_ns)
{
	return (struct fault){
		.actor = { .pid = 1000 + process, .tid = 1000 + thread,
			   .serial = process, .thread_serial = thread, .comm = "demo" },
		.type = type, .kind = kind, .region = region, .latency_ns = latency_ns,
	};
}

static void add(struct tally *t, struct fault fault, uint64_t since_start_ns)
{
	tally_fault(t, &fault, since_start_ns);
}

/* "name+MiB=faults" of each group, in order. */
static void check_groups(const struct tally *t, enum tally_group which,
			 const char *wanted)
{
	size_t count, used = 0;
	const struct group **groups = tally_sorted(t, which, false, &count);
	char found[512] = "";

	for (size_t i = 0; i < count; i++) {
		const struct group *g = groups[i];
		int n = snprintf(found + used, sizeof(found) - used, "%s%s+%ju=%ju",
				 i ? " " : "", g->name,
				 (uintmax_t)g->offset_bytes >> 20,
				 (uintmax_t)g->counts.faults);

		assert_in_range(n, 1, sizeof(found) - used - 1);
		used += (size_t)n;
	}
	assert_string_equal(found, wanted);
	free(groups);
}

static void empty_tally_has_no_groups(void **state)
{
	struct tally t;

	(void)state;
	tally_init(&t);
	for (int which = 0; which < GROUP_COUNT; which++)
		check_groups(&t, (enum tally_group)which, "");
	assert_int_equal(t.total.faults, 0);
	tally_release(&t);
}

static void most_faults_come_first_then_by_name(void **state)
{
	struct tally t;

	(void)state;
	tally_init(&t);
	add(&t, fault_of(FAULT_MINOR, "map", &gamma_, 2, 4, 10), 0);
	add(&t, fault_of(FAULT_MINOR, "map", &beta, 1, 3, 10), 0);
	add(&t, fault_of(FAULT_COW, "cow", &beta, 2, 5, 10), 0);
	add(&t, fault_of(FAULT_MAJOR, "page-in", &alpha, 1, 2, 10), 0);
	add(&t, fault_of(FAULT_COW, "cow-copy", &alpha, 3, 1, 10), 0);
	check_groups(&t, GROUP_KIND, "map+0=2 cow+0=1 cow-copy+0=1 page-in+0=1");
	check_groups(&t, GROUP_REGION, "alpha+0=2 beta .data+0=2 gamma+0=1");
	tally_release(&t);
}

static void counts_are_kept_by_type_and_latency(void **state)
{
	const struct group **groups;
	struct tally t;
	size_t count;

	(void)state;
	tally_init(&t);
	add(&t, fault_of(FAULT_MINOR, "map", &alpha, 1, 1, 100), 0);
	add(&t, fault_of(FAULT_MINOR, "map", &alpha, 1, 1, 300), 0);
	add(&t, fault_of(FAULT_MINOR, "map", &alpha, 1, 1, LATENCY_UNKNOWN), 0);
	add(&t, fault_of(FAULT_INVALID, "bus", &beta, 1, 1, LATENCY_UNKNOWN), 0);
	groups = tally_sorted(&t, GROUP_REGION, false, &count);
	assert_int_equal(count, 2);
	assert_int_equal(groups[0]->counts.faults, 3);
	assert_int_equal(groups[0]->counts.by_type[FAULT_MINOR], 3);
	assert_int_equal(groups[0]->counts.timed, 2);
	assert_int_equal(groups[0]->counts.time_ns, 400);
	assert_int_equal(groups[0]->counts.max_ns, 300);
	assert_int_equal(groups[1]->counts.by_type[FAULT_INVALID], 1);
	assert_int_equal(groups[1]->counts.timed, 0);
	assert_int_equal(t.total.faults, 4);
	assert_int_equal(t.total.timed, 2);
	free(groups);
	tally_release(&t);
}

static void kernel_mode_is_counted(void **state)
{
	struct fault f = fault_of(FAULT_MINOR, "map", &alpha, 1, 1, 10);
	struct tally t;

	(void)state;
	tally_init(&t);
	add(&t, f, 0);
	f.kernel = true;
	add(&t, f, 0);
	assert_int_equal(t.kernel_mode, 1);
	tally_release(&t);
}

/* ---- major faults by place ---- */

static void majors_are_grouped_by_file_and_mebibyte(void **state)
{
	static const struct {
		const struct region *region;
		uint64_t offset_bytes;
	} places[] = {
		{ &beta, 0 }, { &beta, (1 << 20) - 1 }, { &beta, 1 << 20 },
		{ &alpha, 5 << 20 }, { &alpha, 2 << 20 },
	};
	struct fault f = fault_of(FAULT_MAJOR, "page-in", &beta, 1, 1, 10);
	struct tally t;

	(void)state;
	tally_init(&t);
	add(&t, f, 0); /* not in a file */
	f.in_file = true;
	for (size_t i = 0; i < COUNT_OF(places); i++) {
		f.region = places[i].region;
		f.file_offset_bytes = places[i].offset_bytes;
		add(&t, f, 0);
	}
	f.type = FAULT_MINOR;
	add(&t, f, 0);
	check_groups(&t, GROUP_MAJOR_PLACE, "beta+0=2 alpha+2=1 alpha+5=1 beta+1=1");
	tally_release(&t);
}

/* ---- the slowest ---- */

static void slowest_are_kept_longest_first(void **state)
{
	static const uint64_t latencies[] = {
		50, 10, 70, 70, LATENCY_UNKNOWN, 20, 90, 30, 40, 60, 80, 100, 5, 70,
	};
	static const uint64_t wanted[] = { 100, 90, 80, 70, 70, 70, 60, 50, 40, 30 };
	struct tally t;

	(void)state;
	tally_init(&t);
	for (size_t i = 0; i < COUNT_OF(latencies); i++) {
		struct fault f = fault_of(FAULT_MINOR, "map", &alpha, 1, 1, latencies[i]);

		f.addr = i;
		add(&t, f, 0);
	}
	assert_int_equal(t.slowest_count, COUNT_OF(wanted));
	for (size_t i = 0; i < COUNT_OF(wanted); i++)
		assert_int_equal(t.slowest[i].latency_ns, wanted[i]);
	assert_int_equal(t.slowest[3].addr, 2); /* of equal ones the first in front */
	assert_int_equal(t.slowest[4].addr, 3);
	assert_int_equal(t.slowest[5].addr, 13);
	tally_release(&t);
}

/* ---- buckets ---- */

static const struct {
	uint64_t latency_ns;
	unsigned bucket;
} latency_buckets[] = {
	{ 0, 0 }, { 1, 0 }, { 2, 1 }, { 3, 1 }, { 4, 2 }, { 1023, 9 }, { 1024, 10 },
	{ 1ULL << 46, 46 }, { 1ULL << 47, 47 }, { 1ULL << 60, 47 },
	{ UINT64_MAX - 1, 47 },
};

static void latency_falls_into_its_power_of_two(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(latency_buckets); i++) {
		struct tally t;

		tally_init(&t);
		add(&t, fault_of(FAULT_COW, "cow", &alpha, 1, 1,
				 latency_buckets[i].latency_ns), 0);
		assert_int_equal(t.latency[FAULT_COW][latency_buckets[i].bucket], 1);
		assert_int_equal(t.latency[FAULT_MINOR][latency_buckets[i].bucket], 0);
		tally_release(&t);
	}
}

static void fault_at(struct tally *t, uint64_t since_start_ns)
{
	add(t, fault_of(FAULT_MINOR, "map", &alpha, 1, 1, 10), since_start_ns);
}

enum { MS = 1000000 };

static void time_buckets_widen_as_the_run_gets_longer(void **state)
{
	struct tally t;

	(void)state;
	tally_init(&t);
	assert_int_equal(t.over_time.bucket_ns, MS);
	for (uint64_t ms = 0; ms < 40; ms++)
		fault_at(&t, ms * MS);
	assert_int_equal(t.over_time.bucket_ns, MS);
	for (int i = 0; i < SERIES_BUCKETS; i++)
		assert_int_equal(t.over_time.values[i], 1);
	fault_at(&t, 40 * MS);
	assert_int_equal(t.over_time.bucket_ns, 2 * MS);
	for (int i = 0; i < SERIES_BUCKETS / 2; i++)
		assert_int_equal(t.over_time.values[i], 2);
	assert_int_equal(t.over_time.values[20], 1);
	fault_at(&t, 400 * MS); /* over several widths at once */
	assert_int_equal(t.over_time.bucket_ns, 16 * MS);
	assert_int_equal(t.over_time.values[0], 16);
	assert_int_equal(t.over_time.values[1], 16);
	assert_int_equal(t.over_time.values[2], 9);
	assert_int_equal(t.over_time.values[25], 1);
	tally_release(&t);
}

static void any_time_has_a_bucket_and_none_is_lost(void **state)
{
	struct tally t;
	uint64_t sum = 0;

	(void)state;
	tally_init(&t);
	fault_at(&t, UINT64_MAX);
	for (int shift = 0; shift < 64; shift++)
		fault_at(&t, 1ULL << shift);
	for (int i = 0; i < SERIES_BUCKETS; i++)
		sum += t.over_time.values[i];
	assert_int_equal(sum, 65);
	tally_release(&t);
}

/* ---- changes ---- */

static void changes_are_counted_by_kind(void **state)
{
	static const struct change changes[] = {
		{ .kind = CHANGE_MMAP_ADD, .start = 0x1000, .end = 0x4000,
		  .made_bytes = 0x3000, .removed_bytes = 0x1000 },
		{ .kind = CHANGE_MMAP_ADD, .start = 0x8000, .end = 0x9000,
		  .made_bytes = 0x1000 },
		{ .kind = CHANGE_PERM_CHANGE, .start = 0x1000, .end = 0x2000 },
	};
	const struct change_counts *maps;
	struct tally t;

	(void)state;
	tally_init(&t);
	for (size_t i = 0; i < COUNT_OF(changes); i++)
		tally_change(&t, &changes[i]);
	maps = &t.changes[CHANGE_MMAP_ADD];
	assert_int_equal(maps->changes, 2);
	assert_int_equal(maps->bytes, 0x4000);
	assert_int_equal(maps->made_bytes, 0x4000);
	assert_int_equal(maps->removed_bytes, 0x1000);
	assert_int_equal(t.changes[CHANGE_PERM_CHANGE].changes, 1);
	assert_int_equal(t.changes[CHANGE_PERM_CHANGE].made_bytes, 0);
	assert_int_equal(t.changes[CHANGE_ADVISE].changes, 0);
	tally_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_tally_has_no_groups),
		cmocka_unit_test(most_faults_come_first_then_by_name),
		cmocka_unit_test(counts_are_kept_by_type_and_latency),
		cmocka_unit_test(kernel_mode_is_counted),
		cmocka_unit_test(majors_are_grouped_by_file_and_mebibyte),
		cmocka_unit_test(slowest_are_kept_longest_first),
		cmocka_unit_test(latency_falls_into_its_power_of_two),
		cmocka_unit_test(time_buckets_widen_as_the_run_gets_longer),
		cmocka_unit_test(any_time_has_a_bucket_and_none_is_lost),
		cmocka_unit_test(changes_are_counted_by_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
