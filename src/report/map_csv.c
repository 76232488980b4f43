#include "pfa/report/map_csv.h"

#include "pfa/base/text.h"
#include "pfa/pages/page_run.h"
#include "pfa/pages/process.h"
#include "pfa/report/format.h"
#include "pfa/report/map_columns.h"
#include "pfa/report/map_pages.h"
#include "pfa/report/map_table.h"

static const char page_header[] =
	"pid,comm,start,end,pages,state,kind,mapped,maps_min,maps_max,phys,extents,flags,"
	"class,name\n";

void map_csv_put_header(struct text *out, bool pages)
{
	if (pages) {
		text_str(out, page_header);
		return;
	}
	text_str(out, "pid,comm,start,end");
	for (size_t i = MAP_COLUMN_RANGE + 1; i < MAP_COLUMNS; i++) {
		text_char(out, ',');
		text_str(out, map_columns[i].name);
		text_str(out, map_columns[i].kb ? "_kb" : "");
	}
	text_char(out, '\n');
}

static void put_process(struct text *out, const struct map_process *process)
{
	text_dec(out, (uint64_t)process->pid);
	text_char(out, ',');
	csv_put_quoted(out, process->comm);
	text_char(out, ',');
}

static void put_range(struct text *out, uint64_t start, uint64_t end)
{
	text_hex(out, start);
	text_char(out, ',');
	text_hex(out, end);
}

static void put_cell(struct text *out, struct text *cell, const struct map_column *column,
		     const struct map_vma *vma)
{
	text_char(out, ',');
	if (column->kb) {
		text_dec(out, column->kb(map_vma_kb(vma), &vma->smaps));
		return;
	}
	text_clear(cell);
	column->put(cell, vma);
	csv_put_quoted(out, text_cstr(cell));
}

void map_csv_put_vmas(struct text *out, const struct map_selection *s)
{
	struct text cell;

	text_init(&cell);
	for (size_t i = 0; i < s->shown; i++) {
		const struct map_vma *vma = s->vmas[i];

		put_process(out, s->process);
		put_range(out, vma->start, vma->end);
		for (size_t k = MAP_COLUMN_RANGE + 1; k < MAP_COLUMNS; k++)
			put_cell(out, &cell, &map_columns[k], vma);
		text_char(out, '\n');
	}
	text_release(&cell);
}

static void put_known(struct text *out, uint64_t value, bool hex)
{
	if (value && hex)
		text_hex(out, value);
	else if (value)
		text_dec(out, value);
	text_char(out, ',');
}

static void put_memory(struct text *out, const struct page_run *run)
{
	bool in_ram = run->state == PAGE_IN_RAM;
	struct text flags;

	text_str(out, map_page_kind(run));
	text_char(out, ',');
	text_str(out, map_page_sharing(run));
	text_char(out, ',');
	put_known(out, run->maps_min, false);
	put_known(out, run->maps_max, false);
	put_known(out, run->phys, true);
	put_known(out, in_ram && run->phys ? run->extents : 0, false);
	text_init(&flags);
	page_put_flags(&flags, run);
	csv_put_quoted(out, text_cstr(&flags));
	text_release(&flags);
}

void map_csv_put_run(struct text *out, const struct map_process *process,
		     const struct map_vma *vma, const struct page_run *run)
{
	put_process(out, process);
	put_range(out, run->start, run->end);
	text_char(out, ',');
	text_dec(out, (run->end - run->start) / PAGE_BYTES);
	text_char(out, ',');
	text_str(out, map_page_state(run));
	text_char(out, ',');
	put_memory(out, run);
	text_char(out, ',');
	text_str(out, vma->class);
	text_char(out, ',');
	csv_put_quoted(out, vma->region->text);
	text_char(out, '\n');
}
