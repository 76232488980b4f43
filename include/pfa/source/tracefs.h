/*
 * The kernel's tracepoint descriptions.
 *
 * Uses tracefs where it is mounted. Where it isn't, and we may, a mount of our own
 * that is attached nowhere: no other process sees it and it is gone with the fd.
 */
#ifndef PFA_SOURCE_TRACEFS_H
#define PFA_SOURCE_TRACEFS_H

#include <stddef.h>
#include <stdint.h>

#include "pfa/base/status.h"

/* A directory fd of tracefs, to be closed by the caller; PFA_E_PERM without one. */
enum pfa_status tracefs_open(int *dir_fd, struct pfa_error *err) PFA_MUST_CHECK;

/* A whole small file below it, NUL-terminated; the caller frees. NULL: not there. */
char *tracefs_read(int dir_fd, const char *path, size_t *length);

/* The tracepoint's number, from the text of its format; 0 without one. */
uint64_t tracefs_id_in(const char *format);

#endif
