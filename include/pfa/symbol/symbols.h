/*
 * The symbols of a session: its modules, where their files are looked for, and what
 * could not be had.
 *
 * A module's file is looked for, the first that fits being taken:
 *   - the file itself, kept open since it was mapped (live; files.h);
 *   - with `symfs`: DIR/path and DIR/.build-id/xx/yyyy only, or the latter under
 *     DIR/usr/lib/debug;
 *   - its path; for the vdso, the running kernel's own;
 *   - by build-id: /usr/lib/debug/.build-id, ~/.debug as perf keeps it, debuginfod
 *     where DEBUGINFOD_URLS is set.
 * Debug information likewise (yyyy.debug), and by .gnu_debuglink beside the file, in
 * .debug/ there, and under /usr/lib/debug.
 *
 * A file fits if its build-id is the one noted when it was mapped, or where none was
 * noted if its layout is the same; of a file of which nothing was noted, if it has the
 * inode that was mapped (with `symfs`: always). A debug file fits if it has the file's
 * build-id, or where that has none the checksum of .gnu_debuglink. What does not fit is
 * not used, and of a file that is remarked.
 */
#ifndef PFA_SYMBOL_SYMBOLS_H
#define PFA_SYMBOL_SYMBOLS_H

#include <stdbool.h>
#include <stdint.h>

struct elf_layout;
struct files;
struct jit;
struct module;
struct symbols;

/* A file as the trace knows it. Two are the same if path and numbers are. */
struct module_id {
	const char *path; /* as it was mapped; "[vdso]" */
	uint64_t inode, generation;
	uint32_t dev_major, dev_minor;
	const struct elf_layout *layout; /* NULL: nothing is known of it */
};

struct symbols_options {
	const char *symfs; /* NULL: the files of this machine */
	bool lines_asked; /* that there are none is worth a remark */
	struct files *files; /* kept open; NULL: none. Borrowed */
};

struct symbols *symbols_new(const struct symbols_options *options);
void symbols_free(struct symbols *symbols);

/* Finds or makes; never NULL. What `id` points to must last as long as the symbols. */
struct module *symbols_module(struct symbols *symbols, const struct module_id *id);

/* The code that a process made for itself (jit.h); NULL: it tells of none. */
struct jit *symbols_jit(struct symbols *symbols, uint32_t pid);

/*
 * Notes that something could not be had; said once each. `what` is a file's path, the
 * rest a clause: "replaced since (its build-id differs)".
 */
void symbols_remark(struct symbols *symbols, const char *what, const char *why);
/*
 * A line a reason, of which files first, in order of their first appearance: "/bin/a,
 * /bin/b and 3 more: WHY". "": none. Borrowed until the next.
 */
const char *symbols_remarks(struct symbols *symbols);

#endif
