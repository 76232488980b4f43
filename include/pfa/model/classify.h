/*
 * What a fault was: the first row of an ordered table whose condition holds.
 *
 * A new kind is one row in classify.c. The circumstances are all that the table
 * looks at; they are plain data, so that a test can state them.
 */
#ifndef PFA_MODEL_CLASSIFY_H
#define PFA_MODEL_CLASSIFY_H

#include <stdbool.h>

#include "pfa/model/backing.h"
#include "pfa/model/observation.h"
#include "pfa/model/pages.h"

/* Why a fault failed, where the signal tells. */
enum failure {
	FAILURE_NONE,    /* it completed */
	FAILURE_UNTOLD,  /* failed; no signal seen */
	FAILURE_UNMAPPED, /* SEGV_MAPERR */
	FAILURE_PROTECTION, /* SEGV_ACCERR, SEGV_PKUERR */
	FAILURE_BUS,     /* SIGBUS */
};

struct circumstances {
	enum failure failure;
	bool major;
	bool has_begin; /* access and present are known */
	bool present;   /* the page was mapped, its permission too narrow */
	enum fault_access access;
	bool in_vma; /* the address lay in a VMA when the fault began */
	bool allowed; /* that VMA's protection allows the access */
	bool below_stack; /* unmapped, right below a stack */
	bool shared;
	enum backing_kind backing;
	bool whole_history; /* every fault of this address space was seen */
	bool shared_by_fork; /* parent or child has the same page still, as it was */
	struct page before; /* when the fault began */
	struct page now;    /* when it completed, without what it did itself */
	uint32_t frame_after; /* 0: unknown */
	bool may_swap; /* the machine has swap, as far as is known */
	bool other_just_served; /* another thread's fault on the page ended right before */
};

struct fault_kind {
	enum fault_type type;
	const char *name;
	bool (*when)(const struct circumstances *c);
};

/* Never NULL: the last row always holds. */
const struct fault_kind *classify(const struct circumstances *c);

/* The page had been swapped out, or was about to be. */
bool kind_is_from_swap(const struct fault_kind *kind);
/* There was nothing to do, or another thread had done it. */
bool kind_is_spurious(const struct fault_kind *kind);

/* A page that others may have, too, was copied, or kept by the last who had it. */
bool kind_is_of_shared_page(const struct fault_kind *kind);

/* The kind of a completion whose beginning was not seen. */
extern const char fault_kind_unknown[];

/* The rows, ended by a NULL name: for option checks and help. */
extern const struct fault_kind fault_kinds[];

#endif
