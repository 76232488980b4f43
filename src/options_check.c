#include "pfa/options_check.h"

#include <string.h>
#include <sys/stat.h>

#include "pfa/options.h"
#include "pfa/report/budget_text.h"
#include "pfa/report/format.h"

/* What standard output has so far; NULL: nothing. */
static enum pfa_status check_stdout(const char **has, const char *option,
				    const char *path, struct pfa_error *err)
{
	if (!path || strcmp(path, "-") != 0)
		return PFA_OK;
	if (*has)
		return pfa_fail(err, PFA_E_USAGE, "--%s=- would mix with %s on standard "
				"output: %s", option, *has,
				!strcmp(*has, "the stream") ? "add -o FILE" :
							      "give one of them a file");
	*has = "another export";
	return PFA_OK;
}

static enum pfa_status check_exports(const struct options *o, struct pfa_error *err)
{
	const char *has = o->output && strcmp(o->output, "-") != 0 ? NULL : "the stream";
	enum pfa_status status = PFA_OK;

	for (size_t i = 0; !status && export_formats[i]; i++)
		status = check_stdout(&has, export_formats[i]->name, o->exports[i], err);
	for (size_t i = 0; !status && i < RESULT_COUNT; i++)
		status = check_stdout(&has, result_options[i], o->results[i], err);
	return status;
}

static enum pfa_status check_results(const struct options *o, struct pfa_error *err)
{
	const struct folded_options *folded = &o->view.folded;

	if (!o->results[RESULT_FOLDED] &&
	    (folded->weight || folded->leaf || folded->inlined))
		return pfa_fail(err, PFA_E_USAGE, "--folded-weight, --folded-leaf and "
				"--folded-inline go with --folded=FILE");
	if (o->view.object && !o->results[RESULT_ORDER])
		return pfa_fail(err, PFA_E_USAGE, "--object goes with --order-file=FILE: "
				"it says whose functions are wanted");
	return PFA_OK;
}

static enum pfa_status check_layouts(const struct view *v, struct pfa_error *err)
{
	if (v->maps + v->leaks + (v->compare != NULL) + v->first_touch > 1)
		return pfa_fail(err, PFA_E_USAGE, "--maps, --compare, --leaks and "
				"--first-touch exclude each other: each is printed "
				"instead of all else");
	if (view_has_no_stream(v) && v->summary_only)
		return pfa_fail(err, PFA_E_USAGE, "-s prints the summary only, and "
				"--maps, --compare, --leaks and --first-touch print "
				"none");
	if (v->has_at && !view_has_layouts(v))
		return pfa_fail(err, PFA_E_USAGE, "--at goes with --maps, --compare or "
				"--leaks: it says of which moment");
	if (v->processes && !v->maps && !v->leaks)
		return pfa_fail(err, PFA_E_USAGE, "--pid goes with --maps or --leaks: "
				"it says of which processes");
	return PFA_OK;
}

static enum pfa_status check_budgets(const struct view *v, struct pfa_error *err)
{
	if (v->has_at && v->budget_count)
		return pfa_fail(err, PFA_E_USAGE, "--at ends the run early: --fail-if and "
				"--alert are of the whole");
	for (size_t i = 0; i < v->budget_count && view_has_no_stream(v); i++)
		if (v->budgets[i].alert)
			return pfa_fail(err, PFA_E_USAGE, "--alert goes into the stream, "
					"and --maps, --compare, --leaks and --first-touch "
					"print none");
	return PFA_OK;
}

static enum pfa_status check_order(const struct view *v, struct pfa_error *err)
{
	if (v->sort_by_time && v->fixed_ts)
		return pfa_fail(err, PFA_E_USAGE, "--sort=time and --fixed-ts exclude each "
				"other: the latter leaves out times");
	return PFA_OK;
}

static enum pfa_status check_scope(const struct options *o, struct pfa_error *err)
{
	if (o->command == COMMAND_REPORT && o->program)
		return pfa_fail(err, PFA_E_USAGE, "report takes no program: '%s' "
				"(the capture goes with -i)", o->program[0]);
	if (o->command == COMMAND_REPORT)
		return PFA_OK;
	if (o->program && o->pid_count)
		return pfa_fail(err, PFA_E_USAGE, "-p and a program ('%s') exclude "
				"each other: attach to one, or launch the other",
				o->program[0]);
	if ((o->pid_count > 0) + o->machine + (o->cgroup != NULL) > 1)
		return pfa_fail(err, PFA_E_USAGE, "-p, -a and --cgroup exclude each "
				"other: processes, the machine, or a control group");
	if (o->no_follow && (o->machine || o->cgroup))
		return pfa_fail(err, PFA_E_USAGE, "--no-follow goes with -p or a "
				"program: -a and --cgroup trace all processes");
	if (!o->program && !o->pid_count && !o->machine && !o->cgroup)
		return pfa_fail(err, PFA_E_USAGE, "nothing to trace: name a program, "
				"or a process with -p PID (see pfa --help)");
	return PFA_OK;
}

static enum pfa_status check_map(const struct options *o, struct pfa_error *err)
{
	if (o->program)
		return pfa_fail(err, PFA_E_USAGE, "map takes no program: '%s' (a process "
				"goes with -p)", o->program[0]);
	if (!o->pid_count)
		return pfa_fail(err, PFA_E_USAGE, "nothing to look at: name a process "
				"with -p PID (see pfa map --help)");
	if (o->map.each && !o->map.pages)
		return pfa_fail(err, PFA_E_USAGE, "--each goes with --pages: it says how");
	if (o->map.strip && o->map.pages)
		return pfa_fail(err, PFA_E_USAGE, "--strip and --pages exclude each other: "
				"cells, or pages");
	return PFA_OK;
}

static enum pfa_status check_top(const struct options *o, struct pfa_error *err)
{
	if (view_has_frames(&o->view) && !o->view.frames && o->output)
		return pfa_fail(err, PFA_E_USAGE, "-o goes with --batch: it says where the "
				"frames are printed");
	return PFA_OK;
}

static enum pfa_status check_symfs(const struct options *o, struct pfa_error *err)
{
	struct stat st;

	if (!o->symfs || (!stat(o->symfs, &st) && S_ISDIR(st.st_mode)))
		return PFA_OK;
	return pfa_fail(err, PFA_E_USAGE, "--symfs: '%s' is not a directory (name one that "
			"has the files below it, as ./usr/lib/libc.so.6)", o->symfs);
}

enum pfa_status options_check(const struct options *o, struct pfa_error *err)
{
	enum pfa_status status = check_exports(o, err);

	if (!status && o->command == COMMAND_MAP)
		return check_map(o, err);
	if (!status)
		status = check_results(o, err);
	if (!status)
		status = check_layouts(&o->view, err);
	if (!status)
		status = check_top(o, err);
	if (!status)
		status = check_budgets(&o->view, err);
	if (!status)
		status = check_order(&o->view, err);
	if (!status)
		status = check_symfs(o, err);
	return status ? status : check_scope(o, err);
}
