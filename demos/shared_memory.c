/*
 * Shared memory in its three forms: shared anonymous, memfd and System V. All
 * are files of a hidden tmpfs, and a first touch by each process that maps
 * them is MINOR shmem, whether the page is new or another process's.
 *
 * tmpfs has nothing to write back, so a page mapped by a read is writable at
 * once: no second fault, unlike on a disk (see write_notify).
 */
#include <sys/ipc.h>
#include <sys/shm.h>

#include "say.h"

enum { PAGES = 8 };

static void touch_all(char *base, const char *name)
{
	say_watch(base, PAGES * page_size(), name);
	for (size_t i = 0; i < PAGES - 1; i++)
		touch_write(page(base, i) + i, "MINOR shmem");
	touch_read(page(base, PAGES - 1), "MINOR shmem");
	quiet_write(page(base, PAGES - 1));
}

/* fork copies no page tables of shared memory: the child finds them empty. */
static void touch_in_child(char *base)
{
	pid_t pid = say_fork();

	if (!pid) {
		touch_write(page(base, 2), "MINOR shmem");
		touch_write(page(base, 4), "MINOR shmem");
		exit(0);
	}
	wait_for(pid);
}

static char *map_memfd(char *place, size_t size)
{
	int fd = memfd_create("demo", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, (off_t)size) != 0)
		die("memfd");
	return map_at(place, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
}

/* Marked for removal at once, so that it goes when we do. */
static char *map_sysv(char *place, size_t size)
{
	int id = shmget(IPC_PRIVATE, size, IPC_CREAT | 0600);
	char *addr;

	if (id < 0)
		die("shmget");
	addr = shmat(id, place, 0);
	shmctl(id, IPC_RMID, NULL);
	if (addr != place)
		die("shmat");
	return addr;
}

int main(void)
{
	size_t size = PAGES * page_size();
	char *anon;

	say_start();
	anon = map_at(ARENA, size, PROT_READ | PROT_WRITE, MAP_SHARED, -1);
	touch_all(anon, "shared-anon");
	touch_all(map_memfd(ARENA + (1 << 20), size), "memfd");
	touch_all(map_sysv(ARENA + (2 << 20), size), "sysv");
	touch_in_child(anon);
	return 0;
}
