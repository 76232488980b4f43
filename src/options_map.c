#include "pfa/options_map.h"

#include "pfa/base/units.h"
#include "pfa/options.h"

enum pfa_status options_set_map_tree(struct options *o, const char *value,
				     struct pfa_error *err)
{
	(void)value, (void)err;
	o->tree = true;
	return PFA_OK;
}

enum pfa_status options_set_map_pages(struct options *o, const char *value,
				      struct pfa_error *err)
{
	o->map.pages = true;
	return value ? map_view_set_range(&o->map, value, err) : PFA_OK;
}

enum pfa_status options_set_map_each(struct options *o, const char *value,
				     struct pfa_error *err)
{
	(void)value, (void)err;
	o->map.each = true;
	return PFA_OK;
}

enum pfa_status options_set_map_strip(struct options *o, const char *value,
				      struct pfa_error *err)
{
	(void)value, (void)err;
	o->map.strip = true;
	return PFA_OK;
}

enum pfa_status options_set_map_sort(struct options *o, const char *value,
				     struct pfa_error *err)
{
	return map_view_set_sort(&o->map, value, err);
}

enum pfa_status options_set_map_fields(struct options *o, const char *value,
				       struct pfa_error *err)
{
	return map_view_set_columns(&o->map, value, err);
}

enum pfa_status options_set_map_region(struct options *o, const char *value,
				       struct pfa_error *err)
{
	(void)err;
	o->map.region = value;
	return PFA_OK;
}

enum pfa_status options_set_map_top(struct options *o, const char *value,
				    struct pfa_error *err)
{
	uint64_t top;

	if (!units_parse_count(value, &top) || !top)
		return pfa_fail(err, PFA_E_USAGE, "--top: '%s' is not a number above 0",
				value);
	o->map.top = top;
	return PFA_OK;
}
