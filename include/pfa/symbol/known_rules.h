/*
 * The frame rules of all files, each worked out once: at a fault the same code is on
 * the stack again and again.
 *
 * Memory is bounded: the answers for addresses are kept in a table of fixed size, in
 * which one displaces another; rules, of which there are few, are shared by all
 * instructions they hold for.
 */
#ifndef PFA_SYMBOL_KNOWN_RULES_H
#define PFA_SYMBOL_KNOWN_RULES_H

#include <stdint.h>

struct cfi;
struct frame_rule;
struct known_rules;

struct known_rules *known_rules_new(void);
void known_rules_free(struct known_rules *known);

/* As cfi_rule(); NULL: none. Borrowed, valid as long as the table. */
const struct frame_rule *known_rules_find(struct known_rules *known, struct cfi *cfi,
					  uint64_t addr);

#endif
