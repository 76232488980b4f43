#include "pfa/report/budget_text.h"

#include <string.h>

#include "pfa/base/text.h"
#include "pfa/base/units.h"

static const struct metric {
	const char *name;
	enum budget_unit unit;
	unsigned traits, needs;
} metrics[METRIC_COUNT] = {
#define X(name, unit, traits, needs) { #name, BUDGET_##unit, traits, needs },
	BUDGET_METRICS(X)
#undef X
};

/* ---- parsing ---- */

struct parser {
	struct budget *budget;
	const char *at;
	struct pfa_error *err;
};

static const struct metric *metric_of(const struct budget *b)
{
	return &metrics[b->metric];
}

/* The value, with a unit as it may be written. */
static const char *value_wanted(const struct budget *b)
{
	static const char *const wanted[] = {
		[BUDGET_COUNT] = "a number such as 100",
		[BUDGET_SIZE] = "a size such as 512M",
		[BUDGET_TIME] = "a time such as 20ms",
	};

	return wanted[metric_of(b)->unit];
}

static enum pfa_status refuse(const struct parser *p, const char *where, const char *what,
			      const char *rest)
{
	const struct budget *b = p->budget;

	return pfa_fail(p->err, PFA_E_USAGE, "%s='%s', at %zu: %s%s", budget_option(b),
			b->text, (size_t)(where - b->text) + 1, what, rest);
}

/* "major, minor, ..." of those with this trait; 0: of all. */
static void list_metrics(struct text *out, unsigned trait)
{
	const char *between = "";

	for (int i = 0; i < METRIC_COUNT; i++) {
		if ((metrics[i].traits & trait) != trait)
			continue;
		text_str(out, between);
		text_str(out, metrics[i].name);
		between = ", ";
	}
}

static enum pfa_status refuse_metric(const struct parser *p, const char *where,
				     const char *what, unsigned trait)
{
	enum pfa_status status;
	struct text list;

	text_init(&list);
	list_metrics(&list, trait);
	status = refuse(p, where, what, text_cstr(&list));
	text_release(&list);
	return status;
}

static void skip_blanks(struct parser *p)
{
	p->at += strspn(p->at, " \t");
}

static enum pfa_status parse_metric(struct parser *p)
{
	size_t length = strspn(p->at, "abcdefghijklmnopqrstuvwxyz0123456789_");

	for (int i = 0; i < METRIC_COUNT; i++) {
		if (strlen(metrics[i].name) != length ||
		    memcmp(metrics[i].name, p->at, length) != 0)
			continue;
		p->budget->metric = (enum budget_metric)i;
		p->at += length;
		return PFA_OK;
	}
	return refuse_metric(p, p->at, "a metric is wanted: ", 0);
}

static enum pfa_status parse_second(struct parser *p)
{
	if (*p->at != '/')
		return PFA_OK;
	if (p->at[1] != 's' || !strchr("@<> \t", p->at[2]))
		return refuse(p, p->at, "/s is wanted: ", "in any one second");
	if (!budget_has_trait(p->budget, BUDGET_BY_SECOND))
		return refuse_metric(p, p->at, "/s goes with ", BUDGET_BY_SECOND);
	p->budget->per_second = true;
	p->at += 2;
	return PFA_OK;
}

/* The last operator: others may be part of a region's name. NULL: there is none. */
static const char *find_operator(const char *text)
{
	const char *last = NULL;

	for (; *text; text++)
		if (*text == '<' || *text == '>')
			last = text;
	return last;
}

static size_t without_blanks(const char *text, size_t length)
{
	while (length && strchr(" \t", text[length - 1]))
		length--;
	return length;
}

static enum pfa_status parse_glob(struct parser *p)
{
	const char *glob = p->at + 1, *end = find_operator(p->at);
	size_t length;

	if (*p->at != '@' || !end) /* the latter is told where it is missing */
		return PFA_OK;
	if (!budget_has_trait(p->budget, BUDGET_BY_REGION))
		return refuse_metric(p, p->at, "@GLOB goes with ", BUDGET_BY_REGION);
	length = without_blanks(glob, (size_t)(end - glob));
	if (!length)
		return refuse(p, glob, "a region is wanted, such as ", "libc*");
	if (length >= BUDGET_GLOB_MAX)
		return refuse(p, glob, "the region is too long", "");
	memcpy(p->budget->glob, glob, length);
	p->at = end;
	return PFA_OK;
}

static enum pfa_status parse_comparison(struct parser *p)
{
	struct budget *b = p->budget;
	bool or_equal;

