#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <endian.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pfa/base/text.h"
#include "pfa/symbol/elf_layout.h"

static const char section_names[] =
	"\0.shstrtab\0.text\0.data\0.tbss\0.bss\0.comment\0bad \x1b[m\0"
	"a_name_of_a_section_that_goes_on_and_on_and_on";

static const struct {
	const char *name;
	uint64_t type, flags, addr, size;
} made_sections[] = {
	{ ".shstrtab", SHT_STRTAB, 0, 0, sizeof(section_names) },
	{ ".bss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE, 0x2300, 0x80 },
	{ ".tbss", SHT_NOBITS, SHF_ALLOC | SHF_TLS, 0x2300, 0x40 },
	{ ".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 0x2280, 0x80 },
	{ ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 0x1100, 0x100 },
	{ ".comment", SHT_PROGBITS, 0, 0, 0x10 },
	{ "bad \x1b[m", SHT_PROGBITS, SHF_ALLOC, 0x1000, 0x20 },
	{ "a_name_of_a_section", SHT_PROGBITS, SHF_ALLOC, 0x1020, 0x20 },
	{ "", SHT_PROGBITS, SHF_ALLOC, 0x1040, 0x20 },
	{ ".data", SHT_PROGBITS, SHF_ALLOC, 0x1060, 0 },
};

static const char made_layout[] =
	"build-id 000102030405060708090a0b0c0d0e0f10111213\n"
	"tls 0x2280 0x98 0x10\n"
	"segment 0x1000 0x0 0x280 0x280 r-x\n"
	"segment 0x2280 0x280 0x80 0x100 rw-\n"
	"section 0x1000 0x20 bad??[m\n"
	"section 0x1020 0x20 a_name_of_a_section_that_goes_on_and\n"
	"section 0x1100 0x100 .text\n"
	"section 0x2280 0x80 .data\n"
	"section 0x2300 0x80 .bss\n";

/* Somebody else's note, then a build-id that is longer than what is kept. */
enum { MADE_NOTES = 0x800, MADE_NOTES_SIZE = 2 * (3 * 4 + 4) + 4 + 24 };

static void put(int fd, size_t offset, uint64_t value, size_t size)
{
	assert_int_equal(pwrite(fd, &value, size, (off_t)offset), (ssize_t)size);
}

static size_t put_note(int fd, size_t at, bool big_endian, const char *owner,
		       size_t length)
{
	uint32_t head[3] = { 4, (uint32_t)length, NT_GNU_BUILD_ID };
	size_t i;

	for (i = 0; i < 3; i++)
		put(fd, at + 4 * i, big_endian ? htobe32(head[i]) : htole32(head[i]), 4);
	assert_int_equal(pwrite(fd, owner, 4, (off_t)at + 12), 4);
	for (i = 0; i < length; i++)
		put(fd, at + 16 + i, i, 1);
	return at + 16 + length;
}

static void put_notes(int fd, bool big_endian)
{
	size_t at = put_note(fd, MADE_NOTES, big_endian, "XYZ", 4);

	at = put_note(fd, at, big_endian, "GNU", 24);
	assert_int_equal(at, MADE_NOTES + MADE_NOTES_SIZE);
}

static size_t name_offset(const char *name)
{
	const char *found = *name ? memmem(section_names, sizeof(section_names), name,
					   strlen(name)) : section_names;

	assert_non_null(found);
	return (size_t)(found - section_names);
}

static void make_section(Elf *elf, size_t i, size_t offset)
{
	Elf_Scn *scn = elf_newscn(elf);
	Elf_Data *data = elf_newdata(scn);
	static char zeros[0x100];
	GElf_Shdr sh;

	assert_non_null(gelf_getshdr(scn, &sh));
	sh.sh_name = (uint32_t)name_offset(made_sections[i].name);
	sh.sh_type = (uint32_t)made_sections[i].type;
	sh.sh_flags = made_sections[i].flags;
	sh.sh_addr = made_sections[i].addr;
	sh.sh_size = made_sections[i].size;
	sh.sh_offset = offset;
	assert_true(gelf_update_shdr(scn, &sh));
	data->d_buf = sh.sh_type == SHT_STRTAB ? (void *)section_names : zeros;
	data->d_size = sh.sh_size;
	data->d_align = 1;
	data->d_version = EV_CURRENT;
}

static void make_headers(Elf *elf, int class, int encoding)
{
	GElf_Phdr ph[] = {
		{ .p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_vaddr = 0x1000,
		  .p_filesz = 0x280, .p_memsz = 0x280 },
		{ .p_type = PT_NOTE, .p_flags = PF_R, .p_offset = MADE_NOTES,
		  .p_filesz = MADE_NOTES_SIZE, .p_memsz = MADE_NOTES_SIZE },
		{ .p_type = PT_LOAD, .p_flags = PF_R | PF_W, .p_vaddr = 0x2280,
		  .p_offset = 0x280, .p_filesz = 0x80, .p_memsz = 0x100 },
		{ .p_type = PT_TLS, .p_flags = PF_R, .p_vaddr = 0x2280,
		  .p_offset = 0x280, .p_filesz = 0x10, .p_memsz = 0x98,
		  .p_align = 0x10 },
	};
	GElf_Ehdr eh;
	int i;

	assert_non_null(gelf_newehdr(elf, class));
	assert_non_null(gelf_newphdr(elf, 4));
	assert_non_null(gelf_getehdr(elf, &eh));
	eh.e_ident[EI_DATA] = (unsigned char)encoding;
	eh.e_type = ET_EXEC;
	eh.e_machine = EM_SPARC;
	eh.e_version = EV_CURRENT;
	eh.e_shstrndx = 1;
	eh.e_phoff = class == ELFCLASS32 ? sizeof(Elf32_Ehdr) : sizeof(Elf64_Ehdr);
	eh.e_shoff = 0x1000;
	assert_true(gelf_update_ehdr(elf, &eh));
	for (i = 0; i < 4; i++)
		assert_true(gelf_update_phdr(elf, i, &ph[i]));
}

/* A memory file with the ELF above; close it when done. */
static int make_elf(int class, int encoding)
{
	int fd = memfd_create("made", MFD_CLOEXEC);
	size_t i, offset = 0x180;
	Elf *elf;

	assert_true(fd >= 0);
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_WRITE, NULL);
	assert_non_null(elf);
	elf_flagelf(elf, ELF_C_SET, ELF_F_LAYOUT);
	make_headers(elf, class, encoding);
	for (i = 0; i < sizeof(made_sections) / sizeof(*made_sections); i++) {
		make_section(elf, i, offset);
		if (made_sections[i].type != SHT_NOBITS)
			offset += made_sections[i].size;
	}
	assert_true(elf_update(elf, ELF_C_WRITE) > 0);
	elf_end(elf);
	put_notes(fd, encoding == ELFDATA2MSB);
	return fd;
}

static void assert_packs_to(const struct elf_layout *layout, const char *expected)
{
	struct text out;

	text_init(&out);
	elf_layout_pack(layout, &out);
	assert_string_equal(text_cstr(&out), expected);
	text_release(&out);
}

static void assert_file_packs_to(int fd, const char *expected)
{
	struct elf_layout *layout;
	struct pfa_error err;

	assert_int_equal(elf_layout_read(fd, &layout, &err), PFA_OK);
	assert_packs_to(layout, expected);
	elf_layout_free(layout);
}

static const struct {
	int class, encoding;
} kinds[] = {
	{ ELFCLASS32, ELFDATA2LSB }, { ELFCLASS32, ELFDATA2MSB },
	{ ELFCLASS64, ELFDATA2LSB }, { ELFCLASS64, ELFDATA2MSB },
};

static void every_class_and_byte_order_reads_the_same(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		int fd = make_elf(kinds[i].class, kinds[i].encoding);

		assert_file_packs_to(fd, made_layout);
		close(fd);
	}
}

