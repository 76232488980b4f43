#include "pfa/symbol/build_id.h"

#include <gelf.h>
#include <string.h>

enum {
	/* A file's notes take some hundred bytes; libelf would load what it claims. */
	NOTES_SIZE_MAX = 1 << 16,
	SEGMENTS_MAX = 1 << 10,
};

void build_id_set(struct build_id *id, const void *bytes, uint64_t length)
{
	id->length = length < BUILD_ID_MAX ? (uint8_t)length : BUILD_ID_MAX;
	memcpy(id->bytes, bytes, id->length);
}

static bool is_build_id(const Elf_Data *data, const GElf_Nhdr *note, size_t name)
{
	return note->n_type == NT_GNU_BUILD_ID && note->n_descsz > 0 &&
	       note->n_namesz == sizeof("GNU") &&
	       !memcmp((const char *)data->d_buf + name, "GNU", sizeof("GNU"));
}

/* True once it is found. */
static bool search_notes(Elf_Data *data, struct build_id *id)
{
	size_t at = 0, name, bytes;
	GElf_Nhdr note;

	while ((at = gelf_getnote(data, at, &note, &name, &bytes)) > 0) {
		if (!is_build_id(data, &note, name))
			continue;
		build_id_set(id, (const char *)data->d_buf + bytes, note.n_descsz);
		return true;
	}
	return false;
}

static Elf_Data *notes_of(Elf *elf, const GElf_Phdr *ph)
{
	if (ph->p_type != PT_NOTE || ph->p_filesz > NOTES_SIZE_MAX)
		return NULL;
	return elf_getdata_rawchunk(elf, (int64_t)ph->p_offset, ph->p_filesz,
				    ph->p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR);
}

void build_id_read(Elf *elf, struct build_id *id)
{
	size_t count, i;
	GElf_Phdr ph;

	memset(id, 0, sizeof(*id));
	if (elf_getphdrnum(elf, &count) != 0)
		return;
	for (i = 0; i < count && i < SEGMENTS_MAX; i++) {
		Elf_Data *data = gelf_getphdr(elf, (int)i, &ph) ? notes_of(elf, &ph) : NULL;

		if (data && search_notes(data, id))
			return;
	}
}

bool build_id_same(const struct build_id *a, const struct build_id *b)
{
	return a->length && a->length == b->length &&
	       !memcmp(a->bytes, b->bytes, a->length);
}

const char *build_id_text(const struct build_id *id, char text[BUILD_ID_TEXT_MAX])
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < id->length; i++) {
		text[2 * i] = digits[id->bytes[i] >> 4];
		text[2 * i + 1] = digits[id->bytes[i] & 15];
	}
	text[2 * i] = '\0';
	return text;
}
