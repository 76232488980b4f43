#include "pfa/pages/pagemap.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "pfa/pages/page_run.h"

/* As in linux/fs.h of 6.7, which older headers lack. */
struct scan_region {
	uint64_t start, end, categories;
};

struct scan_arg {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages,
		category_inverted, category_mask, category_anyof_mask, return_mask;
};

enum { IS_PRESENT = 1 << 3, IS_SWAPPED = 1 << 4 };

#define SCAN _IOWR('f', 16, struct scan_arg)

static bool scan(struct pagemap *p, uint64_t start, uint64_t end)
{
	struct scan_region regions[PAGEMAP_PARTS];
	struct scan_arg arg = {
		.size = sizeof(arg),
		.start = start,
		.end = end,
		.vec = (uintptr_t)regions,
		.vec_len = PAGEMAP_PARTS,
		.category_anyof_mask = IS_PRESENT | IS_SWAPPED,
		.return_mask = PART_ZERO | PART_HUGE | IS_PRESENT,
	};
	int n;

	do
		n = ioctl(p->fd, SCAN, &arg);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return false;
	for (int i = 0; i < n; i++)
		p->parts[i] = (struct pagemap_part){ regions[i].start, regions[i].end,
						     (unsigned)regions[i].categories };
	p->next = 0;
	p->count = (size_t)n;
	p->scanned = arg.walk_end;
	return true;
}

enum pfa_status pagemap_open(struct pagemap *p, int process_dir, bool may_scan,
			     struct pfa_error *err)
{
	p->fd = openat(process_dir, "pagemap", O_RDONLY | O_CLOEXEC);
	p->ended = false;
	if (p->fd < 0)
		return pfa_fail(err, errno == EACCES || errno == EPERM ? PFA_E_PERM :
									 PFA_E_TARGET,
				"pagemap: %s", strerror(errno));
	p->can_scan = may_scan && scan(p, 0, PAGE_BYTES);
	pagemap_seek(p, 0);
	return PFA_OK;
}

void pagemap_close(struct pagemap *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

void pagemap_seek(struct pagemap *p, uint64_t start)
{
	p->scanned = start;
	p->next = p->count = 0;
}

bool pagemap_next(struct pagemap *p, uint64_t end, struct pagemap_part *part)
{
	if (!p->can_scan) {
		*part = (struct pagemap_part){ p->scanned, end, 0 };
		p->scanned = end;
		return part->start < end;
	}
	while (p->next == p->count && p->scanned < end)
		if (!scan(p, p->scanned, end)) {
			p->ended = true;
			return false;
		}
	if (p->next == p->count)
		return false;
	*part = p->parts[p->next++];
	return true;
}

size_t pagemap_read(struct pagemap *p, uint64_t addr, uint64_t *entries, size_t count)
{
	ssize_t n;

	do
		n = pread(p->fd, entries, count * sizeof(*entries),
			  (off_t)(addr / PAGE_BYTES * sizeof(*entries)));
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		p->ended = true;
	return n > 0 ? (size_t)n / sizeof(*entries) : 0;
}

/* A scan of memory that is gone finds nothing; a read says so. */
void pagemap_check(struct pagemap *p, uint64_t addr)
{
	uint64_t entry;

	(void)pagemap_read(p, addr, &entry, 1);
}
