/*
 * Typed results and the one-line error.
 *
 * A function that can fail returns enum pfa_status and fills a struct
 * pfa_error owned by the caller. The text is formatted once, where the failure
 * happened, as one line without a trailing newline, and names the remedy:
 *
 *     return pfa_fail(err, PFA_E_PERM, "cpu %d: %s", cpu, strerror(errno));
 *
 * Only main() prints errors and turns them into an exit status.
 */
#ifndef PFA_BASE_STATUS_H
#define PFA_BASE_STATUS_H

#define PFA_MUST_CHECK __attribute__((warn_unused_result))
#define PFA_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

enum pfa_status {
	PFA_OK = 0,
	PFA_E_IO,     /* a read, write or kernel call failed: exit status 1 */
	PFA_E_FORMAT, /* outside bytes are not what they should be: 1 */
	PFA_E_USAGE,  /* the command line is wrong: 2 */
	PFA_E_PERM,   /* not permitted, or not configured: 2 */
	PFA_E_TARGET, /* no such process, no such program: 2 */
	PFA_E_BUDGET, /* the run is over, and not within its budgets: 3 */
};

struct pfa_error {
	enum pfa_status status;
	char text[512];
};

/* Formats the error and returns `status`, so that a failure is one line. */
enum pfa_status pfa_fail(struct pfa_error *err, enum pfa_status status,
			 const char *fmt, ...) PFA_PRINTF(3, 4);

/* Of several endings the first that went wrong is told: keeps it in *first, *err. */
void pfa_keep_first(enum pfa_status *first, struct pfa_error *err,
		    enum pfa_status status, const struct pfa_error *error);

/* The process exit status that stands for `status`. */
int pfa_exit_status(enum pfa_status status);

#endif
