/*
 * Mappings split, joined, moved and removed in every combination, also by calls that
 * fail, one after the other and each announced with what the kernel made of it.
 */
#ifndef DEMOS_COMBINATIONS_H
#define DEMOS_COMBINATIONS_H

#include <sys/ipc.h>
#include <sys/resource.h>
#include <sys/shm.h>

#include "measured.h"

#define FIELD ARENA

enum { FIELD_PAGES = 512, HEAP_PAGES = 16 };
enum { R = PROT_READ, RW = PROT_READ | PROT_WRITE };

static char *at(size_t n)
{
	return page(FIELD, n);
}

static void clear_field(void)
{
	m_unmap(FIELD, FIELD_PAGES);
}

static void protect(void)
{
	say("note mprotect: the middle and back, the edges, over all three, and again");
	m_map(at(8), 12, RW, MAP_PRIVATE);
	m_protect(at(12), 4, R);
	m_protect(at(12), 4, RW);
	m_protect(at(8), 2, R);
	m_protect(at(18), 2, PROT_NONE);
	m_protect(at(9), 10, R);
	m_protect(at(8), 12, RW);
	m_protect(at(8), 12, RW);

	say("note to what the neighbour allows: the border moves");
	m_protect(at(14), 6, R);
	m_protect(at(12), 2, R);
	m_protect(at(14), 1, RW);
	clear_field();
}

static void unmap(void)
{
	say("note munmap: the middle, edges, three VMAs with holes, a hole");
	m_map(at(8), 16, RW, MAP_PRIVATE);
	m_unmap(at(12), 4);
	m_unmap(at(8), 2);
	m_unmap(at(22), 2);
	m_protect(at(18), 2, R);
	m_unmap(at(11), 8);
	m_unmap(at(12), 4);
	clear_field();
}

static void map_beside(void)
{
	say("note mmap: joined below, above, on both sides; not to other permissions");
	m_map(at(8), 4, RW, MAP_PRIVATE);
	m_map(at(12), 4, RW, MAP_PRIVATE);
	m_map(at(4), 4, RW, MAP_PRIVATE);
	m_map(at(20), 4, RW, MAP_PRIVATE);
	m_map(at(16), 4, RW, MAP_PRIVATE);
	m_map(at(24), 4, R, MAP_PRIVATE);
	clear_field();

	say("note pages on both sides: joined on one");
	m_map(at(8), 4, RW, MAP_PRIVATE);
	m_map(at(16), 4, RW, MAP_PRIVATE);
	touch_write(at(8), "MINOR zero-fill");
	touch_write(at(16), "MINOR zero-fill");
	m_map(at(12), 4, RW, MAP_PRIVATE);
	clear_field();
}

static void map_over(void)
{
	say("note mmap over: the middle, several and a hole, all of one");
	m_map(at(8), 12, RW, MAP_PRIVATE);
	m_map(at(12), 4, R, MAP_PRIVATE | MAP_FIXED);
	m_map(at(13), 2, RW, MAP_SHARED | MAP_FIXED);
	m_unmap(at(16), 1);
	m_map(at(10), 9, RW, MAP_PRIVATE | MAP_FIXED);
	m_map(at(8), 4, RW, MAP_PRIVATE | MAP_FIXED);
	m_map(at(4), 20, R, MAP_PRIVATE | MAP_FIXED);
	clear_field();
}

static void resize(void)
{
	say("note mremap: grow, shrink, grow until a neighbour is joined");
	m_map(at(8), 4, RW, MAP_PRIVATE);
	m_remap(at(8), 4, 8, 0, NULL);
	m_remap(at(8), 8, 2, 0, NULL);
	m_map(at(12), 4, RW, MAP_PRIVATE);
	m_remap(at(8), 2, 4, 0, NULL);
	clear_field();
}

static void move(void)
{
	char *away;

	say("note mremap: no room, so away and back; grow, shrink, part, over others");
	m_map(at(8), 4, RW, MAP_PRIVATE);
	m_map(at(12), 4, R, MAP_PRIVATE);
	m_remap(at(8), 4, 8, 0, NULL);
	away = m_remap(at(8), 4, 8, MREMAP_MAYMOVE, NULL);
	m_remap(away, 8, 8, MREMAP_MAYMOVE | MREMAP_FIXED, at(32));
	m_remap(at(32), 8, 12, MREMAP_MAYMOVE | MREMAP_FIXED, at(64));
	m_remap(at(64), 12, 6, MREMAP_MAYMOVE | MREMAP_FIXED, at(32));
	m_remap(at(34), 2, 2, MREMAP_MAYMOVE | MREMAP_FIXED, at(64));
	m_remap(at(32), 2, 4, MREMAP_MAYMOVE | MREMAP_FIXED, at(10));
	m_remap(at(36), 2, 2, MREMAP_MAYMOVE | MREMAP_FIXED, at(66));

	say("note the pages alone; two VMAs at once, where the kernel can");
	m_move_pages(at(64), 4, at(96));
	m_remap(at(10), 6, 6, MREMAP_MAYMOVE | MREMAP_FIXED, at(128));
	clear_field();
}

