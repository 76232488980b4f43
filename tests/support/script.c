#include "script.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pfa/base/intern.h"
#include "pfa/base/mem.h"
#include "pfa/base/text.h"
#include "pfa/decode/event.h"
#include "words.h"

/* ---- faults ---- */

static uint32_t take_access(struct words *w)
{
	if (words_flag(w, "w"))
		return FAULT_WRITE;
	if (words_flag(w, "x"))
		return FAULT_EXEC;
	if (!words_flag(w, "r"))
		words_complain(w, "r, w or x wanted, not", words_take(w));
	return 0;
}

static void parse_begin(struct words *w, struct event *e)
{
	e->begin.addr = words_number(w);
	e->begin.error_code = take_access(w);
	if (words_flag(w, "present"))
		e->begin.error_code |= FAULT_PRESENT;
	e->begin.kernel = words_flag(w, "kernel");
	if (!e->begin.kernel)
		e->begin.error_code |= FAULT_USER;
	e->begin.ip = words_number_of(w, "ip=", 0);
}

static void parse_end(struct words *w, struct event *e)
{
	e->end.major = words_flag(w, "major");
	if (!e->end.major && !words_flag(w, "minor"))
		words_complain(w, "major or minor wanted, not", words_take(w));
	e->end.has_addr = !words_flag(w, "-");
	if (e->end.has_addr)
		e->end.addr = words_number(w);
	e->end.kernel = words_flag(w, "kernel");
	e->end.page_size = words_number_of(w, "size=", 0);
	e->end.has_phys = words_key(w, "phys=");
	if (e->end.has_phys)
		e->end.phys = words_number(w);
	e->end.ip = words_number_of(w, "ip=", 0);
}

static void parse_signal(struct words *w, struct event *e)
{
	e->signal.signal = (int)words_number(w);
	words_need_key(w, "code=");
	e->signal.code = (int)words_number(w);
	e->signal.target = (uint32_t)words_number_of(w, "target=", e->tid);
}

static void parse_exit_call(struct words *w, struct event *e)
{
	e->exit_call.status = (int)words_number(w);
}

static void parse_death(struct words *w, struct event *e)
{
	e->death.signal = (int)words_number(w);
}

/* ---- address spaces ---- */

static enum mm_call take_call(struct words *w)
{
	const char *name = words_take(w);

	for (int call = 0; call < MM_CALL_COUNT; call++)
		if (!strcmp(mm_call_name((enum mm_call)call), name))
			return (enum mm_call)call;
	words_complain(w, "unknown call", name);
	return MM_CALL_mmap;
}

static void parse_call(struct words *w, struct event *e)
{
	e->call_begin.call = take_call(w);
	e->call_begin.ip = words_number_of(w, "ip=", 0);
	for (int i = 0; i < MM_CALL_ARGS && !words_end(w); i++)
		e->call_begin.args[i] = words_number(w);
}

static void parse_ret(struct words *w, struct event *e)
{
	e->call_end.call = take_call(w);
	e->call_end.result = (int64_t)words_number(w);
}

/* rw-p, as in /proc/PID/maps. */
static void take_prot(struct words *w, uint32_t *prot, uint32_t *flags)
{
	static const char wanted[] = "rwx";
	const char *word = words_take(w);

	if (strlen(word) != 4 || !strchr("ps", word[3])) {
		words_complain(w, "not a protection:", word);
		return;
	}
	for (int i = 0; i < 3; i++) {
		if (word[i] == wanted[i])
			*prot |= (uint32_t)PROT_READ << i;
		else if (word[i] != '-')
			words_complain(w, "not a protection:", word);
	}
	*flags |= word[3] == 's' ? MAP_SHARED : MAP_PRIVATE;
}

static void take_device(struct words *w, uint32_t *dev_major, uint32_t *dev_minor)
{
	uint64_t high = 0, low = 0;

	words_pair(w, ':', &high, &low);
	*dev_major = (uint32_t)high;
	*dev_minor = (uint32_t)low;
}

