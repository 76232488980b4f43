/*
 * CSV (RFC 4180, LF line ends): a header row, then one row an event. Columns are
 * only ever appended. An empty cell means: not known, or not applicable.
 */
#include "pfa/report/format.h"

#include <stdlib.h>
#include <string.h>

#include "pfa/base/mem.h"
#include "pfa/report/budgets.h"
#include "pfa/report/name_fields.h"
#include "pfa/report/naming.h"
#include "pfa/report/view.h"
#include "pfa/symbol/build_id.h"
#include "pfa/symbol/module.h"

static const char header[] =
	"ts_ns,event,pid,tid,comm,cpu,type,kind,addr,end,region,section,offset,"
	"latency_ns,ip,mode,access,page_size,phys,refault,prot,old_prot,"
	"old_start,old_end,detail,vmas_before,vmas_after,vma_count,mapped_bytes,"
	"change_ip,error,call,pages_given,fork,status,delay_ns,"
	"what,old,faults,major,changes,vmas_peak,mapped_peak,"
	"rss,rss_anon,rss_file,rss_shmem,swap,page_tables,heap,stack,rss_peak,"
	"code,symbol,symbol_offset,file,line,object,maker,frames,build_id\n";

/* One row before it is printed; NULL and false mean an empty cell. */
struct row {
	uint64_t time_ns;
	const char *event;
	const struct actor *actor;
	uint32_t cpu;
	const struct region *region;
	const struct fault *fault;
	const struct change *change;
	const struct drift *drift;
	const struct life *life;
	const struct memory_sample *memory;
	const char *detail;
	uint64_t detail_number;
	struct footprint vmas;
	uint64_t vma_count, mapped_bytes; /* of the address space; both 0: unknown */
	uint32_t fork;
};

static void comma(struct text *out)
{
	text_char(out, ',');
}

static void put_hex_if(struct text *out, bool known, uint64_t value)
{
	if (known)
		text_hex(out, value);
	comma(out);
}

static void put_dec_if(struct text *out, bool known, uint64_t value)
{
	if (known)
		text_dec(out, value);
	comma(out);
}

static void put_head(struct text *out, const struct line *line, const struct row *r)
{
	bool fixed = line->view->fixed_ts;
	const struct actor *a = r->actor;

	text_dec(out, line_time_ns(line, r->time_ns));
	comma(out);
	text_str(out, r->event);
	comma(out);
	put_dec_if(out, a, a ? (fixed ? a->serial : a->pid) : 0);
	put_dec_if(out, a, a ? (fixed ? a->thread_serial : a->tid) : 0);
	if (a)
		csv_put_quoted(out, a->comm);
	comma(out);
	put_dec_if(out, !fixed && !r->memory, r->cpu);
}

static void put_place(struct text *out, const struct row *r)
{
	const struct fault *f = r->fault;
	const struct change *c = r->change;
	const struct drift *d = r->drift;

	if (f)
		text_str(out, fault_type_name(f->type));
	comma(out);
	if (f)
		text_str(out, f->kind);
	comma(out);
	put_hex_if(out, f || c || d, f ? f->addr : c ? c->start : d ? d->start : 0);
	put_hex_if(out, c || d, c ? c->end : d ? d->end : 0);
	if (r->region)
		csv_put_quoted(out, r->region->object);
	comma(out);
	if (r->region)
		csv_put_quoted(out, r->region->section);
	comma(out);
	put_hex_if(out, f && f->in_file, f ? f->file_offset_bytes : 0);
}

static void put_fault_cells(struct text *out, const struct view *view,
			    const struct fault *f)
{
	bool fixed = view->fixed_ts;

	if (!f) {
		text_str(out, ",,,,,,,");
		return;
	}
	put_dec_if(out, f->latency_ns != LATENCY_UNKNOWN && !fixed, f->latency_ns);
	put_hex_if(out, f->ip, f->ip);
	text_str(out, f->kernel ? "kernel" : "user");
	comma(out);
	text_str(out, fault_access_name(f->access));
	comma(out);
	put_dec_if(out, f->page_size_bytes, f->page_size_bytes);
	put_hex_if(out, f->has_phys && f->phys && !fixed, f->phys);
	text_str(out, refault_name(f->refault));
	comma(out);
}

