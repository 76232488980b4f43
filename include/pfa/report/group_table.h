/*
 * A table of counted faults: a row a group, the same columns whatever they are grouped by.
 */
#ifndef PFA_REPORT_GROUP_TABLE_H
#define PFA_REPORT_GROUP_TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct group;
struct text;
struct view;

struct group_table {
	const char *title, *what; /* of the table, of its first column */
	bool times; /* some latency is known, and times are shown */
	/* What a row is called; NULL: the group's name. */
	void (*put_name)(struct text *out, const struct group *group);
};

/* Groups in order, the first of them printed. Nothing if there are none. */
void group_table_print(struct text *out, const struct view *view,
		       const struct group_table *about,
		       const struct group *const *groups, size_t count);

#endif
