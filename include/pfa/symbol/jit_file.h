/*
 * Where a process tells of the code that it made: the search that jit.h describes.
 */
#ifndef PFA_SYMBOL_JIT_FILE_H
#define PFA_SYMBOL_JIT_FILE_H

#include <stdint.h>

/* A descriptor of the jitdump file, of the perf map; the caller closes it. -1: none. */
int jit_file_open_dump(uint32_t pid, const char *symfs);
int jit_file_open_map(uint32_t pid, const char *symfs);

#endif
