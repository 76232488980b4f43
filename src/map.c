/*
 * The story of pfa map: for each process open it, read what the kernel sums up, print
 * that, and where it is asked for walk its page tables, printing as they come.
 */
#include "pfa/map.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "pfa/base/intern.h"
#include "pfa/base/outfile.h"
#include "pfa/model/names.h"
#include "pfa/options.h"
#include "pfa/pages/page_run.h"
#include "pfa/pages/page_sums.h"
#include "pfa/pages/page_walk.h"
#include "pfa/pages/process.h"
#include "pfa/pages/tree.h"
#include "pfa/report/format.h"
#include "pfa/report/map_account.h"
#include "pfa/report/map_csv.h"
#include "pfa/report/map_pages.h"
#include "pfa/report/map_processes.h"
#include "pfa/report/map_strip.h"
#include "pfa/report/map_table.h"
#include "pfa/session.h"
#include "pfa/source/procfs.h"

struct map {
	struct map_view view;
	struct intern *strings;
	struct names names;
	struct outfile out, csv;
	bool has_csv;
	struct map_processes processes;
	/* Of the process that is being walked. */
	struct page_walk walk;
	struct map_process process;
	const struct map_vma *vma;
	struct page_sums sums, vma_sums;
	struct page_fold fold;
	struct map_strip strip;
};

/* ---- its pages ---- */

static void put_run(void *context, const struct page_run *run)
{
	struct map *m = context;

	map_pages_put_run(&m->out.text, run);
	outfile_push(&m->out);
	if (!m->has_csv)
		return;
	map_csv_put_run(&m->csv.text, &m->process, m->vma, run);
	outfile_push(&m->csv);
}

static void take_page(void *context, const struct page_run *run)
{
	struct map *m = context;

	page_sums_count(&m->vma_sums, run);
	if (m->view.each)
		put_run(m, run);
	else
		page_fold_put(&m->fold, run);
}

static void take_for_strip(void *context, const struct page_run *run)
{
	struct map *m = context;

	map_strip_put(&m->strip, run);
}

static void walk(struct map *m, const struct map_vma *vma,
		 void (*take)(void *context, const struct page_run *run))
{
	const struct page_sink sink = { m, take };
	uint64_t start = vma->start > m->view.from ? vma->start : m->view.from;
	uint64_t end = vma->end < m->view.to ? vma->end : m->view.to;

	m->vma = vma;
	if (take == take_for_strip)
		map_strip_init(&m->strip, &m->view, vma, start, end);
	page_walk_range(&m->walk, start, end, smaps_has_flag(&vma->smaps, "ht"), &sink);
}

static void print_pages_of(struct map *m, const struct map_vma *vma)
{
	memset(&m->vma_sums, 0, sizeof(m->vma_sums));
	m->fold = (struct page_fold){ .to = { m, put_run } };
	map_pages_put_vma(&m->out.text, vma);
	walk(m, vma, take_page);
	page_fold_end(&m->fold);
	map_pages_put_sums(&m->out.text, &m->vma_sums);
	page_sums_add(&m->sums, &m->vma_sums);
}

static void print_account(struct map *m, const struct map_selection *selection)
{
	const struct map_account account = {
		.selection = selection,
		.pages = &m->sums,
		.knows_zero = m->walk.pagemap.can_scan || m->walk.has_frames,
	};
	struct text *out = &m->out.text;

	text_printf(out, "in all, %d:\n", m->process.pid);
	map_pages_put_sums(out, &m->sums);
	if (m->sums.in_ram && !m->walk.has_frames)
		text_str(out, "  physical addresses and flags: unknown (run as root)\n");
	if (selection->whole && selection->shown == selection->count &&
	    !m->walk.pagemap.ended)
		map_account_print(out, &account);
}

static void print_pages(struct map *m, const struct map_selection *selection)
{
	memset(&m->sums, 0, sizeof(m->sums));
	map_pages_put_columns(&m->out.text);
	for (size_t i = 0; i < selection->shown && !m->walk.pagemap.ended; i++)
		print_pages_of(m, selection->vmas[i]);
	print_account(m, selection);
}

static void print_strips(struct map *m, const struct map_selection *selection)
{
	for (size_t i = 0; i < selection->shown && !m->walk.pagemap.ended; i++) {
		walk(m, selection->vmas[i], take_for_strip);
		map_strip_print(&m->out.text, &m->view, &m->strip);
		outfile_push(&m->out);
	}
	map_strip_put_legend(&m->out.text);
}

/* ---- a process ---- */

static void print_body(struct map *m, const struct map_selection *selection)
{
	if (m->view.pages)
		print_pages(m, selection);
	else if (m->view.strip)
		print_strips(m, selection);
	else
		map_table_print(&m->out.text, &m->view, selection);
}

static void print_process(struct map *m, const struct map_selection *selection)
{
	if (m->processes.count)
		text_char(&m->out.text, '\n');
	map_put_title(&m->out.text, selection);
	if (selection->count)
		print_body(m, selection);
	if (m->has_csv && !m->view.pages)
		map_csv_put_vmas(&m->csv.text, selection);
	map_processes_add(&m->processes, selection);
	outfile_push(&m->out);
}

