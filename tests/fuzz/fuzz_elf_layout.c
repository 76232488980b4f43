/* An ELF image from outside: whatever is read from it can be asked and carried. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/text.h"
#include "pfa/symbol/elf_layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

/* Around every boundary that the file itself names. */
static void ask(const struct elf_layout *layout)
{
	size_t i;
	uint32_t prot;

	for (i = 0; i < layout->segment_count; i++) {
		const struct elf_segment *s = &layout->segments[i];

		for (prot = 0; prot < 8; prot++) {
			(void)elf_layout_segment(layout, s->offset - 1, prot);
			check(!s->file_size ||
			      elf_layout_segment(layout, s->offset, prot) != NULL);
			(void)elf_layout_segment(layout, s->offset + s->file_size, prot);
		}
	}
	for (i = 0; i < layout->section_count; i++) {
		const struct elf_section *s = &layout->sections[i];

		check(s->size > 0 && elf_layout_section(layout, s->addr) != NULL);
		(void)elf_layout_section(layout, s->addr - 1);
		(void)elf_layout_section(layout, s->addr + s->size);
	}
}

static void carry(const struct elf_layout *layout)
{
	struct text first, second;
	struct elf_layout *again;
	struct pfa_error err;

	text_init(&first);
	text_init(&second);
	elf_layout_pack(layout, &first);
	check(first.length <= ELF_LAYOUT_TEXT_MAX);
	check(elf_layout_unpack(text_cstr(&first), first.length, &again, &err) == PFA_OK);
	elf_layout_pack(again, &second);
	check(!strcmp(text_cstr(&first), text_cstr(&second)));
	elf_layout_free(again);
	text_release(&first);
	text_release(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct elf_layout *layout;
	struct pfa_error err;

	if (elf_layout_read_image(bytes, size, &layout, &err) != PFA_OK)
		return 0;
	ask(layout);
	carry(layout);
	elf_layout_free(layout);
	return 0;
}
