/*
 * The machine's CPUs, by number.
 *
 * Source: Documentation/admin-guide/cputopology.rst: lists such as "0-3,8" in
 * /sys/devices/system/cpu.
 */
#ifndef PFA_SOURCE_CPUS_H
#define PFA_SOURCE_CPUS_H

#include <stddef.h>
#include <stdint.h>

/* Embedded in its owner; ascending. */
struct cpus {
	uint32_t *list;
	size_t count;
};

/* Those that are there, online or not. */
struct cpus cpus_present(void);
/* What a list names; a list that cannot be read names none. */
struct cpus cpus_parse(const char *text);
void cpus_release(struct cpus *cpus);

#endif
