/* The stream: [ts] TYPE ADDR REGION [LATENCY] [key=value ...] */
#include "pfa/report/format.h"

#include "pfa/base/units.h"
#include "pfa/model/classify.h"
#include "pfa/report/budgets.h"
#include "pfa/report/name_fields.h"
#include "pfa/report/view.h"

static void put_time(struct text *out, const struct line *line, uint64_t time_ns)
{
	uint64_t t = line_time_ns(line, time_ns);

	text_char(out, '[');
	if (line->view->fixed_ts) {
		text_dec_padded(out, t / 1000, 6);
		text_char(out, '.');
		text_dec_padded(out, t % 1000, 3);
	} else {
		text_dec_padded(out, t / 1000000000, 6);
		text_char(out, '.');
		text_dec_padded(out, t / 1000 % 1000000, 6);
	}
	text_bytes(out, "] ", 2);
}

static void put_word(struct text *out, const struct line *line, const char *color,
		     const char *word)
{
	if (line->view->color && color)
		text_str(out, color);
	text_str(out, word);
	if (line->view->color && color)
		text_str(out, "\033[0m");
}

/* Keys come with their blank and sign: " pid=". */
static void put_task(struct text *out, const struct line *line, const char *key,
		     char letter, uint32_t serial, uint32_t id)
{
	text_str(out, key);
	put_task_name(out, line->view, letter, serial, id);
}

static void put_actor(struct text *out, const struct line *line,
		      const struct actor *actor)
{
	if (line->several || view_has_field(line->view, FIELD_pid))
		put_task(out, line, " pid=", 'P', actor->serial, actor->pid);
	if (view_has_field(line->view, FIELD_tid))
		put_task(out, line, " tid=", 'T', actor->thread_serial, actor->tid);
	if (view_has_field(line->view, FIELD_comm)) {
		text_str(out, " comm=");
		text_escaped(out, actor->comm);
	}
}

static void put_latency(struct text *out, const struct view *view,
			const struct fault *f)
{
	char buf[UNITS_MAX];

	if (f->latency_ns == LATENCY_UNKNOWN || !view_has_field(view, FIELD_latency))
		return;
	if (view->fixed_ts && !view->fields_chosen)
		return;
	text_char(out, ' ');
	text_str(out, units_time(buf, f->latency_ns));
}

static void put_hex_key(struct text *out, const char *key, uint64_t value)
{
	text_str(out, key);
	text_hex(out, value);
}

static void put_dec_key(struct text *out, const char *key, uint64_t value)
{
	text_str(out, key);
	text_dec(out, value);
}

static void put_size_key(struct text *out, const char *key, uint64_t size_bytes)
{
	char buf[UNITS_MAX];

	text_str(out, key);
	text_str(out, units_size(buf, size_bytes));
}

static void put_fault_keys(struct text *out, const struct view *view,
			   const struct fault *f)
{
	if (view_has_field(view, FIELD_cpu))
		put_dec_key(out, " cpu=", f->cpu);
	if (f->kind != fault_kind_unknown && view_has_field(view, FIELD_kind)) {
		text_str(out, " kind=");
		text_str(out, f->kind);
	}
	if (f->kernel && view_has_field(view, FIELD_mode))
		text_str(out, " mode=kernel");
	if (f->access && view_has_field(view, FIELD_access)) {
		text_str(out, " access=");
		text_str(out, fault_access_name(f->access));
	}
	if (f->refault && view_has_field(view, FIELD_refault)) {
		text_str(out, " refault=");
		text_str(out, refault_name(f->refault));
	}
	if (f->in_file && view_has_field(view, FIELD_offset))
		put_hex_key(out, " offset=", f->file_offset_bytes);
	if (view_has_field(view, FIELD_ip))
		put_hex_key(out, " ip=", f->ip);
	if (f->page_size_bytes && view_has_field(view, FIELD_page_size))
		put_size_key(out, " page_size=", f->page_size_bytes);
	if (f->has_phys && f->phys && view_has_field(view, FIELD_phys))
		put_hex_key(out, " phys=", f->phys);
}

static void text_fault(struct text *out, const struct line *line,
		       const struct fault *f)
{
	static const char *const colors[FAULT_TYPE_COUNT] = {
		[FAULT_MAJOR] = "\033[31m",
		[FAULT_COW] = "\033[33m",
		[FAULT_INVALID] = "\033[35m",
	};

	put_time(out, line, f->time_ns);
	put_word(out, line, colors[f->type], fault_type_name(f->type));
	text_char(out, ' ');
	text_hex(out, f->addr);
	text_char(out, ' ');
	text_str(out, f->region->text);
	put_latency(out, line->view, f);
	put_actor(out, line, &f->actor);
	put_fault_keys(out, line->view, f);
	put_fault_names(out, line, f);
	text_char(out, '\n');
}