static void put_change_cells(struct text *out, const struct change *c)
{
	char prot[5];

	if (!c) {
		text_str(out, ",,,,");
		return;
	}
	if (!c->error)
		text_str(out, prot_text(prot, c->prot, c->shared));
	comma(out);
	if (c->kind == CHANGE_PERM_CHANGE)
		text_str(out, prot_text(prot, c->old_prot, c->shared));
	comma(out);
	put_hex_if(out, c->old_end, c->old_start);
	put_hex_if(out, c->old_end, c->old_end);
}

static void put_detail(struct text *out, const struct row *r)
{
	if (r->detail)
		csv_put_quoted(out, r->detail);
	else if (r->detail_number)
		text_dec(out, r->detail_number);
	comma(out);
}

static void put_space_cells(struct text *out, const struct row *r)
{
	bool vmas_known = footprint_is_known(&r->vmas);
	bool size_known = r->vma_count || r->mapped_bytes;

	put_dec_if(out, vmas_known, r->vmas.before);
	put_dec_if(out, vmas_known, r->vmas.after);
	put_dec_if(out, size_known && !r->memory, r->vma_count);
	put_dec_if(out, size_known, r->mapped_bytes);
}

static void put_call_cells(struct text *out, const struct change *c)
{
	if (!c) {
		text_str(out, ",,,,");
		return;
	}
	put_hex_if(out, c->ip, c->ip);
	if (c->error)
		put_error_name(out, c->error);
	comma(out);
	if (c->call)
		text_str(out, c->call);
	comma(out);
	put_dec_if(out, c->pages_given || c->giver, c->pages_given);
}

static void put_status(struct text *out, const struct life *l)
{
	if (l && l->ending == ENDED_STATUS)
		text_dec(out, (uint64_t)l->status);
	if (l && l->ending == ENDED_SIGNAL)
		put_signal_name(out, l->status);
	if (l && l->ending == ENDED_KILLED)
		text_str(out, "killed");
	comma(out);
}

/* How long the event took from the kernel to here. */
static void put_delay(struct text *out, const struct view *view, uint64_t time_ns)
{
	uint64_t now_ns;

	now_ns = view->now_ns && time_ns ? view->now_ns() : 0;
	put_dec_if(out, now_ns, now_ns > time_ns ? now_ns - time_ns : 0);
}

static void put_totals(struct text *out, const struct totals *t)
{
	if (!t) {
		text_str(out, ",,,,,");
		return;
	}
	put_dec_if(out, true, totals_all_faults(t));
	put_dec_if(out, true, t->faults[FAULT_MAJOR]);
	put_dec_if(out, true, totals_all_changes(t));
	put_dec_if(out, true, t->vma_peak);
	put_dec_if(out, true, t->size_peak_bytes);
}

static void put_life_cells(struct text *out, const struct life *l)
{
	if (l && l->kind != LIFE_EXEC_REBUILD)
		text_str(out, life_what(l));
	comma(out);
	if (l && l->old_image)
		csv_put_quoted(out, l->old_image);
	comma(out);
}

/* At exit the kernel tells the peaks only. */
static void put_sizes(struct text *out, const struct memory_sample *s)
{
	if (s->reason == SAMPLE_exit) {
		text_str(out, ",,,,,,");
		return;
	}
	put_dec_if(out, true, memory_rss_bytes(s));
	put_dec_if(out, true, s->anon_bytes);
	put_dec_if(out, true, s->file_bytes);
	put_dec_if(out, true, s->shmem_bytes);
	put_dec_if(out, true, s->swap_bytes);
	put_dec_if(out, true, s->table_bytes);
}