static void advise(void)
{
	say("note madvise: on a part, over a hole");
	m_map(at(8), 12, RW, MAP_PRIVATE);
	touch_write(at(10), "MINOR zero-fill");
	m_advise(at(9), 4, MADV_DONTNEED, "dontneed");
	m_advise(at(12), 4, MADV_FREE, "free");
	m_advise(at(12), 4, MADV_DONTFORK, "dontfork");
	m_advise(at(12), 4, MADV_DOFORK, "dofork");
	m_advise(at(8), 2, MADV_WIPEONFORK, "wipeonfork");
	m_advise(at(8), 12, MADV_KEEPONFORK, "keeponfork");
	m_unmap(at(12), 2);
	m_advise(at(8), 12, MADV_DONTNEED, "dontneed");
	clear_field();
}

static void share(void)
{
	int fd = memfd_create("stress", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, (off_t)(16 * page_size())) != 0)
		die("memfd");
	say("note a file: the next part is joined, another is not; private; over");
	m_map_file(at(8), 4, RW, MAP_SHARED, fd, 0);
	m_map_file(at(12), 4, RW, MAP_SHARED, fd, 4);
	m_map_file(at(16), 4, RW, MAP_SHARED, fd, 0);
	m_map_file(at(20), 4, RW, MAP_PRIVATE, fd, 4);
	m_protect(at(10), 4, R);
	m_unmap(at(11), 2);
	m_protect(at(8), 3, RW);
	m_map_again(at(16), 4, at(32));
	m_remap(at(16), 4, 8, MREMAP_MAYMOVE | MREMAP_FIXED, at(40));

	say("note shared anonymous memory: each a file of its own");
	m_map(at(64), 4, RW, MAP_SHARED);
	m_map(at(68), 4, RW, MAP_SHARED);
	m_protect(at(66), 4, R);
	m_protect(at(66), 4, RW);
	clear_field();
	close(fd);
}

static void attach_segment(void)
{
	int id = shmget(IPC_PRIVATE, 4 * page_size(), IPC_CREAT | 0600);

	if (id < 0)
		die("shmget");
	say("note a System V segment");
	maps_read(&measured_before);
	say_result(shmat(id, at(8), 0) == at(8), "MMAP_ADD", at(8), 4, "");
	shmctl(id, IPC_RMID, NULL);
	maps_read(&measured_before);
	say_result(shmdt(at(8)) == 0, "MUNMAP_REMOVE", at(8), 4, "");
}

/* The kernel keeps 256 pages free below what may grow down (stack_guard_gap). */
static void grow_down(void)
{
	say("note touched below its start: it grows to there");
	m_map(at(400), 4, RW, MAP_PRIVATE | MAP_GROWSDOWN);
	m_touch_below(at(400), 1, 4);
	m_touch_below(at(399), 3, 5);
	m_protect(at(402), 1, R);
	m_touch_below(at(396), 2, 6);
	clear_field();
}

static void fail(void)
{
	int fd = open("/proc/self/exe", O_RDONLY);

	say("note calls that fail: taken, not writable, nothing there, too large");
	m_map(at(8), 4, RW, MAP_PRIVATE);
	m_map(at(6), 4, RW, MAP_PRIVATE);
	m_map_file(at(16), 1, RW, MAP_SHARED, fd, 0);
	m_protect(at(4), 8, R);
	m_protect(at(8), 8, R);
	m_unmap(at(8), (size_t)1 << 44); /* more than any address space has */
	m_remap(at(20), 4, 8, MREMAP_MAYMOVE | MREMAP_FIXED, at(32));
	m_remap(at(8), 4, 4, MREMAP_MAYMOVE | MREMAP_FIXED, at(10));
	m_advise(at(8), 4, 9999, "other");
	m_advise(at(16), 4, MADV_DONTNEED, "dontneed");
	clear_field();
	close(fd);
}

/* Its end stays at the end of what is watched: malloc's own growth is above. */
static void change_heap(void)
{
	struct rlimit limit, none = { 0, 0 };

	say("note the heap: grow, shrink, grow; refused; grow");
	start_heap(HEAP_PAGES);
	m_break(8);
	m_break(-6);
	m_break(4);
	getrlimit(RLIMIT_DATA, &limit);
	none.rlim_max = limit.rlim_max;
	setrlimit(RLIMIT_DATA, &none);
	m_break(2);
	setrlimit(RLIMIT_DATA, &limit);
	m_break(10);
}

static void do_all_combinations(void)
{
	say_watch(FIELD, FIELD_PAGES * page_size(), "field");
	protect();
	unmap();
	map_beside();
	map_over();
	resize();
	move();
	advise();
	share();
	attach_segment();
	grow_down();
	fail();
	change_heap();
}

#endif