static void put_range(struct text *out, uint64_t start, uint64_t end)
{
	text_hex(out, start);
	text_char(out, '-');
	text_hex(out, end);
}

/* What nearly every change of its kind does to VMAs is not worth a word. */
static bool footprint_is_usual(const struct change *c)
{
	const uint32_t before = c->vmas.before, after = c->vmas.after;

	switch (c->kind) {
	case CHANGE_MMAP_ADD:
		return !before && after == 1;
	case CHANGE_MUNMAP_REMOVE:
		return before == 1 && !after;
	case CHANGE_BRK_GROW: /* the heap comes into being, or gets larger */
		return before <= 1 && after == 1;
	default:
		return before == 1 && after == 1;
	}
}

static void put_footprint(struct text *out, const struct footprint *vmas)
{
	put_dec_key(out, " vmas=", vmas->before);
	text_str(out, "->");
	text_dec(out, vmas->after);
}

static void put_change_details(struct text *out, const struct change *c)
{
	char old_prot[5];

	if (c->kind == CHANGE_PERM_CHANGE) {
		text_str(out, " from=");
		text_str(out, prot_text(old_prot, c->old_prot, c->shared));
	}
	if (c->advice) {
		text_str(out, " advice=");
		text_str(out, c->advice);
	}
	if (c->old_end) {
		text_str(out, " from=");
		put_range(out, c->old_start, c->old_end);
	}
	if (footprint_is_known(&c->vmas) && !footprint_is_usual(c))
		put_footprint(out, &c->vmas);
}

static void put_failed(struct text *out, const struct line *line,
		       const struct change *c)
{
	char size[UNITS_MAX];

	put_word(out, line, "\033[35m", "FAILED");
	text_char(out, ' ');
	put_range(out, c->start, c->end);
	text_char(out, ' ');
	text_str(out, c->call);
	text_char(out, ' ');
	text_str(out, units_size(size, c->end - c->start));
	put_actor(out, line, &c->actor);
	text_str(out, " error=");
	put_error_name(out, c->error);
	put_change_names(out, line, c);
	text_char(out, '\n');
}

static void put_change(struct text *out, const struct line *line,
		       const struct change *c)
{
	char prot[5], size[UNITS_MAX];

	put_word(out, line, "\033[36m", change_kind_name(c->kind));
	text_char(out, ' ');
	put_range(out, c->start, c->end);
	text_char(out, ' ');
	text_str(out, prot_text(prot, c->prot, c->shared));
	text_char(out, ' ');
	text_str(out, c->region->text);
	text_char(out, ' ');
	text_str(out, units_size(size, c->end - c->start));
	put_actor(out, line, &c->actor);
	put_change_details(out, c);
	put_change_names(out, line, c);
	text_char(out, '\n');
}

static void text_change(struct text *out, const struct line *line,
			const struct change *c)
{
	put_time(out, line, c->time_ns);
	if (c->error)
		put_failed(out, line, c);
	else
		put_change(out, line, c);
}

static void put_fork(struct text *out, const struct line *line, const struct life *l)
{
	put_task(out, line, " child=", l->thread ? 'T' : 'P',
		 l->thread ? l->child.thread_serial : l->child.serial, l->child.tid);
	text_str(out, " what=");
	text_str(out, life_what(l));
	if (l->fork)
		put_dec_key(out, " fork=", l->fork);
}

static void put_exec(struct text *out, const struct life *l)
{
	const struct footprint vmas = { (uint32_t)l->vmas_dropped,
					(uint32_t)l->vmas_made };

	text_str(out, " image=");
	text_escaped(out, l->image);
	if (l->old_image && *l->old_image) {
		text_str(out, " old=");
		text_escaped(out, l->old_image);
	}
	if (footprint_is_known(&vmas))
		put_footprint(out, &vmas);
}

static void put_ending(struct text *out, const struct life *l)
{
	if (l->ending == ENDED_STATUS)
		put_dec_key(out, " status=", (uint64_t)l->status);
	if (l->ending == ENDED_SIGNAL) {
		text_str(out, " signal=");
		put_signal_name(out, l->status);
	}
	if (l->ending == ENDED_KILLED)
		text_str(out, " killed");
}

