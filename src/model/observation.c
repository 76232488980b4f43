#include "pfa/model/observation.h"

#include <sys/mman.h>

uint64_t fault_size_bytes(const struct fault *fault)
{
	return fault->page_size_bytes ? fault->page_size_bytes : 4096;
}

#define X(name) #name,

const char *fault_type_name(enum fault_type type)
{
	static const char *const names[] = { FAULT_TYPES(X) };

	return names[type];
}

const char *change_kind_name(enum change_kind kind)
{
	static const char *const names[] = { CHANGE_KINDS(X) };

	return names[kind];
}

const char *life_kind_name(enum life_kind kind)
{
	static const char *const names[] = { LIFE_KINDS(X) };

	return names[kind];
}

const char *life_what(const struct life *life)
{
	if (life->thread)
		return "thread";
	return life->kind == LIFE_FORK && life->shared_space ? "shared-space" : "process";
}

const char *sample_reason_name(enum sample_reason reason)
{
	static const char *const names[] = { SAMPLE_REASONS(X) };

	return names[reason];
}

const char *origin_kind_name(enum origin_kind kind)
{
	static const char *const names[] = { ORIGIN_KINDS(X) };

	return names[kind];
}

#undef X

const char *fault_access_name(enum fault_access access)
{
	static const char *const names[] = { "", "r", "w", "x" };

	return names[access];
}

const char *refault_name(enum refault refault)
{
	static const char *const names[] = { "", "dontneed", "free", "swap", "unmap" };

	return names[refault];
}

const char *prot_text(char buf[5], uint32_t prot, bool shared)
{
	buf[0] = prot & PROT_READ ? 'r' : '-';
	buf[1] = prot & PROT_WRITE ? 'w' : '-';
	buf[2] = prot & PROT_EXEC ? 'x' : '-';
	buf[3] = shared ? 's' : 'p';
	buf[4] = '\0';
	return buf;
}

uint64_t memory_rss_bytes(const struct memory_sample *sample)
{
	return sample->anon_bytes + sample->file_bytes + sample->shmem_bytes;
}

uint64_t totals_all_faults(const struct totals *totals)
{
	uint64_t sum = 0;

	for (int type = 0; type < FAULT_TYPE_COUNT; type++)
		sum += totals->faults[type];
	return sum;
}

uint64_t totals_all_changes(const struct totals *totals)
{
	uint64_t sum = 0;

	for (int kind = 0; kind < CHANGE_KIND_COUNT; kind++)
		sum += totals->changes[kind];
	return sum;
}
