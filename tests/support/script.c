#include "script.h"

#include <ctype.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pfa/base/intern.h"
#include "pfa/base/mem.h"
#include "pfa/base/text.h"
#include "pfa/decode/event.h"

/* The rest of a line; the first complaint sticks. */
struct words {
	char *at;
	struct script *script;
	struct pfa_error complaint;
};

/* ---- words ---- */

static void complain(struct words *w, const char *what, const char *word)
{
	if (!w->complaint.status)
		pfa_fail(&w->complaint, PFA_E_FORMAT, "%s '%s'", what, word);
}

static void skip_blanks(struct words *w)
{
	w->at += strspn(w->at, " \t");
}

/* The next word, "" at the end of the line; borrowed from the line. */
static const char *take_word(struct words *w)
{
	char *word;

	skip_blanks(w);
	word = w->at;
	w->at += strcspn(w->at, " \t");
	if (*w->at)
		*w->at++ = '\0';
	return word;
}

/* What is left of the line: names and notes hold blanks. */
static const char *take_rest(struct words *w)
{
	const char *rest;

	skip_blanks(w);
	rest = w->at;
	w->at += strlen(w->at);
	if (!*rest)
		complain(w, "the line lacks", "its last word");
	return intern_text(w->script->strings, rest);
}

/* Takes the word if it is this one. */
static bool take_flag(struct words *w, const char *flag)
{
	size_t length = strlen(flag);

	skip_blanks(w);
	if (strncmp(w->at, flag, length) != 0 ||
	    (w->at[length] && !isblank((unsigned char)w->at[length])))
		return false;
	take_word(w);
	return true;
}

/* Takes `key` of KEY=VALUE (it ends with '='), so that the value comes next. */
static bool take_key(struct words *w, const char *key)
{
	size_t length = strlen(key);

	skip_blanks(w);
	if (strncmp(w->at, key, length) != 0)
		return false;
	w->at += length;
	return true;
}

static void need_key(struct words *w, const char *key)
{
	if (!take_key(w, key))
		complain(w, "the line lacks", key);
}

/* ---- numbers ---- */

#define NAMED(name) { #name, name }

static const struct {
	const char *name;
	uint64_t value;
} names[] = {
	NAMED(PROT_NONE), NAMED(PROT_READ), NAMED(PROT_WRITE), NAMED(PROT_EXEC),
	NAMED(MAP_SHARED), NAMED(MAP_PRIVATE), NAMED(MAP_FIXED),
	NAMED(MAP_ANONYMOUS), NAMED(MAP_GROWSDOWN), NAMED(MAP_HUGETLB),
	NAMED(MREMAP_MAYMOVE), NAMED(MREMAP_FIXED), NAMED(MREMAP_DONTUNMAP),
	NAMED(MADV_DONTNEED), NAMED(MADV_FREE), NAMED(MADV_PAGEOUT),
	NAMED(MADV_REMOVE), NAMED(MADV_DONTFORK), NAMED(MADV_WIPEONFORK),
	NAMED(CLONE_VM), NAMED(CLONE_VFORK), NAMED(CLONE_THREAD),
	NAMED(SIGSEGV), NAMED(SIGBUS), NAMED(SIGUSR1), NAMED(SI_USER),
	NAMED(SI_KERNEL), NAMED(SEGV_MAPERR), NAMED(SEGV_ACCERR),
	NAMED(SEGV_PKUERR), NAMED(BUS_ADRERR),
	NAMED(ENOMEM), NAMED(EINVAL), NAMED(EACCES), NAMED(EFAULT),
};

#undef NAMED

static bool named_value(const char *name, size_t length, uint64_t *value)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strlen(names[i].name) != length ||
		    memcmp(names[i].name, name, length) != 0)
			continue;
		*value = names[i].value;
		return true;
	}
	return false;
}

static bool plain_value(const char *digits, size_t length, uint64_t *value)
{
	char *end;

	if (!isdigit((unsigned char)*digits))
		return false;
	errno = 0;
	*value = strtoull(digits, &end, 0);
	return !errno && end == digits + length;
}

/* A number that ends at one of `stops`, or at the end of the word. */
static uint64_t number_until(struct words *w, const char *stops)
{
	char *start = w->at;
	size_t length = strcspn(start, stops);
	uint64_t sum = 0, value;
	bool negative = *start == '-';
	const char *at = start + negative, *end = start + length;

	for (;; at++) {
		size_t n = strcspn(at, "|");

		if (n > (size_t)(end - at))
			n = (size_t)(end - at);
		if (!plain_value(at, n, &value) && !named_value(at, n, &value)) {
			complain(w, "not a number:", start);
			break;
		}
		sum |= value;
		at += n;
		if (at == end)
			break;
	}
	w->at += length;
	return negative ? -sum : sum;
}

static uint64_t take_number(struct words *w)
{
	skip_blanks(w);
	return number_until(w, " \t");
}

