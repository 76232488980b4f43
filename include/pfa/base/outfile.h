/*
 * A file that reports are written to: stdout or a path, buffered.
 *
 * The first error sticks and is told once by outfile_close(); what was written
 * before it stays. A reader that went away (EPIPE) is not an error, but outfile_broken()
 * tells that nobody reads any more.
 */
#ifndef PFA_BASE_OUTFILE_H
#define PFA_BASE_OUTFILE_H

#include <stdbool.h>

#include "pfa/base/status.h"
#include "pfa/base/text.h"

struct outfile {
	int fd;
	const char *path; /* borrowed; NULL: stdout */
	struct text text; /* append here, then outfile_push() */
	int error;        /* errno of the first failed write */
};

/* That nobody reads any more, or the file is too large, the write tells. */
void outfile_ignore_signals(void);

/* `path` NULL or "-" is stdout. */
enum pfa_status outfile_open(struct outfile *out, const char *path,
			     struct pfa_error *err) PFA_MUST_CHECK;

/* Writes the buffer out if it has grown large. */
void outfile_push(struct outfile *out);
void outfile_flush(struct outfile *out);
/* True once writing has become pointless. */
bool outfile_broken(const struct outfile *out);

enum pfa_status outfile_close(struct outfile *out,
			      struct pfa_error *err) PFA_MUST_CHECK;

/*
 * Removes what a run wrote that never began: it would look like a result. Devices
 * and pipes stay; NULL and "-" are nothing to remove.
 */
void outfile_remove(const char *path);

#endif
