#include "pfa/report/view.h"

#include <fnmatch.h>
#include <string.h>

#include "pfa/model/classify.h"

static const char *const show_names[] = { "faults", "vma", "life", "memory", NULL };

static const char *const type_names[] = {
#define X(name) #name,
	FAULT_TYPES(X)
#undef X
	NULL
};

static const char *const field_names[] = {
#define X(name) #name,
	VIEW_FIELDS(X)
#undef X
	NULL
};

static const char *const weight_names[] = {
#define X(name) #name,
	FOLDED_WEIGHTS(X)
#undef X
	NULL
};

static const char *const leaf_names[] = {
#define X(name) #name,
	FOLDED_LEAVES(X)
#undef X
	NULL
};

struct view view_default(void)
{
	return (struct view){
		.show = SHOW_FAULTS,
		.fields = 1U << FIELD_latency | 1U << FIELD_kind |
			  1U << FIELD_mode | 1U << FIELD_refault | 1U << FIELD_by |
			  1U << FIELD_call | 1U << FIELD_at,
		.top = 20,
	};
}

bool list_has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (;; list++) {
		size_t n = strcspn(list, ",");

		if (n == length && !strncasecmp(list, word, n))
			return true;
		list += n;
		if (!*list)
			return false;
	}
}

static int index_in(const char *const *names, const char *word, size_t length)
{
	for (int i = 0; names[i]; i++)
		if (strlen(names[i]) == length &&
		    !strncasecmp(names[i], word, length))
			return i;
	return -1;
}

static enum pfa_status unknown_word(const char *what, const char *word, size_t length,
				    const char *const *names, struct pfa_error *err)
{
	char known[256] = "";
	size_t used = 0;

	for (int i = 0; names[i]; i++) {
		size_t n = strlen(names[i]);

		if (used + n + 3 > sizeof(known))
			break;
		if (i) {
			known[used++] = ',';
			known[used++] = ' ';
		}
		memcpy(known + used, names[i], n + 1);
		used += n;
	}
	return pfa_fail(err, PFA_E_USAGE, "unknown %s '%.*s' (known: %s)", what,
			(int)length, word, known);
}

enum pfa_status list_parse(const char *what, const char *list,
			   const char *const *names, unsigned *bits,
			   struct pfa_error *err)
{
	*bits = 0;
	for (;; list++) {
		size_t n = strcspn(list, ",");
		int index = index_in(names, list, n);

		if (index < 0)
			return unknown_word(what, list, n, names, err);
		*bits |= 1U << index;
		list += n;
		if (!*list)
			return PFA_OK;
	}
}

enum pfa_status view_set_show(struct view *v, const char *list,
			      struct pfa_error *err)
{
	return list_parse("--show value", list, show_names, &v->show, err);
}

enum pfa_status view_set_fields(struct view *v, const char *list,
				struct pfa_error *err)
{
	v->fields_chosen = true;
	return list_parse("field", list, field_names, &v->fields, err);
}

enum pfa_status view_set_types(struct view *v, const char *list,
			       struct pfa_error *err)
{
	return list_parse("fault type", list, type_names, &v->types, err);
}

enum pfa_status view_set_sort(struct view *v, const char *order, struct pfa_error *err)
{
	static const char *const names[] = { "count", "time", NULL };
	int index = index_in(names, order, strlen(order));

	if (index < 0)
		return unknown_word("--sort value", order, strlen(order), names, err);
	v->sort_by_time = index == 1;
	return PFA_OK;
}

enum pfa_status view_set_kinds(struct view *v, const char *list,
			       struct pfa_error *err)
{
	const char *names[64] = { NULL };
	unsigned count = 0, unused;

	/* A kind may have several rows. */
	for (const struct fault_kind *row = fault_kinds; row->name; row++)
		if (index_in(names, row->name, strlen(row->name)) < 0)
			names[count++] = row->name;
	v->kinds = list;
	return list_parse("fault kind", list, names, &unused, err);
}

static enum pfa_status parse_word(const char *what, const char *word,
				  const char *const *names, int *index,
				  struct pfa_error *err)
{
	*index = index_in(names, word, strlen(word));
	return *index >= 0 ? PFA_OK : unknown_word(what, word, strlen(word), names, err);
}

enum pfa_status view_set_folded_weight(struct view *v, const char *word,
				       struct pfa_error *err)
{
	int index;
	enum pfa_status status = parse_word("--folded-weight value", word, weight_names,
					    &index, err);

	if (!status)
		v->folded.weight = (enum folded_weight)index;
	return status;
}

enum pfa_status view_set_folded_leaf(struct view *v, const char *word,
				     struct pfa_error *err)
{
	int index;
	enum pfa_status status = parse_word("--folded-leaf value", word, leaf_names,
					    &index, err);

	if (!status)
		v->folded.leaf = (enum folded_leaf)index;
	return status;
}

bool region_matches(const struct region *region, const char *glob)
{
	return !fnmatch(glob, region->text, 0) || !fnmatch(glob, region->object, 0);
}

static bool passes_region(const struct view *v, const struct region *region)
{
	return !v->region || region_matches(region, v->region);
}

bool view_filters_faults(const struct view *v)
{
	return v->types || v->kinds || v->region || v->min_latency_ns;
}

bool view_shows_fault(const struct view *v, const struct fault *f)
{
	if (v->types && !(v->types & 1U << f->type))
		return false;
	if (v->kinds && !list_has_word(v->kinds, f->kind))
		return false;
	if (v->min_latency_ns && (f->latency_ns == LATENCY_UNKNOWN ||
				  f->latency_ns < v->min_latency_ns))
		return false;
	return passes_region(v, f->region);
}

bool view_passes_change(const struct view *v, const struct change *change)
{
	return passes_region(v, change->region);
}

bool view_shows_change(const struct view *v, const struct change *change)
{
	return (change->error ? v->failed : v->show & SHOW_VMA) &&
	       view_passes_change(v, change);
}

bool view_shows_life(const struct view *v)
{
	return v->show & SHOW_LIFE;
}

void view_put_process(struct text *out, const struct view *v, const struct actor *actor)
{
	if (v->fixed_ts)
		text_printf(out, "P%u ", actor->serial);
	else
		text_printf(out, "%u ", actor->pid);
	text_escaped(out, actor->process_comm);
}

void view_put_thread(struct text *out, const struct view *v, const struct actor *actor)
{
	if (v->fixed_ts)
		text_printf(out, "T%u ", actor->thread_serial);
	else
		text_printf(out, "%u ", actor->tid);
	text_escaped(out, actor->comm);
}
