/* A layout note from a capture: accepted only if packing gives the same bytes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/text.h"
#include "pfa/symbol/elf_layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct elf_layout *layout;
	struct pfa_error err;
	struct text out;

	if (elf_layout_unpack((const char *)bytes, size, &layout, &err) != PFA_OK)
		return 0;
	text_init(&out);
	elf_layout_pack(layout, &out);
	if (out.length != size || (size && memcmp(out.bytes, bytes, size) != 0))
		abort();
	text_release(&out);
	elf_layout_free(layout);
	return 0;
}
