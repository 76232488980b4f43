/*
 * An address space as one line of text, in pages: 0x10000-0x14000 is 10-14.
 *
 *     "10-14 rw-p anon, 20-23 r-xp libc.so+2, 23-24 rw-s shm dontfork"
 *
 * Equal neighbours are one, as in the kernel. A file's offset is in pages, too.
 */
#ifndef TESTS_SUPPORT_LAYOUT_H
#define TESTS_SUPPORT_LAYOUT_H

#include <stdint.h>

struct space;

/* The address of a page. */
#define PAGE(number) ((uint64_t)(number) << 12)

/* Good until the next call; fails the test if it is too long. */
const char *layout_text(const struct space *space);

#endif
