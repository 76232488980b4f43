#include "pfa/report/map_processes.h"

#include "pfa/pages/process.h"
#include "pfa/report/map_table.h"

static void add_sizes(struct map_processes *p, uint64_t size_kb, const struct smaps *s)
{
	table_count_cell(&p->table, size_kb);
	table_count_cell(&p->table, s->rss);
	table_count_cell(&p->table, s->pss);
	table_count_cell(&p->table, s->private_clean + s->private_dirty);
	table_count_cell(&p->table, s->shared_clean + s->shared_dirty);
	table_count_cell(&p->table, s->swap);
}

void map_processes_init(struct map_processes *p)
{
	static const char *const header[] = { "pid", "VMAs", "size", "rss", "pss",
					      "private", "shared", "swap", "process" };

	*p = (struct map_processes){ .count = 0 };
	text_init(&p->cell);
	table_init(&p->table, "rrrrrrrrl");
	for (size_t i = 0; i < sizeof(header) / sizeof(header[0]); i++)
		table_cell(&p->table, header[i]);
}

void map_processes_release(struct map_processes *p)
{
	table_release(&p->table);
	text_release(&p->cell);
}

void map_processes_add(struct map_processes *p, const struct map_selection *s)
{
	const struct map_process *process = s->process;

	table_count_cell(&p->table, (unsigned long long)process->pid);
	table_count_cell(&p->table, s->count);
	add_sizes(p, s->size_kb, &s->sum);
	text_clear(&p->cell);
	text_spaces(&p->cell, 2 * (size_t)process->depth);
	text_escaped(&p->cell, process->comm);
	table_cell(&p->table, text_cstr(&p->cell));
	p->size_kb += s->size_kb;
	smaps_add(&p->sum, &s->sum);
	p->count++;
}

void map_processes_print(struct text *out, struct map_processes *p)
{
	if (p->count < 2)
		return;
	table_cell(&p->table, "total");
	table_cell(&p->table, "");
	add_sizes(p, p->size_kb, &p->sum);
	table_cell(&p->table, "");
	text_printf(out, "\n%zu processes, in kB (pss adds up; size, rss and shared count "
		    "again what they share)\n", p->count);
	table_print(&p->table, out);
}
