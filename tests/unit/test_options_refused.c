/* Complaints about a command line: each with its remedy. */
#include "parsed.h"

#include "pfa/base/status.h"

#define EXCLUDED "-p, -a and --cgroup exclude each other: processes, the machine, or a " \
		 "control group"
#define A_LIST "a list of faults, entries, calls, tasks, kernel, or of what to leave out, " \
	       "as -calls,-kernel"

#define ONE_OF_FOUR "--maps, --compare, --leaks and --first-touch exclude each other: each " \
		    "is printed instead of all else"
#define NO_SUMMARY "-s prints the summary only, and --maps, --compare, --leaks and " \
		   "--first-touch print none"

static const struct {
	const char *line, *message;
} refused[] = {
	{ "pfa", "nothing to trace: name a program, or a process with -p PID "
		 "(see pfa --help)" },
	{ "pfa -s", "nothing to trace: name a program, or a process with -p PID "
		    "(see pfa --help)" },
	{ "pfa --", "nothing to trace: name a program, or a process with -p PID "
		    "(see pfa --help)" },
	{ "pfa record -o x", "nothing to trace: name a program, or a process with -p PID "
			     "(see pfa --help)" },
	{ "pfa --csv=- true",
	  "--csv=- would mix with the stream on standard output: add -o FILE" },
	{ "pfa -p 1 true", "-p and a program ('true') exclude each other: attach to one, "
			   "or launch the other" },
	{ "pfa -a -p 1", EXCLUDED },
	{ "pfa -a --cgroup=x", EXCLUDED },
	{ "pfa --cgroup=x -p 1", EXCLUDED },
	{ "pfa record -a --cgroup=x true", EXCLUDED },
	{ "pfa -a -p 1 true", "-p and a program ('true') exclude each other: attach to "
			      "one, or launch the other" },
	{ "pfa -a --no-follow", "--no-follow goes with -p or a program: -a and --cgroup "
				"trace all processes" },
	{ "pfa --no-follow --cgroup=x true", "--no-follow goes with -p or a program: -a "
					     "and --cgroup trace all processes" },
	{ "pfa report -a", "unknown option -a (see pfa report --help)" },
	{ "pfa report --cgroup=x", "unknown option --cgroup=x (see pfa report --help)" },
	{ "pfa report --events=calls",
	  "unknown option --events=calls (see pfa report --help)" },
	{ "pfa --all=yes x", "unknown option --all=yes (see pfa --help)" },
	{ "pfa --cgroup", "option --cgroup needs a value (see pfa --help)" },
	{ "pfa --rss-interval=0 x", NULL },
	{ "pfa --rss-interval=1us x",
	  "--rss-interval: '1us' is not a time from 1ms, or 0" },
	{ "pfa --events=none x", "--events: 'none' is not " A_LIST },
	{ "pfa --events=calls,-kernel x", "--events: 'calls,-kernel' is not " A_LIST },
	{ "pfa --events= x", "--events: '' is not " A_LIST },
	{ "pfa report x.data",
	  "report takes no program: 'x.data' (the capture goes with -i)" },
	{ "pfa report -i a -- true",
	  "report takes no program: 'true' (the capture goes with -i)" },
	{ "pfa --csv=- true", "--csv=- would mix with the stream on standard output: add "
			      "-o FILE" },
	{ "pfa report --csv=- -o -", "--csv=- would mix with the stream on standard "
				     "output: add -o FILE" },
	{ "pfa report --csv=- -o x", NULL },

	{ "pfa map", "nothing to look at: name a process with -p PID (see pfa map --help)" },
	{ "pfa map 4321",
	  "map takes no program: '4321' (a process goes with -p)" },
	{ "pfa map -p 1 --each", "--each goes with --pages: it says how" },
	{ "pfa map -p 1 --pages --strip",
	  "--strip and --pages exclude each other: cells, or pages" },
	{ "pfa map -p 1 --csv=-", "--csv=- would mix with the stream on standard output: "
				  "add -o FILE" },
	{ "pfa map -p 1 --pages=x", "--pages: 'x' is not an address, or a range of them as "
				    "7f5acd89c000-7f5acd89e000" },
	{ "pfa top", "nothing to trace: name a program, or a process with -p PID "
		     "(see pfa --help)" },
	{ "pfa top --interval=49ms ls", "--interval: '49ms' is not a time from 50ms to 1h" },
	{ "pfa top --interval=61m ls", "--interval: '61m' is not a time from 50ms to 1h" },
	{ "pfa top --interval= ls", "--interval: '' is not a time from 50ms to 1h" },
	{ "pfa top --batch=0 ls", "--batch: '0' is not a number above 0" },
	{ "pfa top -o x ls", "-o goes with --batch: it says where the frames are printed" },
	{ "pfa top -s ls", "unknown option -s (see pfa top --help)" },
	{ "pfa --interval=1s ls", "unknown option --interval=1s (see pfa --help)" },
	{ "pfa map -p 1 -s", "unknown option -s (see pfa map --help)" },
	{ "pfa map -p 1 --show=vma", "unknown option --show=vma (see pfa map --help)" },
	{ "pfa --tree -p 1", "unknown option --tree (see pfa --help)" },
	{ "pfa --pages true", "unknown option --pages (see pfa --help)" },
	{ "pfa record --strip true", "unknown option --strip (see pfa record --help)" },
	{ "pfa report --sort=rss", "unknown --sort value 'rss' (known: count, time)" },
	{ "pfa --sort=time --fixed-ts true", "--sort=time and --fixed-ts exclude each other: "
	  "the latter leaves out times" },

	{ "pfa --maps --leaks x", ONE_OF_FOUR },
	{ "pfa report --compare=1,2 --maps", ONE_OF_FOUR },
	{ "pfa report --maps -s", NO_SUMMARY },
	{ "pfa -s --compare=1,2 x", NO_SUMMARY },
	{ "pfa report --at=1", "--at goes with --maps, --compare or --leaks: it says of "
			       "which moment" },
	{ "pfa --maps --at=soon x",
	  "--at: 'soon' is not a time such as 1.25, 250ms or 80us" },
	{ "pfa report --pid=1",
	  "--pid goes with --maps or --leaks: it says of which processes" },
	{ "pfa report --pid=1 --compare=1,2",
	  "--pid goes with --maps or --leaks: it says of which processes" },
	{ "pfa report --maps --pid=0", "--pid: '0' is not a process, or some with commas, "
				       "as 4321 or P1,P2" },
	{ "pfa report --compare=P1", "--compare: 'P1' is not two processes, as 4321,4322 "
				     "or P1,P2" },
	{ "pfa --compare=1,2,3 x", "--compare: '1,2,3' is not two processes, as 4321,4322 "
				   "or P1,P2" },
	{ "pfa --compare=7,7 x", "--compare: '7,7' is not two processes, as 4321,4322 or "
				 "P1,P2" },
	{ "pfa record --maps x", "unknown option --maps (see pfa record --help)" },
	{ "pfa --maps --csv=- x",
	  "--csv=- would mix with the stream on standard output: add -o FILE" },

	{ "pfa --nonsense x", "unknown option --nonsense (see pfa --help)" },
	{ "pfa record --nonsense x", "unknown option --nonsense (see pfa record --help)" },
	{ "pfa -x y", "unknown option -x (see pfa --help)" },
	{ "pfa report -p 1", "unknown option -p (see pfa report --help)" },
	{ "pfa -i x y", "unknown option -i (see pfa --help)" },
	{ "pfa record --csv=x -o y z", "unknown option --csv=x (see pfa record --help)" },
	{ "pfa record --max-faults=1 -o y z",
	  "unknown option --max-faults=1 (see pfa record --help)" },
	{ "pfa report --duration=1s", "unknown option --duration=1s (see pfa report --help)" },
	{ "pfa --f x", "unknown option --f (see pfa --help)" }, /* fields or fixed-ts */
	{ "pfa -p", "option -p needs a value (see pfa --help)" },
	{ "pfa x -p", NULL }, /* the program's own */
	{ "pfa --csv", "option --csv needs a value (see pfa --help)" },
	{ "pfa record -o", "option -o needs a value (see pfa record --help)" },

	{ "pfa -p 0", "-p: '0' is not a PID, or PIDs with commas" },
	{ "pfa -p -1", "-p: '-1' is not a PID, or PIDs with commas" },
	{ "pfa -p 1,", "-p: '1,' is not a PID, or PIDs with commas" },
	{ "pfa -p ,1", "-p: ',1' is not a PID, or PIDs with commas" },
	{ "pfa -p 1,,2", "-p: '1,,2' is not a PID, or PIDs with commas" },
	{ "pfa -p 12x", "-p: '12x' is not a PID, or PIDs with commas" },
	{ "pfa -p 2147483648", "-p: '2147483648' is not a PID, or PIDs with commas" },
	{ "pfa --pid=99999999999999999999",
	  "-p: '99999999999999999999' is not a PID, or PIDs with commas" },
	{ "pfa --buffer=4095 x", "--buffer: '4095' is not a size from 4K to 1G" },
	{ "pfa --buffer=1025M x", "--buffer: '1025M' is not a size from 4K to 1G" },
	{ "pfa --buffer=big x", "--buffer: 'big' is not a size from 4K to 1G" },
	{ "pfa --duration=0 x", "--duration: '0' is not a time such as 500ms or 10s" },
	{ "pfa --duration=5min x",
	  "--duration: '5min' is not a time such as 500ms or 10s" },
	{ "pfa --max-faults=0 x", "--max-faults: '0' is not a number above 0" },
	{ "pfa --max-faults=1e3 x", "--max-faults: '1e3' is not a number above 0" },
	{ "pfa --min-latency=fast x",
	  "--min-latency: 'fast' is not a time such as 50us or 1ms" },
	{ "pfa --top=0 x", "--top: '0' is not a number above 0" },
	{ "pfa --symfs=/etc/passwd x",
	  "--symfs: '/etc/passwd' is not a directory (name one that has the files below it, "
	  "as ./usr/lib/libc.so.6)" },
	{ "pfa --top=-5 x", "--top: '-5' is not a number above 0" },
	{ "pfa --color=red x", "--color: 'red' is not auto, always or never" },
	{ "pfa --show=all x", "unknown --show value 'all' (known: faults, vma, life, memory)" },
	{ "pfa --type=minor,huge x",
	  "unknown fault type 'huge' (known: MAJOR, MINOR, COW, INVALID)" },
};

static void wrong_command_line_is_refused_with_the_remedy(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(refused); i++) {
		struct parsed p;

		parse(&p, refused[i].line);
		if (refused[i].message) {
			assert_int_equal(p.status, PFA_E_USAGE);
			assert_string_equal(p.err.text, refused[i].message);
			assert_int_equal(pfa_exit_status(p.status), 2);
		} else {
			assert_int_equal(p.status, PFA_OK);
		}
		options_release(&p.options);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_command_line_is_refused_with_the_remedy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
