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

static void raise(uint64_t *peak, uint64_t value)
{
	if (value > *peak)
		*peak = value;
}

void totals_size(struct totals *t, const struct space *space)
{
	t->vma_count = space_vma_count(space);
	t->size_bytes = space_mapped_bytes(space);
	raise(&t->vma_peak, t->vma_count);
	raise(&t->size_peak_bytes, t->size_bytes);
	raise(&t->heap_peak_bytes, space_heap_bytes(space));
	raise(&t->stack_peak_bytes, space_stack_bytes(space));
}
