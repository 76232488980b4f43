#include "pfa/model/classify.h"

#include <stddef.h>

static bool is_anonymous(const struct circumstances *c)
{
	return c->backing <= BACKING_STACK ||
	       (c->backing == BACKING_HUGETLB && !c->shared);
}

static bool is_shmem(const struct circumstances *c)
{
	return c->backing == BACKING_SHMEM || c->backing == BACKING_HUGETLB;
}

static bool private_write(const struct circumstances *c)
{
	return !c->shared && c->access == ACCESS_WRITE;
}

/* A write to a page that was mapped without permission to write: copy on write. */
static bool write_protected(const struct circumstances *c)
{
	return private_write(c) && c->present;
}

/* ---- INVALID ---- */

static bool bus(const struct circumstances *c)
{
	return c->failure == FAILURE_BUS ||
	       (c->failure == FAILURE_UNTOLD && c->in_vma && c->allowed);
}

static bool unmapped(const struct circumstances *c)
{
	return c->failure == FAILURE_UNMAPPED ||
	       (c->failure == FAILURE_UNTOLD && !c->in_vma);
}

static bool protection(const struct circumstances *c)
{
	return c->failure != FAILURE_NONE;
}

/* ---- MAJOR ---- */

static bool swap_in(const struct circumstances *c)
{
	return c->major && (is_anonymous(c) || is_shmem(c));
}

static bool page_in_copy(const struct circumstances *c)
{
	return c->major && private_write(c);
}

static bool page_in(const struct circumstances *c)
{
	return c->major;
}

/* ---- COW and MINOR ---- */

static bool unknown_access(const struct circumstances *c)
{
	return !c->has_begin;
}

/*
 * Another thread's fault on the same page was served in the meantime: since the
 * beginning of this one, or since the fault itself and before the record of its beginning.
 */
static bool raced(const struct circumstances *c)
{
	return c->now.state == PAGE_MAPPED && c->frame_after &&
	       c->now.frame == c->frame_after &&
	       (c->before.state != PAGE_MAPPED ||
		c->before.frame != c->now.frame || c->other_just_served);
}

static bool cow_file(const struct circumstances *c)
{
	return private_write(c) && !c->present && !is_anonymous(c);
}

static bool cow_zero(const struct circumstances *c)
{
	return write_protected(c) && c->before.state == PAGE_ZERO;
}

static bool frames_known(const struct circumstances *c)
{
	return c->before.state == PAGE_MAPPED && c->before.frame && c->frame_after;
}

static bool cow_reuse(const struct circumstances *c)
{
	return write_protected(c) && frames_known(c) &&
	       c->before.frame == c->frame_after;
}

/*
 * A page of a file that was mapped without a fault of its own (fault-around) can
 * only be the page cache's, which a private write always copies.
 */
static bool cached_only(const struct circumstances *c)
{
	return c->whole_history && !is_anonymous(c) &&
	       (c->before.state == PAGE_UNSEEN || c->before.state == PAGE_UNMAPPED);
}

/* What another process has, too, is copied (wp_can_reuse_anon_folio() in mm/memory.c). */
static bool cow_copy(const struct circumstances *c)
{
	return write_protected(c) && (frames_known(c) || cached_only(c) || c->shared_by_fork);
}

static bool stack_grow(const struct circumstances *c)
{
	return c->below_stack;
}

/* The page had been taken away though nobody gave it back: it was on its way
 * to swap and came back without input. */
static bool swap_cache(const struct circumstances *c)
{
	return c->may_swap && is_anonymous(c) && !c->present &&
	       (c->before.state == PAGE_MAPPED || c->before.state == PAGE_PAGEOUT);
}

static bool zero_fill(const struct circumstances *c)
{
	return is_anonymous(c) && !c->present && c->access == ACCESS_WRITE;
}

static bool zero_read(const struct circumstances *c)
{
	return is_anonymous(c) && !c->present;
}

static bool shmem(const struct circumstances *c)
{
	return is_shmem(c) && !c->present;
}

static bool map(const struct circumstances *c)
{
	return !c->present;
}

static bool write_notify(const struct circumstances *c)
{
	return c->shared && c->access == ACCESS_WRITE;
}

static bool always(const struct circumstances *c)
{
	(void)c;
	return true;
}

const char fault_kind_unknown[] = "unknown";

/* X(type, name, when): the first that holds wins. */
#define FAULT_KINDS(X)                               \
	X(INVALID, "bus", bus)                       \
	X(INVALID, "unmapped", unmapped)             \
	X(INVALID, "protection", protection)         \
	X(MAJOR, "swap-in", swap_in)                 \
	X(MAJOR, "page-in-copy", page_in_copy)       \
	X(MAJOR, "page-in", page_in)                 \
	X(MINOR, fault_kind_unknown, unknown_access) \
	X(MINOR, "spurious", raced)                  \
	X(COW, "cow-file", cow_file)                 \
	X(COW, "cow-zero", cow_zero)                 \
	X(COW, "cow-reuse", cow_reuse)               \
	X(COW, "cow-copy", cow_copy)                 \
	X(COW, "cow", write_protected)               \
	X(MINOR, "stack-grow", stack_grow)           \
	X(MINOR, "swap-cache", swap_cache)           \
	X(MINOR, "zero-fill", zero_fill)             \
	X(MINOR, "zero-read", zero_read)             \
	X(MINOR, "shmem", shmem)                     \
	X(MINOR, "map", map)                         \
	X(MINOR, "write-notify", write_notify)       \
	X(MINOR, "spurious", always)

const struct fault_kind fault_kinds[] = {
#define X(type, name, when) { FAULT_##type, name, when },
	FAULT_KINDS(X)
#undef X
	{ 0, NULL, NULL },
};

/* A chain of ifs, which the compiler makes one decision of. */
const struct fault_kind *classify(const struct circumstances *c)
{
	const struct fault_kind *row = fault_kinds;

#define X(type, name, when) \
	if (when(c))        \
		return row; \
	row++;
	FAULT_KINDS(X)
#undef X
	return row;
}

bool kind_is_from_swap(const struct fault_kind *kind)
{
	return kind->when == swap_in || kind->when == swap_cache;
}

bool kind_is_of_shared_page(const struct fault_kind *kind)
{
	return kind->when == cow_reuse || kind->when == cow_copy ||
	       kind->when == write_protected;
}

bool kind_is_spurious(const struct fault_kind *kind)
{
	return kind->when == raced || kind->when == always;
}
