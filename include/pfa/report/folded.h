/*
 * Folded stacks: what flamegraph.pl, inferno and speedscope draw.
 *
 *     bash;main;execute_command;[libc.so.6];malloc 12
 *
 * A line is one distinct stack: the thread's name, then functions from the outermost
 * inwards, then perhaps what was touched; a blank; the weight. Lines are in order of
 * bytes, none twice. A name holds no blank, ';' or control byte: readers split there.
 *
 * Frames without a name are "[object]", as stackcollapse-perf.pl has them: with their
 * addresses instead, stacks that differ in nothing else would not come together.
 * "[cut]" stands below the outermost frame of a stack that goes on, but was not
 * recorded any further: its foot is none of the thread's own.
 *
 * Memory is bounded by the number of distinct stacks. Names are looked up at the end.
 */
#ifndef PFA_REPORT_FOLDED_H
#define PFA_REPORT_FOLDED_H

#include <stdbool.h>

struct fault;
struct naming;
struct outfile;

/* X(word): what a stack weighs: its faults, their latency (ns), what they mapped */
#define FOLDED_WEIGHTS(X) X(count) X(time) X(bytes)

enum folded_weight {
#define X(name) FOLDED_##name,
	FOLDED_WEIGHTS(X)
#undef X
};

/* X(word): what comes after the innermost function. touched: as naming.h tells it */
#define FOLDED_LEAVES(X) X(none) X(region) X(kind) X(touched)

enum folded_leaf {
#define X(name) FOLDED_LEAF_##name,
	FOLDED_LEAVES(X)
#undef X
};

struct folded_options {
	enum folded_weight weight;
	enum folded_leaf leaf;
	bool inlined; /* functions that were inlined are frames, too: dear */
};

struct folded;

/* The options are borrowed. The naming is borrowed: what it told must stay valid. */
struct folded *folded_new(const struct folded_options *options, struct naming *naming);
void folded_free(struct folded *folded);

void folded_fault(struct folded *folded, const struct fault *fault);

void folded_print(const struct folded *folded, struct outfile *out);

#endif
