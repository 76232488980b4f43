/*
 * A byte that goes to and fro: what tracing adds to each context switch.
 *
 *	ping_pong [ROUNDS [threads|processes [same|apart]]]	20000 threads
 *
 * Two threads (or processes) pass a byte through two pipes; both wait for each
 * other all the time, so a round is two switches. They stay on the same CPU, or
 * on two where there are two: left to the scheduler, it is now one, now the
 * other, and the times are ten times apart.
 */
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { DEFAULT_ROUNDS = 20000 };

struct game {
	unsigned long rounds;
	int ping[2], pong[2];
	cpu_set_t other_cpu;
	bool placed;
};

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void take(int fd)
{
	char ball;

	if (read(fd, &ball, 1) != 1)
		die("read");
}

static void give(int fd)
{
	if (write(fd, "o", 1) != 1)
		die("write");
}

static void stay_on(const cpu_set_t *set)
{
	if (sched_setaffinity(0, sizeof(*set), set) != 0)
		die("sched_setaffinity");
}

static void *answer(void *arg)
{
	const struct game *game = arg;

	if (game->placed)
		stay_on(&game->other_cpu);
	for (unsigned long i = 0; i < game->rounds; i++) {
		take(game->ping[0]);
		give(game->pong[1]);
	}
	return NULL;
}

static void serve(const struct game *game)
{
	for (unsigned long i = 0; i < game->rounds; i++) {
		give(game->ping[1]);
		take(game->pong[0]);
	}
}

static void play_threads(struct game *game)
{
	pthread_t other;

	if (pthread_create(&other, NULL, answer, game) != 0)
		die("pthread_create");
	serve(game);
	pthread_join(other, NULL);
}

static void play_processes(struct game *game)
{
	pid_t other = fork();

	if (other < 0)
		die("fork");
	if (other == 0) {
		answer(game);
		_exit(0);
	}
	serve(game);
	waitpid(other, NULL, 0);
}

/* We take the first CPU that we may run on, the other takes it or the next. */
static void place(struct game *game, bool apart)
{
	cpu_set_t allowed, first;
	int cpu = 0;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
		die("sched_getaffinity");
	while (!CPU_ISSET(cpu, &allowed))
		cpu++;
	CPU_ZERO(&first);
	CPU_SET(cpu, &first);
	game->other_cpu = first;
	CPU_CLR(cpu, &allowed);
	if (apart && CPU_COUNT(&allowed) > 0)
		game->other_cpu = allowed;
	game->placed = true;
	stay_on(&first);
}

int main(int argc, char **argv)
{
	bool processes = argc > 2 && !strcmp(argv[2], "processes");
	const char *where = argc > 3 ? argv[3] : "";
	struct game game = { .rounds = argc > 1 ? strtoul(argv[1], NULL, 0)
						: DEFAULT_ROUNDS };
	uint64_t elapsed_ns;

	if (pipe(game.ping) != 0 || pipe(game.pong) != 0)
		die("pipe");
	if (*where)
		place(&game, !strcmp(where, "apart"));
	elapsed_ns = now_ns();
	if (processes)
		play_processes(&game);
	else
		play_threads(&game);
	elapsed_ns = now_ns() - elapsed_ns;
	printf("note rounds=%lu elapsed_ns=%ju ns_per_switch=%.1f\n", game.rounds,
	       (uintmax_t)elapsed_ns,
	       (double)elapsed_ns / 2 / (double)(game.rounds ? game.rounds : 1));
	return 0;
}
