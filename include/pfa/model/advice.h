/*
 * The advices of madvise(2): what each does to pages, and to VMAs.
 */
#ifndef PFA_MODEL_ADVICE_H
#define PFA_MODEL_ADVICE_H

#include <stdint.h>

#include "pfa/model/pages.h"

struct advice {
	int number; /* MADV_* */
	const char *name;
	enum page_state state; /* of pages given back; PAGE_UNSEEN: none are */
	uint32_t set, clear; /* enum vma_advice */
};

/* Never NULL: one that nobody knows is "other". */
const struct advice *advice_of(int number);

#endif
