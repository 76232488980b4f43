/*
 * From a capture's tables to the event list: formats, attributes, names, ids.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/bytes.h"
#include "pfa/base/mem.h"
#include "pfa/decode/evlist.h"
#include "pfa/decode/formats.h"
#include "pfa/decode/note.h"
#include "pfa/source/perfdata_features.h"
#include "pfa/source/perfdata_tables.h"

/* One entry of the attrs section. */
struct entry {
	struct perf_event_attr attr;
	struct perfdata_section ids;
};

static size_t entry_count(const struct perfdata_image *image)
{
	return (size_t)(image->header.attrs.size / image->header.attr_size);
}

/*
 * Other versions of perf know fewer fields of the attribute, or more. Missing
 * ones are 0; what pfa does not know it cannot use.
 */
static struct entry read_entry(const struct perfdata_image *image, size_t index)
{
	const uint64_t stride = image->header.attr_size;
	const unsigned char *at =
		image->bytes + image->header.attrs.offset + index * stride;
	size_t attr_bytes = (size_t)stride - sizeof(struct perfdata_section);
	struct entry entry = { 0 };

	memcpy(&entry.ids, at + attr_bytes, sizeof(entry.ids));
	if (attr_bytes > sizeof(entry.attr))
		attr_bytes = sizeof(entry.attr);
	memcpy(&entry.attr, at, attr_bytes);
	return entry;
}

/*
 * Ids lie inside the file, and together they are no more than it holds: the
 * same bytes claimed by every event would be a bomb.
 */
static enum pfa_status check_ids(const struct perfdata_image *image,
				 struct pfa_error *err)
{
	uint64_t total = 0;

	for (size_t i = 0; i < entry_count(image); i++) {
		const struct perfdata_section ids = read_entry(image, i).ids;

		if (ids.offset > image->length ||
		    ids.size > image->length - ids.offset ||
		    ids.size % sizeof(uint64_t) ||
		    ids.size > image->length - total)
			return perfdata_image_refuse(image, err,
					"damaged: impossible event ids, "
					"record it again");
		total += ids.size;
	}
	return PFA_OK;
}

/*
 * In a capture of ours TRACING_DATA follows the attrs, so that it is there even
 * when the table that announces it is not. Size 0: nothing there.
 */
static struct perfdata_section find_tracing_data(const struct perfdata_image *image)
{
	const struct perfdata_section *attrs = &image->header.attrs;
	const struct perfdata_section nothing = { 0 };
	struct perfdata_section found = { .offset = attrs->offset + attrs->size };

	if (image->features[PERFDATA_TRACING_DATA].size)
		return image->features[PERFDATA_TRACING_DATA];
	if (found.offset >= image->header.data.offset)
		return nothing;
	found.size = image->header.data.offset - found.offset;
	if (found.size < 3 || memcmp(image->bytes + found.offset, "\x17\x08\x44", 3))
		return nothing;
	return found;
}

static enum pfa_status add_formats(const struct perfdata_image *image,
				   struct formats *formats,
				   struct pfa_error *err)
{
	const struct perfdata_section found = find_tracing_data(image);
	enum pfa_status status;
	struct pfa_error why;

	if (!found.size)
		return PFA_OK;
	status = formats_add_tracing_data(formats, image->bytes + found.offset,
					  (size_t)found.size, &why);
	return status ? perfdata_image_refuse(image, err, why.text) : PFA_OK;
}

static const char *software_name(uint64_t config)
{
	static const struct {
		uint64_t config;
		const char *name;
	} rows[] = {
		{ PERF_COUNT_SW_PAGE_FAULTS, "page-faults" },
		{ PERF_COUNT_SW_PAGE_FAULTS_MIN, "minor-faults" },
		{ PERF_COUNT_SW_PAGE_FAULTS_MAJ, "major-faults" },
		{ PERF_COUNT_SW_DUMMY, "dummy" },
		/* Of a cut capture of ours: perf names its own. */
		{ PERF_COUNT_SW_BPF_OUTPUT, NOTE_EVENT_NAME },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].config == config)
			return rows[i].name;
	return NULL;
}

static char *plain_name(const struct perf_event_attr *attr)
{
	const char *known = attr->type == PERF_TYPE_SOFTWARE ?
				    software_name(attr->config) : NULL;
	char name[64];

	if (known)
		return pfa_strdup(known);
	snprintf(name, sizeof(name), "type %u config 0x%llx", attr->type,
		 (unsigned long long)attr->config);
	return pfa_strdup(name);
}

/*
 * EVENT_DESC holds what the user typed ("exceptions:page_fault_user:k"), so for
 * a tracepoint its format is the better witness. Caller frees.
 */
static char *name_of(const struct perf_event_attr *attr, const char *described,
		     struct formats *formats)
{
	char *name = NULL;

	if (attr->type == PERF_TYPE_TRACEPOINT)
		name = formats_event_name(formats, attr->config);
	if (!name && described)
		name = pfa_strdup(described);
	return name ? name : plain_name(attr);
}

static void add_event(struct perfdata_image *image, size_t index,
		      const char *described, struct evlist *list,
		      struct formats *formats)
{
	const struct entry entry = read_entry(image, index);
	char *name = name_of(&entry.attr, described, formats);
	struct evsel *evsel = evlist_add(list, &entry.attr, name);

	/* Nobody could name it: perf writes the formats last. */
	if (entry.attr.type == PERF_TYPE_TRACEPOINT && !strchr(name, ':'))
		image->formats_lost = true;
	for (uint64_t at = 0; at < entry.ids.size; at += sizeof(uint64_t))
		evlist_add_id(list, evsel,
			      load_u64(image->bytes + entry.ids.offset + at));
	free(name);
}

enum pfa_status perfdata_image_events(struct perfdata_image *image,
				      struct evlist *list,
				      struct formats *formats,
				      struct pfa_error *err)
{
	const struct perfdata_section desc = image->features[PERFDATA_EVENT_DESC];
	const size_t count = entry_count(image);
	enum pfa_status status = check_ids(image, err);
	char **names;

	if (!status)
		status = add_formats(image, formats, err);
	if (status)
		return status;
	names = pfa_alloc(count * sizeof(*names));
	if (desc.size)
		perfdata_feature_names(image->bytes + desc.offset,
				       (size_t)desc.size, names, count);
	for (size_t i = 0; i < count; i++) {
		add_event(image, i, names[i], list, formats);
		free(names[i]);
	}
	free(names);
	return PFA_OK;
}