static void parse_mmap(struct words *w, struct event *e)
{
	uint64_t end = 0;

	words_pair(w, '-', &e->mmap.start, &end);
	e->mmap.length = end - e->mmap.start;
	take_prot(w, &e->mmap.prot, &e->mmap.flags);
	e->mmap.has_attr = true;
	e->mmap.pgoff_bytes = words_number_of(w, "off=", 0);
	if (words_key(w, "dev="))
		take_device(w, &e->mmap.dev_major, &e->mmap.dev_minor);
	e->mmap.inode = words_number_of(w, "ino=", 0);
	e->mmap.flags |= (uint32_t)words_number_of(w, "flags=", 0);
	e->mmap.name = words_rest(w);
}

/* ---- lives ---- */

static void parse_task_new(struct words *w, struct event *e)
{
	words_need_key(w, "child=");
	e->task_new.child = (uint32_t)words_number(w);
	words_need_key(w, "flags=");
	e->task_new.clone_flags = words_number(w);
}

static void parse_fork(struct words *w, struct event *e)
{
	e->fork.parent_pid = e->pid;
	e->fork.parent_tid = e->tid;
	words_need_key(w, "child=");
	words_task(w, &e->fork.child_pid, &e->fork.child_tid);
	e->fork.fresh = words_flag(w, "fresh");
}

static void parse_comm(struct words *w, struct event *e)
{
	e->comm.comm = intern_text(w->strings, words_take(w));
	e->comm.exec = words_flag(w, "exec");
}

static void parse_exec(struct words *w, struct event *e)
{
	e->exec.filename = words_rest(w);
	e->exec.old_tid = e->tid;
}

static void parse_nothing(struct words *w, struct event *e)
{
	(void)w, (void)e;
}

/* ---- losses and notes ---- */

static void parse_lost(struct words *w, struct event *e)
{
	e->lost.count = words_number(w);
}

static void set_note(struct event *e, const char *interned)
{
	e->note.bytes = interned;
	e->note.length = strlen(interned);
}

static void parse_note(struct words *w, struct event *e)
{
	set_note(e, words_rest(w));
}

/* The note that model.c takes ELF layouts from; its lines are added as they come. */
static void parse_object(struct words *w, struct event *e)
{
	uint32_t dev_major = 0, dev_minor = 0;
	uint64_t inode;
	const char *path;
	struct text note;

	words_need_key(w, "dev=");
	take_device(w, &dev_major, &dev_minor);
	words_need_key(w, "ino=");
	inode = words_number(w);
	path = words_rest(w);
	text_init(&note);
	text_printf(&note, "object %u:%u %llu/0 %zu %s\n", dev_major, dev_minor,
		    (unsigned long long)inode, strlen(path), path);
	set_note(e, intern_text(w->strings, text_cstr(&note)));
	text_release(&note);
}

/* One part, as source/reread.c writes it; the lines of maps follow. */
static void parse_maps(struct words *w, struct event *e)
{
	struct text note;

	words_need_key(w, "begin=");
	text_init(&note);
	text_printf(&note, "maps begin=%llu part=1 of=1\n",
		    (unsigned long long)words_number(w));
	set_note(e, intern_text(w->strings, text_cstr(&note)));
	text_release(&note);
}

/* An indented line: more of the note above it. */
static void parse_more(struct script *s, struct words *w)
{
	struct event *e = s->count ? &s->events[s->count - 1] : NULL;
	struct text note;

	if (!e || e->kind != EVENT_NOTE) {
		words_complain(w, "no object or maps that this belongs to:", w->at);
		return;
	}
	text_init(&note);
	text_str(&note, e->note.bytes);
	text_str(&note, words_rest(w));
	text_char(&note, '\n');
	set_note(e, intern_text(s->strings, text_cstr(&note)));
	text_release(&note);
}

/* ---- lines ---- */

