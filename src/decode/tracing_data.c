/*
 * TRACING_DATA: the formats of a capture's tracepoints, both ways.
 *
 * The layout is that of tools/perf/util/trace-event-info.c, which writes it,
 * and trace-event-read.c, which reads it:
 *
 *     17 08 44 "tracing" VERSION\0 big_endian:u8 long_size:u8 page_size:u32
 *     "header_page\0"  size:u64 text
 *     "header_event\0" size:u64 text
 *     count:u32 { size:u64 text }                       ftrace's own events
 *     systems:u32 { NAME\0 count:u32 { size:u64 text } }
 *     size:u32 kallsyms, size:u32 printk formats, and in 0.6 size:u64 comms
 */
#include <endian.h>
#include <string.h>
#include <unistd.h>

#include "pfa/base/bytes.h"
#include "pfa/base/mem.h"
#include "pfa/base/text.h"
#include "pfa/decode/formats.h"

static const char magic[] = "\x17\x08\x44tracing"; /* somebody's birthday? */
static const char header_page_tag[] = "header_page";
static const char header_event_tag[] = "header_event";

enum { NATIVE_BIG_ENDIAN = __BYTE_ORDER == __BIG_ENDIAN };

static const char *take_sized(struct cursor *c, uint64_t size)
{
	if (size > c->left)
		c->bad = true;
	return cursor_take(c, (size_t)size);
}

static bool take_same(struct cursor *c, const void *expected, size_t size)
{
	const void *bytes = cursor_take(c, size);

	return bytes && !memcmp(bytes, expected, size);
}

static enum pfa_status read_preamble(struct cursor *c, struct pfa_error *err)
{
	const unsigned char *sizes;
	const char *version;

	if (!take_same(c, magic, sizeof(magic) - 1))
		return pfa_fail(err, PFA_E_FORMAT,
				"the tracepoint formats are damaged (no \"tracing\" "
				"at their start), record it again");
	version = cursor_string(c);
	if (!version || (strcmp(version, "0.5") != 0 && strcmp(version, "0.6") != 0))
		return pfa_fail(err, PFA_E_FORMAT,
				"tracepoint formats of an unknown version (pfa reads "
				"0.5 and 0.6), use the perf that wrote it");
	sizes = cursor_take(c, 2);
	if (sizes && sizes[0] != NATIVE_BIG_ENDIAN)
		return pfa_fail(err, PFA_E_FORMAT,
				"tracepoint formats of another byte order, read it "
				"on the kind of machine that recorded it");
	cursor_u32(c); /* page size */
	return PFA_OK;
}

/* How the ring buffer of ftrace is laid out: perf records do not pass it. */
static void skip_ftrace_parts(struct cursor *c)
{
	uint32_t count;

	if (!take_same(c, header_page_tag, sizeof(header_page_tag)))
		c->bad = true;
	take_sized(c, cursor_u64(c));
	if (!take_same(c, header_event_tag, sizeof(header_event_tag)))
		c->bad = true;
	take_sized(c, cursor_u64(c));
	for (count = cursor_u32(c); count && !c->bad; count--)
		take_sized(c, cursor_u64(c));
}

static void read_system(struct formats *formats, struct cursor *c)
{
	const char *system = cursor_string(c);
	uint32_t count = cursor_u32(c);

	for (; count && !c->bad; count--) {
		uint64_t length = cursor_u64(c);
		const char *text = take_sized(c, length);
		struct pfa_error ignored;

		if (!text)
			return;
		if (formats_add(formats, system, text, (size_t)length, &ignored))
			/*
			 * A capture may hold any event. One whose format is odd
			 * matters only if pfa needs it: formats_field() tells.
			 */
			continue;
	}
}

enum pfa_status formats_add_tracing_data(struct formats *formats,
					 const void *bytes, size_t length,
					 struct pfa_error *err)
{
	struct cursor c = cursor_of(bytes, length);
	enum pfa_status status = read_preamble(&c, err);
	uint32_t systems;

	if (status)
		return status;
	skip_ftrace_parts(&c);
	for (systems = cursor_u32(&c); systems && !c.bad; systems--)
		read_system(formats, &c);
	/* Symbols, printk formats and comms follow: nothing that pfa uses. */
	if (!c.bad)
		return PFA_OK;
	return pfa_fail(err, PFA_E_FORMAT,
			"the tracepoint formats are damaged or cut off at byte %zu "
			"of %zu, record it again", length - c.left, length);
}

static void put(struct text *t, const void *bytes, size_t size)
{
	text_bytes(t, bytes, size);
}

static void put_u32(struct text *t, uint32_t value)
{
	put(t, &value, sizeof(value));
}

static void put_sized(struct text *t, const char *bytes, size_t length)
{
	const uint64_t size = length;

	put(t, &size, sizeof(size));
	put(t, bytes, length);
}

static bool same_system(const struct format_text *a, const struct format_text *b)
{
	return !strcmp(a->system, b->system);
}

static bool is_first_of_system(const struct format_text *events, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (same_system(&events[k], &events[i]))
			return false;
	return true;
}

static void put_system(struct text *t, const struct format_text *events,
		       size_t first, size_t count)
{
	uint32_t members = 0;

	for (size_t i = first; i < count; i++)
		members += same_system(&events[i], &events[first]);
	put(t, events[first].system, strlen(events[first].system) + 1);
	put_u32(t, members);
	for (size_t i = first; i < count; i++)
		if (same_system(&events[i], &events[first]))
			put_sized(t, events[i].text, events[i].length);
}

static void put_systems(struct text *t, const struct format_text *events,
			size_t count)
{
	uint32_t systems = 0;

	for (size_t i = 0; i < count; i++)
		systems += is_first_of_system(events, i);
	put_u32(t, systems);
	for (size_t i = 0; i < count; i++)
		if (is_first_of_system(events, i))
			put_system(t, events, i, count);
}

static void put_preamble(struct text *t)
{
	const unsigned char sizes[] = { NATIVE_BIG_ENDIAN, sizeof(long) };

	put(t, magic, sizeof(magic) - 1);
	put(t, "0.6", sizeof("0.6"));
	put(t, sizes, sizeof(sizes));
	put_u32(t, (uint32_t)sysconf(_SC_PAGESIZE));
}

void formats_write_tracing_data(const char *header_page,
				const char *header_event,
				const struct format_text *events, size_t count,
				void **bytes, size_t *length)
{
	struct text t;

	text_init(&t);
	put_preamble(&t);
	put(&t, header_page_tag, sizeof(header_page_tag));
	put_sized(&t, header_page, strlen(header_page));
	put(&t, header_event_tag, sizeof(header_event_tag));
	put_sized(&t, header_event, strlen(header_event));
	put_u32(&t, 0); /* ftrace events */
	put_systems(&t, events, count);
	put_u32(&t, 0);            /* kallsyms */
	put_u32(&t, 0);            /* printk formats */
	put_sized(&t, "", 0);      /* comms */
	*bytes = pfa_memdup(t.bytes, t.length);
	*length = t.length;
	text_release(&t);
}
