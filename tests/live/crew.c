/*
 * A crew: threads and processes that wait for a signal, then each touch pages for the
 * first time and announce it, as a demo does (demos/README.md).
 *
 *	crew THREADS PAGES [CHILDREN [births]]
 *
 * First it says "note ready PID" and, until SIGUSR1, faults every millisecond, on a page
 * that is not watched: by that others see that they see it. With "births" threads and
 * families of processes come and go meanwhile, faster than anybody can look.
 * After the signal nobody is born until all that are there have touched their PAGES;
 * then come CHILDREN, one after the other, each with a child of its own. Of each process
 * but the first it says "note born NANOSECONDS PID PARENT".
 */
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>

#include "../../demos/say.h"

/* So many of those born stay, until others take their places. */
enum { STAYING_THREADS = 32, STAYING_FAMILIES = 24 };

/* Slots of the arena: in each process the first are for children, who own a copy. */
enum { SLOT_CHILD, SLOT_GRANDCHILD, SLOT_MAIN, SLOT_THREADS };

#define TICKED (ARENA + (1UL << 31))

/* Where a thread or a family waits until it is called, to work or to leave. */
struct place {
	sem_t called;
	volatile bool leave;
};

/* Shared by all processes. */
static struct gate {
	volatile bool work;
	struct place threads[STAYING_THREADS], families[STAYING_FAMILIES];
	struct place members[];
} *gate;

static size_t pages;

static char *slot(size_t number)
{
	return page(ARENA, number * pages);
}

static void work_in(size_t number)
{
	for (size_t i = 0; i < pages; i++) {
		char *addr = page(slot(number), i);

		say("touch %d %#jx MINOR zero-fill w tid=%d", getpid(),
		    (uintmax_t)(uintptr_t)addr, gettid());
		quiet_write(addr);
	}
}

static void call(struct place *place, unsigned who)
{
	for (unsigned i = 0; i < who; i++)
		sem_post(&place->called);
}

/* Whether it is for work; without a place there is no waiting. */
static bool wait_for_call(struct place *place)
{
	if (!place)
		return gate->work;
	while (sem_wait(&place->called))
		;
	return !place->leave;
}

/* ---- threads ---- */

struct member {
	pthread_t thread; /* 0: not born */
	size_t slot;
	struct place *place;
};

static void *be_member(void *arg)
{
	struct member *member = arg;

	if (wait_for_call(member->place))
		work_in(member->slot);
	return NULL;
}

static void bear_thread(struct member *member)
{
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 << 10);
	if (pthread_create(&member->thread, &attr, be_member, member) != 0)
		die("pthread_create");
	pthread_attr_destroy(&attr);
}

/* Another takes its place. */
static void replace_thread(struct member *member)
{
	if (member->thread) {
		member->place->leave = true;
		call(member->place, 1);
		pthread_join(member->thread, NULL);
		member->place->leave = false;
	}
	bear_thread(member);
}

static void pass_thread(void)
{
	struct member passer_by = { .place = NULL };

	bear_thread(&passer_by);
	pthread_join(passer_by.thread, NULL);
}

/* ---- families: a child and its child ---- */

