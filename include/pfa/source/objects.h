/*
 * The ELF files behind new mappings, noted once each.
 *
 * When a file is first mapped, its layout is read while the process lives and
 * becomes a note in the stream, so that labels need no file later: not after the
 * process has exited, not after the file was replaced, not on another machine.
 */
#ifndef PFA_SOURCE_OBJECTS_H
#define PFA_SOURCE_OBJECTS_H

#include <stdbool.h>
#include <sys/types.h>

#include "pfa/source/ring.h"

struct composer;
struct elf_layout;
struct files;
struct objects;
struct procmap;

/* Files stay open in `files`, which is borrowed; NULL: they need not. */
struct objects *objects_new(struct files *files);
void objects_free(struct objects *objects);

/*
 * Looks at an MMAP2 record just drained; emits an object note right behind it
 * where the file is new and an ELF file. Returns whether something new was mapped.
 */
bool objects_saw_mmap(struct objects *objects, const struct composer *composer,
		      const struct perf_event_header *mmap2);

/*
 * The ELF layout of what a mapping of a living process shows, to free; NULL where that
 * is no ELF file, or cannot be told.
 */
struct elf_layout *objects_read_mapped(pid_t pid, const struct procmap *map);

#endif
