#include "pfa/source/perfdata_tables.h"

#include <string.h>

#include "pfa/base/bytes.h"

enum pfa_status perfdata_image_refuse(const struct perfdata_image *image,
				      struct pfa_error *err, const char *why)
{
	return pfa_fail(err, PFA_E_FORMAT, "%s: %s", image->name, why);
}

/* A section is cut when it runs past the end, absurd when it wraps around. */
static bool is_absurd(const struct perfdata_section *section)
{
	return section->size > UINT64_MAX - section->offset;
}

static bool is_inside(const struct perfdata_image *image,
		      const struct perfdata_section *section)
{
	return section->offset <= image->length &&
	       section->size <= image->length - section->offset;
}

static const char *check_magic(const struct perfdata_image *image)
{
	uint64_t magic;

	if (!image->length)
		return "empty file, not a capture";
	if (image->length < PERFDATA_PIPE_HEADER_BYTES)
		return "not a perf.data capture";
	magic = load_u64(image->bytes);
	if (magic == __builtin_bswap64(PERFDATA_MAGIC))
		return "a capture of another byte order: read it on the kind of "
		       "machine that recorded it";
	if (magic != PERFDATA_MAGIC)
		return "not a perf.data capture";
	if (load_u64(image->bytes + 8) == PERFDATA_PIPE_HEADER_BYTES)
		return "a capture in pipe mode: record to a file with -o FILE";
	return NULL;
}

static const char *check_attrs(const struct perfdata_image *image)
{
	const struct perfdata_header *h = &image->header;
	const uint64_t overhead = sizeof(struct perfdata_section);

	if (h->attr_size < PERFDATA_ATTR_MIN_BYTES + overhead ||
	    h->attr_size > PERFDATA_ATTR_MAX_BYTES + overhead ||
	    is_absurd(&h->attrs))
		return "damaged: impossible event table, record it again";
	if (h->attrs.size < h->attr_size)
		return "it has no events, record it again";
	if (!is_inside(image, &h->attrs))
		return "cut off before its first record, record it again";
	return NULL;
}

static const char *check_data(const struct perfdata_image *image)
{
	const struct perfdata_header *h = &image->header;

	if (is_absurd(&h->data) || h->data.offset < sizeof(*h))
		return "damaged: impossible data section, record it again";
	if (h->data.offset > image->length)
		return "cut off before its first record, record it again";
	return NULL;
}

static bool has_feature(const struct perfdata_image *image, unsigned bit)
{
	return image->header.features[bit / 64] >> (bit % 64) & 1;
}

static enum pfa_status read_header(struct perfdata_image *image,
				   struct pfa_error *err)
{
	struct perfdata_header *header = &image->header;
	const char *why = check_magic(image);

	if (why)
		return perfdata_image_refuse(image, err, why);
	if (load_u64(image->bytes + 8) != sizeof(*header))
		return perfdata_image_refuse(image, err, "a header of unknown "
				"size: record it again with a newer perf");
	if (image->length < sizeof(*header))
		return perfdata_image_refuse(image, err, "cut off in its header, "
				"record it again");
	memcpy(header, image->bytes, sizeof(*header));
	why = check_attrs(image);
	if (!why)
		why = check_data(image);
	if (!why && has_feature(image, PERFDATA_COMPRESSED))
		why = "compressed records: record again without -z";
	return why ? perfdata_image_refuse(image, err, why) : PFA_OK;
}

/* The data of a capture that was not finished goes on to the file's end. */
static void find_data_end(struct perfdata_image *image)
{
	const struct perfdata_section *data = &image->header.data;

	image->data_end = data->offset + data->size;
	if (data->size && image->data_end <= image->length)
		return;
	image->data_end = image->length;
	image->records_lost = true;
	image->cut = "cut off among its records";
}

static enum pfa_status read_feature(struct perfdata_image *image,
				    unsigned bit, struct cursor *table,
				    struct pfa_error *err)
{
	struct perfdata_section *section = &image->features[bit];

	section->offset = cursor_u64(table);
	section->size = cursor_u64(table);
	if (is_absurd(section))
		return perfdata_image_refuse(image, err, "damaged: impossible "
				"feature section, record it again");
	if (!is_inside(image, section)) {
		section->size = 0;
		image->cut = "cut off in its feature sections";
	}
	return PFA_OK;
}

static enum pfa_status read_features(struct perfdata_image *image,
				     struct pfa_error *err)
{
	struct cursor table = cursor_of(image->bytes + image->data_end,
					image->length - image->data_end);
	enum pfa_status status = PFA_OK;

	for (unsigned bit = 0; bit < PERFDATA_FEATURE_BITS && !status; bit++)
		if (has_feature(image, bit))
			status = read_feature(image, bit, &table, err);
	if (table.bad)
		image->cut = "cut off in its feature table";
	/* Whoever could finish a capture describes its events: perf and pfa do. */
	if (!has_feature(image, PERFDATA_EVENT_DESC)) {
		image->records_lost = true;
		image->cut = "not finished by its recorder";
	}
	return status;
}

enum pfa_status perfdata_image_read(struct perfdata_image *image,
				    struct pfa_error *err)
{
	enum pfa_status status = read_header(image, err);

	if (status)
		return status;
	find_data_end(image);
	return image->cut ? PFA_OK : read_features(image, err);
}
