#include "pfa/report/prefetch_list.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/mem.h"
#include "pfa/base/outfile.h"
#include "pfa/model/backing.h"
#include "pfa/report/first_touch.h"

enum { FAULT_AROUND_BYTES = 16 * 4096 };

struct range {
	const struct backing *file;
	size_t file_rank; /* of its first page */
	uint64_t start, end;
};

static bool is_readable(const struct backing *file)
{
	static const char deleted[] = " (deleted)";
	size_t length = strlen(file->name), tail = sizeof(deleted) - 1;

	return *file->name == '/' &&
	       !(length > tail && !strcmp(file->name + length - tail, deleted));
}

static int compare_places(const void *a, const void *b)
{
	const struct range *x = a, *y = b;
	int order = strcmp(x->file->name, y->file->name);

	if (!order)
		order = (x->start > y->start) - (x->start < y->start);
	return order ? order : (x->end > y->end) - (x->end < y->end);
}

static int compare_ranks(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	if (x->file_rank != y->file_rank)
		return x->file_rank < y->file_rank ? -1 : 1;
	return (x->start > y->start) - (x->start < y->start);
}

static struct range *ranges_of(const struct first_touch *first, size_t *count)
{
	size_t pages, n = 0;
	const struct touched_page *page = first_touch_pages(first, &pages);
	struct range *ranges = pfa_alloc(pages * sizeof(*ranges));

	for (size_t i = 0; i < pages; i++, page++)
		if (is_readable(page->file))
			ranges[n++] = (struct range){
				page->file, i, page->offset_bytes,
				page->offset_bytes + page->size_bytes };
	*count = n;
	return ranges;
}

/* A path that named two files in turn is one file to whoever reads it. */
static bool is_same_file(const struct range *x, const struct range *y)
{
	return !strcmp(x->file->name, y->file->name);
}

/* Each file's ranges get the rank of its first page; they stand together. */
static void rank_files(struct range *ranges, size_t count)
{
	for (size_t i = 0, past; i < count; i = past) {
		size_t first = ranges[i].file_rank;

		for (past = i; past < count && is_same_file(&ranges[i], &ranges[past]);
		     past++)
			if (ranges[past].file_rank < first)
				first = ranges[past].file_rank;
		for (size_t j = i; j < past; j++)
			ranges[j].file_rank = first;
	}
}

/* Of a sorted list, in place; returns how many are left. */
static size_t join_near(struct range *ranges, size_t count)
{
	size_t joined = 0;

	for (size_t i = 0; i < count; i++) {
		struct range *last = joined ? &ranges[joined - 1] : NULL;

		if (!last || !is_same_file(last, &ranges[i]) ||
		    ranges[i].start > last->end + FAULT_AROUND_BYTES)
			ranges[joined++] = ranges[i];
		else if (ranges[i].end > last->end)
			last->end = ranges[i].end;
	}
	return joined;
}

static void print_range(const struct range *range, struct outfile *out)
{
	text_escaped(&out->text, range->file->name);
	text_char(&out->text, '\t');
	text_dec(&out->text, range->start);
	text_char(&out->text, '\t');
	text_dec(&out->text, range->end - range->start);
	text_char(&out->text, '\n');
	outfile_push(out);
}

void prefetch_list_print(const struct first_touch *first, struct outfile *out)
{
	size_t count;
	struct range *ranges = ranges_of(first, &count);

	qsort(ranges, count, sizeof(*ranges), compare_places);
	rank_files(ranges, count);
	count = join_near(ranges, count);
	qsort(ranges, count, sizeof(*ranges), compare_ranks);
	for (size_t i = 0; i < count; i++)
		print_range(&ranges[i], out);
	free(ranges);
}
