#include "pfa/pages/page_walk.h"

#include <stdlib.h>

#include "pfa/base/mem.h"

enum pfa_status page_walk_open(struct page_walk *w, int process_dir, bool may_scan,
			       struct pfa_error *err)
{
	enum pfa_status status = pagemap_open(&w->pagemap, process_dir, may_scan, err);
	enum { BYTES = FRAMES_MAX * sizeof(uint64_t) };

	w->has_frames = false;
	w->entries = NULL;
	if (status)
		return status;
	frames_init(&w->frames);
	w->entries = pfa_alloc(BYTES);
	w->numbers = pfa_alloc(BYTES);
	w->flags = pfa_alloc(BYTES);
	w->counts = pfa_alloc(BYTES);
	return PFA_OK;
}

void page_walk_close(struct page_walk *w)
{
	if (!w->entries)
		return;
	pagemap_close(&w->pagemap);
	frames_release(&w->frames);
	free(w->entries);
	free(w->numbers);
	free(w->flags);
	free(w->counts);
}

/* ---- a page ---- */

/* What of the part and the VMA is a flag: kpageflags says the same, to root. */
struct place {
	unsigned part_is;
	bool hugetlb;
	const struct page_sink *sink;
};

static enum page_state state_of(uint64_t entry)
{
	if (entry & PAGEMAP_PRESENT)
		return PAGE_IN_RAM;
	return entry & PAGEMAP_GUARD ? PAGE_GUARD : PAGE_IN_SWAP;
}

static uint64_t frame_of(uint64_t entry)
{
	return entry & PAGEMAP_PRESENT ? entry & PAGEMAP_FRAME : 0;
}

/* Of what was never touched an entry may say that it is soft-dirty: nothing is there. */
static bool is_nothing(uint64_t entry)
{
	return !(entry & (PAGEMAP_PRESENT | PAGEMAP_SWAPPED | PAGEMAP_GUARD));
}

static uint64_t flag_if(bool is, enum page_flag flag)
{
	return (uint64_t)is << flag;
}

static uint64_t flags_of(uint64_t entry, uint64_t frame_flags, const struct place *place)
{
	uint64_t flags = flag_if(entry & PAGEMAP_SOFT_DIRTY, PAGE_FLAG_soft_dirty) |
			 flag_if(entry & PAGEMAP_UFFD_WP, PAGE_FLAG_uffd_wp);

	if (!(entry & PAGEMAP_PRESENT))
		return flags;
	return flags | (frame_flags & ~flag_if(true, PAGE_FLAG_soft_dirty)) |
	       flag_if(place->part_is & PART_ZERO, PAGE_FLAG_zero) |
	       flag_if(place->part_is & PART_HUGE, PAGE_FLAG_huge) |
	       flag_if(place->hugetlb, PAGE_FLAG_hugetlb);
}

static struct page_run page_of(const struct page_walk *w, uint64_t addr, size_t i,
			       const struct place *place)
{
	uint64_t entry = w->entries[i], phys = frame_of(entry) * PAGE_BYTES;
	bool exclusive = entry & PAGEMAP_EXCLUSIVE;
	uint64_t maps = exclusive ? 1 : w->counts[i];

	return (struct page_run){
		.start = addr,
		.end = addr + PAGE_BYTES,
		.state = state_of(entry),
		.file = entry & PAGEMAP_FILE,
		.exclusive = exclusive,
		.has_flags = phys && w->frames.flags_fd >= 0,
		.flags = flags_of(entry, w->flags[i], place),
		.phys = phys,
		.phys_end = phys + PAGE_BYTES,
		.extents = 1,
		.maps_min = maps,
		.maps_max = maps,
	};
}

static void put_page(const struct page_walk *w, uint64_t addr, size_t i,
		     const struct place *place)
{
	const struct page_run page = page_of(w, addr, i, place);

	place->sink->run(place->sink->context, &page);
}

/* ---- a range ---- */

static void put_nothing(const struct page_sink *sink, uint64_t start, uint64_t end)
{
	const struct page_run nothing = {
		.start = start,
		.end = end,
		.state = PAGE_UNMAPPED,
	};

	if (start < end)
		sink->run(sink->context, &nothing);
}

/* Who is alone on a page needs no count of it. */
static void ask_for_frames(struct page_walk *w, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		w->numbers[i] = frame_of(w->entries[i]);
		w->has_frames |= w->numbers[i] != 0;
	}
	frames_flags(&w->frames, w->numbers, count, w->flags);
	for (size_t i = 0; i < count; i++)
		if (w->entries[i] & PAGEMAP_EXCLUSIVE)
			w->numbers[i] = 0;
	frames_counts(&w->frames, w->numbers, count, w->counts);
}

static void put_pages(const struct page_walk *w, uint64_t addr, size_t count,
		      const struct place *place)
{
	for (size_t i = 0; i < count;) {
		size_t first = i;

		while (i < count && is_nothing(w->entries[i]))
			i++;
		put_nothing(place->sink, addr + first * PAGE_BYTES, addr + i * PAGE_BYTES);
		for (; i < count && !is_nothing(w->entries[i]); i++)
			put_page(w, addr + i * PAGE_BYTES, i, place);
	}
}

/* Returns up to where it came: the end of the part, unless the process has ended. */
static uint64_t put_part(struct page_walk *w, const struct pagemap_part *part,
			 const struct place *place)
{
	uint64_t addr = part->start;

	while (addr < part->end) {
		uint64_t left = (part->end - addr) / PAGE_BYTES;
		size_t count = pagemap_read(&w->pagemap, addr, w->entries,
					    left < FRAMES_MAX ? left : FRAMES_MAX);

		if (!count)
			break;
		ask_for_frames(w, count);
		put_pages(w, addr, count, place);
		addr += count * PAGE_BYTES;
	}
	return addr;
}

void page_walk_range(struct page_walk *w, uint64_t start, uint64_t end, bool hugetlb,
		     const struct page_sink *sink)
{
	struct place place = { .hugetlb = hugetlb, .sink = sink };
	struct pagemap_part part;
	uint64_t done = start;

	pagemap_seek(&w->pagemap, start);
	while (!w->pagemap.ended && pagemap_next(&w->pagemap, end, &part)) {
		place.part_is = part.is;
		put_nothing(sink, done, part.start);
		done = put_part(w, &part, &place);
	}
	if (!w->pagemap.ended)
		pagemap_check(&w->pagemap, start);
	if (!w->pagemap.ended)
		put_nothing(sink, done, end);
}
