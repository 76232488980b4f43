/*
 * A swap device of a test's own: zram where the kernel has it, else a swap file.
 * Needs root. Also gone after an interrupt.
 */
#ifndef TESTS_SUPPORT_SWAP_H
#define TESTS_SUPPORT_SWAP_H

/* NULL when there is swap now, else why there is none. */
const char *swap_on(void);
void swap_off(void);

#endif
