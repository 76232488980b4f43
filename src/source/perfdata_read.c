#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pfa/base/bytes.h"
#include "pfa/base/mem.h"
#include "pfa/decode/record.h"
#include "pfa/source/perfdata.h"
#include "pfa/source/perfdata_features.h"
#include "pfa/source/perfdata_tables.h"

/*
 * Pages this far behind the reader are given back, so that a capture of any
 * length costs the same memory. A record borrowed from there is read again.
 */
enum { KEEP_MAPPED_BYTES = 8 << 20 };

enum { PHRASE_MAX = 128 };

struct perfdata {
	struct perfdata_image image;
	struct perfdata_info info;
	uint64_t at;       /* of the next record */
	uint64_t released; /* pages below this offset were given back */
	void *mapping;     /* NULL: the bytes are the caller's */
	char cut_reason[PHRASE_MAX];
	char *texts[4];
	size_t text_count;
};

static const char *keep_text(struct perfdata *c, unsigned bit)
{
	const struct perfdata_section *section = &c->image.features[bit];
	char *text = NULL;

	if (section->size)
		text = perfdata_feature_text(c->image.bytes + section->offset,
					     (size_t)section->size);
	if (text)
		c->texts[c->text_count++] = text;
	return text;
}

static void set_cut(struct perfdata *c, const char *phrase)
{
	snprintf(c->cut_reason, sizeof(c->cut_reason), "%s%s", phrase,
		 c->image.formats_lost ? ", without its tracepoint formats" : "");
	c->info.cut_reason = c->cut_reason;
	c->info.finished = false;
}

static void fill_info(struct perfdata *c)
{
	const struct perfdata_section *cpus = &c->image.features[PERFDATA_NRCPUS];

	c->info.finished = true;
	c->info.hostname = keep_text(c, PERFDATA_HOSTNAME);
	c->info.os_release = keep_text(c, PERFDATA_OSRELEASE);
	c->info.version = keep_text(c, PERFDATA_VERSION);
	c->info.arch = keep_text(c, PERFDATA_ARCH);
	if (cpus->size)
		c->info.cpus_online = perfdata_feature_cpus(
			c->image.bytes + cpus->offset, (size_t)cpus->size);
	if (c->image.cut)
		set_cut(c, c->image.cut);
}

static enum pfa_status open_image(struct perfdata *c, struct evlist *list,
				  struct formats *formats, struct pfa_error *err)
{
	enum pfa_status status = perfdata_image_read(&c->image, err);

	if (!status)
		status = perfdata_image_events(&c->image, list, formats, err);
	if (status)
		return status;
	c->at = c->image.header.data.offset;
	c->released = 0;
	fill_info(c);
	return PFA_OK;
}

enum pfa_status perfdata_open_bytes(struct perfdata **capture,
				    const void *bytes, size_t length,
				    struct evlist *list, struct formats *formats,
				    struct pfa_error *err)
{
	struct perfdata *c = pfa_alloc(sizeof(*c));
	enum pfa_status status;

	c->image.name = "capture";
	c->image.bytes = bytes;
	c->image.length = length;
	status = open_image(c, list, formats, err);
	if (status) {
		perfdata_close(c);
		c = NULL;
	}
	*capture = c;
	return status;
}

static enum pfa_status map_fd(struct perfdata *c, int fd, struct pfa_error *err)
{
	struct stat st;

	if (fstat(fd, &st))
		return pfa_fail(err, PFA_E_IO, "%s: %s", c->image.name,
				strerror(errno));
	if (S_ISDIR(st.st_mode))
		return perfdata_image_refuse(&c->image, err, "a directory, not a "
				"capture (record without --threads)");
	if (!S_ISREG(st.st_mode))
		return perfdata_image_refuse(&c->image, err, "not a file: save the "
				"capture to one first");
	if (!st.st_size)
		return PFA_OK; /* perfdata_image_read() says what is wrong */
	c->mapping = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (c->mapping == MAP_FAILED) {
		c->mapping = NULL;
		return pfa_fail(err, PFA_E_IO, "%s: cannot map it: %s",
				c->image.name, strerror(errno));
	}
	c->image.bytes = c->mapping;
	c->image.length = (uint64_t)st.st_size;
	madvise(c->mapping, (size_t)st.st_size, MADV_SEQUENTIAL);
	return PFA_OK;
}

