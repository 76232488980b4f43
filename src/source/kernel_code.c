#include "pfa/source/kernel_code.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "pfa/base/bytes.h"
#include "pfa/base/hash.h"
#include "pfa/base/mem.h"
#include "pfa/base/text.h"
#include "pfa/decode/evlist.h"
#include "pfa/decode/record.h"
#include "pfa/decode/sample.h"
#include "pfa/source/compose.h"
#include "pfa/symbol/kallsyms.h"

/* A function that was noted: where the first of its notes is in the order of records. */
struct noted {
	uint64_t start, time_ns;
	uint32_t cpu;
	UT_hash_handle hh;
};

struct recent {
	uint64_t ip;
	struct noted *noted;
};

enum { RECENT_IPS = 1024 };

struct kernel_code {
	const char *path;
	pthread_t reader;
	bool reading;
	struct kallsyms *symbols; /* NULL: not read yet */
	struct noted *noted; /* by start */
	struct recent recent[RECENT_IPS]; /* by ip */
};

/* ---- reading ---- */

static void read_text(const char *path, struct text *text)
{
	enum { CHUNK = 64 * 1024 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool first = true;
	ssize_t n;

	while (fd >= 0 && (n = read(fd, text_room(text, CHUNK), CHUNK)) > 0) {
		text->length += (size_t)n;
		if (first && kallsyms_is_hidden(text->bytes, text->length))
			break;
		first = false;
	}
	if (fd >= 0)
		close(fd);
}

static void *read_symbols(void *context)
{
	struct kernel_code *code = context;
	struct text text;

	text_init(&text);
	read_text(code->path, &text);
	code->symbols = kallsyms_new(text.bytes, text.length);
	return NULL;
}

struct kernel_code *kernel_code_new(const char *path)
{
	struct kernel_code *code = pfa_alloc(sizeof(*code));

	code->path = path;
	code->reading = !pthread_create(&code->reader, NULL, read_symbols, code);
	return code;
}

void kernel_code_wait(struct kernel_code *code)
{
	if (code->reading)
		pthread_join(code->reader, NULL);
	else if (!code->symbols) /* there was no thread to be had */
		read_symbols(code);
	code->reading = false;
}

void kernel_code_free(struct kernel_code *code)
{
	struct noted *noted, *next;

	if (!code)
		return;
	if (code->reading)
		pthread_join(code->reader, NULL);
	HASH_ITER(hh, code->noted, noted, next) {
		HASH_DEL(code->noted, noted);
		free(noted);
	}
	kallsyms_free(code->symbols);
	free(code);
}

/* ---- noting ---- */

static void note(const struct composer *composer, const struct kernel_function *f)
{
	compose_note(composer, 0, "kernel %" PRIx64 " %" PRIx64 " %s%s%s", f->start,
		     f->size, f->name, f->module ? " " : "", f->module ? f->module : "");
}

static struct noted *noted_at(struct kernel_code *code, uint64_t start)
{
	struct noted *noted;

	HASH_FIND(hh, code->noted, &start, sizeof(start), noted);
	if (noted)
		return noted;
	noted = pfa_alloc(sizeof(*noted));
	*noted = (struct noted){ .start = start, .time_ns = UINT64_MAX };
	HASH_ADD(hh, code->noted, start, sizeof(noted->start), noted);
	return noted;
}

static bool comes_first(const struct noted *noted, const struct composer *composer)
{
	return noted->time_ns < composer->time_ns ||
	       (noted->time_ns == composer->time_ns && noted->cpu <= composer->cpu);
}

static void saw(struct kernel_code *code, const struct composer *composer, uint64_t ip)
{
	struct recent *recent = &code->recent[ip % RECENT_IPS];
	struct kernel_function function;

	if (recent->ip == ip && recent->noted && comes_first(recent->noted, composer))
		return;
	if (!kallsyms_function(code->symbols, ip, &function))
		return;
	*recent = (struct recent){ ip, noted_at(code, function.start) };
	if (comes_first(recent->noted, composer))
		return;
	recent->noted->time_ns = composer->time_ns;
	recent->noted->cpu = composer->cpu;
	note(composer, &function);
}

/* All but the first are return addresses: they may lie behind their function's end. */
static void saw_chain(struct kernel_code *code, const struct composer *composer,
		      const struct callers *callers)
{
	const char *words = callers->chain;
	bool first = true;

	for (uint64_t i = 0; i < callers->chain_count; i++) {
		uint64_t ip = load_u64(words + 8 * i);

		if (ip == PERF_CONTEXT_USER)
			break;
		if (ip >= PERF_CONTEXT_MAX)
			continue;
		saw(code, composer, ip - !first);
		first = false;
	}
}

/* What fails has no end, and only its beginning tells where it was. */
static uint64_t ip_of(const struct record *record, const struct sample *sample)
{
	const struct tp_field *ip = &record->evsel->fields[1];

	if (record->evsel->role != ROLE_FAULT_KERNEL)
		return sample->ip;
	return ip->size == 8 && ip->offset + 8U <= sample->raw_bytes ?
		       load_u64(sample->raw + ip->offset) : 0;
}

static bool is_fault(const struct evsel *evsel)
{
	return evsel && (evsel->role == ROLE_MINOR || evsel->role == ROLE_MAJOR ||
			 evsel->role == ROLE_FAULT_KERNEL);
}

void kernel_code_saw(struct kernel_code *code, const struct composer *composer,
		     const struct record *record)
{
	struct sample sample;

	if (!is_fault(record->evsel) || !sample_parse(record, &sample))
		return;
	saw(code, composer, ip_of(record, &sample));
	if (sample.has_callers)
		saw_chain(code, composer, &sample.callers);
}

void kernel_code_map(const struct kernel_code *code, const struct composer *composer)
{
	uint64_t begin = kallsyms_address(code->symbols, "_text");
	uint64_t end = kallsyms_address(code->symbols, "_etext");

	if (begin && end > begin)
		compose_kernel_map(composer, begin, end);
}
