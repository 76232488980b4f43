#include "pfa/source/cpu_wide.h"

#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pfa/base/mem.h"
#include "pfa/source/event_fds.h"
#include "pfa/source/rings.h"

struct cpu_wide {
	struct evlist *list;
	const struct rings *rings;
	struct event_fds *fds;
	int cgroup;
	int uevents;
};

/* The kernel's own announcements, as udev reads them. */
static int open_uevents(void)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			NETLINK_KOBJECT_UEVENT);

	if (fd >= 0 && bind(fd, (const void *)&kernel, sizeof(kernel))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

struct cpu_wide *cpu_wide_new(struct evlist *list, const struct rings *rings, int cgroup,
			      struct event_fds *fds)
{
	struct cpu_wide *wide = pfa_alloc(sizeof(*wide));

	*wide = (struct cpu_wide){ list, rings, fds, cgroup, open_uevents() };
	return wide;
}

void cpu_wide_free(struct cpu_wide *wide)
{
	if (!wide)
		return;
	if (wide->uevents >= 0)
		close(wide->uevents);
	free(wide);
}

enum pfa_status cpu_wide_arm(struct cpu_wide *wide, struct pfa_error *err)
{
	enum pfa_status status = PFA_OK;
	bool offline;

	for (size_t i = 0; i < wide->rings->count && !status; i++)
		status = events_arm_cpu(wide->list, &wide->rings->list[i],
					wide->cgroup, wide->fds, &offline, err);
	return status;
}

int cpu_wide_fd(const struct cpu_wide *wide)
{
	return wide->uevents;
}

/* "online@/devices/system/cpu/cpu1", and details after its NUL. */
static bool read_online(int fd, uint32_t *cpu, bool *more)
{
	char message[4096];
	ssize_t n = recv(fd, message, sizeof(message) - 1, 0);

	*more = n > 0;
	if (n <= 0)
		return false;
	message[n] = '\0';
	return sscanf(message, "online@/devices/system/cpu/cpu%u", cpu) == 1;
}

static bool arm_again(struct cpu_wide *wide, uint32_t cpu)
{
	size_t first = wide->fds->count;
	struct pfa_error err;
	bool offline;

	for (size_t i = 0; i < wide->rings->count; i++) {
		const struct ring *ring = &wide->rings->list[i];

		if (ring->cpu != cpu ||
		    events_arm_cpu(wide->list, ring, wide->cgroup, wide->fds,
				   &offline, &err))
			continue;
		events_enable(wide->fds, first);
		return !offline;
	}
	return false;
}

bool cpu_wide_rearm(struct cpu_wide *wide, uint32_t *cpu)
{
	bool more = wide->uevents >= 0;

	while (more)
		if (read_online(wide->uevents, cpu, &more) && arm_again(wide, *cpu))
			return true;
	return false;
}
