/*
 * /proc/kpageflags and /proc/kpagecount: what the kernel knows of frames of physical
 * memory. For root alone.
 */
#ifndef PFA_PAGES_FRAMES_H
#define PFA_PAGES_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* At most so many are asked for at once. */
enum { FRAMES_MAX = 16384 };

struct frames {
	int flags_fd, counts_fd; /* -1: not permitted */
	uint64_t *sorted, *words; /* scratch */
};

void frames_init(struct frames *frames);
void frames_release(struct frames *frames);

/*
 * The flags of each frame; or how many page tables have it. Frame 0 is nobody's: its
 * value is 0, as is that of frames that cannot be asked for. False where none can.
 */
bool frames_flags(struct frames *frames, const uint64_t *numbers, size_t count,
		  uint64_t *flags);
bool frames_counts(struct frames *frames, const uint64_t *numbers, size_t count,
		   uint64_t *counts);

#endif
