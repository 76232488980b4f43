#include "pfa/report/first_touch.h"

#include <stdlib.h>

#include "pfa/base/hash.h"
#include "pfa/base/mem.h"
#include "pfa/base/text.h"
#include "pfa/model/backing.h"
#include "pfa/model/observation.h"
#include "pfa/report/naming.h"
#include "pfa/report/partial.h"
#include "pfa/report/table.h"
#include "pfa/report/view.h"

enum { PAGE_BYTES = 4096 };

struct seen_key {
	const struct backing *file;
	uint64_t page;
};

struct seen_page {
	struct seen_key key;
	UT_hash_handle hh;
};

struct first_touch {
	const struct view *view;
	struct naming *naming;
	struct seen_page *seen;
	struct touched_page *pages;
	size_t count, capacity;
};

struct first_touch *first_touch_new(const struct view *view, struct naming *naming)
{
	struct first_touch *f = pfa_alloc(sizeof(*f));

	f->view = view;
	f->naming = naming;
	return f;
}

void first_touch_free(struct first_touch *f)
{
	struct seen_page *page, *next;

	if (!f)
		return;
	HASH_ITER(hh, f->seen, page, next) {
		HASH_DEL(f->seen, page);
		free(page);
	}
	for (size_t i = 0; i < f->count; i++)
		free(f->pages[i].touched);
	free(f->pages);
	free(f);
}

/* ---- collecting ---- */

static bool is_new(struct first_touch *f, const struct fault *fault)
{
	const struct seen_key key = { fault->backing,
				      fault->file_offset_bytes / PAGE_BYTES };
	struct seen_page *page;

	HASH_FIND(hh, f->seen, &key, sizeof(key), page);
	if (page)
		return false;
	page = pfa_alloc(sizeof(*page));
	page->key = key;
	HASH_ADD(hh, f->seen, key, sizeof(key), page);
	return true;
}

/* Of a file that is no ELF file all is told already. The caller frees. */
static char *what_lies_there(const struct first_touch *f, const struct fault *fault)
{
	struct text text;

	text_init(&text);
	if (!fault->image ||
	    !naming_put_touched(f->naming, fault, f->view->fixed_ts, &text)) {
		text_release(&text);
		return NULL;
	}
	text_char(&text, '\0');
	return text.bytes;
}

void first_touch_fault(struct first_touch *f, const struct fault *fault)
{
	uint64_t size = fault_size_bytes(fault);

	if (!fault->in_file || !fault->backing || fault->backing->kind != BACKING_FILE ||
	    fault->type == FAULT_INVALID || !is_new(f, fault))
		return;
	f->pages = pfa_grow(f->pages, f->count, &f->capacity, sizeof(*f->pages));
	f->pages[f->count++] = (struct touched_page){
		.file = fault->backing,
		.offset_bytes = fault->file_offset_bytes & ~(size - 1),
		.size_bytes = size,
		.time_ns = fault->time_ns,
		.latency_ns = fault->latency_ns,
		.kind = fault->kind,
		.region = fault->region,
		.code = fault->code,
		.touched = what_lies_there(f, fault),
	};
}

const struct touched_page *first_touch_pages(const struct first_touch *f, size_t *count)
{
	*count = f->count;
	return f->pages;
}

/* ---- the list ---- */

static void add_header(const struct first_touch *f, struct table *t)
{
	static const char *const names[] = { "kind", "object", "section", "offset",
					     "touched by", "what lies there" };

	table_cell(t, "rank");
	if (!f->view->fixed_ts) {
		table_cell(t, "time");
		table_cell(t, "latency");
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		table_cell(t, names[i]);
}

static void add_times(struct table *t, const struct touched_page *page,
		      uint64_t origin_ns)
{
	table_time_cell(t, page->time_ns > origin_ns ? page->time_ns - origin_ns : 0);
	if (page->latency_ns == LATENCY_UNKNOWN)
		table_cell(t, "-");
	else
		table_time_cell(t, page->latency_ns);
}

static void add_offset(struct table *t, uint64_t offset_bytes)
{
	struct text text;

	text_init(&text);
	text_hex(&text, offset_bytes);
	table_cell(t, text_cstr(&text));
	text_release(&text);
}

static const char *toucher_of(const struct first_touch *f,
			      const struct touched_page *page)
{
	if (!page->code)
		return "-";
	return naming_code(f->naming, page->code, CODE_ITSELF, page->time_ns)
		->function->text;
}

static void add_page(const struct first_touch *f, struct table *t, size_t rank,
		     uint64_t origin_ns)
{
	const struct touched_page *page = &f->pages[rank];

	table_count_cell(t, rank + 1);
	if (!f->view->fixed_ts)
		add_times(t, page, origin_ns);
	table_cell(t, page->kind);
	table_cell(t, page->region->object);
	table_cell(t, *page->region->section ? page->region->section : "-");
	add_offset(t, page->offset_bytes);
	table_cell(t, toucher_of(f, page));
	table_cell(t, page->touched ? page->touched : "-");
}

static void print_partial(const struct run_facts *facts, struct text *out)
{
	struct text why;

	text_init(&why);
	partial_put(&why, facts);
	if (why.length)
		text_printf(out, "Partial: %s\n", text_cstr(&why));
	text_release(&why);
}

void first_touch_print(const struct first_touch *f, uint64_t origin_ns,
		       const struct run_facts *facts, struct text *out)
{
	struct table table;

	print_partial(facts, out);
	text_printf(out, "%zu page%s of files, in order of their first fault\n",
		    f->count, f->count == 1 ? "" : "s");
	if (!f->count)
		return;
	table_init(&table, f->view->fixed_ts ? "rlllrll" : "rrrlllrll");
	add_header(f, &table);
	for (size_t i = 0; i < f->count; i++)
		add_page(f, &table, i, origin_ns);
	table_print(&table, out);
	table_release(&table);
	text_str(out, "A fault maps its neighbours in the page cache, too (16 pages, or a "
		      "large folio): these do\nnot fault any more, and may have been touched "
		      "unseen.\n");
}
