/*
 * A naming without symbols, for tests of what has names only if somebody knows them: the
 * setup and teardown of a group.
 */
#ifndef PFA_TESTS_NAMELESS_H
#define PFA_TESTS_NAMELESS_H

struct naming;

extern struct naming *nameless;

int nameless_setup(void **state);
int nameless_teardown(void **state);

#endif
