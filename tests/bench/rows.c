#include "rows.h"

#define PFA_STREAM "{pfa} -o {out} -- "
#define PFA_SUMMARY "{pfa} -s -o {out} -- "
#define PFA_LAYOUT "{pfa} --show=faults,vma -o {out} -- "
#define PFA_CSV "{pfa} --show=faults,vma --csv={dir}/csv -o {out} -- "
#define PFA_VERIFY "{pfa} --verify --show=faults,vma -o {out} -- "
#define STRACE "strace -f -e trace=%memory -o {out} -- "
#define STORM_1 "{demos}/touch_storm 1000000 1"
#define STORM_2 "{demos}/touch_storm 1000000 2"
#define MMAP_STORM "{demos}/mmap_storm 10000"
#define MMAP_STORM_2 "{demos}/mmap_storm 5000 2"
#define PING_PONG_1 "{programs}/ping_pong 200000 threads same"
#define PING_PONG_2 "{programs}/ping_pong 10000 threads apart"
#define CALLS "{programs}/calls 2000000"
#define ENDING "{programs}/ending"

#define CAPTURE "{dir}/storm.data"
#define RECORD_CAPTURE "{pfa} record -o " CAPTURE " -- {demos}/touch_storm 1000000"
#define LONG_CAPTURE "{dir}/long.data"
#define RECORD_LONG_CAPTURE \
	"{pfa} record -o " LONG_CAPTURE " -- {demos}/touch_storm 10000000"

#define CHANGES_CAPTURE "{dir}/changes.data"
#define RECORD_CHANGES \
	"{pfa} record -o " CHANGES_CAPTURE " -- {demos}/mmap_storm 100000"
#define WIDE_CAPTURE "{dir}/wide.data"
#define RECORD_WIDE "{pfa} record -o " WIDE_CAPTURE " -- {programs}/mappings 60000"

/* A million faults from 10,000 functions. */
#define SITES_CAPTURE "{dir}/sites.data"
#define RECORD_SITES "{pfa} record -o " SITES_CAPTURE " -- {programs}/sites 100"

/* 1 GiB in RAM: all there is, and here and there in 1 TiB. */
#define RESIDENT "{programs}/resident 1024 1024"
#define SPARSE "{programs}/resident 1024 1048576"
#define PFA_MAP " {pfa} map -o {out} -p PID"

#define MIB (1ULL << 20)