#define PUT_EHDR(fd, field, value) \
	put(fd, offsetof(Elf64_Ehdr, field), value, sizeof(((Elf64_Ehdr *)0)->field))
#define PUT_PHDR(fd, i, field, value) \
	put(fd, sizeof(Elf64_Ehdr) + (i) * sizeof(Elf64_Phdr) + \
	    offsetof(Elf64_Phdr, field), value, sizeof(((Elf64_Phdr *)0)->field))
/* Section 1 is the one with the names. */
#define PUT_NAMES(fd, field, value) \
	put(fd, 0x1000 + sizeof(Elf64_Shdr) + offsetof(Elf64_Shdr, field), value, \
	    sizeof(((Elf64_Shdr *)0)->field))

static void files_without_usable_sections_have_segments(void **state)
{
	char only_segments[sizeof(made_layout)];
	int fd[5], i;

	(void)state;
	snprintf(only_segments, sizeof(only_segments), "%.*s",
		 (int)(strstr(made_layout, "section") - made_layout), made_layout);
	for (i = 0; i < 5; i++)
		fd[i] = make_elf(ELFCLASS64, ELFDATA2LSB);
	PUT_EHDR(fd[0], e_shoff, 0); /* as sstrip leaves it */
	PUT_EHDR(fd[0], e_shnum, 0);
	PUT_EHDR(fd[1], e_shnum, 0); /* counted in section 0: a sparse file's size allows */
	put(fd[1], 0x1000 + offsetof(Elf64_Shdr, sh_size), 1 << 26, 8);
	assert_int_equal(ftruncate(fd[1], 1LL << 33), 0);
	PUT_NAMES(fd[2], sh_flags, SHF_COMPRESSED);
	PUT_NAMES(fd[3], sh_size, 1 << 30);
	assert_int_equal(ftruncate(fd[3], 1LL << 33), 0);
	PUT_EHDR(fd[4], e_shstrndx, 99);
	for (i = 0; i < 5; i++) {
		assert_file_packs_to(fd[i], only_segments);
		close(fd[i]);
	}
}

