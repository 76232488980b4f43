#include "pfa/symbol/elf_file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pfa/base/bytes.h"
#include "pfa/base/mem.h"

enum {
	/* Names of sections; libLLVM's take 500 bytes. */
	NAMES_SIZE_MAX = 1 << 20,
};

bool elf_sections_uncounted(const char *head)
{
	const Elf64_Ehdr *e64 = (const void *)head;
	const Elf32_Ehdr *e32 = (const void *)head;

	/* Zero is zero in either byte order. */
	if (head[EI_CLASS] == ELFCLASS64)
		return !e64->e_shnum && e64->e_shoff;
	return head[EI_CLASS] == ELFCLASS32 && !e32->e_shnum && e32->e_shoff;
}

size_t elf_names_section(Elf *elf)
{
	GElf_Shdr sh;
	size_t index;

	if (elf_getshdrstrndx(elf, &index) != 0 ||
	    !gelf_getshdr(elf_getscn(elf, index), &sh))
		return 0;
	if (sh.sh_size > NAMES_SIZE_MAX || (sh.sh_flags & SHF_COMPRESSED))
		return 0;
	return index;
}

static struct elf_file *file_of(Elf *elf, int fd, void *image)
{
	struct elf_file *file;

	if (!elf || elf_kind(elf) != ELF_K_ELF) {
		elf_end(elf);
		if (fd >= 0)
			close(fd);
		free(image);
		return NULL;
	}
	file = pfa_alloc(sizeof(*file));
	*file = (struct elf_file){ .elf = elf, .fd = fd, .image = image };
	return file;
}

struct elf_file *elf_file_open(int fd)
{
	char head[sizeof(Elf64_Ehdr)] __attribute__((aligned(8)));
	struct stat st;
	bool large;

	if (pread(fd, head, sizeof(head), 0) != sizeof(head) || fstat(fd, &st) ||
	    memcmp(head, ELFMAG, SELFMAG) != 0 || elf_sections_uncounted(head)) {
		close(fd);
		return NULL;
	}
	large = st.st_size > ELF_FILE_READ_MAX;
	elf_version(EV_CURRENT);
	return file_of(elf_begin(fd, large ? ELF_C_READ_MMAP_PRIVATE : ELF_C_READ, NULL),
		       fd, NULL);
}

struct elf_file *elf_file_of_image(void *image, size_t size, bool owned)
{
	Elf *elf = NULL;

	elf_version(EV_CURRENT);
	if (size >= sizeof(Elf64_Ehdr) && !elf_sections_uncounted(image))
		elf = elf_memory(image, size);
	return file_of(elf, -1, owned ? image : NULL);
}

void elf_file_close(struct elf_file *file)
{
	if (!file)
		return;
	elf_end(file->elf);
	if (file->fd >= 0)
		close(file->fd);
	free(file->image);
	free(file);
}

Elf_Scn *elf_file_section(const struct elf_file *file, const char *name, GElf_Shdr *sh)
{
	size_t names = elf_names_section(file->elf);
	Elf_Scn *section = NULL;

	while (names && (section = elf_nextscn(file->elf, section)) != NULL) {
		const char *its = gelf_getshdr(section, sh) ?
				  elf_strptr(file->elf, names, sh->sh_name) : NULL;

		if (its && !strcmp(its, name))
			return section;
	}
	return NULL;
}

Elf_Data *elf_file_bytes(const struct elf_file *file, const char *name, size_t size_max)
{
	GElf_Shdr sh;
	Elf_Scn *section = elf_file_section(file, name, &sh);

	if (!section || sh.sh_type == SHT_NOBITS || sh.sh_size > size_max)
		return NULL;
	return elf_rawdata(section, NULL);
}

void *elf_vdso_image(size_t *size)
{
	const unsigned char *image = (const void *)getauxval(AT_SYSINFO_EHDR);

	if (!image)
		return NULL;
	/* Its section headers are the last thing in the image. */
	*size = load_u64(image + offsetof(Elf64_Ehdr, e_shoff)) +
		(size_t)load_u16(image + offsetof(Elf64_Ehdr, e_shnum)) *
			load_u16(image + offsetof(Elf64_Ehdr, e_shentsize));
	return (void *)image;
}
