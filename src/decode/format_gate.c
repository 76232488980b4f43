#include "pfa/decode/format_gate.h"

#include <limits.h>
#include <string.h>

#include "pfa/base/text.h"

enum {
	LINE_MAX_BYTES = 1024, /* of a field; the longest of Linux 6.18 has 96 */
	NAME_MAX_BYTES = 128,
	FIELDS_MAX = 512,
};

struct slice {
	const char *at;
	size_t length;
};

struct gate {
	struct slice rest; /* lines not read yet */
	struct slice line;
	unsigned line_number;
	struct text *clean;
};

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

static void advance(struct slice *s, size_t count)
{
	s->at += count;
	s->length -= count;
}

static void skip_blanks(struct slice *s)
{
	while (s->length && (*s->at == ' ' || *s->at == '\t'))
		advance(s, 1);
}

static bool take(struct slice *s, const char *expected)
{
	size_t n = strlen(expected);

	skip_blanks(s);
	if (s->length < n || memcmp(s->at, expected, n) != 0)
		return false;
	advance(s, n);
	return true;
}

static bool take_until(struct slice *s, char end, struct slice *taken)
{
	const char *found = s->length ? memchr(s->at, end, s->length) : NULL;

	if (!found)
		return false;
	*taken = (struct slice){ s->at, (size_t)(found - s->at) };
	advance(s, taken->length + 1);
	return true;
}

static bool take_number(struct slice *s, int *value)
{
	int digits = 0;

	*value = 0;
	for (; s->length && *s->at >= '0' && *s->at <= '9'; advance(s, 1)) {
		if (++digits > 9)
			return false;
		*value = *value * 10 + (*s->at - '0');
	}
	return digits > 0;
}

/* The last line may lack its newline. */
static bool next_line(struct gate *g)
{
	if (!g->rest.length)
		return false;
	if (!take_until(&g->rest, '\n', &g->line)) {
		g->line = g->rest;
		advance(&g->rest, g->rest.length);
	}
	g->line_number++;
	return true;
}

bool format_gate_is_name(const char *name, size_t length)
{
	if (!length || length > NAME_MAX_BYTES)
		return false;
	for (size_t i = 0; i < length; i++)
		if (!is_word(name[i]))
			return false;
	return true;
}

static bool pass_name(struct gate *g)
{
	if (!next_line(g) || !take(&g->line, "name:"))
		return false;
	skip_blanks(&g->line);
	if (!format_gate_is_name(g->line.at, g->line.length))
		return false;
	text_str(g->clean, "name: ");
	text_bytes(g->clean, g->line.at, g->line.length);
	return true;
}

static bool pass_id(struct gate *g, int *event_id)
{
	if (!next_line(g) || !take(&g->line, "ID:"))
		return false;
	skip_blanks(&g->line);
	if (!take_number(&g->line, event_id) || g->line.length)
		return false;
	text_printf(g->clean, "\nID: %d\nformat:\n", *event_id);
	return true;
}

/*
 * Kernels built by clang with BTF type tags spell __user out in the type:
 * `char __attribute__((btf_type_tag("user"))) * shmaddr`.
 */
static bool skip_attribute(struct slice *s)
{
	static const char start[] = "__attribute__(";
	size_t n = sizeof(start) - 1;
	int depth = 1;

	if (s->length < n || memcmp(s->at, start, n) != 0)
		return false;
	for (advance(s, n); s->length && depth; advance(s, 1))
		depth += (*s->at == '(') - (*s->at == ')');
	return true;
}

static bool is_bracket_text(char c)
{
	return is_word(c) || memchr(" ()+-*/", c, 7);
}

/* An array length: `16`, `TASK_COMM_LEN`, `sizeof(struct sockaddr_in6)`. */
static bool pass_brackets(struct gate *g, struct slice *s)
{
	struct slice inside;

	if (!take_until(s, ']', &inside))
		return false;
	for (size_t i = 1; i < inside.length; i++)
		if (!is_bracket_text(inside.at[i]))
			return false;
	text_bytes(g->clean, inside.at, inside.length);
	text_char(g->clean, ']');
	return true;
}

/*
 * A C declaration: at least a type word and a name, stars in between, at most
 * one array length at the end or, in `__data_loc char[] filename`, before.
 */
static bool pass_declaration(struct gate *g, struct slice s)
{
	int words = 0, arrays = 0;
	char last = ' ', last_solid = ' ';

	while (s.length) {
		const char c = *s.at;

		if (!is_word(last) && skip_attribute(&s))
			continue;
		if (c == '[') {
			if (!words || ++arrays > 1 || !pass_brackets(g, &s))
				return false;
			last = ' ';
			continue;
		}
		if (!is_word(c) && c != ' ' && (c != '*' || !words || arrays))
			return false;
		words += is_word(c) && !is_word(last);
		if (c != ' ')
			last_solid = c;
		last = c;
		text_char(g->clean, c);
		advance(&s, 1);
	}
	return words >= 2 && is_word(last_solid);
}

static bool pass_number(struct gate *g, const char *key)
{
	int value;

	if (!take(&g->line, key) || !take_number(&g->line, &value) ||
	    !take(&g->line, ";"))
		return false;
	text_printf(g->clean, "\t%s%d;", key, value);
	return true;
}

static bool pass_field(struct gate *g)
{
	struct slice declaration;

	if (g->line.length > LINE_MAX_BYTES || !take(&g->line, "field:") ||
	    !take_until(&g->line, ';', &declaration))
		return false;
	text_str(g->clean, "\tfield:");
	if (!pass_declaration(g, declaration))
		return false;
	text_char(g->clean, ';');
	if (!pass_number(g, "offset:") || !pass_number(g, "size:"))
		return false;
	skip_blanks(&g->line);
	/* Kernels before 2.6.32 do not say `signed`. */
	if (g->line.length && !pass_number(g, "signed:"))
		return false;
	text_char(g->clean, '\n');
	return !g->line.length;
}

/* The common fields, and after a blank line the event's own. */
static bool pass_fields(struct gate *g)
{
	int groups = 0, fields = 0;

	while (groups < 2 && next_line(g)) {
		if (!g->line.length) {
			text_char(g->clean, '\n');
			groups++;
		} else if (++fields > FIELDS_MAX || !pass_field(g)) {
			return false;
		}
	}
	for (; groups < 2; groups++)
		text_char(g->clean, '\n');
	return true;
}

enum pfa_status format_gate(const char *text, size_t length, struct text *clean,
			    int *event_id, struct pfa_error *err)
{
	struct gate g = { .rest = { text, length }, .clean = clean };

	if (pass_name(&g) && pass_id(&g, event_id) && next_line(&g) &&
	    take(&g.line, "format:") && pass_fields(&g)) {
		text_str(clean, "print fmt: \"\"\n");
		return PFA_OK;
	}
	return pfa_fail(err, PFA_E_FORMAT,
			"line %u is not of a tracepoint format "
			"(see /sys/kernel/tracing/events)", g.line_number);
}
