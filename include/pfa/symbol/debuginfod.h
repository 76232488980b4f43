/*
 * Files by build-id from the servers that DEBUGINFOD_URLS names; they are kept in the
 * user's cache. By elfutils' own client, loaded where it is installed and asked for.
 *
 * Source: debuginfod_find_debuginfo(3).
 */
#ifndef PFA_SYMBOL_DEBUGINFOD_H
#define PFA_SYMBOL_DEBUGINFOD_H

struct build_id;

enum debuginfod_kind { DEBUGINFOD_EXECUTABLE, DEBUGINFOD_DEBUGINFO };

/* A descriptor that the caller closes; -1: none, nobody to ask, or not asked for. */
int debuginfod_open(const struct build_id *id, enum debuginfod_kind kind);

#endif