static enum pfa_status tell_ended(const struct map *m, struct pfa_error *err)
{
	return pfa_fail(err, PFA_E_IO, "process %d ended, or became another program, "
			"while it was read: what is printed of it is a part", m->process.pid);
}

static enum pfa_status show_process(struct map *m, struct pfa_error *err)
{
	struct map_selection selection;
	enum pfa_status status = PFA_OK;

	map_selection_init(&selection, &m->view, &m->process);
	print_process(m, &selection);
	map_selection_release(&selection);
	if (m->process.ended || m->walk.pagemap.ended)
		status = tell_ended(m, err);
	return status;
}

static enum pfa_status read_and_show(struct map *m, const struct tree_member *member,
				     int dir, struct pfa_error *err)
{
	enum pfa_status status = process_read(&m->process, member->pid, dir, m->strings,
					      &m->names, err);

	m->process.depth = member->depth;
	if (!status)
		status = show_process(m, err);
	process_release(&m->process);
	return status;
}

/* The walk is opened before the rest is read, so that both are of the same program. */
static enum pfa_status show(struct map *m, const struct tree_member *member,
			    struct pfa_error *err)
{
	enum pfa_status status;
	int dir;

	status = process_open(member->pid, &dir, err);
	if (status)
		return status;
	m->walk = (struct page_walk){ 0 };
	if (m->view.pages || m->view.strip)
		status = page_walk_open(&m->walk, dir, true, err);
	if (!status) {
		status = read_and_show(m, member, dir, err);
		page_walk_close(&m->walk);
	}
	close(dir);
	return status;
}

/* ---- all of them ---- */

/* One below another that has ended since the list was made is no fault of anybody's. */
static bool may_be_gone(const struct tree_member *member, enum pfa_status status)
{
	return member->depth && status == PFA_E_TARGET;
}

static enum pfa_status show_all(struct map *m, const struct options *o,
				struct pfa_error *err)
{
	enum pfa_status first = PFA_OK;
	bool going_on = true;
	size_t count;
	struct tree_member *list = tree_list(o->pids, o->pid_count, o->tree, &count);

	for (size_t i = 0; i < count && going_on; i++) {
		struct pfa_error error;
		enum pfa_status status = show(m, &list[i], &error);

		if (!may_be_gone(&list[i], status))
			pfa_keep_first(&first, err, status, &error);
		going_on = first != PFA_E_TARGET && first != PFA_E_PERM;
	}
	free(list);
	map_processes_print(&m->out.text, &m->processes);
	return first;
}

/* Of the terminal, if it is one: no line of cells need be longer. */
static unsigned line_width(const struct options *o)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;

	if (columns && strtoul(columns, NULL, 10) > 0)
		return (unsigned)strtoul(columns, NULL, 10);
	if (!o->output && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	return 80;
}

static const char *csv_path(const struct options *o)
{
	for (size_t i = 0; export_formats[i]; i++)
		if (export_formats[i] == &csv_format)
			return o->exports[i];
	return NULL;
}

static enum pfa_status open_files(struct map *m, const struct options *o,
				  struct pfa_error *err)
{
	enum pfa_status status = outfile_open(&m->out, o->output, err);
	struct pfa_error unused;

	m->has_csv = csv_path(o) != NULL;
	if (status || !m->has_csv)
		return status;
	status = outfile_open(&m->csv, csv_path(o), err);
	if (status)
		(void)!outfile_close(&m->out, &unused);
	else
		map_csv_put_header(&m->csv.text, m->view.pages);
	return status;
}

static enum pfa_status close_files(struct map *m, struct pfa_error *err)
{
	enum pfa_status first = outfile_close(&m->out, err);
	struct pfa_error error;

	if (m->has_csv)
		pfa_keep_first(&first, err, outfile_close(&m->csv, &error), &error);
	return first;
}

static enum pfa_status show_into_files(struct map *m, const struct options *o,
				       struct pfa_error *err)
{
	enum pfa_status status = open_files(m, o, err);
	struct pfa_error error;

	if (status)
		return status;
	map_processes_init(&m->processes);
	status = show_all(m, o, err);
	pfa_keep_first(&status, err, close_files(m, &error), &error);
	if (!m->processes.count) {
		outfile_remove(o->output);
		outfile_remove(csv_path(o));
	}
	map_processes_release(&m->processes);
	return status;
}

enum pfa_status map_run(const struct options *o, struct pfa_error *err)
{
	struct map m = { .view = o->map };
	enum pfa_status status;

	if (!procfs_is_ours())
		return pfa_fail(err, PFA_E_PERM, "/proc is not that of this PID "
				"namespace (mount it: mount -t proc proc /proc)");
	m.strings = intern_new();
	m.view.color = session_color(o);
	m.view.width = line_width(o);
	names_init(&m.names, m.strings);
	outfile_ignore_signals();
	status = show_into_files(&m, o, err);
	names_release(&m.names);
	intern_free(m.strings);
	return status;
}
