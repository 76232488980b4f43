/*
 * Layouts that ordinary programs seldom have, each kept for a while so that it can be
 * compared with what /proc shows.
 *
 *	layouts corners | many | silent | storm
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

enum { PAGE = 4096, RW = PROT_READ | PROT_WRITE };

static void keep(const char *what)
{
	puts(what);
	usleep(150 * 1000);
}

static char *map(void *at, size_t pages, int prot, int flags)
{
	char *addr = mmap(at, pages * PAGE, prot, flags | MAP_ANONYMOUS, -1, 0);

	if (addr == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	return addr;
}

static void check(int failed, const char *what)
{
	if (failed) {
		perror(what);
		exit(1);
	}
}

/* ---- corners ---- */

/* Pieces of the stack and the heap lose their names. */
static void cut_named_memory(void)
{
	char on_stack[16 * PAGE], *heap = sbrk(64 * PAGE);

	memset(on_stack, 1, sizeof(on_stack));
	on_stack[0] = 1;
	heap = (char *)(((uintptr_t)heap + PAGE - 1) & ~(uintptr_t)(PAGE - 1));
	check(mprotect((void *)(((uintptr_t)on_stack + 8 * PAGE) & ~(uintptr_t)(PAGE - 1)),
		       PAGE, RW | PROT_EXEC), "mprotect stack");
	check(mprotect(heap + 4 * PAGE, 2 * PAGE, PROT_READ), "mprotect heap");
	check(munmap(heap + 20 * PAGE, 8 * PAGE), "munmap heap");
	keep("named memory");
	check(brk(heap + 40 * PAGE), "brk");
	keep("a smaller heap");
}

static void advise(void)
{
	char *m = map(NULL, 64, RW, MAP_PRIVATE);

	for (int i = 0; i < 64; i += 4)
		check(madvise(m + i * PAGE, PAGE, MADV_DONTDUMP), "madvise");
	check(mprotect(m + 10 * PAGE, 20 * PAGE, PROT_READ), "mprotect");
	keep("split by advice");
}

/* Several VMAs and a hole, at once since Linux 6.17; before, one alone. */
static void move(void)
{
	char *m = map(NULL, 32, RW, MAP_PRIVATE), *to = map(NULL, 96, PROT_NONE, MAP_PRIVATE);

	check(mprotect(m + 4 * PAGE, 4 * PAGE, PROT_READ), "mprotect");
	check(munmap(m + 12 * PAGE, 4 * PAGE), "munmap");
	if (mremap(m, 32 * PAGE, 32 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to + 10 * PAGE) ==
	    MAP_FAILED)
		mremap(m, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to + 10 * PAGE);
	keep("moved");
}

static void share(void)
{
	int id = shmget(IPC_PRIVATE, 8 * PAGE, IPC_CREAT | 0600);
	char *m = shmat(id, NULL, 0), *shared = map(NULL, 8, RW, MAP_SHARED);

	check(shmctl(id, IPC_RMID, NULL), "shmctl");
	check(mprotect(m + PAGE, PAGE, PROT_READ), "mprotect segment");
	check(munmap(shared + 2 * PAGE, PAGE), "munmap shared");
	keep("shared memory");
	check(shmdt(m), "shmdt");
	keep("detached");
}

static void grow(void)
{
	char *place = map(NULL, 600, PROT_NONE, MAP_PRIVATE), *m;

	check(munmap(place, 600 * PAGE), "munmap");
	m = map(place + 590 * PAGE, 8, RW, MAP_PRIVATE | MAP_GROWSDOWN | MAP_FIXED);
	for (int i = 0; i < 100; i++)
		*(volatile char *)(m - i * PAGE) = 1;
	keep("grown");
}

static void corners(void)
{
	cut_named_memory();
	advise();
	move();
	share();
	grow();
}

/* ---- as many as there may be ---- */

static void many(void)
{
	for (int i = 0; i < 60000; i++)
		map(NULL, 1, i % 2 ? PROT_READ : RW, MAP_PRIVATE);
	for (int i = 0; i < 12; i++)
		keep("60000 mappings");
}

/* ---- a call that tells of nothing ---- */

/* As a 32-bit program calls: the tracepoints of system calls are silent. */
static void silent(void)
{
#ifdef __x86_64__
	char *m = map(NULL, 8, RW, MAP_PRIVATE | MAP_32BIT);
	long result;

	keep("mapped");
	__asm__ volatile("int $0x80" : "=a"(result)
			 : "a"(91), "b"((uint32_t)(uintptr_t)m + 2 * PAGE), "c"(3 * PAGE)
			 : "memory", "r8", "r9", "r10", "r11");
	check(result != 0, "munmap");
	for (int i = 0; i < 4; i++)
		keep("silently unmapped");
#endif
}

/* ---- a storm, and quiet after it ---- */

static volatile int blowing;

static void *blow(void *seed)
{
	unsigned random = (unsigned)(uintptr_t)seed;

	while (blowing) {
		size_t pages = 1 + (unsigned)rand_r(&random) % 8;
		char *m = map(NULL, pages + 1, RW, MAP_PRIVATE);

		*m = 1;
		m = mremap(m, (pages + 1) * PAGE, (pages + 3) * PAGE, MREMAP_MAYMOVE);
		check(m == MAP_FAILED, "mremap");
		check(mprotect(m + PAGE, PAGE, PROT_READ), "mprotect");
		if (rand_r(&random) % 64) /* a few stay */
			check(munmap(m, (pages + 3) * PAGE), "munmap");
	}
	return NULL;
}

static void storm(void)
{
	pthread_t threads[8];

	for (int round = 0; round < 5; round++) {
		blowing = 1;
		for (uintptr_t i = 0; i < 8; i++)
			check(pthread_create(&threads[i], NULL, blow, (void *)(i + 1)),
			      "thread");
		usleep(200 * 1000);
		blowing = 0;
		for (int i = 0; i < 8; i++)
			pthread_join(threads[i], NULL);
		keep("calm");
	}
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} modes[] = { { "corners", corners }, { "many", many }, { "silent", silent },
		      { "storm", storm } };

	setvbuf(stdout, NULL, _IONBF, 0); /* the heap is not its own */
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (argc != 2 || strcmp(argv[1], modes[i].name) != 0)
			continue;
		modes[i].run();
		return 0;
	}
	return 98;
}
