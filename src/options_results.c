#include "pfa/options_results.h"

#include "pfa/options.h"

enum pfa_status options_set_folded(struct options *o, const char *value,
				   struct pfa_error *err)
{
	(void)err;
	o->results[RESULT_FOLDED] = value;
	return PFA_OK;
}

enum pfa_status options_set_folded_weight(struct options *o, const char *value,
					  struct pfa_error *err)
{
	return view_set_folded_weight(&o->view, value, err);
}

enum pfa_status options_set_folded_leaf(struct options *o, const char *value,
					struct pfa_error *err)
{
	return view_set_folded_leaf(&o->view, value, err);
}

enum pfa_status options_set_folded_inline(struct options *o, const char *value,
					  struct pfa_error *err)
{
	(void)value, (void)err;
	o->view.folded.inlined = true;
	return PFA_OK;
}

enum pfa_status options_set_first_touch(struct options *o, const char *value,
					struct pfa_error *err)
{
	(void)value, (void)err;
	o->view.first_touch = true;
	return PFA_OK;
}

enum pfa_status options_set_order_file(struct options *o, const char *value,
				       struct pfa_error *err)
{
	(void)err;
	o->results[RESULT_ORDER] = value;
	return PFA_OK;
}

enum pfa_status options_set_prefetch_list(struct options *o, const char *value,
					  struct pfa_error *err)
{
	(void)err;
	o->results[RESULT_PREFETCH] = value;
	return PFA_OK;
}

enum pfa_status options_set_object(struct options *o, const char *value,
				   struct pfa_error *err)
{
	(void)err;
	o->view.object = value;
	return PFA_OK;
}
