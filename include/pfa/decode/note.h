/*
 * Notes: what pfa itself puts between the kernel's records.
 *
 * Some facts have no perf record: the exit status and the kernel's own counters of
 * a process, the ELF layout of a file that was mapped, what the kernel's functions are
 * called. pfa writes them as samples
 * of a software bpf-output event of this name, so that a capture stays a valid
 * perf.data file and replay knows all that the live run knew. The payload is text:
 * a word that names the note, then key=value words or lines.
 */
#ifndef PFA_DECODE_NOTE_H
#define PFA_DECODE_NOTE_H

#define NOTE_EVENT_NAME "pfa:note"

#endif
