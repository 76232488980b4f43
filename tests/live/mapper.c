/*
 * A program whose layout has seen everything: threads, libraries that come and go,
 * every call that changes a mapping. At the end it says what is mapped and touches
 * one page of each mapping, so that each is named once more by pfa.
 *
 *	mapper MAPS TOUCHED
 *
 * MAPS is a copy of /proc/self/maps; TOUCHED has one address a line, of a page that
 * was not present before.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, THREADS = 4, ROUNDS = 200, RW = PROT_READ | PROT_WRITE };

static void die(const char *what)
{
	perror(what);
	_exit(1);
}

static char *map(void *at, size_t pages, int prot, int flags, int fd, off_t page)
{
	char *addr = mmap(at, pages * PAGE, prot, flags | (fd < 0 ? MAP_ANONYMOUS : 0),
			  fd, page * PAGE);

	if (addr == MAP_FAILED)
		die("mmap");
	return addr;
}

static void check(int result, const char *what)
{
	if (result)
		die(what);
}

/* ---- threads: each maps, cuts, protects and moves on its own ---- */

static void *churn(void *seed)
{
	uint32_t random = (uint32_t)(uintptr_t)seed;
	char *kept = NULL;

	for (int i = 0; i < ROUNDS; i++) {
		char *m = map(NULL, 8, RW, MAP_PRIVATE, -1, 0);

		random = random * 1103515245 + 12345;
		m[(random >> 16) % (8 * PAGE)] = 1;
		if (random & 1 << 20)
			check(mprotect(m + 2 * PAGE, PAGE, PROT_READ), "mprotect");
		if (random & 1 << 21)
			check(munmap(m + 5 * PAGE, PAGE), "munmap");
		if (random & 1 << 22)
			m = mremap(m, PAGE, 3 * PAGE, MREMAP_MAYMOVE);
		if (m == MAP_FAILED)
			die("mremap");
		if (i % 50) /* a few stay */
			check(munmap(m, PAGE), "munmap");
		if (kept && i % 3 == 0)
			check(madvise(kept, PAGE, MADV_DONTNEED), "madvise");
		kept = i % 50 ? kept : m;
	}
	return NULL;
}

static void threads(void)
{
	pthread_t ids[THREADS];

	for (uintptr_t i = 0; i < THREADS; i++)
		check(pthread_create(&ids[i], NULL, churn, (void *)(i + 1)), "thread");
	for (int i = 0; i < THREADS; i++)
		pthread_join(ids[i], NULL);
}

/* ---- libraries ---- */

static void libraries(void)
{
	void *math = dlopen("libm.so.6", RTLD_NOW);

	if (!math)
		die("libm.so.6");
	dlclose(math);
	for (int i = 0; i < 3; i++) {
		void *other = dlopen("libresolv.so.2", RTLD_NOW);

		if (other && i < 2)
			dlclose(other); /* at last it stays */
	}
	if (!dlopen("libm.so.6", RTLD_LAZY))
		die("libm.so.6");
}

/* ---- files ---- */

static void files(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	char *m;

	m = map(NULL, 4, PROT_READ, MAP_PRIVATE, fd, 0);
	check(munmap(m + PAGE, PAGE), "hole in a file mapping");
	m = map(NULL, 4, RW, MAP_PRIVATE, fd, 1);
	check(mprotect(m + PAGE, PAGE, PROT_READ), "mprotect file");
	map(m + 2 * PAGE, 1, RW, MAP_PRIVATE | MAP_FIXED, -1, 0);
	map(NULL, 2, PROT_READ, MAP_SHARED, fd, 2);
	close(fd);
}

/* ---- moves ---- */

