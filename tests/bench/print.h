/* The results as text, at most 100 columns wide. */
#ifndef TESTS_BENCH_PRINT_H
#define TESTS_BENCH_PRINT_H

#include <stddef.h>

#include "race.h"

struct setting;

/* The table: medians, ratios, verdicts. */
void print_table(struct text *text, struct result *results, size_t count);

/* Why rows are missed, failed or not measured, where the table doesn't show it. */
void print_reasons(struct text *text, struct result *results, size_t count);

/* A line a command: how far its rounds lie apart, what it lost, what it was. */
void print_commands(struct text *text, struct result *results, size_t count,
		    const struct setting *setting);

#endif
