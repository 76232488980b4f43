/*
 * Event scripts: what the kernel tells pfa, written by hand.
 *
 * One event a line, each becoming one struct event; see tests/golden/scripts.
 *
 *     # options: --fixed-ts --show=faults,vma
 *     @1000 100 comm demo exec
 *     @1100 100 mmap 0x1000-0x3000 r-xp dev=8:1 ino=5 /usr/bin/demo
 *     @1200 100/101 cpu=1 begin 0x1234 r ip=0x55
 *     @1300 100/101 cpu=1 end minor 0x1234 size=4096 phys=0x7000
 *
 * A line is `@TIME [PID[/TID]] [cpu=N] EVENT ...`: the time in nanoseconds, the thread the
 * event is of (the leader where no TID is given), what happened. Words in brackets may
 * be left out, the order is fixed, a line that starts with # is a comment:
 *
 *     begin ADDR r|w|x [present] [kernel] [ip=ADDR]
 *     end minor|major ADDR|- [kernel] [size=N] [phys=ADDR] [ip=ADDR]    - : no address
 *     call NAME [ip=ADDR] [ARG...]    a row of decode/mm_calls.h
 *     ret NAME RESULT
 *     task_new child=TID flags=N
 *     fork child=PID[/TID] [fresh]    fresh: it existed before
 *     comm NAME [exec]
 *     mmap START-END PROT [off=N] [dev=MAJOR:MINOR] [ino=N] [flags=N] NAME
 *     exec PATH
 *     exit
 *     group_exit
 *     signal NUMBER code=N [target=TID]
 *     exit_call STATUS                exit_group(2)
 *     death NUMBER                    a signal that no handler takes
 *     lost N
 *     note TEXT
 *     maps begin=NS        --verify: read from NS on; lines of /proc/PID/maps follow, indented
 *     object dev=MAJOR:MINOR ino=N PATH    the lines of symbol/elf_layout.h follow, indented
 *
 * PROT is as in /proc/PID/maps: rw-p. A number may be decimal, hexadecimal, or the
 * kernel's own names, with - and |: MADV_FREE, -ENOMEM, CLONE_VM|CLONE_VFORK.
 *
 * Two comments in front of the first event mean something:
 *
 *     # options: WORDS     of `pfa report`, quoted as in a shell
 *     # without: begins signals clones      what the tracer could not subscribe to
 */
#ifndef PFA_TESTS_SCRIPT_H
#define PFA_TESTS_SCRIPT_H

#include <stddef.h>

#include "pfa/base/status.h"
#include "pfa/model/model.h"

struct event;
struct intern;

struct script {
	const char *options; /* "" when there are none */
	struct model_abilities abilities;
	struct intern *strings; /* owned: all text of the events */
	struct event *events;
	size_t count, capacity;
};

/* PFA_E_FORMAT names file and line. Release it in any case. */
enum pfa_status script_read(struct script *script, const char *path,
			    struct pfa_error *err) PFA_MUST_CHECK;
void script_release(struct script *script);

#endif
