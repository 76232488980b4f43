/*
 * --maps: an address space, a row a VMA, in the order and with the first columns of
 * /proc/PID/maps.
 */
#ifndef PFA_REPORT_MAPS_H
#define PFA_REPORT_MAPS_H

struct layout;
struct layout_page;
struct text;

void maps_print(struct text *out, const struct layout_page *page,
		const struct layout *layout);

#endif
