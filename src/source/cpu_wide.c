#include "pfa/source/cpu_wide.h"

#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
	bool *armed; /* by the rings' order */
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

	*wide = (struct cpu_wide){
		.list = list,
		.rings = rings,
		.fds = fds,
		.cgroup = cgroup,
		.uevents = open_uevents(),
		.armed = pfa_alloc(rings->count * sizeof(bool)),
	};
	return wide;
}

void cpu_wide_free(struct cpu_wide *wide)
{
	if (!wide)
		return;
	if (wide->uevents >= 0)
		close(wide->uevents);
	free(wide->armed);
	free(wide);
}

/* All events of a CPU or none. */
static enum pfa_status arm_ring(struct cpu_wide *wide, size_t index,
				struct pfa_error *err)
{
	size_t first = wide->fds->count;
	bool offline;
	enum pfa_status status = events_arm_cpu(wide->list, &wide->rings->list[index],
						wide->cgroup, wide->fds, &offline,
						err);

	wide->armed[index] = !status && !offline;
	if (!wide->armed[index])
		event_fds_drop(wide->fds, first);
	return status;
}

/* What has come and gone before the events are opened does not concern them. */
static void discard_messages(int fd)
{
	char message[4096];

	while (fd >= 0 && recv(fd, message, sizeof(message), 0) > 0)
		;
}

enum pfa_status cpu_wide_arm(struct cpu_wide *wide, struct pfa_error *err)
{
	enum pfa_status status = PFA_OK;

	discard_messages(wide->uevents);
	for (size_t i = 0; i < wide->rings->count && !status; i++)
		status = arm_ring(wide, i, err);
	return status;
}

int cpu_wide_fd(const struct cpu_wide *wide)
{
	return wide->uevents;
}

/* What a write to a uevent file of sysfs makes the kernel say: nothing happened. */
static bool is_synthetic(const char *message, size_t length)
{
	static const char key[] = "SYNTH_UUID=";

	return memmem(message, length, key, sizeof(key) - 1);
}

/* "online@/devices/system/cpu/cpu1" or offline@, and details behind its NUL. */
static bool read_message(int fd, bool *online, uint32_t *cpu, bool *more)
{
	static const char words[] = "line@/devices/system/cpu/cpu";
	char message[4096];
	ssize_t n = recv(fd, message, sizeof(message) - 1, 0);
	const char *at;

	*more = n > 0;
	if (n <= 0 || is_synthetic(message, (size_t)n))
		return false;
	message[n] = '\0';
	at = strstr(message, words);
	if (!at || sscanf(at + sizeof(words) - 1, "%u", cpu) != 1)
		return false;
	*online = !strncmp(message, "online@", strlen("online@"));
	return true;
}

static bool rearm(struct cpu_wide *wide, size_t index)
{
	size_t first = wide->fds->count;
	struct pfa_error err;

	if (wide->armed[index])
		return false;
	if (!arm_ring(wide, index, &err))
		events_enable(wide->fds, first);
	return true; /* also where it failed: what runs there is missing */
}

bool cpu_wide_rearm(struct cpu_wide *wide, uint32_t *cpu)
{
	bool more = wide->uevents >= 0, online;

	while (more) {
		size_t index;

		if (!read_message(wide->uevents, &online, cpu, &more) ||
		    !rings_find(wide->rings, *cpu, &index))
			continue;
		if (!online)
			wide->armed[index] = false;
		else if (rearm(wide, index))
			return true;
	}
	return false;
}