static enum pfa_status map_file(struct perfdata *c, struct pfa_error *err)
{
	/* Non-blocking, so that a FIFO without a writer is refused, not awaited. */
	int fd = open(c->image.name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum pfa_status status;

	if (fd < 0)
		return pfa_fail(err, errno == EACCES ? PFA_E_PERM : PFA_E_IO,
				"%s: %s (name a capture of pfa record or perf "
				"record with -i)", c->image.name, strerror(errno));
	status = map_fd(c, fd, err);
	close(fd);
	return status;
}

enum pfa_status perfdata_open(struct perfdata **capture, const char *path,
			      struct evlist *list, struct formats *formats,
			      struct pfa_error *err)
{
	struct perfdata *c = pfa_alloc(sizeof(*c));
	enum pfa_status status;

	c->image.name = path;
	status = map_file(c, err);
	if (!status)
		status = open_image(c, list, formats, err);
	c->image.name = "capture"; /* the path was only lent */
	if (status) {
		perfdata_close(c);
		c = NULL;
	}
	*capture = c;
	return status;
}

void perfdata_close(struct perfdata *c)
{
	if (!c)
		return;
	if (c->mapping)
		munmap(c->mapping, (size_t)c->image.length);
	for (size_t i = 0; i < c->text_count; i++)
		free(c->texts[i]);
	free(c);
}

const struct perfdata_info *perfdata_info(const struct perfdata *c)
{
	return &c->info;
}

static void release_behind(struct perfdata *c)
{
	const uint64_t keep_from = c->at & ~(uint64_t)(KEEP_MAPPED_BYTES - 1);

	if (!c->mapping || keep_from < c->released + 2 * (uint64_t)KEEP_MAPPED_BYTES)
		return;
	madvise((char *)c->mapping + c->released,
		(size_t)(keep_from - KEEP_MAPPED_BYTES - c->released),
		MADV_DONTNEED);
	c->released = keep_from - KEEP_MAPPED_BYTES;
}

static const struct perf_event_header *end_at_cut(struct perfdata *c)
{
	char phrase[PHRASE_MAX / 2];

	snprintf(phrase, sizeof(phrase), "cut off after %llu bytes of records",
		 (unsigned long long)(c->at - c->image.header.data.offset));
	set_cut(c, phrase);
	c->image.records_lost = true;
	c->image.data_end = c->at;
	return NULL;
}

/* Bytes too few for a record are a cut, too. */
static const struct perf_event_header *end_of_data(struct perfdata *c)
{
	if (c->image.records_lost || c->at != c->image.data_end)
		return end_at_cut(c);
	return NULL;
}

/* Bytes of the record and of what follows it outside of its size; 0: cut. */
static uint64_t whole_size(const struct perfdata *c,
			   const struct perf_event_header *record)
{
	const uint64_t left = c->image.data_end - c->at;
	const uint64_t size = record_size(record);
	uint64_t payload = 0;

	if (size < sizeof(*record) || size > left)
		return 0;
	if (record_type(record) == PERFDATA_AUXTRACE_RECORD) {
		if (size < sizeof(*record) + sizeof(payload))
			return 0;
		payload = load_u64(record + 1);
	}
	return payload > left - size ? 0 : size + payload;
}

static bool is_wanted(uint32_t type)
{
	return type < RECORD_USER_START || type == RECORD_FINISHED_ROUND;
}

static bool is_compressed(uint32_t type)
{
	return type == PERFDATA_COMPRESSED_RECORD ||
	       type == PERFDATA_COMPRESSED2_RECORD;
}

const struct perf_event_header *perfdata_next(struct perfdata *c)
{
	while (c->image.data_end - c->at >= sizeof(struct perf_event_header)) {
		const struct perf_event_header *record =
			(const void *)(c->image.bytes + c->at);
		const uint64_t size = whole_size(c, record);

		/* Compressed records are announced in the header, or a lie. */
		if (!size || is_compressed(record_type(record)))
			return end_at_cut(c);
		c->at += size;
		release_behind(c);
		if (is_wanted(record_type(record)))
			return record;
	}
	return end_of_data(c);
}
