#include "pfa/budget_needs.h"

#include "pfa/decode/evlist.h"
#include "pfa/report/budget_text.h"
#include "pfa/report/view.h"

/* What can be known with these events: enum budget_need. */
static unsigned known_with(const struct evlist *list, bool looks)
{
	bool minor = evlist_by_role(list, ROLE_MINOR);
	bool major = evlist_by_role(list, ROLE_MAJOR);
	unsigned known = 0;

	if (major)
		known |= NEEDS_MAJORS;
	if (minor)
		known |= NEEDS_MINORS;
	if ((minor && major) || evlist_by_role(list, ROLE_ANY_FAULT))
		known |= NEEDS_TOTAL;
	if (!evlist_is_sampled(list))
		known |= NEEDS_EVERY;
	if (evlist_by_role(list, ROLE_FAULT_USER))
		known |= NEEDS_ENTRIES;
	if (evlist_has_calls(list))
		known |= NEEDS_CALLS;
	if (looks && evlist_by_role(list, ROLE_NOTE))
		known |= NEEDS_READINGS;
	return known;
}

enum pfa_status budget_needs_check(const struct view *view, const struct evlist *list,
				   bool looks, struct pfa_error *err)
{
	return budgets_check(view->budgets, view->budget_count, known_with(list, looks),
			     err);
}

const char *budget_needs_partial(const struct evlist *list)
{
	if (!evlist_has_kernel_mode(list))
		return "faults in kernel mode were not traced";
	if (evlist_by_role(list, ROLE_FAULT_USER) &&
	    !evlist_by_role(list, ROLE_FAULT_KERNEL))
		return "faults in kernel mode have no kind or latency";
	return NULL;
}