static void put_memory_cells(struct text *out, const struct memory_sample *s)
{
	if (!s) {
		text_str(out, ",,,,,,,,,");
		return;
	}
	put_sizes(out, s);
	put_dec_if(out, true, s->heap_bytes);
	put_dec_if(out, true, s->stack_bytes);
	put_dec_if(out, true, s->rss_peak_bytes);
}

/* The peak of what is mapped both an end and a sample have. */
static void put_peak_cells(struct text *out, const struct row *r)
{
	if (r->memory) {
		text_str(out, ",,,,");
		put_dec_if(out, true, r->memory->size_peak_bytes);
	} else {
		put_totals(out, r->life ? r->life->totals : NULL);
	}
	put_memory_cells(out, r->memory);
}

/* The line of the innermost function. */
static void put_line(struct text *out, const struct code_name *name)
{
	const struct source_frame *frame = name->line_count ? &name->lines[0] : NULL;

	if (frame && frame->file)
		csv_put_quoted(out, frame->file);
	comma(out);
	put_dec_if(out, frame && frame->line, frame ? frame->line : 0);
}

static void put_code(struct text *out, struct naming *naming, const struct code *code,
		     uint64_t time_ns)
{
	const struct code_name *name;

	if (!code) {
		text_str(out, ",,,,,");
		return;
	}
	name = naming_lines(naming, code, CODE_ITSELF, time_ns);
	csv_put_quoted(out, code->text);
	comma(out);
	if (name->function->known)
		csv_put_quoted(out, name->function->name);
	comma(out);
	put_hex_if(out, name->function->known, name->offset);
	put_line(out, name);
}

/* What was put from there on is a cell. */
static void quote_from(struct text *out, size_t start)
{
	char *cell;

	if (!strpbrk(text_cstr(out) + start, ",\"\n\r"))
		return;
	cell = pfa_strdup(text_cstr(out) + start);
	out->length = start;
	csv_put_quoted(out, cell);
	free(cell);
}

static void put_touched(struct text *out, const struct line *line, const struct fault *f)
{
	const size_t start = out->length;

	if (f && naming_put_touched(line->naming, f, line->view->fixed_ts, out))
		quote_from(out, start);
	comma(out);
}

static void put_maker(struct text *out, struct naming *naming, const struct row *r)
{
	const struct origin *o = r->fault ? r->fault->origin : NULL;
	const struct code_name *maker = NULL;

	if (o)
		maker = naming_maker(naming, o->stack, o->code, o->time_ns);
	if (r->change)
		maker = naming_maker(naming, r->change->stack, r->change->code,
				     r->time_ns);
	if (maker)
		csv_put_quoted(out, maker->function->name);
	comma(out);
}

/* The last cells. */
static void put_names(struct text *out, const struct line *line, const struct row *r)
{
	const struct fault *f = r->fault;
	const struct change *c = r->change;
	const struct stack *stack = f ? f->stack : c ? c->stack : NULL;
	const struct code *code = f ? f->code : c ? c->code : NULL;
	char id[BUILD_ID_TEXT_MAX];
	size_t start;

	put_code(out, line->naming, code, r->time_ns);
	put_touched(out, line, f);
	put_maker(out, line->naming, r);
	start = out->length;
	if (stack)
		put_stack(out, line->naming, stack, r->time_ns);
	quote_from(out, start);
	comma(out);
	if (code_build_id(code))
		text_str(out, build_id_text(code_build_id(code), id));
}

static void put_row(struct text *out, const struct line *line, const struct row *r)
{
	put_head(out, line, r);
	put_place(out, r);
	put_fault_cells(out, line->view, r->fault);
	put_change_cells(out, r->change);
	put_detail(out, r);
	put_space_cells(out, r);
	put_call_cells(out, r->change);
	put_dec_if(out, r->fork, r->fork);
	put_status(out, r->life);
	put_delay(out, line->view, r->time_ns);
	put_life_cells(out, r->life);
	put_peak_cells(out, r);
	put_names(out, line, r);
	text_char(out, '\n');
}

static void csv_begin(struct text *out)
{
	text_str(out, header);
}

