#include "pfa/report/results.h"

#include <stddef.h>

#include "pfa/model/observation.h"
#include "pfa/report/first_touch.h"
#include "pfa/report/folded.h"
#include "pfa/report/order_file.h"
#include "pfa/report/prefetch_list.h"
#include "pfa/report/view.h"

const char *const result_options[RESULT_COUNT] = {
#define X(id, option) option,
	RESULT_FILES(X)
#undef X
};

static enum pfa_status open_files(struct results *r, const char *const *paths,
				  struct pfa_error *err)
{
	for (int i = 0; paths && i < RESULT_COUNT; i++) {
		enum pfa_status status;

		if (!paths[i])
			continue;
		status = outfile_open(&r->files[i], paths[i], err);
		if (status)
			return status;
		r->wanted[i] = true;
	}
	return PFA_OK;
}

enum pfa_status results_open(struct results *r, const struct view *view,
			     const char *const *paths, struct naming *naming,
			     struct pfa_error *err)
{
	enum pfa_status status;

	*r = (struct results){ 0 };
	status = open_files(r, paths, err);
	if (r->wanted[RESULT_FOLDED])
		r->folded = folded_new(&view->folded, naming);
	if (r->wanted[RESULT_ORDER])
		r->order = order_file_new(view->object, naming);
	if (r->wanted[RESULT_PREFETCH] || view->first_touch)
		r->first_touch = first_touch_new(view, naming);
	return status;
}

void results_fault(struct results *r, const struct fault *fault)
{
	if (r->folded)
		folded_fault(r->folded, fault);
	if (r->order)
		order_file_fault(r->order, fault);
	if (r->first_touch)
		first_touch_fault(r->first_touch, fault);
}

void results_life(struct results *r, const struct life *life)
{
	if (r->order)
		order_file_life(r->order, life);
}

enum pfa_status results_print(struct results *r, struct pfa_error *err)
{
	if (r->folded)
		folded_print(r->folded, &r->files[RESULT_FOLDED]);
	if (r->wanted[RESULT_PREFETCH])
		prefetch_list_print(r->first_touch, &r->files[RESULT_PREFETCH]);
	if (r->order)
		return order_file_print(r->order, &r->files[RESULT_ORDER], err);
	return PFA_OK;
}

enum pfa_status results_close(struct results *r, struct pfa_error *err)
{
	enum pfa_status first = PFA_OK;
	struct pfa_error error;

	for (int i = 0; i < RESULT_COUNT; i++)
		if (r->wanted[i])
			pfa_keep_first(&first, err, outfile_close(&r->files[i], &error),
				       &error);
	folded_free(r->folded);
	order_file_free(r->order);
	first_touch_free(r->first_touch);
	return first;
}

void results_discard(struct results *r)
{
	const char *paths[RESULT_COUNT] = { NULL };
	struct pfa_error unused;

	for (int i = 0; i < RESULT_COUNT; i++)
		if (r->wanted[i])
			paths[i] = r->files[i].path;
	(void)!results_close(r, &unused);
	for (int i = 0; i < RESULT_COUNT; i++)
		outfile_remove(paths[i]);
}
