/*
 * An order file for ld.lld --symbol-ordering-file: the functions of one object in the
 * order of their first touch, by the linker's names, one a line; '#' begins a comment.
 *
 * Two parts. First those that are known to have run: code that took a fault of any
 * kind, and, where stacks were recorded, its callers. Then the rest of the pages that
 * an instruction fetch brought in: functions that may have run there, unseen, as a page
 * that is mapped does not fault. Pages that fault-around mapped are not known of.
 *
 * The object is the executable of the first process that called exec, or what matches a
 * glob. Memory is bounded by the distinct code that faulted.
 */
#ifndef PFA_REPORT_ORDER_FILE_H
#define PFA_REPORT_ORDER_FILE_H

#include "pfa/base/status.h"

struct fault;
struct life;
struct naming;
struct order_file;
struct outfile;

/* `object` NULL: the executable. Both are borrowed. */
struct order_file *order_file_new(const char *object, struct naming *naming);
void order_file_free(struct order_file *order);

void order_file_fault(struct order_file *order, const struct fault *fault);
void order_file_life(struct order_file *order, const struct life *life);

/* PFA_E_TARGET: the executable is not known, no code of the object was seen, or none of
 * it has a name. */
enum pfa_status order_file_print(const struct order_file *order, struct outfile *out,
				 struct pfa_error *err) PFA_MUST_CHECK;

#endif
