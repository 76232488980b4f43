#include "pfa/source/exit_stats.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/acct.h>
#include <linux/genetlink.h>
#include <linux/taskstats.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pfa/base/bytes.h"
#include "pfa/base/mem.h"
#include "pfa/decode/record.h"
#include "pfa/source/compose.h"
#include "pfa/source/stamp.h"

/*
 * Between message and record a task gives back its memory, which takes up to seconds;
 * meanwhile others of the machine end that nobody traces. Places are by tid: one that
 * is taken by a later task was waited for too long.
 */
enum { PLACES = 4096, QUEUE_BYTES = 1 << 20, ATTRIBUTE_MAX = 4096 };

struct place {
	uint32_t pid, tid; /* 0: empty */
	uint64_t size_peak_bytes, rss_peak_bytes;
};

struct exit_stats {
	int fd;
	uint16_t family;
	char cpus[ATTRIBUTE_MAX]; /* "0-1": all that are possible */
	struct place places[PLACES];
};

/* ---- asking ---- */

struct request {
	struct nlmsghdr header;
	struct genlmsghdr generic;
	struct nlattr attribute;
	char text[ATTRIBUTE_MAX];
};

static bool ask(int fd, uint16_t family, uint8_t command, uint16_t type, const char *text)
{
	size_t length = strlen(text) + 1;
	struct request r = {
		.header = { .nlmsg_type = family,
			    .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
		.generic = { .cmd = command, .version = 1 },
		.attribute = { .nla_type = type,
			       .nla_len = (uint16_t)(NLA_HDRLEN + length) },
	};

	if (length > sizeof(r.text))
		return false;
	memcpy(r.text, text, length);
	r.header.nlmsg_len = (uint32_t)(offsetof(struct request, text) + NLA_ALIGN(length));
	return send(fd, &r, r.header.nlmsg_len, 0) == (ssize_t)r.header.nlmsg_len;
}

/* The payload of the first attribute of that type; NULL: there is none. */
static const void *find_attribute(const void *bytes, size_t length, uint16_t type,
				  size_t *found_length)
{
	struct cursor c = cursor_of(bytes, length);

	while (c.left >= NLA_HDRLEN) {
		size_t whole = load_u16(c.at);
		bool found = (load_u16(c.at + 2) & NLA_TYPE_MASK) == type;

		if (whole < NLA_HDRLEN || whole > c.left)
			return NULL;
		*found_length = whole - NLA_HDRLEN;
		if (found)
			return c.at + NLA_HDRLEN;
		cursor_take(&c, NLA_ALIGN(whole) < c.left ? NLA_ALIGN(whole) : c.left);
	}
	return NULL;
}

static const void *find_in_message(const void *message, size_t length, uint16_t type,
				   size_t *found_length)
{
	if (length < NLMSG_HDRLEN + GENL_HDRLEN)
		return NULL;
	return find_attribute((const char *)message + NLMSG_HDRLEN + GENL_HDRLEN,
			      length - NLMSG_HDRLEN - GENL_HDRLEN, type, found_length);
}

/* The answer to a request that has one: then comes what became of it. */
static bool read_family(int fd, uint16_t *family)
{
	unsigned char answer[8192];
	ssize_t n = recv(fd, answer, sizeof(answer), 0);
	size_t length;
	const void *id = n > 0 ? find_in_message(answer, (size_t)n, CTRL_ATTR_FAMILY_ID,
						 &length) : NULL;

	if (!id || length < sizeof(*family))
		return false;
	*family = load_u16(id);
	return recv(fd, answer, sizeof(answer), 0) > 0;
}

static bool is_granted(int fd)
{
	unsigned char answer[8192];
	ssize_t n = recv(fd, answer, sizeof(answer), 0);

	/* struct nlmsgerr: 0 or a negative errno. */
	return n >= (ssize_t)NLMSG_HDRLEN + 4 && !load_u32(answer + NLMSG_HDRLEN);
}

/* ---- opening ---- */

static bool read_cpus(char *text, size_t size)
{
	FILE *f = fopen("/sys/devices/system/cpu/possible", "re");
	bool found = f && fgets(text, (int)size, f);

	if (f)
		fclose(f);
	text[strcspn(text, "\n")] = '\0';
	return found;
}

/* Answers come at once, or not at all. */
static bool subscribe(struct exit_stats *s)
{
	const struct timeval patience = { .tv_sec = 1 };
	const int queue = QUEUE_BYTES;

	setsockopt(s->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(s->fd, SOL_SOCKET, SO_RCVBUFFORCE, &queue, sizeof(queue));
	return read_cpus(s->cpus, sizeof(s->cpus)) &&
	       ask(s->fd, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_NAME,
		   TASKSTATS_GENL_NAME) &&
	       read_family(s->fd, &s->family) &&
	       ask(s->fd, s->family, TASKSTATS_CMD_GET,
		   TASKSTATS_CMD_ATTR_REGISTER_CPUMASK, s->cpus) &&
	       is_granted(s->fd);
}

struct exit_stats *exit_stats_open(void)
{
	struct exit_stats *s = pfa_alloc(sizeof(*s));

	s->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (s->fd >= 0 && subscribe(s))
		return s;
	if (s->fd >= 0)
		close(s->fd);
	free(s);
	return NULL;
}

/* The kernel would notice by itself, with the next message that nobody takes. */
void exit_stats_close(struct exit_stats *s)
{
	if (!s)
		return;
	(void)ask(s->fd, s->family, TASKSTATS_CMD_GET,
		  TASKSTATS_CMD_ATTR_DEREGISTER_CPUMASK, s->cpus);
	close(s->fd);
	free(s);
}

/* ---- messages ---- */

/* Of a last thread only, by kernels that say so and whose it is (version 12). */
static void keep(struct exit_stats *s, const void *bytes, size_t length)
{
	enum { VERSION_WITH_TGID = 12 };
	struct taskstats t = { 0 };
	struct place *place;

	memcpy(&t, bytes, length < sizeof(t) ? length : sizeof(t));
	if (t.version < VERSION_WITH_TGID || !(t.ac_flag & AGROUP) || !t.hiwater_rss)
		return;
	place = &s->places[t.ac_pid % PLACES];
	*place = (struct place){ .pid = t.ac_tgid, .tid = t.ac_pid,
				 .size_peak_bytes = t.hiwater_vm * 1024,
				 .rss_peak_bytes = t.hiwater_rss * 1024 };
}

static void take(struct exit_stats *s, const void *message, size_t length)
{
	const void *task, *stats;
	size_t task_length, stats_length;

	task = find_in_message(message, length, TASKSTATS_TYPE_AGGR_PID, &task_length);
	if (!task)
		return;
	stats = find_attribute(task, task_length, TASKSTATS_TYPE_STATS, &stats_length);
	if (stats)
		keep(s, stats, stats_length);
}

void exit_stats_drain(struct exit_stats *s)
{
	unsigned char message[8192];
	ssize_t n;

	/* ENOBUFS tells once that some were lost; others follow. */
	while (s && ((n = recv(s->fd, message, sizeof(message), MSG_DONTWAIT)) > 0 ||
		     (n < 0 && errno == ENOBUFS)))
		if (n > 0)
			take(s, message, (size_t)n);
}

void exit_stats_tell(struct exit_stats *s, const struct composer *composer,
		     const struct perf_event_header *exit_record)
{
	struct cursor c = cursor_of(exit_record, record_size(exit_record));
	struct composer then = *composer;
	struct place *place;
	uint32_t pid, tid;

	cursor_take(&c, sizeof(*exit_record));
	pid = cursor_u32(&c);
	cursor_u32(&c); /* its parent */
	tid = cursor_u32(&c);
	if (!s || c.bad)
		return;
	place = &s->places[tid % PLACES];
	if (!tid || place->tid != tid || place->pid != pid)
		return;
	then.time_ns = stamp_of(exit_record).time_ns;
	compose_note(&then, pid, "memory when=exit begin=%" PRIu64 " peak=%" PRIu64
		     " hwm=%" PRIu64, then.time_ns, place->size_peak_bytes,
		     place->rss_peak_bytes);
	*place = (struct place){ 0 };
}