static void moves(void)
{
	char *place = map(NULL, 64, PROT_NONE, MAP_PRIVATE | MAP_NORESERVE, -1, 0);
	char *m = map(NULL, 8, RW, MAP_PRIVATE, -1, 0);

	memset(m, 1, 3 * PAGE);
	m = mremap(m, 8 * PAGE, 8 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, place + PAGE);
	if (m == MAP_FAILED)
		die("mremap to a place");
	m = mremap(m, 8 * PAGE, 5 * PAGE, 0);
	if (m == MAP_FAILED)
		die("mremap to shrink");
	check(munmap(place + 6 * PAGE, 10 * PAGE), "munmap");
	m = mremap(m, 5 * PAGE, 9 * PAGE, 0);
	if (m == MAP_FAILED)
		die("mremap to grow");
#ifdef MREMAP_DONTUNMAP
	m = map(NULL, 4, RW, MAP_PRIVATE, -1, 0);
	m[0] = 1;
	mremap(m, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
#endif
}

static void replacements(void)
{
	char *m = map(NULL, 32, RW, MAP_PRIVATE, -1, 0);

	for (int i = 0; i < 32; i += 4)
		check(mprotect(m + i * PAGE, PAGE, i % 8 ? PROT_READ : PROT_NONE),
		      "mprotect");
	map(m + 3 * PAGE, 10, PROT_READ, MAP_SHARED | MAP_FIXED, -1, 0);
	check(mprotect(m + 16 * PAGE, 16 * PAGE, RW), "mprotect to merge");
	check(munmap(m + 15 * PAGE, 3 * PAGE), "munmap over a border");
}

/* ---- the heap, shared memory, a stack ---- */

static void heap(void)
{
	if (sbrk(40 * PAGE) == (void *)-1 || sbrk(-25 * PAGE) == (void *)-1 ||
	    sbrk(10 * PAGE) == (void *)-1)
		die("sbrk");
}

static void shared_memory(void)
{
	int id = shmget(IPC_PRIVATE, 6 * PAGE, IPC_CREAT | 0600);
	int fd = memfd_create("of-mapper", MFD_CLOEXEC);
	char *m;

	if (id < 0 || fd < 0)
		die("shared memory");
	m = shmat(id, NULL, 0);
	shmat(id, NULL, SHM_RDONLY);
	shmctl(id, IPC_RMID, NULL);
	check(shmdt(m), "shmdt");
	check(ftruncate(fd, 16 * PAGE), "ftruncate");
	m = map(NULL, 16, RW, MAP_SHARED, fd, 0);
	m[0] = 1;
	check(munmap(m + 4 * PAGE, 4 * PAGE), "munmap memfd");
	map(NULL, 3, RW, MAP_PRIVATE, fd, 9);
	map(NULL, 5, RW, MAP_SHARED, -1, 0);
	close(fd);
}

static void stack(void)
{
	char *place = map(NULL, 600, PROT_NONE, MAP_PRIVATE, -1, 0);
	char *m;

	check(munmap(place, 600 * PAGE), "munmap");
	m = map(place + 590 * PAGE, 8, RW, MAP_PRIVATE | MAP_GROWSDOWN | MAP_FIXED, -1,
		0);
	for (int i = 0; i < 20; i++)
		*(volatile char *)(m - i * PAGE) = 1;
}

static void child(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		char *m = map(NULL, 4, RW, MAP_PRIVATE, -1, 0);

		m[0] = 1;
		check(munmap(m, PAGE), "munmap in the child");
		_exit(0);
	}
	if (waitpid(pid, NULL, 0) != pid)
		die("child");
}

/* ---- what is mapped, by raw calls and without an allocation ---- */

static char maps[512 << 10], touched[256 << 10];

static size_t copy_maps(const char *path)
{
	int from = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	int to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	size_t used = 0;
	ssize_t n;

	while ((n = read(from, maps + used, sizeof(maps) - 1 - used)) > 0)
		used += (size_t)n;
	maps[used] = '\0';
	if (n < 0 || write(to, maps, used) != (ssize_t)used)
		die(path);
	close(from);
	close(to);
	return used;
}

/* The first page in a range that is neither present nor swapped; 0: none. */
static uintptr_t absent_page(int pagemap, uintptr_t start, uintptr_t end)
{
	for (uintptr_t at = start; at < end && at < start + 4096 * PAGE; at += PAGE) {
		uint64_t entry;

		if (pread(pagemap, &entry, sizeof(entry),
			  (off_t)(at / PAGE * sizeof(entry))) != sizeof(entry))
			return 0;
		if (!(entry >> 62))
			return at;
	}
	return 0;
}

static void touch_each(const char *path)
{
	int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	int to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	size_t used = 0;

	for (char *line = maps; *line; line = strchr(line, '\n') + 1) {
		unsigned long start, end;
		char read_permission, *name = strpbrk(line, "[/\n");
		uintptr_t at;

		if (sscanf(line, "%lx-%lx %c", &start, &end, &read_permission) != 3)
			die("maps");
		if (read_permission != 'r' || !strncmp(name, "[v", 2))
			continue; /* the kernel's own pages */
		at = absent_page(pagemap, start, end);
		if (!at)
			continue;
		(void)*(volatile char *)(at + 17);
		used += (size_t)snprintf(touched + used, sizeof(touched) - used,
					 "%#lx\n", (unsigned long)at + 17);
	}
	if (write(to, touched, used) != (ssize_t)used)
		die(path);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 98;
	memset(maps, 1, sizeof(maps)); /* present from now on */
	memset(touched, 1, sizeof(touched));
	threads();
	libraries();
	files();
	moves();
	replacements();
	heap();
	shared_memory();
	stack();
	child();
	copy_maps(argv[1]);
	touch_each(argv[2]);
	return 0;
}
