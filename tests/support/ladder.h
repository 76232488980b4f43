/*
 * What the rungs of the privilege ladder are made of: who runs pfa, with which
 * capabilities, at which perf_event_paranoid, and what there is of tracefs. And what is
 * seen with less than everything.
 *
 * A test's teardown must be ladder_put_back(): the level is the whole machine's.
 */
#ifndef TESTS_SUPPORT_LADDER_H
#define TESTS_SUPPORT_LADDER_H

#include <stdbool.h>

#include "run.h"

struct announced;
struct csv;
struct csv_row;

/* ---- who: words that go before a program ---- */

#define AS_ROOT ""
#define AS_ROOT_WITHOUT(caps) "setpriv --bounding-set " caps " --inh-caps " caps " "
#define AS_NOBODY "setpriv --reuid=65534 --regid=65534 --clear-groups "
#define AS_ROOT_OF_A_NAMESPACE AS_NOBODY "unshare -Urpmf --mount-proc "

enum { ROOT = 0, DAEMON = 1, NOBODY = 65534 };

/*
 * The path of a copy of pfa that everybody may run: "plain", or one whose file has
 * capabilities (the table in ladder.c). Skips where it cannot have them.
 */
const char *copy_of_pfa(const char *name);

/* perf_event_paranoid, until the test ends. */
void set_level(int level);

/* ---- what there is of tracefs: commands that go behind OWN_MOUNTS (run.h) ---- */

#define UNMOUNTED "umount -a -t tracefs,debugfs 2>/dev/null; "
#define MOUNTED UNMOUNTED "mount -t tracefs none /sys/kernel/tracing; "
#define REPLACED_BY(copy) \
	UNMOUNTED "mount --bind $LADDER/" copy " /sys/kernel/tracing; "
#define LACKS(system) \
	"mount --bind $LADDER/empty /sys/kernel/tracing/events/" system "; "

/*
 * tracefs has one owner and one mode on the whole machine. What others may read there is
 * tried with copies: "open" to all, and "closed", where only the directories are.
 */
void copy_tracefs(void);

/* The perf_event controller: of cgroup2, unless somebody has version 1 with it. */
#define GROUPS                                                                 \
	"mount -t cgroup2 none /sys/fs/cgroup; "                               \
	"grep -q \"^perf_event[[:space:]]*0[[:space:]]\" /proc/cgroups || "    \
	"mount -t cgroup -o perf_event none /sys/fs/cgroup; "

/* ---- what is seen ---- */

/* The groups of events (pfa/source/event_groups.h), as bits. */
enum { ENTRIES = 1, CALLS = 2, TASKS = 4, KERNEL = 8, ALL = 15 };

/* Options that make pfa write csv_path() and report_path(), anew and whoever it is. */
const char *output_options(void);
const char *csv_path(void);
const char *report_path(void);

/* Makes of what a demo announced what is left of it without that group. */
void without_entries(struct announced *announced);

/* Fails the test if a fault tells more than `has` can, or that it is nobody's. */
void check_fault(const struct csv_row *row, unsigned has);

/* Fails the test unless the kernel has counted what the report tells of. */
void check_counters(const char *report);

/* Fails the test unless pfa refused with one line of an error that has these words. */
void assert_refused(const struct run *run, const char *words);

/* ---- around the tests ---- */

int ladder_set_up(void **state);
int ladder_put_back(void **state);
int ladder_tear_down(void **state);

/* Copies a demo to where everybody may run it. Returns its path. */
const char *install_demo(const char *demo, const char *as, const char *mode);

#endif
