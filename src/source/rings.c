#include "pfa/source/rings.h"

#include <stdlib.h>
#include <unistd.h>

#include "pfa/base/mem.h"
#include "pfa/source/cpus.h"
#include "pfa/source/events.h"

/* Tried from the largest down; all of a large machine's together stay below a sum. */
enum { LARGEST_BYTES = 8 << 20, SMALLEST_BYTES = 64 << 10, SUM_BYTES = 1 << 30 };

static uint64_t round_up(uint64_t wanted)
{
	uint64_t bytes = (uint64_t)sysconf(_SC_PAGESIZE);

	while (bytes < wanted && bytes < (1ULL << 31))
		bytes *= 2;
	return bytes;
}

static enum pfa_status open_ring(struct rings *rings, uint32_t cpu, uint64_t bytes,
				 struct pfa_error *err)
{
	enum pfa_status status;
	int fd;

	status = events_open_anchor(cpu, (uint32_t)(bytes / 4), &fd, err);
	if (status)
		return status;
	status = ring_open(&rings->list[rings->count], fd, cpu, bytes, err);
	if (status)
		close(fd);
	else
		rings->count++;
	return status;
}

static enum pfa_status open_each(struct rings *rings, const struct cpus *cpus,
				 uint64_t bytes, struct pfa_error *err)
{
	enum pfa_status status = PFA_OK;

	rings->list = pfa_alloc(cpus->count * sizeof(*rings->list));
	for (size_t i = 0; i < cpus->count && !status; i++)
		status = open_ring(rings, cpus->list[i], bytes, err);
	if (status)
		rings_close(rings);
	return status;
}

static enum pfa_status open_largest(struct rings *rings, const struct cpus *cpus,
				    struct pfa_error *err)
{
	uint64_t bytes = LARGEST_BYTES;
	enum pfa_status status;

	while (bytes > SMALLEST_BYTES && bytes * cpus->count > SUM_BYTES)
		bytes /= 2;
	for (;;) {
		status = open_each(rings, cpus, round_up(bytes), err);
		if (status != PFA_E_PERM || bytes <= SMALLEST_BYTES)
			return status;
		bytes /= 2;
	}
}

enum pfa_status rings_open(struct rings *rings, uint64_t bytes, struct pfa_error *err)
{
	struct cpus cpus = cpus_present();
	enum pfa_status status;

	*rings = (struct rings){ 0 };
	status = bytes ? open_each(rings, &cpus, round_up(bytes), err)
		       : open_largest(rings, &cpus, err);
	cpus_release(&cpus);
	return status;
}

bool rings_find(const struct rings *rings, uint32_t cpu, size_t *index)
{
	for (*index = 0; *index < rings->count; ++*index)
		if (rings->list[*index].cpu == cpu)
			return true;
	return false;
}

void rings_close(struct rings *rings)
{
	for (size_t i = 0; i < rings->count; i++)
		ring_close(&rings->list[i]);
	free(rings->list);
	*rings = (struct rings){ 0 };
}