/* By the parent's clock: a child may have to wait before it runs. */
static pid_t family_fork(uint64_t *born_ns)
{
	pid_t pid;

	*born_ns = now_ns();
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

static pid_t bear_family(struct place *place)
{
	uint64_t born_ns, later_ns;
	pid_t child = family_fork(&born_ns), grandchild;

	if (child)
		return child;
	grandchild = family_fork(&later_ns);
	if (!grandchild)
		born_ns = later_ns;
	if (wait_for_call(place)) {
		say("note born %ju %d %d", (uintmax_t)born_ns, getpid(), getppid());
		work_in(grandchild ? SLOT_CHILD : SLOT_GRANDCHILD);
	}
	if (grandchild)
		wait_for(grandchild);
	exit(0); /* which flushes what was said */
}

static void replace_family(pid_t *child, struct place *place)
{
	if (*child) {
		place->leave = true;
		call(place, 2);
		wait_for(*child);
		place->leave = false;
	}
	*child = bear_family(place);
}

static volatile bool births_end, families_rest;

static void *bear_families(void *arg)
{
	pid_t staying[STAYING_FAMILIES] = { 0 };

	for (size_t i = 0; !births_end; i = (i + 1) % STAYING_FAMILIES) {
		wait_for(bear_family(NULL));
		replace_family(&staying[i], &gate->families[i]);
	}
	families_rest = true;
	for (size_t i = 0; i < STAYING_FAMILIES; i++)
		if (staying[i])
			wait_for(staying[i]);
	return arg;
}

/* ---- until the signal ---- */

static bool signal_came(void)
{
	const struct timespec tick = { .tv_nsec = 1000000 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	return sigtimedwait(&set, NULL, &tick) == SIGUSR1;
}

/* With threads to replace, births go on meanwhile. */
static void tick_until_signal(struct member *replaced)
{
	char *ticked = map_private(TICKED, page_size());

	say("note ready %d", getpid());
	say_flush();
	for (size_t i = 0; !signal_came(); i = (i + 1) % STAYING_THREADS) {
		quiet_write(ticked);
		madvise(ticked, page_size(), MADV_DONTNEED);
		if (replaced) {
			pass_thread();
			replace_thread(&replaced[i]);
		}
	}
}

/* ---- the whole ---- */

static void place_init(struct place *place)
{
	if (sem_init(&place->called, 1, 0))
		die("sem_init");
}

static void make_gate(size_t count)
{
	sigset_t set;

	gate = mmap(NULL, sizeof(*gate) + count * sizeof(gate->members[0]),
		    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (gate == MAP_FAILED)
		die("mmap");
	for (size_t i = 0; i < STAYING_THREADS; i++)
		place_init(&gate->threads[i]);
	for (size_t i = 0; i < STAYING_FAMILIES; i++)
		place_init(&gate->families[i]);
	for (size_t i = 0; i < count; i++)
		place_init(&gate->members[i]);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

/* The first `count` stay; those behind them come and go. */
static struct member *make_members(size_t count)
{
	struct member *members = calloc(count + STAYING_THREADS, sizeof(*members));

	if (!members)
		die("calloc");
	for (size_t i = 0; i < count + STAYING_THREADS; i++)
		members[i] = (struct member){
			.slot = SLOT_THREADS + i,
			.place = i < count ? &gate->members[i] : &gate->threads[i - count],
		};
	for (size_t i = 0; i < count; i++)
		bear_thread(&members[i]);
	return members;
}

static void call_all_to_work(struct member *members, size_t count)
{
	gate->work = true;
	for (size_t i = 0; i < count; i++)
		call(members[i].place, 1);
	for (size_t i = 0; i < STAYING_FAMILIES; i++)
		call(&gate->families[i], 2);
	work_in(SLOT_MAIN);
	for (size_t i = 0; i < count; i++)
		if (members[i].thread)
			pthread_join(members[i].thread, NULL);
}

static void bear_children(size_t children)
{
	for (size_t i = 0; i < children; i++) {
		say_flush();
		wait_for(bear_family(NULL));
	}
}

static size_t argument(int argc, char **argv, int i)
{
	return argc > i ? strtoul(argv[i], NULL, 10) : 0;
}

int main(int argc, char **argv)
{
	size_t count = argument(argc, argv, 1);
	size_t slots = SLOT_THREADS + count + STAYING_THREADS;
	bool births = argc > 4;
	struct member *members;
	pthread_t families;

	pages = argument(argc, argv, 2);
	if (!pages)
		return 98;
	say_start();
	make_gate(count);
	map_private(ARENA, slots * pages * page_size());
	say_watch(ARENA, slots * pages * page_size(), "crew");
	say_flush();
	members = make_members(count);
	if (births && pthread_create(&families, NULL, bear_families, NULL) != 0)
		die("pthread_create");
	tick_until_signal(births ? members + count : NULL);
	births_end = true;
	while (births && !families_rest) /* a fork would copy what is said by then */
		usleep(500);
	call_all_to_work(members, count + STAYING_THREADS);
	if (births)
		pthread_join(families, NULL);
	bear_children(argument(argc, argv, 3));
	return 0;
}
