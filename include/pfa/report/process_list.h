/*
 * Processes as the user names them: "4321,P2", by pid or by serial (as --fixed-ts
 * prints them). The list stays the text that it is.
 */
#ifndef PFA_REPORT_PROCESS_LIST_H
#define PFA_REPORT_PROCESS_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct actor;

/* Whether it is such a list. */
bool process_list_valid(const char *list);

/* Whether it is, and of two that differ. */
bool process_list_is_pair(const char *list);

size_t process_list_count(const char *list);

/* Whether the name at that place, from 0, is the process's. */
bool process_list_names(const char *list, size_t place, const struct actor *actor);

/* The place in the list, from 0, of the first name that is the process's; -1: none. */
int process_list_find(const char *list, const struct actor *actor);

/* The name at that place; not terminated. */
const char *process_list_name(const char *list, size_t place, size_t *length);

#endif
