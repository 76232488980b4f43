#include "pfa/symbol/debug_data.h"

#include <lzma.h>
#include <stdlib.h>

#include "pfa/base/mem.h"
#include "pfa/symbol/elf_file.h"

enum {
	/* Those of Fedora's libraries take up to a megabyte, unpacked ten. */
	PACKED_MAX = 64 << 20,
	UNPACKED_MAX = 512 << 20,
	DECODER_MEMORY_MAX = 256 << 20,
};

/* Into `size` bytes at *image, which grows. False: broken, or larger than we want. */
static bool decode(lzma_stream *stream, unsigned char **image, size_t *size)
{
	size_t capacity = 1 << 20;
	lzma_ret result;

	do {
		capacity *= 2;
		*image = pfa_realloc(*image, capacity);
		stream->next_out = *image + stream->total_out;
		stream->avail_out = capacity - stream->total_out;
		result = lzma_code(stream, LZMA_FINISH);
	} while (result == LZMA_OK && capacity < UNPACKED_MAX);
	*size = stream->total_out;
	return result == LZMA_STREAM_END;
}

static unsigned char *unpack(const Elf_Data *packed, size_t *size)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	unsigned char *image = NULL;
	bool ok;

	if (lzma_stream_decoder(&stream, DECODER_MEMORY_MAX, 0) != LZMA_OK)
		return NULL;
	stream.next_in = packed->d_buf;
	stream.avail_in = packed->d_size;
	ok = decode(&stream, &image, size);
	lzma_end(&stream);
	if (ok)
		return image;
	free(image);
	return NULL;
}

struct elf_file *debug_data_open(const struct elf_file *file)
{
	Elf_Data *packed = elf_file_bytes(file, ".gnu_debugdata", PACKED_MAX);
	size_t size;
	unsigned char *image = packed ? unpack(packed, &size) : NULL;

	return image ? elf_file_of_image(image, size, true) : NULL;
}
