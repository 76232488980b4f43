/*
 * Memory that is there or the program is not.
 *
 * pfa cannot go on without memory and no caller has a better idea, so these
 * never return NULL: they print one line and end the process with status 1.
 * The traced program is not touched by that: the kernel drops our events.
 * Release with free().
 */
#ifndef PFA_BASE_MEM_H
#define PFA_BASE_MEM_H

#include <stddef.h>

void *pfa_alloc(size_t size_bytes);              /* zeroed */
void *pfa_realloc(void *old, size_t size_bytes); /* new bytes undefined */
void *pfa_memdup(const void *bytes, size_t size_bytes);
char *pfa_strdup(const char *text);

/* For libraries that ask what to do without memory. */
__attribute__((noreturn)) void pfa_out_of_memory(void);

/*
 * Grows an array for one more element: *capacity is in elements and doubles.
 *     list = pfa_grow(list, count, &capacity, sizeof(*list));
 */
void *pfa_grow(void *array, size_t count, size_t *capacity, size_t element);

#endif
