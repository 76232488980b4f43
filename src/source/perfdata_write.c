#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pfa/base/mem.h"
#include "pfa/base/outfile.h"
#include "pfa/base/text.h"
#include "pfa/decode/record.h"
#include "pfa/source/perfdata.h"
#include "pfa/source/perfdata_features.h"
#include "pfa/source/perfdata_format.h"
#include "pfa/source/perfdata_head.h"

enum { BUFFER_BYTES = 256 * 1024 };

struct perfdata_writer {
	int fd;
	char *path;
	struct perfdata_header header;
	struct perfdata_features features;
	unsigned char *buffer; /* whole records only */
	size_t used;
	uint64_t kept; /* bytes of whole records that reached the file */
	struct pfa_error failed; /* the first failure; PFA_OK: none yet */
};

/* Writes all of it, or returns errno and how much of it got there. */
static int write_all(int fd, const void *bytes, size_t size, size_t *reached)
{
	for (*reached = 0; *reached < size;) {
		ssize_t n = write(fd, (const char *)bytes + *reached,
				  size - *reached);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? errno : ENOSPC;
		*reached += (size_t)n;
	}
	return 0;
}

/* The first failure is the one to tell. */
static void fail(struct perfdata_writer *w, int error)
{
	if (!w->failed.status)
		pfa_fail(&w->failed, PFA_E_IO,
			 "%s: %s; the capture is kept up to here", w->path,
			 strerror(error));
}

/* How much of the `reached` bytes is whole records. */
static size_t whole_records(const unsigned char *records, size_t reached)
{
	const size_t header = sizeof(struct perf_event_header);
	size_t at = 0;

	while (reached - at >= header) {
		const size_t size = record_size((const void *)(records + at));

		if (size < header || size > reached - at)
			break;
		at += size;
	}
	return at;
}

/* Failures stay: what follows a gap would not be a capture any more. */
static enum pfa_status write_records(struct perfdata_writer *w,
				     const void *records, size_t size)
{
	size_t reached;
	int error;

	if (w->failed.status)
		return w->failed.status;
	error = write_all(w->fd, records, size, &reached);
	if (error) {
		fail(w, error);
		reached = whole_records(records, reached);
	}
	w->kept += reached;
	return w->failed.status;
}

static enum pfa_status flush(struct perfdata_writer *w)
{
	const size_t used = w->used;

	w->used = 0;
	return write_records(w, w->buffer, used);
}

enum pfa_status perfdata_write(struct perfdata_writer *w, const void *records,
			       size_t bytes, struct pfa_error *err)
{
	enum pfa_status status = w->failed.status;

	if (!status && w->used + bytes > BUFFER_BYTES)
		status = flush(w);
	if (!status && bytes > BUFFER_BYTES) {
		status = write_records(w, records, bytes);
	} else if (!status) {
		memcpy(w->buffer + w->used, records, bytes);
		w->used += bytes;
	}
	if (status)
		*err = w->failed;
	return status;
}

enum pfa_status perfdata_write_round(struct perfdata_writer *w,
				     struct pfa_error *err)
{
	static const struct perf_event_header round = {
		.type = RECORD_FINISHED_ROUND,
		.size = sizeof(round),
	};

	return perfdata_write(w, &round, sizeof(round), err);
}

static enum pfa_status write_head(struct perfdata_writer *w,
				  const struct evlist *list,
				  const struct perfdata_about *about,
				  struct pfa_error *err)
{
	struct text head;
	size_t reached;
	int error;

	text_init(&head);
	perfdata_head_build(list, about, &w->header, &w->features, &head);
	error = write_all(w->fd, head.bytes, head.length, &reached);
	text_release(&head);
	if (error)
		return pfa_fail(err, PFA_E_IO,
				"%s: %s (choose another file with -o)", w->path,
				strerror(error));
	return PFA_OK;
}

