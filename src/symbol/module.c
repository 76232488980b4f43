#include "pfa/symbol/module.h"

#include <gelf.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "pfa/base/intern.h"
#include "pfa/base/mem.h"
#include "pfa/symbol/cfi.h"
#include "pfa/symbol/debug_data.h"
#include "pfa/symbol/elf_file.h"
#include "pfa/symbol/lines.h"
#include "pfa/symbol/module_find.h"
#include "pfa/symbol/plt.h"
#include "pfa/symbol/symbols.h"
#include "pfa/symbol/symtab.h"

struct module {
	struct symbols *symbols;
	const struct symbols_options *options;
	const struct module_id *id;
	struct intern *names;
	/* Each is found at the first need, or not: then it is not tried again. */
	struct elf_file *file, *debug, *debug_data;
	struct symtab *symtab;
	struct lines *lines;
	const char *why_no_lines; /* once they were tried */
	struct cfi *cfi;
	bool tried_file, tried_debug, tried_lines;
	bool stripped; /* to what other files need */
};

struct module *module_new(struct symbols *symbols, const struct symbols_options *options,
			  const struct module_id *id)
{
	struct module *module = pfa_alloc(sizeof(*module));

	module->symbols = symbols;
	module->options = options;
	module->id = id;
	module->names = intern_new();
	return module;
}

void module_free(struct module *module)
{
	if (!module)
		return;
	cfi_free(module->cfi);
	lines_free(module->lines);
	symtab_free(module->symtab);
	elf_file_close(module->debug_data);
	elf_file_close(module->debug);
	elf_file_close(module->file);
	intern_free(module->names);
	free(module);
}

/* Of the vdso there is only the kernel's own. */
static void remark(const struct module *m, const char *why)
{
	if (m->id->path[0] == '/')
		symbols_remark(m->symbols, m->id->path, why);
}

static struct elf_file *file_of(struct module *m)
{
	const char *why;

	if (m->tried_file)
		return m->file;
	m->tried_file = true;
	m->file = module_find_file(m->options, m->id, &why);
	if (why)
		remark(m, why);
	return m->file;
}

static struct elf_file *debug_of(struct module *m)
{
	if (m->tried_debug)
		return m->debug;
	m->tried_debug = true;
	m->debug = module_find_debug(m->options, m->id, file_of(m));
	return m->debug;
}

/* ---- symbols ---- */

static bool add_whole_table(struct module *m)
{
	struct elf_file *file = file_of(m);

	if (file && symtab_add(m->symtab, file, SHT_SYMTAB))
		return true;
	return debug_of(m) && symtab_add(m->symtab, m->debug, SHT_SYMTAB);
}

/* The table of sections is the last thing in most files. */
static bool is_cut_short(const struct elf_file *file)
{
	GElf_Ehdr header;
	struct stat st;

	return gelf_getehdr(file->elf, &header) && !fstat(file->fd, &st) &&
	       header.e_shoff > (uint64_t)st.st_size;
}

/* What stripping leaves: names for other files, and what is packed away. */
static void add_remains(struct module *m)
{
	struct elf_file *file = file_of(m);

	if (!file)
		return;
	(void)symtab_add(m->symtab, file, SHT_DYNSYM);
	m->debug_data = debug_data_open(file);
	if (m->debug_data && symtab_add(m->symtab, m->debug_data, SHT_SYMTAB))
		return;
	m->stripped = true;
}

static struct symtab *symtab_of(struct module *m)
{
	if (m->symtab)
		return m->symtab;
	m->symtab = symtab_new(m->names);
	if (!add_whole_table(m))
		add_remains(m);
	if (file_of(m))
		plt_add(m->symtab, m->file, m->names);
	symtab_settle(m->symtab);
	return m->symtab;
}

bool module_function(struct module *module, uint64_t addr, struct symbol *symbol)
{
	if (symtab_find(symtab_of(module), SYMTAB_FUNCTIONS, addr, symbol))
		return true;
	if (module->file && is_cut_short(module->file))
		remark(module, "damaged: it ends before its table of sections");
	else if (module->stripped)
		remark(module, "stripped, so that only exported names are known "
			       "(is there a package with the debug symbols?)");
	return false;
}

const char *module_linkage_name(struct module *module, uint64_t addr)
{
	return symtab_linkage_name(symtab_of(module), SYMTAB_FUNCTIONS, addr);
}

bool module_object(struct module *module, uint64_t addr, struct symbol *symbol)
{
	return symtab_find(symtab_of(module), SYMTAB_OBJECTS, addr, symbol);
}

bool module_tls_object(struct module *module, uint64_t offset, struct symbol *symbol)
{
	return symtab_find(symtab_of(module), SYMTAB_TLS, offset, symbol);
}

/* ---- lines ---- */

static struct lines *lines_of(struct module *m)
{
	if (m->tried_lines)
		return m->lines;
	m->tried_lines = true;
	m->why_no_lines = "no line numbers (build it with -g, or install the package "
			  "with the debug symbols)";
	if (file_of(m))
		m->lines = lines_new(m->file, m->names, &m->why_no_lines);
	if (!m->lines && debug_of(m))
		m->lines = lines_new(m->debug, m->names, &m->why_no_lines);
	return m->lines;
}

/* Assembly has lines, but what its functions are only the symbols tell. */
static const char *symbol_at(void *context, uint64_t addr)
{
	struct symbol symbol;

	return module_function(context, addr, &symbol) ? symbol.name : NULL;
}

size_t module_lines(struct module *module, uint64_t addr,
		    const struct source_frame **frames)
{
	struct lines *lines = lines_of(module);

	*frames = NULL;
	if (!lines && module->file && module->options->lines_asked)
		remark(module, module->why_no_lines);
	return lines ? lines_frames(lines, addr, symbol_at, module, frames) : 0;
}

struct Elf *module_elf(struct module *module)
{
	struct elf_file *file = file_of(module);

	return file ? file->elf : NULL;
}

/* Whatever is stripped, unwind tables are not: a debug file would only have others for
 * code that was never meant to be unwound. */
struct cfi *module_cfi(struct module *module)
{
	Elf *elf = module->cfi ? NULL : module_elf(module);

	if (elf)
		module->cfi = cfi_new(elf, NULL);
	return module->cfi;
}