static uint64_t take_number_of(struct words *w, const char *key, uint64_t otherwise)
{
	return take_key(w, key) ? take_number(w) : otherwise;
}

/* Two numbers with a character between them. */
static void take_pair(struct words *w, char between, uint64_t *first, uint64_t *second)
{
	const char stops[] = { between, ' ', '\t', '\0' };

	skip_blanks(w);
	*first = number_until(w, stops);
	if (*w->at != between) {
		complain(w, "two numbers wanted, at", w->at);
		return;
	}
	w->at++;
	*second = take_number(w);
}

/* PID or PID/TID. */
static void take_task(struct words *w, uint32_t *pid, uint32_t *tid)
{
	skip_blanks(w);
	*pid = *tid = (uint32_t)number_until(w, "/ \t");
	if (*w->at != '/')
		return;
	w->at++;
	*tid = (uint32_t)take_number(w);
}

/* ---- faults ---- */

static uint32_t take_access(struct words *w)
{
	if (take_flag(w, "w"))
		return FAULT_WRITE;
	if (take_flag(w, "x"))
		return FAULT_EXEC;
	if (!take_flag(w, "r"))
		complain(w, "r, w or x wanted, not", take_word(w));
	return 0;
}

static void parse_begin(struct words *w, struct event *e)
{
	e->begin.addr = take_number(w);
	e->begin.error_code = take_access(w);
	if (take_flag(w, "present"))
		e->begin.error_code |= FAULT_PRESENT;
	e->begin.kernel = take_flag(w, "kernel");
	if (!e->begin.kernel)
		e->begin.error_code |= FAULT_USER;
	e->begin.ip = take_number_of(w, "ip=", 0);
}

static void parse_end(struct words *w, struct event *e)
{
	e->end.major = take_flag(w, "major");
	if (!e->end.major && !take_flag(w, "minor"))
		complain(w, "major or minor wanted, not", take_word(w));
	e->end.has_addr = !take_flag(w, "-");
	if (e->end.has_addr)
		e->end.addr = take_number(w);
	e->end.kernel = take_flag(w, "kernel");
	e->end.page_size = take_number_of(w, "size=", 0);
	e->end.has_phys = take_key(w, "phys=");
	if (e->end.has_phys)
		e->end.phys = take_number(w);
	e->end.ip = take_number_of(w, "ip=", 0);
}

static void parse_signal(struct words *w, struct event *e)
{
	e->signal.signal = (int)take_number(w);
	need_key(w, "code=");
	e->signal.code = (int)take_number(w);
	e->signal.target = (uint32_t)take_number_of(w, "target=", e->tid);
}

/* ---- address spaces ---- */

static enum mm_call take_call(struct words *w)
{
	const char *name = take_word(w);

	for (int call = 0; call < MM_CALL_COUNT; call++)
		if (!strcmp(mm_call_name((enum mm_call)call), name))
			return (enum mm_call)call;
	complain(w, "unknown call", name);
	return MM_CALL_mmap;
}

static bool at_end(struct words *w)
{
	skip_blanks(w);
	return !*w->at;
}

static void parse_call(struct words *w, struct event *e)
{
	e->call_begin.call = take_call(w);
	for (int i = 0; i < MM_CALL_ARGS && !at_end(w); i++)
		e->call_begin.args[i] = take_number(w);
}

static void parse_ret(struct words *w, struct event *e)
{
	e->call_end.call = take_call(w);
	e->call_end.result = (int64_t)take_number(w);
}

/* rw-p, as in /proc/PID/maps. */
static void take_prot(struct words *w, uint32_t *prot, uint32_t *flags)
{
	static const char wanted[] = "rwx";
	const char *word = take_word(w);

	if (strlen(word) != 4 || !strchr("ps", word[3])) {
		complain(w, "not a protection:", word);
		return;
	}
	for (int i = 0; i < 3; i++) {
		if (word[i] == wanted[i])
			*prot |= (uint32_t)PROT_READ << i;
		else if (word[i] != '-')
			complain(w, "not a protection:", word);
	}
	*flags |= word[3] == 's' ? MAP_SHARED : MAP_PRIVATE;
}

static void take_device(struct words *w, uint32_t *dev_major, uint32_t *dev_minor)
{
	uint64_t high = 0, low = 0;

	take_pair(w, ':', &high, &low);
	*dev_major = (uint32_t)high;
	*dev_minor = (uint32_t)low;
}

static void parse_mmap(struct words *w, struct event *e)
{
	uint64_t end = 0;

	take_pair(w, '-', &e->mmap.start, &end);
	e->mmap.length = end - e->mmap.start;
	take_prot(w, &e->mmap.prot, &e->mmap.flags);
	e->mmap.has_attr = true;
	e->mmap.pgoff_bytes = take_number_of(w, "off=", 0);
	if (take_key(w, "dev="))
		take_device(w, &e->mmap.dev_major, &e->mmap.dev_minor);
	e->mmap.inode = take_number_of(w, "ino=", 0);
	e->mmap.flags |= (uint32_t)take_number_of(w, "flags=", 0);
	e->mmap.name = take_rest(w);
}