const struct row rows[] = {
	{ .name = "storm-1",
	  .commands = { STORM_1, PFA_STREAM STORM_1, PERF_RECORD STORM_1 },
	  .value = value_said_elapsed, .check = check_complete,
	  .bar = { "<= 1.10", 1.1 } },
	{ .name = "summary-1", .with_previous = true,
	  .commands = { STORM_1, PFA_SUMMARY STORM_1, PERF_RECORD STORM_1 },
	  .value = value_said_elapsed, .check = check_complete,
	  .bar = { "<= 1.00", 1.0 } },
	{ .name = "storm-2",
	  .commands = { STORM_2, PFA_STREAM STORM_2, PERF_RECORD STORM_2 },
	  .value = value_said_elapsed, .check = check_complete,
	  .bar = { "<= 1.10", 1.1 } },
	{ .name = "summary-2", .with_previous = true,
	  .commands = { STORM_2, PFA_SUMMARY STORM_2, PERF_RECORD STORM_2 },
	  .value = value_said_elapsed, .check = check_complete,
	  .bar = { "<= 1.00", 1.0 } },
	{ .name = "mmap-storm",
	  .commands = { MMAP_STORM, PFA_LAYOUT MMAP_STORM, STRACE MMAP_STORM },
	  .value = value_said_elapsed, .check = check_every_change,
	  .bar = { "<= 1/5", 0.2 } },
	{ .name = "mmap-summary", .with_previous = true,
	  .commands = { MMAP_STORM, PFA_SUMMARY MMAP_STORM, STRACE MMAP_STORM },
	  .value = value_said_elapsed, .check = check_complete },
	{ .name = "mmap-csv", .with_previous = true,
	  .commands = { MMAP_STORM, PFA_CSV MMAP_STORM, STRACE MMAP_STORM },
	  .value = value_said_elapsed, .check = check_every_change },
	{ .name = "mmap-verify", .with_previous = true,
	  .commands = { MMAP_STORM, PFA_VERIFY MMAP_STORM, STRACE MMAP_STORM },
	  .value = value_said_elapsed, .check = check_no_drift,
	  .bar = { "<= 1/5", 0.2 } },
	{ .name = "mmap-verify-2",
	  .commands = { MMAP_STORM_2, PFA_VERIFY MMAP_STORM_2, STRACE MMAP_STORM_2 },
	  .value = value_said_elapsed, .check = check_no_drift },
	{ .name = "ping-pong-1",
	  .commands = { PING_PONG_1, PFA_SUMMARY PING_PONG_1, PERF_RECORD PING_PONG_1 },
	  .value = value_said_elapsed, .check = check_complete,
	  .bar = { "<= 1.00", 1.0 } },
	{ .name = "ping-pong-2",
	  .commands = { PING_PONG_2, PFA_SUMMARY PING_PONG_2,
			PERF_RECORD PING_PONG_2 },
	  .value = value_said_elapsed, .check = check_complete,
	  .bar = { "<= 1.00", 1.0 } },
	{ .name = "calls",
	  .rounds = 3,
	  .commands = { CALLS, PFA_SUMMARY CALLS, PERF_RECORD CALLS },
	  .value = value_said_elapsed, .check = check_complete },

	{ .name = "report-summary", .before = RECORD_CAPTURE, .rounds = 3,
	  .commands = { NULL, "{pfa} report -s -i " CAPTURE,
			"perf script -i " CAPTURE " >/dev/null" },
	  .value = value_whole_time, .bar = { "<= 1/10", 0.1 } },
	{ .name = "report-text", .before = RECORD_CAPTURE, .rounds = 3,
	  .with_previous = true,
	  .commands = { NULL, "{pfa} report -o {out} -i " CAPTURE,
			"perf script -i " CAPTURE " >{out}" },
	  .value = value_whole_time, .bar = { "<= 1/5", 0.2 } },
	{ .name = "report-vma", .before = RECORD_CHANGES, .rounds = 3,
	  .commands = { NULL, "{pfa} report --show=vma -o {out} -i " CHANGES_CAPTURE,
			"perf script -i " CHANGES_CAPTURE " >{out}" },
	  .value = value_whole_time, .bar = { "<= 1/5", 0.2 } },
	{ .name = "report-names", .before = RECORD_SITES, .rounds = 3,
	  .commands = { NULL, "{pfa} report -o {out} -i " SITES_CAPTURE,
			"perf script -i " SITES_CAPTURE " >{out}" },
	  .value = value_whole_time, .bar = { "<= 1/5", 0.2 } },
	{ .name = "report-maps", .before = RECORD_WIDE, .rounds = 3,
	  .commands = { NULL, "{pfa} report --maps -o {out} -i " WIDE_CAPTURE, NULL },
	  .value = value_whole_time },
	{ .name = "report-leaks", .before = RECORD_WIDE, .rounds = 3,
	  .with_previous = true,
	  .commands = { NULL, "{pfa} report --leaks -o {out} -i " WIDE_CAPTURE, NULL },
	  .value = value_whole_time },
	{ .name = "report-memory", .before = RECORD_LONG_CAPTURE,
	  .commands = { NULL, "{pfa} report -s -i " LONG_CAPTURE, NULL },
	  .value = value_own_memory, .unit = UNIT_BYTES, .watch_memory = true,
	  .rounds = 1, .room_bytes = 3 * 1024 * MIB,
	  .bar = { "<= 64M", 64 * MIB, .absolute = true } },

	{ .name = "space-change", .anyone = true,
	  .commands = { NULL, "{programs}/space 65000", NULL },
	  .value = value_said_change, .bar = { "<= 2us", 2000, .absolute = true } },
	{ .name = "space-lookup", .anyone = true, .with_previous = true,
	  .commands = { NULL, "{programs}/space 65000", NULL },
	  .value = value_said_lookup,
	  .bar = { "<= 300ns", 300, .absolute = true } },

	{ .name = "model-change", .anyone = true, .rounds = 3,
	  .commands = { NULL, "{programs}/model 65000", NULL },
	  .value = value_said_change, .bar = { "<= 2us", 2000, .absolute = true } },
	{ .name = "model-pieces", .anyone = true, .rounds = 3, .with_previous = true,
	  .commands = { NULL, "{programs}/model 65000", NULL },
	  .value = value_said_kept },
	{ .name = "model-fault", .anyone = true, .rounds = 3, .with_previous = true,
	  .commands = { NULL, "{programs}/model 65000", NULL },
	  .value = value_said_fault },

	{ .name = "map-rows",
	  .commands = { NULL, RESIDENT PFA_MAP, RESIDENT },
	  .value = value_said_elapsed },
	{ .name = "map-pages", .with_previous = true,
	  .commands = { NULL, RESIDENT PFA_MAP " --pages", RESIDENT },
	  .value = value_said_elapsed, .check = check_all_resident,
	  .bar = { "<= 300ms", 300e6, .absolute = true } },
	{ .name = "map-each", .with_previous = true,
	  .commands = { NULL, RESIDENT PFA_MAP " --pages --each", RESIDENT },
	  .value = value_said_elapsed, .check = check_all_resident,
	  .bar = { "<= 300ms", 300e6, .absolute = true } },
	{ .name = "map-sparse", .rounds = 3,
	  .commands = { NULL, SPARSE PFA_MAP " --pages", SPARSE },
	  .value = value_said_elapsed, .check = check_all_resident,
	  .bar = { "<= 1s", 1e9, .absolute = true } },

	{ .name = "end-summary",
	  .commands = { NULL, "{pfa} -- " ENDING, NULL },
	  .value = value_end_to_summary,
	  .bar = { "<= 50ms", 50e6, .absolute = true } },
	{ .name = "end-exit", .with_previous = true,
	  .commands = { NULL, "{pfa} -- " ENDING, PERF_RECORD ENDING },
	  .value = value_end_to_exit },
};

const size_t row_count = sizeof(rows) / sizeof(rows[0]);
