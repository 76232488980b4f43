/* Records whose bytes do not last, on their way into an analysis: as the relay does it,
 * but without its thread. */
#ifndef TESTS_SUPPORT_KEPT_H
#define TESTS_SUPPORT_KEPT_H

#include "pfa/source/ring.h"

struct analysis;
struct evlist;
struct keeper;

struct kept {
	const struct evlist *list;
	struct analysis *analysis;
	struct keeper *keeper;
};

void kept_init(struct kept *kept, const struct evlist *list, struct analysis *analysis);
struct record_sink kept_sink(struct kept *kept);
void kept_release(struct kept *kept); /* after the analysis */

#endif
