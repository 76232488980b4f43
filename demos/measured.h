/*
 * Calls that change the layout, announced with what the kernel made of them: its own
 * list of VMAs, read before and after, says which were touched and what they allow. For
 * sequences where that is not obvious, by one thread while no other changes anything.
 *
 * Each takes pages, and announces failed= where the call fails, which may be the point.
 */
#ifndef DEMOS_MEASURED_H
#define DEMOS_MEASURED_H

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>

#include "change.h"

/* Newer than some headers. */
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

/* /proc/self/maps as text. */
static struct measured_maps {
	char text[32 << 10];
} measured_before, measured_after;

static inline void maps_read(struct measured_maps *maps)
{
	int fd = open("/proc/self/maps", O_RDONLY);
	size_t used = 0;
	ssize_t n;

	if (fd < 0)
		die("/proc/self/maps");
	while ((n = read(fd, maps->text + used, sizeof(maps->text) - 1 - used)) > 0)
		used += (size_t)n;
	close(fd);
	maps->text[used] = '\0';
}

static inline const char *maps_next(const char *line)
{
	return line + strcspn(line, "\n") + 1;
}

static inline bool maps_has(const struct measured_maps *maps, const char *line)
{
	size_t length = (size_t)(maps_next(line) - line);

	for (const char *at = maps->text; *at; at = maps_next(at))
		if (!strncmp(at, line, length))
			return true;
	return false;
}

/* How many VMAs are in one but not, just so, in the other. */
static inline unsigned maps_less(const struct measured_maps *maps,
				 const struct measured_maps *other)
{
	unsigned count = 0;

	for (const char *at = maps->text; *at; at = maps_next(at))
		count += !maps_has(other, at);
	return count;
}

/* What the first VMA in a range allows, as pfa prints it. */
static inline void maps_prot(const struct measured_maps *maps, const char *start,
			     const char *end, char prot[5])
{
	uintptr_t low, high;

	for (const char *at = maps->text; *at; at = maps_next(at)) {
		if (sscanf(at, "%" SCNxPTR "-%" SCNxPTR " %4s", &low, &high, prot) != 3)
			die("maps");
		if (high > (uintptr_t)start && low < (uintptr_t)end)
			return;
	}
	memcpy(prot, "---p", 5);
}

/* How many pages there are from the address to the next hole. */
static inline size_t maps_pages(const struct measured_maps *maps, const char *start)
{
	uintptr_t low, high, end = (uintptr_t)start;

	for (const char *at = maps->text; *at; at = maps_next(at)) {
		if (sscanf(at, "%" SCNxPTR "-%" SCNxPTR, &low, &high) != 2)
			die("maps");
		if (low <= end && high > end)
			end = high;
	}
	return (end - (uintptr_t)start) / page_size();
}

/* ---- announcing ---- */

static inline void say_measured(const char *kind, const char *start, size_t pages,
				const struct measured_maps *named_by, const char *keys)
{
	size_t size = pages * page_size();
	unsigned before, after;
	char prot[5], all[160];

	before = maps_less(&measured_before, &measured_after);
	after = maps_less(&measured_after, &measured_before);
	if (!before && !after && (!strcmp(kind, "MUNMAP_REMOVE") ||
				  !strcmp(kind, "PERM_CHANGE")))
		return; /* a hole, or the same as before: no change */
	maps_prot(named_by, start, start + size, prot);
	snprintf(all, sizeof(all), "%s vmas=%u->%u", keys, before, after);
	/* It did something, but not to the list: what it touched is not certain. */
	say_change(kind, start, size, prot, before || after ? all : keys);
}

/* A call has returned: what it did, or how it failed. */
static inline void say_result(bool done, const char *kind, const char *start,
			      size_t pages, const char *keys)
{
	bool removed = !strcmp(kind, "MUNMAP_REMOVE") || !strcmp(kind, "BRK_SHRINK");
	char failed[160];

	if (!done) {
		snprintf(failed, sizeof(failed), "%s failed=%s", keys,
			 strerrorname_np(errno));
		say_change(kind, start, pages * page_size(), "-", failed);
		return;
	}
	maps_read(&measured_after);
	say_measured(kind, start, pages, removed ? &measured_before : &measured_after,
		     keys);
}

/* The key of where something was: good until the next call. */
static inline const char *from_key(const char *start, size_t pages)
{
	static char key[64];

	snprintf(key, sizeof(key), " from=%#jx-%#jx", (uintmax_t)(uintptr_t)start,
		 (uintmax_t)(uintptr_t)page((char *)start, pages));
	return key;
}

