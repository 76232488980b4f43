#include "pfa/model/totals.h"

#include "pfa/model/space.h"

void totals_fault(struct totals *t, const struct fault *fault)
{
	t->faults[fault->type]++;
	if (fault->latency_ns != LATENCY_UNKNOWN)
		t->fault_time_ns += fault->latency_ns;
}

void totals_change(struct totals *t, const struct change *change)
{
	if (change->error) {
		t->failed++;
		return;
	}
	t->changes[change->kind]++;
	t->mapped_bytes += change->made_bytes;
	t->unmapped_bytes += change->removed_bytes;
}

void totals_size(struct totals *t, const struct space *space)
{
	t->vma_count = space_vma_count(space);
	t->size_bytes = space_mapped_bytes(space);
	if (t->vma_count > t->vma_peak)
		t->vma_peak = t->vma_count;
	if (t->size_bytes > t->size_peak_bytes)
		t->size_peak_bytes = t->size_bytes;
}
