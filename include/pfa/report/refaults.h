/*
 * Memory that was given back and touched again: by whom it was given, how much of it
 * came back, and by whose touch.
 *
 * Memory is bounded by the number of ways of giving back, and of instructions that
 * touch such pages again.
 */
#ifndef PFA_REPORT_REFAULTS_H
#define PFA_REPORT_REFAULTS_H

#include <stddef.h>
#include <stdint.h>

#include "pfa/model/observation.h"

struct naming;

struct refault_counts {
	uint64_t faults, bytes;
	uint64_t timed; /* of the faults: latency known */
	uint64_t time_ns, max_ns;
};

/* All that was given in one way. */
struct gift {
	const struct giver *giver; /* one of those who gave in this way */
	const char *by; /* its code as printed, of those from refaults_gifts() */
	uint64_t calls, pages; /* pages of 4096 bytes that had been touched */
	struct refault_counts counts;
};

/* What one instruction took of it; of refaults_takings(): one function. */
struct taking {
	const struct giver *giver;
	const struct code *code; /* NULL: the kernel's, for the process */
	const char *by, *given_by; /* as printed, of those from refaults_takings() */
	struct refault_counts counts;
};

enum { REFAULTS_RECENT = 1 << 14 };

struct refaults {
	/* Private. */
	struct gift_entry *gifts;
	struct taking_entry *takings;
	struct taking_entry *recent[REFAULTS_RECENT];
};

void refaults_init(struct refaults *refaults);
void refaults_release(struct refaults *refaults);

void refaults_change(struct refaults *refaults, const struct change *change);
void refaults_fault(struct refaults *refaults, const struct fault *fault);

/*
 * Gifts of which anything came back, and takings, those of one function together: most
 * faults first, then most bytes, then by name. The caller frees the array.
 */
struct gift *refaults_gifts(const struct refaults *refaults, struct naming *naming,
			    size_t *count);
struct taking *refaults_takings(const struct refaults *refaults, struct naming *naming,
				size_t *count);

#endif