static const struct row {
	const char *name;
	enum event_kind kind;
	void (*parse)(struct words *w, struct event *e);
} rows[] = {
	{ "begin", EVENT_FAULT_BEGIN, parse_begin },
	{ "end", EVENT_FAULT_END, parse_end },
	{ "call", EVENT_CALL_BEGIN, parse_call },
	{ "ret", EVENT_CALL_END, parse_ret },
	{ "task_new", EVENT_TASK_NEW, parse_task_new },
	{ "fork", EVENT_FORK, parse_fork },
	{ "comm", EVENT_COMM, parse_comm },
	{ "mmap", EVENT_MMAP, parse_mmap },
	{ "exec", EVENT_EXEC, parse_exec },
	{ "exit", EVENT_EXIT, parse_nothing },
	{ "group_exit", EVENT_GROUP_EXIT, parse_nothing },
	{ "signal", EVENT_SIGNAL, parse_signal },
	{ "exit_call", EVENT_EXIT_CALL, parse_exit_call },
	{ "death", EVENT_DEATH, parse_death },
	{ "lost", EVENT_LOST, parse_lost },
	{ "note", EVENT_NOTE, parse_note },
	{ "object", EVENT_NOTE, parse_object },
	{ "maps", EVENT_NOTE, parse_maps },
};

static const struct row *take_row(struct words *w)
{
	const char *name = words_take(w);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	words_complain(w, "unknown event", name);
	return NULL;
}

static void parse_event(struct script *s, struct words *w)
{
	struct event e = { 0 };
	const struct row *row;

	words_need_key(w, "@");
	e.time_ns = words_number(w);
	if (words_at_digit(w))
		words_task(w, &e.pid, &e.tid);
	e.cpu = (uint32_t)words_number_of(w, "cpu=", 0);
	row = take_row(w);
	if (!row)
		return;
	e.kind = row->kind;
	row->parse(w, &e);
	if (!words_end(w))
		words_complain(w, "what is", w->at);
	if (s->count && e.time_ns < s->events[s->count - 1].time_ns)
		words_complain(w, "goes back in time:", row->name);
	s->events = pfa_grow(s->events, s->count, &s->capacity, sizeof(e));
	s->events[s->count++] = e;
}

static void parse_comment(struct script *s, struct words *w)
{
	if (words_key(w, "# options:"))
		s->options = words_rest(w);
	if (!words_key(w, "# without:"))
		return;
	if (words_flag(w, "begins"))
		s->abilities.begins = false;
	if (words_flag(w, "signals"))
		s->abilities.signals = false;
	if (words_flag(w, "clones"))
		s->abilities.clones = false;
	if (!words_end(w))
		words_complain(w, "begins, signals or clones wanted, not", w->at);
}

static void parse_line(struct script *s, struct words *w)
{
	bool indented = *w->at == '\t' || *w->at == ' ';

	if (words_end(w))
		return;
	if (indented)
		parse_more(s, w);
	else if (*w->at == '#')
		parse_comment(s, w);
	else
		parse_event(s, w);
}

static enum pfa_status read_lines(struct script *s, FILE *file, const char *path,
				  struct pfa_error *err)
{
	enum pfa_status status = PFA_OK;
	char *line = NULL;
	size_t size = 0;

	for (unsigned number = 1; !status && getline(&line, &size, file) > 0; number++) {
		struct words w = { .at = line, .strings = s->strings };

		line[strcspn(line, "\n")] = '\0';
		parse_line(s, &w);
		if (w.complaint.status)
			status = pfa_fail(err, PFA_E_FORMAT, "%s:%u: %s", path,
					  number, w.complaint.text);
	}
	free(line);
	return status;
}

enum pfa_status script_read(struct script *s, const char *path, struct pfa_error *err)
{
	FILE *file = fopen(path, "re");
	enum pfa_status status;

	*s = (struct script){
		.options = "",
		.abilities = { .begins = true, .signals = true, .clones = true },
		.strings = intern_new(),
	};
	if (!file)
		return pfa_fail(err, PFA_E_IO, "%s: %s", path, strerror(errno));
	status = read_lines(s, file, path, err);
	fclose(file);
	return status;
}

void script_release(struct script *s)
{
	free(s->events);
	intern_free(s->strings);
}