static enum pfa_status create(struct perfdata_writer *w, struct pfa_error *err)
{
	if (!strcmp(w->path, "-"))
		return pfa_fail(err, PFA_E_USAGE, "a capture cannot go to stdout: "
				"name a file with -o");
	w->fd = open(w->path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (w->fd < 0)
		return pfa_fail(err, errno == EACCES ? PFA_E_PERM : PFA_E_IO,
				"%s: %s (choose another file with -o)", w->path,
				strerror(errno));
	if (lseek(w->fd, 0, SEEK_SET) < 0)
		return pfa_fail(err, PFA_E_USAGE,
				"%s: a capture cannot go to a pipe: name a file "
				"with -o", w->path);
	return PFA_OK;
}

static void writer_free(struct perfdata_writer *w)
{
	if (w->fd >= 0)
		close(w->fd);
	perfdata_features_release(&w->features);
	free(w->buffer);
	free(w->path);
	free(w);
}

enum pfa_status perfdata_writer_open(struct perfdata_writer **writer,
				     const char *path,
				     const struct evlist *list,
				     const struct perfdata_about *about,
				     struct pfa_error *err)
{
	struct perfdata_writer *w = pfa_alloc(sizeof(*w));
	enum pfa_status status;

	*writer = NULL;
	w->fd = -1;
	w->path = pfa_strdup(path);
	w->buffer = pfa_alloc(BUFFER_BYTES);
	perfdata_features_init(&w->features);
	perfdata_features_describe(&w->features, list, about->cmdline);
	status = create(w, err);
	if (!status) {
		status = write_head(w, list, about, err);
		if (status) /* less than a head is no capture at all */
			outfile_remove(path);
	}
	if (status)
		writer_free(w);
	else
		*writer = w;
	return status;
}

/*
 * After a failure only TRACING_DATA is announced: enough for perf to name the
 * tracepoints, and the missing EVENT_DESC tells readers that records were lost.
 * Ending the file at the last whole record may have made room for the table.
 */
static void drop_to_minimum(struct perfdata_writer *w)
{
	w->features.bits &= 1ULL << PERFDATA_TRACING_DATA;
	text_clear(&w->features.contents);
	if (ftruncate(w->fd, (off_t)(w->header.data.offset + w->kept)))
		w->features.bits = 0;
}

static int write_at(struct perfdata_writer *w, uint64_t at, const void *bytes,
		    size_t size)
{
	size_t reached;

	if (lseek(w->fd, (off_t)at, SEEK_SET) < 0)
		return errno;
	return write_all(w->fd, bytes, size, &reached);
}

static int write_features(struct perfdata_writer *w)
{
	const uint64_t at = w->header.data.offset + w->kept;
	struct text out;
	int error;

	text_init(&out);
	perfdata_features_build(&w->features, at, &out);
	error = write_at(w, at, out.bytes, out.length);
	text_release(&out);
	return error;
}

static void finish_features(struct perfdata_writer *w)
{
	int error = w->failed.status ? 0 : write_features(w);

	if (error)
		fail(w, error);
	if (!w->failed.status)
		return;
	drop_to_minimum(w);
	if (w->features.bits && write_features(w))
		w->features.bits = 0;
}

/* Last of all: from here on the file claims to be whole. */
static void finish_header(struct perfdata_writer *w)
{
	int error;

	w->header.data.size = w->kept;
	w->header.features[0] = w->features.bits;
	error = write_at(w, 0, &w->header, sizeof(w->header));
	if (error)
		fail(w, error);
}

enum pfa_status perfdata_writer_finish(struct perfdata_writer *w,
				       uint64_t first_ns, uint64_t last_ns,
				       struct pfa_error *err)
{
	enum pfa_status status;

	if (!w->kept && !w->used) /* data of no bytes would look unfinished */
		(void)!perfdata_write_round(w, err);
	(void)!flush(w);
	perfdata_features_sample_time(&w->features, first_ns, last_ns);
	finish_features(w);
	finish_header(w);
	if (close(w->fd))
		fail(w, errno);
	w->fd = -1;
	status = w->failed.status;
	if (status)
		*err = w->failed;
	writer_free(w);
	return status;
}
