/*
 * The whole text of a process's /proc/PID/maps.
 *
 * It is not of one moment: the kernel writes some 50 lines at a time, and lets the
 * process go on in between. Source: fs/proc/task_mmu.c, fs/seq_file.c.
 */
#ifndef PFA_SOURCE_MAPS_TEXT_H
#define PFA_SOURCE_MAPS_TEXT_H

#include <stdbool.h>
#include <sys/types.h>

struct text;

/*
 * Appends it. Nothing where the process has no memory, or lost it meanwhile: then what
 * was read may be cut short. False if there is no such process, or no access to it.
 */
bool maps_text_read(pid_t pid, struct text *text);

#endif
