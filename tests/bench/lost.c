#include "lost.h"

#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pfa/base/mem.h"

enum { TAIL_BYTES = 64 << 10 };

/* tools/perf/Documentation/perf.data-file-format.txt */
struct header {
	char magic[8]; /* PERFILE2 */
	uint64_t size, attr_size;
	uint64_t attrs_at, attrs_size;
	uint64_t data_at, data_size;
};

struct lost_record {
	struct perf_event_header header;
	uint64_t id, lost;
};

struct lost_samples_record {
	struct perf_event_header header;
	uint64_t lost;
};

struct losses {
	uint64_t told_by_ring, told_by_counters;
};

static void add_record(struct losses *losses, const unsigned char *bytes,
		       const struct perf_event_header *header)
{
	struct lost_record ring;
	struct lost_samples_record counter;

	if (header->type == PERF_RECORD_LOST && header->size >= sizeof(ring)) {
		memcpy(&ring, bytes, sizeof(ring));
		losses->told_by_ring += ring.lost;
	}
	if (header->type == PERF_RECORD_LOST_SAMPLES &&
	    header->size >= sizeof(counter)) {
		memcpy(&counter, bytes, sizeof(counter));
		losses->told_by_counters += counter.lost;
	}
}

/* Both tell of the same losses, the counters also of those at the very end. */
static uint64_t lost_of_data(const unsigned char *bytes, uint64_t size)
{
	struct losses losses = { 0 };

	while (size >= sizeof(struct perf_event_header)) {
		struct perf_event_header header;

		memcpy(&header, bytes, sizeof(header));
		if (header.size < sizeof(header) || header.size > size)
			break;
		add_record(&losses, bytes, &header);
		bytes += header.size;
		size -= header.size;
	}
	return losses.told_by_ring > losses.told_by_counters
		       ? losses.told_by_ring
		       : losses.told_by_counters;
}

static bool lost_of_perfdata(const unsigned char *bytes, size_t size,
			     uint64_t *lost)
{
	struct header header;

	if (size < sizeof(header))
		return false;
	memcpy(&header, bytes, sizeof(header));
	if (memcmp(header.magic, "PERFILE2", sizeof(header.magic)) != 0 ||
	    header.data_at > size || header.data_size > size - header.data_at)
		return false;
	*lost = lost_of_data(bytes + header.data_at, header.data_size);
	return true;
}

static bool lost_of_capture(const char *path, uint64_t *lost)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st = { 0 };
	void *bytes = MAP_FAILED;
	bool known = false;

	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 0)
		bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes != MAP_FAILED) {
		known = lost_of_perfdata(bytes, (size_t)st.st_size, lost);
		munmap(bytes, (size_t)st.st_size);
	}
	if (fd >= 0)
		close(fd);
	return known;
}

char *tail_of_file(const char *path)
{
	char *text = pfa_alloc(TAIL_BYTES + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st = { 0 };
	ssize_t n;

	if (fd < 0)
		return text;
	fstat(fd, &st);
	n = pread(fd, text, TAIL_BYTES,
		  st.st_size > TAIL_BYTES ? st.st_size - TAIL_BYTES : 0);
	text[n > 0 ? n : 0] = '\0';
	close(fd);
	return text;
}

bool lost_records(const char *path, uint64_t *lost)
{
	static const char words[] = "\n  lost ";
	char *text, *at;

	if (lost_of_capture(path, lost))
		return true;
	text = tail_of_file(path);
	at = strstr(text, words);
	if (at)
		*lost = strtoull(at + strlen(words), NULL, 10);
	free(text);
	return at != NULL;
}
