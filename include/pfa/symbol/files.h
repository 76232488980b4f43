/*
 * Files that are kept open from when they are first mapped, so that their symbols can
 * be read after they were deleted or replaced, or the process and its mount namespace
 * are gone. Not more than the limit of descriptors permits: those that come first.
 * One thread may keep files while another looks for them.
 */
#ifndef PFA_SYMBOL_FILES_H
#define PFA_SYMBOL_FILES_H

#include <stdint.h>

struct files;
struct module_id;

struct files *files_new(void);
void files_free(struct files *files); /* closes them */

/* Keeps a duplicate of `fd`, which stays the caller's. */
void files_keep(struct files *files, const struct module_id *id, int fd);
/* -1: not kept. Borrowed: it stays open as long as the table. */
int files_find(struct files *files, const struct module_id *id);

#endif