/* ---- the calls ---- */

/* flags: also MAP_FIXED, to map over what is there. */
static inline void m_map_file(char *place, size_t pages, int prot, int flags, int fd,
			      size_t file_page)
{
	void *addr;

	maps_read(&measured_before);
	if (!(flags & MAP_FIXED))
		flags |= MAP_FIXED_NOREPLACE;
	addr = mmap(place, pages * page_size(), prot, flags, fd,
		    (off_t)(file_page * page_size()));
	say_result(addr == place, "MMAP_ADD", place, pages, "");
}

static inline void m_map(char *place, size_t pages, int prot, int flags)
{
	m_map_file(place, pages, prot, flags | MAP_ANONYMOUS, -1, 0);
}

static inline void m_unmap(char *place, size_t pages)
{
	maps_read(&measured_before);
	say_result(munmap(place, pages * page_size()) == 0, "MUNMAP_REMOVE", place,
		   pages, "");
}

/* Up to a hole it is done, and complains then. */
static inline void m_protect(char *place, size_t pages, int prot)
{
	char old[5], key[16];
	size_t there;
	bool done;

	maps_read(&measured_before);
	there = maps_pages(&measured_before, place);
	done = mprotect(place, pages * page_size(), prot) == 0;
	if (!done && errno == ENOMEM && there) {
		pages = there;
		done = true;
	}
	maps_prot(&measured_before, place, page(place, pages), old);
	snprintf(key, sizeof(key), " old=%s", old);
	say_result(done, "PERM_CHANGE", place, pages, done ? key : "");
}

/* Returns where it is now, or would have been. */
static inline char *m_remap(char *from, size_t old_pages, size_t pages, int flags,
			    char *to)
{
	char *now, *asked = flags & MREMAP_FIXED ? to : from;
	bool done;

	maps_read(&measured_before);
	now = mremap(from, old_pages * page_size(), pages * page_size(), flags, to);
	done = now != MAP_FAILED;
	now = done ? now : asked;
	say_result(done, now == from ? "RESIZE_MAPPING" : "MOVE_MAPPING", now, pages,
		   from_key(from, old_pages));
	return now;
}

/* The pages move, the mapping stays as well: it was touched, which its line hides. */
static inline void m_move_pages(char *from, size_t pages, char *to)
{
	char prot[5];

	if (mremap(from, pages * page_size(), pages * page_size(),
		   MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, to) != to)
		die("mremap");
	maps_read(&measured_after);
	maps_prot(&measured_after, to, page(to, pages), prot);
	say_change("MOVE_MAPPING", to, pages * page_size(), prot,
		   from_key(from, pages));
}

/* A second view of shared memory. */
static inline void m_map_again(char *from, size_t pages, char *to)
{
	maps_read(&measured_before);
	say_result(mremap(from, 0, pages * page_size(), MREMAP_MAYMOVE | MREMAP_FIXED,
			  to) == to,
		   "MMAP_ADD", to, pages, "");
}

/*
 * name: of the advice, as pfa prints it. No footprint: only some advices split. Over a
 * hole it is done where there is memory, and then complains.
 */
static inline void m_advise(char *place, size_t pages, int advice, const char *name)
{
	char prot[5], keys[64];
	bool done = madvise(place, pages * page_size(), advice) == 0 || errno == ENOMEM;

	maps_read(&measured_before);
	maps_prot(&measured_before, place, page(place, pages), prot);
	snprintf(keys, sizeof(keys), " advice=%s%s%s", name, done ? "" : " failed=",
		 done ? "" : strerrorname_np(errno));
	say_change("ADVISE", place, pages * page_size(), done ? prot : "-", keys);
}

/* Touches the page so far below the start of what grows down, which it then includes. */
static inline void m_touch_below(char *start, size_t below, size_t pages)
{
	char *now = start - below * page_size();

	maps_read(&measured_before);
	touch_write(now, "MINOR stack-grow");
	say_result(true, "STACK_GROW", now, below + pages, from_key(start, pages));
}

/* Moves the break by so many pages, up or down. */
static inline void m_break(intptr_t pages)
{
	size_t count = (size_t)(pages < 0 ? -pages : pages);
	char *end = sbrk(0);
	bool done;

	maps_read(&measured_before);
	done = sbrk(pages * (intptr_t)page_size()) != (void *)-1;
	say_result(done, pages > 0 ? "BRK_GROW" : "BRK_SHRINK",
		   pages > 0 ? end : end - count * page_size(), count, "");
}

#endif