static void notes_that_cannot_be_are_no_build_id(void **state)
{
	const char *without = strchr(made_layout, '\n') + 1;
	int fd = make_elf(ELFCLASS64, ELFDATA2LSB);

	(void)state;
	put(fd, MADE_NOTES + 4, UINT32_MAX, 4);
	assert_file_packs_to(fd, without);
	put_notes(fd, false);
	PUT_PHDR(fd, 1, p_filesz, 1ULL << 40);
	assert_file_packs_to(fd, without);
	PUT_PHDR(fd, 1, p_offset, 1ULL << 40);
	PUT_PHDR(fd, 1, p_filesz, MADE_NOTES_SIZE);
	assert_file_packs_to(fd, without);
	close(fd);
}

static void absurd_program_headers_are_refused(void **state)
{
	int fd = make_elf(ELFCLASS64, ELFDATA2LSB);
	struct elf_layout *layout;
	struct pfa_error err;

	(void)state;
	PUT_EHDR(fd, e_phnum, 2000);
	assert_int_equal(ftruncate(fd, 1 << 20), 0);
	assert_int_equal(elf_layout_read(fd, &layout, &err), PFA_E_FORMAT);
	assert_null(layout);
	PUT_EHDR(fd, e_phnum, 4);
	PUT_EHDR(fd, e_phoff, 1 << 30);
	assert_int_equal(elf_layout_read(fd, &layout, &err), PFA_E_FORMAT);
	close(fd);
}

static void other_files_are_refused(void **state)
{
	static const char *const paths[] = {
		"/etc/passwd", "/dev/null", "/proc", "/proc/self/maps",
	};
	struct elf_layout *layout;
	struct pfa_error err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		int fd = open(paths[i], O_RDONLY | O_CLOEXEC);

		assert_int_equal(elf_layout_read(fd, &layout, &err), PFA_E_FORMAT);
		assert_null(layout);
		close(fd);
	}
	assert_int_equal(elf_layout_read(-1, &layout, &err), PFA_E_FORMAT);
	elf_layout_free(NULL);
}

/* Whatever comes out can be asked and carried. */
static void use(const void *image, size_t size)
{
	struct elf_layout *layout, *again;
	struct pfa_error err;
	struct text out;
	uint64_t at;

	if (elf_layout_read_image(image, size, &layout, &err) != PFA_OK)
		return;
	for (at = 0; at < 0x3000; at += 0x7f) {
		(void)elf_layout_section(layout, at);
		(void)elf_layout_segment(layout, at, at & 7);
	}
	text_init(&out);
	elf_layout_pack(layout, &out);
	assert_int_equal(elf_layout_unpack(text_cstr(&out), out.length, &again, &err),
			 PFA_OK);
	assert_packs_to(again, out.bytes);
	elf_layout_free(again);
	elf_layout_free(layout);
	text_release(&out);
}

static void use_truncated(const unsigned char *image, size_t size)
{
	while (size-- > 0)
		use(image, size);
}

/* One bit at a time, in the first 256 bytes and the section headers from 4096. */
static void use_corrupt(unsigned char *image, size_t size, unsigned seed)
{
	int round;

	for (round = 0; round < 5000; round++) {
		size_t at = (size_t)rand_r(&seed) % 256;
		unsigned char bit = (unsigned char)(1 << rand_r(&seed) % 8);

		if (rand_r(&seed) % 2)
			at = 4096 + (size_t)rand_r(&seed) % (size - 4096);
		image[at] ^= bit;
		use(image, size);
		image[at] ^= bit;
	}
}

static void truncated_and_corrupt_files_are_survived(void **state)
{
	unsigned char image[0x2000];
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		int fd = make_elf(kinds[i].class, kinds[i].encoding);
		ssize_t size = pread(fd, image, sizeof(image), 0);

		assert_in_range(size, 4097, sizeof(image) - 1);
		use_truncated(image, (size_t)size);
		use_corrupt(image, (size_t)size, (unsigned)i);
		close(fd);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_class_and_byte_order_reads_the_same),
		cmocka_unit_test(files_without_usable_sections_have_segments),
		cmocka_unit_test(notes_that_cannot_be_are_no_build_id),
		cmocka_unit_test(absurd_program_headers_are_refused),
		cmocka_unit_test(other_files_are_refused),
		cmocka_unit_test(truncated_and_corrupt_files_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
