/*
 * The code that a process has mapped, as the unwinder asks for it: each executable
 * mapping of its maps with its file.
 */
#ifndef TESTS_SUPPORT_CODE_H
#define TESTS_SUPPORT_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "pfa/symbol/unwind.h"

struct code;

/* From /proc/PID/maps or a copy of it. What cannot be had fails the test. */
struct code *code_of(const char *maps);
void code_free(struct code *code);

/* An unwind_find; its context is a struct code. */
bool code_find(void *code, uint64_t pc, struct cfi **cfi, uint64_t *addr);

/* Copies the top of a process's stack; returns how much of it there was. */
size_t stack_copy(pid_t pid, uint64_t from, void *to, size_t size);

#endif
