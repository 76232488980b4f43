#include "pfa/source/pressure.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pfa/source/compose.h"
#include "pfa/source/scope.h"

/* "some avg10=0.00 avg60=0.00 avg300=0.00 total=1": the line of that name. */
static bool find_total(const char *text, const char *line, uint64_t *total_us)
{
	const char *at = strstr(text, line);

	at = at ? strstr(at, "total=") : NULL;
	return at && sscanf(at, "total=%" SCNu64, total_us) == 1;
}

static bool read_totals(int dir_fd, const char *path, uint64_t *some_us, uint64_t *full_us)
{
	int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC);
	char text[512];
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return find_total(text, "some ", some_us) && find_total(text, "full ", full_us);
}

void pressure_note(const struct scope *scope, const struct composer *composer,
		   const char *when)
{
	bool group = scope->kind == SCOPE_CGROUP;
	uint64_t some_us, full_us;

	if (read_totals(group ? scope->cgroup.fd : AT_FDCWD,
			group ? "memory.pressure" : "/proc/pressure/memory", &some_us,
			&full_us))
		compose_note(composer, 0, "pressure when=%s of=%s some=%" PRIu64
			     " full=%" PRIu64, when, group ? "group" : "machine", some_us,
			     full_us);
}
