/*
 * Why what a run has seen is not all there was: "12 records were lost, ...".
 */
#ifndef PFA_REPORT_PARTIAL_H
#define PFA_REPORT_PARTIAL_H

struct run_facts;
struct text;

/* Appends nothing if it is all. */
void partial_put(struct text *out, const struct run_facts *facts);
/* One more reason, after those that are there. */
void partial_put_reason(struct text *out, const char *why);

#endif