/* ---- lives ---- */

static void parse_task_new(struct words *w, struct event *e)
{
	need_key(w, "child=");
	e->task_new.child = (uint32_t)take_number(w);
	need_key(w, "flags=");
	e->task_new.clone_flags = take_number(w);
}

static void parse_fork(struct words *w, struct event *e)
{
	e->fork.parent_pid = e->pid;
	e->fork.parent_tid = e->tid;
	need_key(w, "child=");
	take_task(w, &e->fork.child_pid, &e->fork.child_tid);
	e->fork.fresh = take_flag(w, "fresh");
}

static void parse_comm(struct words *w, struct event *e)
{
	e->comm.comm = intern_text(w->script->strings, take_word(w));
	e->comm.exec = take_flag(w, "exec");
}

static void parse_exec(struct words *w, struct event *e)
{
	e->exec.filename = take_rest(w);
	e->exec.old_tid = e->tid;
}

static void parse_nothing(struct words *w, struct event *e)
{
	(void)w, (void)e;
}

/* ---- losses and notes ---- */

static void parse_lost(struct words *w, struct event *e)
{
	e->lost.count = take_number(w);
}

static void set_note(struct event *e, const char *interned)
{
	e->note.bytes = interned;
	e->note.length = strlen(interned);
}

static void parse_note(struct words *w, struct event *e)
{
	set_note(e, take_rest(w));
}

/* The note that model.c takes ELF layouts from; its lines are added as they come. */
static void parse_object(struct words *w, struct event *e)
{
	uint32_t dev_major = 0, dev_minor = 0;
	uint64_t inode;
	const char *path;
	struct text note;

	need_key(w, "dev=");
	take_device(w, &dev_major, &dev_minor);
	need_key(w, "ino=");
	inode = take_number(w);
	path = take_rest(w);
	text_init(&note);
	text_printf(&note, "object %u:%u %llu %zu %s\n", dev_major, dev_minor,
		    (unsigned long long)inode, strlen(path), path);
	set_note(e, intern_text(w->script->strings, text_cstr(&note)));
	text_release(&note);
}

/* An indented line: more of the note above it. */
static void parse_more(struct words *w)
{
	struct script *s = w->script;
	struct event *e = s->count ? &s->events[s->count - 1] : NULL;
	struct text note;

	if (!e || e->kind != EVENT_NOTE) {
		complain(w, "no object that this belongs to:", w->at);
		return;
	}
	text_init(&note);
	text_str(&note, e->note.bytes);
	text_str(&note, take_rest(w));
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
	{ "lost", EVENT_LOST, parse_lost },
	{ "note", EVENT_NOTE, parse_note },
	{ "object", EVENT_NOTE, parse_object },
};

static const struct row *take_row(struct words *w)
{
	const char *name = take_word(w);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	complain(w, "unknown event", name);
	return NULL;
}

static void parse_event(struct words *w)
{
	struct script *s = w->script;
	struct event e = { 0 };
	const struct row *row;

	need_key(w, "@");
	e.time_ns = take_number(w);
	skip_blanks(w);
	if (isdigit((unsigned char)*w->at))
		take_task(w, &e.pid, &e.tid);
	e.cpu = (uint32_t)take_number_of(w, "cpu=", 0);
	row = take_row(w);
	if (!row)
		return;
	e.kind = row->kind;
	row->parse(w, &e);
	if (!at_end(w))
		complain(w, "what is", w->at);
	if (s->count && e.time_ns < s->events[s->count - 1].time_ns)
		complain(w, "goes back in time:", row->name);
	s->events = pfa_grow(s->events, s->count, &s->capacity, sizeof(e));
	s->events[s->count++] = e;
}

static void parse_comment(struct words *w)
{
	if (take_key(w, "# options:"))
		w->script->options = take_rest(w);
	if (!take_key(w, "# without:"))
		return;
	if (take_flag(w, "begins"))
		w->script->abilities.begins = false;
	if (take_flag(w, "signals"))
		w->script->abilities.signals = false;
	if (!at_end(w))
		complain(w, "begins or signals wanted, not", w->at);
}

static void parse_line(struct words *w)
{
	if (isblank((unsigned char)*w->at) && !at_end(w))
		parse_more(w);
	else if (*w->at == '#')
		parse_comment(w);
	else if (*w->at)
		parse_event(w);
}

static enum pfa_status read_lines(struct script *s, FILE *file, const char *path,
				  struct pfa_error *err)
{
	enum pfa_status status = PFA_OK;
	char *line = NULL;
	size_t size = 0;

	for (unsigned number = 1; !status && getline(&line, &size, file) > 0; number++) {
		struct words w = { .at = line, .script = s };

		line[strcspn(line, "\n")] = '\0';
		parse_line(&w);
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
		.abilities = { .begins = true, .signals = true },
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
