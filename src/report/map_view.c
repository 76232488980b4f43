#include "pfa/report/map_view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/pages/page_run.h"
#include "pfa/report/map_columns.h"
#include "pfa/report/view.h"

struct map_view map_view_default(void)
{
	return (struct map_view){
		.to = UINT64_MAX,
		.top = SIZE_MAX,
		.sort = MAP_COLUMN_RANGE,
		.width = 80,
	};
}

static bool parse_address(const char **at, uint64_t *address)
{
	char *end;

	errno = 0;
	*address = strtoull(*at, &end, 16);
	if (errno || end == *at || **at == '-' || **at == '+' || **at == ' ')
		return false;
	*at = end;
	return true;
}

/* One address stands for its page. */
enum pfa_status map_view_set_range(struct map_view *v, const char *text,
				   struct pfa_error *err)
{
	const char *at = text;
	bool ok = parse_address(&at, &v->from);

	v->from &= ~(uint64_t)(PAGE_BYTES - 1);
	v->to = v->from + PAGE_BYTES;
	if (ok && *at == '-') {
		at++;
		ok = parse_address(&at, &v->to);
	}
	if (ok && !*at && v->from < v->to)
		return PFA_OK;
	return pfa_fail(err, PFA_E_USAGE, "--pages: '%s' is not an address, or a range of "
			"them as 7f5acd89c000-7f5acd89e000", text);
}

/* "+path,vmflags": these beside the usual ones. */
enum pfa_status map_view_set_columns(struct map_view *v, const char *list,
				     struct pfa_error *err)
{
	enum pfa_status status;
	bool more = *list == '+';

	if (!strcmp(list, "all")) {
		v->columns = (1U << MAP_COLUMNS) - 1;
		return PFA_OK;
	}
	status = list_parse("field", list + more, map_column_names, &v->columns, err);
	v->more_columns = more;
	return status;
}

enum pfa_status map_view_set_sort(struct map_view *v, const char *name,
				  struct pfa_error *err)
{
	for (unsigned i = 0; i < MAP_COLUMNS; i++)
		if ((map_columns[i].kb || i == MAP_COLUMN_RANGE) &&
		    !strcmp(map_columns[i].name, name)) {
			v->sort = i;
			return PFA_OK;
		}
	return pfa_fail(err, PFA_E_USAGE, "--sort: '%s' is not range, or a column of sizes "
			"such as size, rss, pss, dirty, swap", name);
}
