/* What the numbers were measured on: two lines of machine and tools. */
#ifndef TESTS_BENCH_MACHINE_H
#define TESTS_BENCH_MACHINE_H

#include "pfa/base/text.h"

struct setting;

void machine_describe(struct text *text, const struct setting *setting);

#endif
