/*
 * Preloaded: in this process the wall clock leaps by an hour, forth and back, each time
 * it is read.
 */
#include <dlfcn.h>
#include <stddef.h>
#include <sys/time.h>
#include <time.h>

static time_t leap(void)
{
	static int times;

	return times++ % 2 ? 3600 : -3600;
}

int clock_gettime(clockid_t id, struct timespec *now)
{
	int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
	int result = real(id, now);

	if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE || id == CLOCK_TAI)
		now->tv_sec += leap();
	return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	struct timespec ts;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &ts);
	*now = (struct timeval){ ts.tv_sec, ts.tv_nsec / 1000 };
	return 0;
}

time_t time(time_t *where)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	if (where)
		*where = ts.tv_sec;
	return ts.tv_sec;
}