	if (*p->at != '<' && *p->at != '>')
		return refuse(p, p->at + (*p->at == '@' ? strlen(p->at) : 0),
			      "one of > >= < <= is wanted", "");
	or_equal = p->at[1] == '=';
	b->comparison = *p->at == '>' ? or_equal ? BUDGET_AT_LEAST : BUDGET_ABOVE :
			or_equal     ? BUDGET_AT_MOST :
				       BUDGET_BELOW;
	if (b->alert && budget_is_floor(b) && !b->per_second)
		return refuse(p, p->at, "an alert takes < with /s only: all else begins "
			      "below its limit", "");
	p->at += 1 + or_equal;
	return PFA_OK;
}

static bool parse_number(const struct budget *b, const char *text, uint64_t *value)
{
	switch (metric_of(b)->unit) {
	case BUDGET_SIZE:
		return units_parse_size(text, value);
	case BUDGET_TIME:
		return units_parse_time(text, value);
	case BUDGET_COUNT:
		break;
	}
	return units_parse_count(text, value);
}

static enum pfa_status parse_value(struct parser *p)
{
	struct budget *b = p->budget;
	size_t length = without_blanks(p->at, strlen(p->at));
	char value[64] = "";

	if (length < sizeof(value))
		memcpy(value, p->at, length);
	if (!parse_number(b, value, &b->limit))
		return refuse(p, p->at, "wanted is ", value_wanted(b));
	if (b->comparison == BUDGET_BELOW && !b->limit)
		return refuse(p, p->at, "nothing is below 0", "");
	return PFA_OK;
}

enum pfa_status budget_parse(struct budget *b, const char *text, bool alert,
			     struct pfa_error *err)
{
	static enum pfa_status (*const parts[])(struct parser *) = {
		parse_metric, parse_second, parse_glob, parse_comparison, parse_value,
	};
	struct parser p = { b, text, err };

	*b = (struct budget){ .text = text, .alert = alert };
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		enum pfa_status status;

		/* The region's own blanks count. */
		if (parts[i] != parse_second && parts[i] != parse_glob)
			skip_blanks(&p);
		status = parts[i](&p);
		if (status)
			return status;
	}
	if (alert && budget_has_trait(b, BUDGET_AT_END))
		return refuse(&p, text, metric_of(b)->name,
			      " is known at the end only: it goes with --fail-if");
	return PFA_OK;
}

/* ---- what it says ---- */

const char *budget_option(const struct budget *b)
{
	return b->alert ? "--alert" : "--fail-if";
}

bool budget_has_trait(const struct budget *b, enum budget_trait trait)
{
	return metric_of(b)->traits & trait;
}

bool budget_is_floor(const struct budget *b)
{
	return b->comparison == BUDGET_BELOW || b->comparison == BUDGET_AT_MOST;
}

bool budget_is_floor_of_rate(const struct budget *b)
{
	return b->per_second && budget_is_floor(b);
}

bool budget_holds(const struct budget *b, uint64_t figure)
{
	switch (b->comparison) {
	case BUDGET_ABOVE:
		return figure > b->limit;
	case BUDGET_AT_LEAST:
		return figure >= b->limit;
	case BUDGET_BELOW:
		return figure < b->limit;
	case BUDGET_AT_MOST:
		break;
	}
	return figure <= b->limit;
}

bool budget_is_timed(const struct budget *b)
{
	return b->per_second || metric_of(b)->unit == BUDGET_TIME;
}

void budget_put_figure(struct text *out, const struct budget *b, uint64_t figure)
{
	char buf[UNITS_MAX];

	if (metric_of(b)->unit == BUDGET_COUNT)
		text_dec(out, figure);
	else if (metric_of(b)->unit == BUDGET_SIZE)
		text_str(out, units_size(buf, figure));
	else
		text_str(out, units_time(buf, figure));
	if (b->per_second)
		text_str(out, "/s");
}

enum pfa_status budgets_check(const struct budget *budgets, size_t count, unsigned known,
			      struct pfa_error *err)
{
	static const char *const needs[] = {
#define X(name, text) text,
		BUDGET_NEEDS(X)
#undef X
	};

	for (size_t i = 0; i < count; i++) {
		unsigned missing = metric_of(&budgets[i])->needs & ~known;

		if (missing)
			return pfa_fail(err, PFA_E_PERM, "%s='%s' could not be judged: "
					"%s needs %s", budget_option(&budgets[i]),
					budgets[i].text, metric_of(&budgets[i])->name,
					needs[__builtin_ctz(missing)]);
	}
	return PFA_OK;
}
