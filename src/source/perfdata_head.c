#include "pfa/source/perfdata_head.h"

#include <string.h>

#include "pfa/base/text.h"
#include "pfa/decode/evlist.h"
#include "pfa/source/perfdata.h"
#include "pfa/source/perfdata_features.h"

static void put(struct text *t, const void *bytes, size_t size)
{
	text_bytes(t, bytes, size);
}

static void put_ids(struct text *head, const struct evlist *list)
{
	for (size_t i = 0; i < list->count; i++)
		put(head, list->evsels[i]->ids,
		    list->evsels[i]->id_count * sizeof(uint64_t));
}

static void put_attrs(struct text *head, const struct evlist *list)
{
	uint64_t ids_offset = sizeof(struct perfdata_header);

	for (size_t i = 0; i < list->count; i++) {
		const struct evsel *evsel = list->evsels[i];
		struct perfdata_attr entry = { .attr = evsel->attr };

		/* perf reads attr.size bytes, whatever the file's attr_size. */
		entry.attr.size = sizeof(entry.attr);
		entry.ids.offset = ids_offset;
		entry.ids.size = evsel->id_count * sizeof(uint64_t);
		ids_offset += entry.ids.size;
		put(head, &entry, sizeof(entry));
	}
}

static void put_tracing_data(struct text *head,
			     const struct perfdata_about *about,
			     struct perfdata_features *features)
{
	if (about->tracing_data) {
		struct perfdata_section *section =
			&features->sections[PERFDATA_TRACING_DATA];

		section->offset = head->length;
		section->size = about->tracing_data_bytes;
		features->bits |= 1ULL << PERFDATA_TRACING_DATA;
		put(head, about->tracing_data, about->tracing_data_bytes);
	}
	while (head->length % 8) /* records are aligned */
		text_char(head, '\0');
}

void perfdata_head_build(const struct evlist *list,
			 const struct perfdata_about *about,
			 struct perfdata_header *header,
			 struct perfdata_features *features, struct text *head)
{
	*header = (struct perfdata_header){
		.magic = PERFDATA_MAGIC,
		.size = sizeof(*header),
		.attr_size = sizeof(struct perfdata_attr),
	};
	put(head, header, sizeof(*header));
	put_ids(head, list);
	header->attrs.offset = head->length;
	put_attrs(head, list);
	header->attrs.size = head->length - header->attrs.offset;
	put_tracing_data(head, about, features);
	header->data.offset = head->length;
	memcpy(head->bytes, header, sizeof(*header));
}
