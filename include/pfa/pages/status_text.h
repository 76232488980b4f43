/*
 * The text of /proc/PID/status. A pure function of bytes.
 *
 * Source: proc(5).
 */
#ifndef PFA_PAGES_STATUS_TEXT_H
#define PFA_PAGES_STATUS_TEXT_H

struct intern;
struct map_process;

/* Name, state, parent and counters. `text` ends with a NUL. */
void status_parse(const char *text, struct intern *strings, struct map_process *process);

#endif
