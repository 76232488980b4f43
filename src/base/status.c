#include "pfa/base/status.h"

#include <stdarg.h>
#include <stdio.h>

enum pfa_status pfa_fail(struct pfa_error *err, enum pfa_status status,
			 const char *fmt, ...)
{
	va_list ap;

	err->status = status;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return status;
}

void pfa_keep_first(enum pfa_status *first, struct pfa_error *err,
		    enum pfa_status status, const struct pfa_error *error)
{
	if (*first || !status)
		return;
	*first = status;
	*err = *error;
}

int pfa_exit_status(enum pfa_status status)
{
	switch (status) {
	case PFA_OK:
		return 0;
	case PFA_E_IO:
	case PFA_E_FORMAT:
		return 1;
	case PFA_E_USAGE:
	case PFA_E_PERM:
	case PFA_E_TARGET:
		return 2;
	case PFA_E_BUDGET:
		return 3;
	}
	return 1;
}
