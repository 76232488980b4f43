/*
 * An ELF file with symbols and debug information from outside: every question about it
 * is answered in time and without harm, twice the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pfa/symbol/elf_file.h"
#include "pfa/symbol/files.h"
#include "pfa/symbol/module.h"
#include "pfa/symbol/symbols.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

static void ask_symbol(struct module *module, uint64_t addr,
		       bool find(struct module *, uint64_t, struct symbol *))
{
	struct symbol symbol, again;

	if (!find(module, addr, &symbol))
		return;
	check(symbol.start <= addr && *symbol.name);
	check(find(module, addr, &again) && again.name == symbol.name);
}

static void ask(struct module *module, uint64_t addr)
{
	const struct source_frame *frames, *again;
	size_t count;

	ask_symbol(module, addr, module_function);
	ask_symbol(module, addr, module_object);
	ask_symbol(module, addr, module_tls_object);
	count = module_lines(module, addr, &frames);
	check(module_lines(module, addr, &again) == count && frames == again);
	check(count <= 64);
}

/* From the beginning of each section. */
static void ask_sections(struct module *module)
{
	Elf_Scn *section = NULL;
	unsigned sections = 0;
	GElf_Shdr sh;
	uint64_t at;

	while (sections++ < 64 &&
	       (section = elf_nextscn(module_elf(module), section)) != NULL)
		if (gelf_getshdr(section, &sh))
			for (at = 0; at < 200; at += 3)
				ask(module, sh.sh_addr + at);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct symbols_options options = { .symfs = "/nonexistent" };
	struct module_id id = { .path = "/fuzzed" };
	int fd = memfd_create("fuzzed", MFD_CLOEXEC);
	struct symbols *symbols;
	struct module *module;

	check(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
	options.files = files_new();
	files_keep(options.files, &id, fd);
	close(fd);
	symbols = symbols_new(&options);
	module = symbols_module(symbols, &id);
	ask(module, 0);
	ask(module, UINT64_MAX);
	if (module_elf(module))
		ask_sections(module);
	symbols_free(symbols);
	files_free(options.files);
	return 0;
}
