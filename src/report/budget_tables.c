#include "pfa/report/budget_tables.h"

#include "pfa/base/text.h"
#include "pfa/report/budgets.h"
#include "pfa/report/table.h"
#include "pfa/report/view.h"

static size_t count_of(const struct budgets *budgets, bool alerts)
{
	size_t count = 0;

	for (size_t i = 0; i < budgets_count(budgets); i++)
		count += budgets_result(budgets, i).budget->alert == alerts;
	return count;
}

static void add_name(struct table *t, const struct budget *budget)
{
	struct text name;

	text_init(&name);
	text_escaped(&name, budget->text);
	table_cell(t, text_cstr(&name));
	text_release(&name);
}

/* What differs from run to run is left out of what must not. */
static void add_figure(struct table *t, const struct view *view,
		       const struct budget_result *r)
{
	struct text figure;

	text_init(&figure);
	if (r->has_figure && !(view->fixed_ts && budget_is_timed(r->budget)))
		budget_put_figure(&figure, r->budget, r->figure);
	table_cell(t, text_cstr(&figure));
	text_release(&figure);
}

/* ---- budgets ---- */

static void add_verdict(struct table *t, const struct budget_result *r)
{
	struct text verdict;

	text_init(&verdict);
	if (r->unjudged)
		text_printf(&verdict, "not judged: %s", r->unjudged);
	else
		text_str(&verdict, r->failed ? "failed" : "held");
	table_cell(t, text_cstr(&verdict));
	text_release(&verdict);
}

static void print_budgets(struct text *out, const struct view *view,
			  const struct budgets *budgets)
{
	struct table table;

	table_init(&table, "lrl");
	table_cell(&table, "fails if");
	table_cell(&table, "figure");
	table_cell(&table, "verdict");
	for (size_t i = 0; i < budgets_count(budgets); i++) {
		const struct budget_result r = budgets_result(budgets, i);

		if (r.budget->alert)
			continue;
		add_name(&table, r.budget);
		add_figure(&table, view, &r);
		add_verdict(&table, &r);
	}
	text_str(out, "\nBudgets\n");
	table_print(&table, out);
	table_release(&table);
	if (*budgets_partial(budgets))
		text_printf(out, "  The result is partial: %s.\n",
			    budgets_partial(budgets));
}

/* ---- alerts ---- */

static void add_times(struct table *t, const struct budget_result *r, uint64_t origin_ns)
{
	if (r->crossings) {
		table_time_cell(t, r->first_ns - origin_ns);
		table_time_cell(t, r->last_ns - origin_ns);
	} else {
		table_cell(t, "");
		table_cell(t, "");
	}
}

static void add_alert_header(struct table *t, const struct view *view)
{
	table_cell(t, "alert");
	table_cell(t, "crossings");
	table_cell(t, "worst");
	if (view->fixed_ts)
		return;
	table_cell(t, "first");
	table_cell(t, "last");
}

static void print_alerts(struct text *out, const struct view *view,
			 const struct budgets *budgets, uint64_t origin_ns)
{
	struct table table;

	table_init(&table, view->fixed_ts ? "lrr" : "lrrrr");
	add_alert_header(&table, view);
	for (size_t i = 0; i < budgets_count(budgets); i++) {
		const struct budget_result r = budgets_result(budgets, i);

		if (!r.budget->alert)
			continue;
		add_name(&table, r.budget);
		table_count_cell(&table, r.crossings);
		add_figure(&table, view, &r);
		if (!view->fixed_ts)
			add_times(&table, &r, origin_ns);
	}
	text_str(out, "\nAlerts\n");
	table_print(&table, out);
	table_release(&table);
}

void budget_tables_print(struct text *out, const struct view *view,
			 const struct budgets *budgets, uint64_t origin_ns)
{
	if (count_of(budgets, false))
		print_budgets(out, view, budgets);
	if (count_of(budgets, true))
		print_alerts(out, view, budgets, origin_ns);
}
