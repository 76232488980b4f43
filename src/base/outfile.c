#include "pfa/base/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FLUSH_BYTES = 64 * 1024 };

void outfile_ignore_signals(void)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

enum pfa_status outfile_open(struct outfile *out, const char *path,
			     struct pfa_error *err)
{
	*out = (struct outfile){ .fd = STDOUT_FILENO };
	text_init(&out->text);
	if (!path || !strcmp(path, "-"))
		return PFA_OK;
	out->path = path;
	out->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (out->fd < 0)
		return pfa_fail(err, PFA_E_IO, "cannot write %s: %s (choose another file)", path,
				strerror(errno));
	return PFA_OK;
}

/* Who shares our stdout may have made it non-blocking. */
static void wait_until_writable(int fd)
{
	struct pollfd writable = { .fd = fd, .events = POLLOUT };

	poll(&writable, 1, -1);
}

void outfile_flush(struct outfile *out)
{
	size_t done = 0;

	while (done < out->text.length && !out->error) {
		ssize_t n = write(out->fd, out->text.bytes + done,
				  out->text.length - done);

		if (n > 0)
			done += (size_t)n;
		else if (n < 0 && errno == EAGAIN)
			wait_until_writable(out->fd);
		else if (n == 0 || errno != EINTR)
			out->error = n ? errno : ENOSPC;
	}
	text_clear(&out->text);
}

void outfile_push(struct outfile *out)
{
	if (out->text.length >= FLUSH_BYTES)
		outfile_flush(out);
}

bool outfile_broken(const struct outfile *out)
{
	return out->error != 0;
}

enum pfa_status outfile_close(struct outfile *out, struct pfa_error *err)
{
	outfile_flush(out);
	text_release(&out->text);
	if (out->path && close(out->fd) && !out->error)
		out->error = errno;
	if (!out->error || out->error == EPIPE)
		return PFA_OK;
	return pfa_fail(err, PFA_E_IO, "%s: %s; the output ends there",
			out->path ? out->path : "standard output",
			strerror(out->error));
}

void outfile_remove(const char *path)
{
	struct stat st;

	if (path && strcmp(path, "-") != 0 && !lstat(path, &st) &&
	    S_ISREG(st.st_mode))
		unlink(path);
}
