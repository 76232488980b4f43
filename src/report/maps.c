#include "pfa/report/maps.h"

#include <inttypes.h>

#include "pfa/base/text.h"
#include "pfa/base/units.h"
#include "pfa/model/observation.h"
#include "pfa/report/format.h"
#include "pfa/report/layout_text.h"
#include "pfa/report/naming.h"
#include "pfa/report/table.h"
#include "pfa/report/view.h"

struct maps {
	const struct layout_page *page;
	const struct layout *layout;
	struct table table;
	struct text cell; /* being made */
};

/* What the text holds becomes the next cell. */
static void end_cell(struct maps *m)
{
	table_cell(&m->table, text_cstr(&m->cell));
	text_clear(&m->cell);
}

/* To the letter as in /proc/PID/maps (fs/proc/task_mmu.c). */
static void add_kernel_columns(struct maps *m, const struct mapping *vma)
{
	char prot[5];

	text_printf(&m->cell, "%08" PRIx64 "-%08" PRIx64, vma->start, vma->end);
	end_cell(m);
	table_cell(&m->table, prot_text(prot, vma->prot, vma->shared));
	text_printf(&m->cell, "%08" PRIx64, vma->pgoff_bytes);
	end_cell(m);
	text_printf(&m->cell, "%02x:%02x", vma->dev_major, vma->dev_minor);
	end_cell(m);
	table_count_cell(&m->table, vma->inode);
}

static void add_faults(struct maps *m, const uint64_t faults[FAULT_TYPE_COUNT])
{
	if (faults[FAULT_MAJOR] || faults[FAULT_MINOR] || faults[FAULT_COW])
		text_printf(&m->cell, "%" PRIu64 "/%" PRIu64 "/%" PRIu64,
			    faults[FAULT_MAJOR], faults[FAULT_MINOR],
			    faults[FAULT_COW]);
	else
		text_char(&m->cell, '-');
	end_cell(m);
}

static void put_maker(struct maps *m, const struct origin *origin)
{
	if (origin->kind == ORIGIN_before || origin->maker == m->layout->actor.serial)
		return;
	text_str(&m->cell, " by ");
	layout_put_maker(&m->cell, m->page, origin->maker);
}

static void add_origin(struct maps *m, const struct mapping *vma)
{
	const struct origin *origin = &vma->origin;
	const struct code_name *maker = naming_maker(m->page->naming, origin->stack,
						     origin->code, origin->time_ns);

	text_str(&m->cell, origin_kind_name(origin->kind));
	if (!m->page->view->fixed_ts && origin->kind != ORIGIN_before) {
		text_str(&m->cell, " +");
		layout_put_time(&m->cell, m->page, origin->time_ns);
	}
	put_maker(m, origin);
	if (maker)
		text_printf(&m->cell, " %s", maker->function->text);
	if (vma->parts > 1)
		text_printf(&m->cell, " (%" PRIu64 " parts)", vma->parts);
	end_cell(m);
}

static void add_row(struct maps *m, const struct mapping *vma)
{
	add_kernel_columns(m, vma);
	table_cell(&m->table, vma->class);
	table_size_cell(&m->table, vma->end - vma->start);
	table_size_cell(&m->table, vma->touched_bytes);
	add_faults(m, vma->faults);
	add_origin(m, vma);
	text_escaped(&m->cell, vma->name[0] ? vma->name : vma->region->text);
	end_cell(m);
}

static void add_header(struct maps *m)
{
	static const char *const names[] = { "range", "perms", "offset", "dev", "inode",
					     "class", "size", "touched",
					     "maj/min/cow", "made by", "name" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		table_cell(&m->table, names[i]);
}

static struct mapping sum(const struct layout *layout)
{
	struct mapping total = { 0 };

	for (size_t i = 0; i < layout->vma_count; i++) {
		const struct mapping *vma = &layout->vmas[i];

		total.end += vma->end - vma->start;
		total.touched_bytes += vma->touched_bytes;
		for (int type = 0; type < FAULT_TYPE_COUNT; type++)
			total.faults[type] += vma->faults[type];
	}
	return total;
}

static void add_total(struct maps *m, const struct mapping *total)
{
	enum { UNUSED = 5, ORIGIN_AND_NAME = 2 };

	table_cell(&m->table, "total");
	for (int i = 1; i <= UNUSED; i++)
		table_cell(&m->table, "");
	table_size_cell(&m->table, total->end);
	table_size_cell(&m->table, total->touched_bytes);
	add_faults(m, total->faults);
	for (int i = 0; i < ORIGIN_AND_NAME; i++)
		table_cell(&m->table, "");
}

static void put_title(struct text *out, const struct maps *m, const struct mapping *total)
{
	char size[UNITS_MAX];

	layout_put_title(out, m->page, m->layout);
	text_printf(out, ": %zu VMA%s, %s mapped\n", m->layout->vma_count,
		    m->layout->vma_count == 1 ? "" : "s",
		    units_size(size, total->end));
}

void maps_print(struct text *out, const struct layout_page *page,
		const struct layout *layout)
{
	struct maps m = { .page = page, .layout = layout };
	const struct mapping total = sum(layout);

	put_title(out, &m, &total);
	if (!layout->vma_count)
		return;
	text_init(&m.cell);
	table_init(&m.table, "lllrrlrrrll");
	add_header(&m);
	for (size_t i = 0; i < layout->vma_count; i++)
		add_row(&m, &layout->vmas[i]);
	add_total(&m, &total);
	table_print(&m.table, out);
	table_release(&m.table);
	text_release(&m.cell);
}
