#include "pfa/source/tracefs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "pfa/base/mem.h"

/* Its directories may be open to others; the files are root's, or a group's. */
static int if_readable(int dir)
{
	if (dir < 0 || !faccessat(dir, "events/header_page", R_OK, AT_EACCESS))
		return dir;
	close(dir);
	return -1;
}

static int open_mounted(void)
{
	static const char *const places[] = { "/sys/kernel/tracing",
					      "/sys/kernel/debug/tracing" };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		int dir = if_readable(open(places[i], O_RDONLY | O_DIRECTORY |
							      O_CLOEXEC));

		if (dir >= 0)
			return dir;
	}
	return -1;
}

/* fsopen(2) and friends: a mount that hangs on an fd only. */
static int open_detached(void)
{
	int fs = fsopen("tracefs", FSOPEN_CLOEXEC);
	int mount = -1;

	if (fs < 0)
		return -1;
	if (!fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		mount = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	close(fs);
	return if_readable(mount);
}

enum pfa_status tracefs_open(int *dir_fd, struct pfa_error *err)
{
	*dir_fd = open_mounted();
	if (*dir_fd < 0)
		*dir_fd = open_detached();
	if (*dir_fd < 0)
		return pfa_fail(err, PFA_E_PERM,
				"tracefs cannot be read: %s (run as root, or mount it: "
				"mount -t tracefs tracefs /sys/kernel/tracing)",
				strerror(errno));
	return PFA_OK;
}

char *tracefs_read(int dir_fd, const char *path, size_t *length)
{
	int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC);
	size_t capacity = 4096, used = 0;
	char *bytes;
	ssize_t n;

	if (fd < 0)
		return NULL;
	bytes = pfa_alloc(capacity);
	while ((n = read(fd, bytes + used, capacity - used - 1)) > 0) {
		used += (size_t)n;
		if (capacity - used < 1024)
			bytes = pfa_realloc(bytes, capacity *= 2);
	}
	close(fd);
	if (n < 0) {
		free(bytes);
		return NULL;
	}
	bytes[used] = '\0';
	*length = used;
	return bytes;
}

uint64_t tracefs_id_in(const char *format)
{
	const char *line = strstr(format, "\nID:");

	return line ? strtoull(line + strlen("\nID:"), NULL, 10) : 0;
}
