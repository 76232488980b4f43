#include "pfa/source/ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pfa/base/mem.h"
#include "pfa/decode/record.h"

enum { RECORD_MAX = 1 << 16, RECORD_ALIGN = 8 };

enum pfa_status ring_open(struct ring *ring, int fd, uint32_t cpu,
			  uint64_t size_bytes, struct pfa_error *err)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *map = mmap(NULL, page + size_bytes, PROT_READ | PROT_WRITE,
			 MAP_SHARED, fd, 0);

	if (map == MAP_FAILED) {
		enum pfa_status status =
			errno == EPERM || errno == ENOMEM ? PFA_E_PERM : PFA_E_IO;

		return pfa_fail(err, status,
				"cannot map a ring of %llu KiB for cpu %u: %s "
				"(use a smaller --buffer, or raise "
				"/proc/sys/kernel/perf_event_mlock_kb)",
				(unsigned long long)size_bytes / 1024, cpu,
				strerror(errno));
	}
	*ring = (struct ring){
		.fd = fd,
		.cpu = cpu,
		.page = map,
		.data = (unsigned char *)map + page,
		.size_bytes = size_bytes,
		.scratch = pfa_alloc(RECORD_MAX),
	};
	return PFA_OK;
}

void ring_close(struct ring *ring)
{
	if (!ring->page)
		return;
	munmap(ring->page, (size_t)(ring->data - (unsigned char *)ring->page) +
				   ring->size_bytes);
	close(ring->fd);
	free(ring->scratch);
	ring->page = NULL;
}

/* The record at `position`, whole: copied out when it wraps around the end. */
static const struct perf_event_header *record_at(struct ring *ring,
						 uint64_t position, size_t size)
{
	uint64_t at = position & (ring->size_bytes - 1);
	uint64_t to_end = ring->size_bytes - at;

	if (size <= to_end)
		return (const void *)(ring->data + at);
	memcpy(ring->scratch, ring->data + at, to_end);
	memcpy(ring->scratch + to_end, ring->data, size - to_end);
	return (const void *)ring->scratch;
}

uint64_t ring_head(const struct ring *ring)
{
	return __atomic_load_n(&ring->page->data_head, __ATOMIC_ACQUIRE);
}

uint64_t ring_tail(const struct ring *ring)
{
	return ring->page->data_tail;
}

/* The record at `position` where it lies, or NULL: none, one that wraps, or no record. */
static const struct perf_event_header *whole_record_at(const struct ring *ring,
						       uint64_t position, uint64_t end)
{
	uint64_t at = position & (ring->size_bytes - 1);
	const struct perf_event_header *record = (const void *)(ring->data + at);

	if (position == end || record_size(record) < sizeof(*record) ||
	    record_size(record) > end - position ||
	    record_size(record) > ring->size_bytes - at)
		return NULL;
	return record;
}

bool ring_read(struct ring *ring, uint64_t from, uint64_t to,
	       const struct record_sink *sink)
{
	/* More than the ring holds, less than nothing, or between two records. */
	if (to - from > ring->size_bytes || from % RECORD_ALIGN || to % RECORD_ALIGN)
		return false;
	while (from != to) {
		/* Aligned as records are, a header never wraps. */
		size_t size = record_size(record_at(ring, from, RECORD_ALIGN));

		if (size < sizeof(struct perf_event_header) || size % RECORD_ALIGN ||
		    size > to - from)
			return false;
		ring->next = whole_record_at(ring, from + size, to);
		sink->put(sink->context, record_at(ring, from, size));
		from += size;
	}
	return true;
}

uint64_t ring_drain(struct ring *ring, uint64_t head, const struct record_sink *sink,
		    bool *corrupt)
{
	uint64_t tail = ring_tail(ring);

	if (!ring_read(ring, tail, head, sink))
		*corrupt = true;
	__atomic_store_n(&ring->page->data_tail, head, __ATOMIC_RELEASE);
	return head - tail;
}
