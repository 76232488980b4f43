#include "pfa/source/perfdata_features.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "pfa/base/bytes.h"
#include "pfa/base/mem.h"
#include "pfa/decode/evlist.h"

#ifndef PFA_VERSION
#define PFA_VERSION "dev"
#endif

void perfdata_features_init(struct perfdata_features *f)
{
	*f = (struct perfdata_features){ 0 };
	text_init(&f->contents);
}

void perfdata_features_release(struct perfdata_features *f)
{
	text_release(&f->contents);
}

static void put(struct text *t, const void *bytes, size_t size)
{
	text_bytes(t, bytes, size);
}

static void put_u32(struct text *t, uint32_t value)
{
	put(t, &value, sizeof(value));
}

static void put_string(struct text *t, const char *s)
{
	const size_t align = PERFDATA_STRING_ALIGN;
	const size_t length = strlen(s) + 1;
	const size_t padded = (length + align - 1) / align * align;

	put_u32(t, (uint32_t)padded);
	put(t, s, length);
	for (size_t i = length; i < padded; i++)
		text_char(t, '\0');
}

static void put_cpus(struct text *t)
{
	put_u32(t, (uint32_t)sysconf(_SC_NPROCESSORS_CONF));
	put_u32(t, (uint32_t)sysconf(_SC_NPROCESSORS_ONLN));
}

static void put_cmdline(struct text *t, const char *const *cmdline)
{
	uint32_t count = 0;

	while (cmdline[count])
		count++;
	put_u32(t, count);
	for (uint32_t i = 0; i < count; i++)
		put_string(t, cmdline[i]);
}

static void put_event_desc(struct text *t, const struct evlist *list)
{
	put_u32(t, (uint32_t)list->count);
	put_u32(t, sizeof(struct perf_event_attr));
	for (size_t i = 0; i < list->count; i++) {
		const struct evsel *evsel = list->evsels[i];

		put(t, &evsel->attr, sizeof(evsel->attr));
		put_u32(t, (uint32_t)evsel->id_count);
		put_string(t, evsel->name);
		put(t, evsel->ids, evsel->id_count * sizeof(uint64_t));
	}
}

/* Ends the section that began at `start` of the contents. */
static void add_section(struct perfdata_features *f, unsigned bit, size_t start)
{
	f->bits |= 1ULL << bit;
	f->sections[bit].offset = start;
	f->sections[bit].size = f->contents.length - start;
}

static void add_string(struct perfdata_features *f, unsigned bit, const char *s)
{
	const size_t start = f->contents.length;

	put_string(&f->contents, s);
	add_section(f, bit, start);
}

void perfdata_features_describe(struct perfdata_features *f,
				const struct evlist *list,
				const char *const *cmdline)
{
	struct utsname host;
	size_t start;

	if (!uname(&host)) {
		add_string(f, PERFDATA_HOSTNAME, host.nodename);
		add_string(f, PERFDATA_OSRELEASE, host.release);
		add_string(f, PERFDATA_ARCH, host.machine);
	}
	add_string(f, PERFDATA_VERSION, PFA_VERSION);
	start = f->contents.length;
	put_cpus(&f->contents);
	add_section(f, PERFDATA_NRCPUS, start);
	if (cmdline) {
		start = f->contents.length;
		put_cmdline(&f->contents, cmdline);
		add_section(f, PERFDATA_CMDLINE, start);
	}
	start = f->contents.length;
	put_event_desc(&f->contents, list);
	add_section(f, PERFDATA_EVENT_DESC, start);
}

void perfdata_features_sample_time(struct perfdata_features *f,
				   uint64_t first_ns, uint64_t last_ns)
{
	const size_t start = f->contents.length;

	put(&f->contents, &first_ns, sizeof(first_ns));
	put(&f->contents, &last_ns, sizeof(last_ns));
	add_section(f, PERFDATA_SAMPLE_TIME, start);
}

void perfdata_features_build(const struct perfdata_features *f, uint64_t offset,
			     struct text *out)
{
	const size_t count = (size_t)__builtin_popcountll(f->bits);
	const uint64_t contents = offset + count * sizeof(f->sections[0]);

	for (unsigned bit = 0; bit < 64; bit++) {
		struct perfdata_section section = f->sections[bit];

		if (!(f->bits >> bit & 1))
			continue;
		if (bit != PERFDATA_TRACING_DATA)
			section.offset += contents;
		put(out, &section, sizeof(section));
	}
	put(out, f->contents.bytes, f->contents.length);
}

static char *take_text(struct cursor *c)
{
	const uint32_t size = cursor_u32(c);
	const char *bytes = cursor_take(c, size);
	char *copy;

	if (!bytes)
		return NULL;
	copy = pfa_alloc((size_t)size + 1);
	memcpy(copy, bytes, size);
	return copy;
}

char *perfdata_feature_text(const void *bytes, size_t length)
{
	struct cursor c = cursor_of(bytes, length);

	return take_text(&c);
}

uint64_t perfdata_feature_cpus(const void *bytes, size_t length)
{
	struct cursor c = cursor_of(bytes, length);

	cursor_u32(&c); /* configured */
	return cursor_u32(&c);
}

void perfdata_feature_names(const void *bytes, size_t length, char **names,
			    size_t count)
{
	struct cursor c = cursor_of(bytes, length);
	uint32_t events = cursor_u32(&c);
	const uint32_t attr_bytes = cursor_u32(&c);

	for (size_t i = 0; i < count && i < events && !c.bad; i++) {
		uint32_t ids;

		cursor_take(&c, attr_bytes);
		ids = cursor_u32(&c);
		names[i] = take_text(&c);
		cursor_take(&c, (size_t)ids * sizeof(uint64_t));
	}
}
