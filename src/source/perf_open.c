#include "pfa/source/perf_open.h"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

int perf_open(const struct perf_event_attr *attr, pid_t of, int cpu, unsigned long flags)
{
	return (int)syscall(SYS_perf_event_open, attr, of, cpu, -1,
			    flags | PERF_FLAG_FD_CLOEXEC);
}