static void put_totals(struct text *out, const struct totals *t)
{
	put_dec_key(out, " faults=", totals_all_faults(t));
	put_dec_key(out, " major=", t->faults[FAULT_MAJOR]);
	put_dec_key(out, " changes=", totals_all_changes(t));
	put_dec_key(out, " vmas_peak=", t->vma_peak);
	put_size_key(out, " mapped_peak=", t->size_peak_bytes);
}

static void put_life_details(struct text *out, const struct line *line,
			     const struct life *l)
{
	if (l->kind == LIFE_FORK)
		put_fork(out, line, l);
	if (l->kind == LIFE_EXEC_REBUILD)
		put_exec(out, l);
	if (l->kind != LIFE_EXIT)
		return;
	text_str(out, " what=");
	text_str(out, life_what(l));
	put_ending(out, l);
	if (l->totals)
		put_totals(out, l->totals);
}

static void text_life(struct text *out, const struct line *line,
		      const struct life *l)
{
	put_time(out, line, l->time_ns);
	put_word(out, line, "\033[32m", life_kind_name(l->kind));
	put_task(out, line, " pid=", 'P', l->actor.serial, l->actor.pid);
	put_task(out, line, " tid=", 'T', l->actor.thread_serial, l->actor.tid);
	text_str(out, " comm=");
	text_escaped(out, l->actor.comm);
	put_life_details(out, line, l);
	text_char(out, '\n');
}

static void text_loss(struct text *out, const struct line *line,
		      const struct loss *loss)
{
	put_time(out, line, loss->time_ns);
	put_word(out, line, "\033[31;1m", "LOST");
	text_char(out, ' ');
	if (loss->count)
		text_dec(out, loss->count);
	else
		text_str(out, "some");
	put_dec_key(out, " cpu=", loss->cpu);
	text_char(out, '\n');
}

static void text_drift(struct text *out, const struct line *line,
		       const struct drift *d)
{
	put_time(out, line, d->time_ns);
	put_word(out, line, "\033[31;1m", "DRIFT");
	text_char(out, ' ');
	put_range(out, d->start, d->end);
	put_actor(out, line, &d->actor);
	text_str(out, " modelled=\"");
	text_escaped(out, d->modelled);
	text_str(out, "\" mapped=\"");
	text_escaped(out, d->mapped);
	text_str(out, "\" ranges=");
	text_dec(out, d->ranges);
	text_char(out, '\n');
}

static void text_alert(struct text *out, const struct line *line,
		       const struct alert *a)
{
	put_time(out, line, a->time_ns);
	put_word(out, line, "\033[31;1m", "ALERT");
	text_char(out, ' ');
	text_escaped(out, a->budget->text);
	if (!line->view->fixed_ts || !budget_is_timed(a->budget)) {
		text_str(out, " figure=");
		budget_put_figure(out, a->budget, a->figure);
	}
	if (a->actor)
		put_actor(out, line, a->actor);
	text_char(out, '\n');
}

/* The peaks alone are what is known of the end. */
static void put_sizes(struct text *out, const struct memory_sample *s)
{
	if (s->reason == SAMPLE_exit)
		return;
	put_size_key(out, " size=", s->size_bytes);
	put_size_key(out, " rss=", memory_rss_bytes(s));
	put_size_key(out, " anon=", s->anon_bytes);
	put_size_key(out, " file=", s->file_bytes);
	put_size_key(out, " shmem=", s->shmem_bytes);
	put_size_key(out, " swap=", s->swap_bytes);
	put_size_key(out, " page_tables=", s->table_bytes);
}

static void text_memory(struct text *out, const struct line *line,
			const struct memory_sample *s)
{
	put_time(out, line, s->time_ns);
	put_word(out, line, "\033[35m", "MEMORY");
	put_task(out, line, " pid=", 'P', s->actor.serial, s->actor.pid);
	text_str(out, " at=");
	text_str(out, sample_reason_name(s->reason));
	put_sizes(out, s);
	put_size_key(out, " heap=", s->heap_bytes);
	put_size_key(out, " stack=", s->stack_bytes);
	put_size_key(out, " size_peak=", s->size_peak_bytes);
	put_size_key(out, " rss_peak=", s->rss_peak_bytes);
	text_char(out, '\n');
}

const struct output_format text_format = {
	.name = "text",
	.fault = text_fault,
	.change = text_change,
	.life = text_life,
	.loss = text_loss,
	.drift = text_drift,
	.alert = text_alert,
	.memory = text_memory,
};