static void csv_fault(struct text *out, const struct line *line,
		      const struct fault *f)
{
	const struct row row = { .time_ns = f->time_ns, .event = "fault",
				 .actor = &f->actor, .cpu = f->cpu,
				 .region = f->region, .fault = f,
				 .fork = f->fork };

	put_row(out, line, &row);
}

static void csv_change(struct text *out, const struct line *line,
		       const struct change *c)
{
	const struct row row = { .time_ns = c->time_ns,
				 .event = c->error ? "FAILED"
						   : change_kind_name(c->kind),
				 .actor = &c->actor, .cpu = c->cpu,
				 .region = c->region, .change = c,
				 .detail = c->advice, .vmas = c->vmas,
				 .vma_count = c->vma_count,
				 .mapped_bytes = c->mapped_bytes };

	put_row(out, line, &row);
}

static void csv_life(struct text *out, const struct line *line,
		     const struct life *l)
{
	bool fixed = line->view->fixed_ts;
	struct row row = { .time_ns = l->time_ns, .event = life_kind_name(l->kind),
			   .actor = &l->actor, .cpu = l->cpu, .life = l,
			   .vmas = { (uint32_t)l->vmas_dropped,
				     (uint32_t)l->vmas_made },
			   .fork = l->fork };

	if (l->kind == LIFE_FORK && l->thread)
		row.detail_number = fixed ? l->child.thread_serial : l->child.tid;
	else if (l->kind == LIFE_FORK)
		row.detail_number = fixed ? l->child.serial : l->child.pid;
	if (l->kind == LIFE_EXEC_REBUILD) {
		row.detail = l->image;
		row.vma_count = l->vmas_made;
		row.mapped_bytes = l->mapped_bytes;
	}
	if (l->totals) {
		row.vma_count = l->totals->vma_count;
		row.mapped_bytes = l->totals->size_bytes;
	}
	put_row(out, line, &row);
}

static void csv_loss(struct text *out, const struct line *line,
		     const struct loss *loss)
{
	const struct row row = { .time_ns = loss->time_ns, .event = "LOST",
				 .cpu = loss->cpu, .detail_number = loss->count };

	put_row(out, line, &row);
}

/* The detail is what each had there: "nothing, mapped rw-p anon". */
static void csv_drift(struct text *out, const struct line *line, const struct drift *d)
{
	struct row row = { .time_ns = d->time_ns, .event = "DRIFT", .actor = &d->actor,
			   .drift = d };
	struct text detail;

	text_init(&detail);
	text_printf(&detail, "%s, mapped %s", d->modelled, d->mapped);
	row.detail = text_cstr(&detail);
	put_row(out, line, &row);
	text_release(&detail);
}

/* The detail is the expression and its figure: "faults/s>1000: 1001/s". */
static void csv_alert(struct text *out, const struct line *line, const struct alert *a)
{
	struct row row = { .time_ns = a->time_ns, .event = "ALERT", .actor = a->actor };
	struct text detail;

	text_init(&detail);
	text_str(&detail, a->budget->text);
	if (!line->view->fixed_ts || !budget_is_timed(a->budget)) {
		text_str(&detail, ": ");
		budget_put_figure(&detail, a->budget, a->figure);
	}
	row.detail = text_cstr(&detail);
	put_row(out, line, &row);
	text_release(&detail);
}

static void csv_memory(struct text *out, const struct line *line,
		       const struct memory_sample *s)
{
	const struct row row = { .time_ns = s->time_ns, .event = "MEMORY",
				 .actor = &s->actor, .memory = s,
				 .detail = sample_reason_name(s->reason),
				 .mapped_bytes = s->size_bytes };

	put_row(out, line, &row);
}

const struct output_format csv_format = {
	.name = "csv",
	.begin = csv_begin,
	.fault = csv_fault,
	.change = csv_change,
	.life = csv_life,
	.loss = csv_loss,
	.drift = csv_drift,
	.alert = csv_alert,
	.memory = csv_memory,
};
