/*
 * What already exists when tracing begins, as records: a process, its threads and
 * its mappings, read from /proc.
 */
#ifndef PFA_SOURCE_SYNTH_H
#define PFA_SOURCE_SYNTH_H

#include <stdbool.h>
#include <sys/types.h>

struct composer;

/*
 * Emits FORK, COMM and MMAP2 records for the process. All carry the composer's
 * time, which must have been read before the call: events after it may be in the
 * snapshot already, events before it are. False when the process is gone.
 */
bool synth_process(const struct composer *composer, pid_t pid);

#endif
