#include "swap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define SWAP_FILE "/var/tmp/pfa-live-swap"
#define ZRAM_CONTROL "/sys/class/zram-control/"

enum { SWAP_BYTES = 256 << 20 };

/* What is set up; swap_off() also runs in a signal handler. */
static struct {
	char device[64];
	char zram[16]; /* its number; "": a file */
	bool on;
} swap;

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool written = fd >= 0 && write(fd, text, strlen(text)) > 0;

	if (fd >= 0)
		close(fd);
	return written;
}

/* As mkswap does it: the header page of swap version 1 (linux/swap.h). */
static bool make_swap(const char *path)
{
	uint32_t page_bytes = (uint32_t)sysconf(_SC_PAGESIZE);
	uint32_t info[3] = { 1, SWAP_BYTES / page_bytes - 1, 0 };
	char *page = calloc(1, page_bytes);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool written;

	memcpy(page + 1024, info, sizeof(info));
	memcpy(page + page_bytes - 10, "SWAPSPACE2", 10);
	written = fd >= 0 && write(fd, page, page_bytes) == (ssize_t)page_bytes;
	if (fd >= 0)
		written = !close(fd) && written;
	free(page);
	return written;
}

static void remove_device(void)
{
	if (swap.zram[0])
		write_text(ZRAM_CONTROL "hot_remove", swap.zram);
	else
		unlink(SWAP_FILE);
}

static bool make_zram(void)
{
	unsigned number, major, minor;
	char path[128], size[32];
	FILE *add = fopen(ZRAM_CONTROL "hot_add", "re"); /* reading adds one */
	FILE *dev;
	bool made;

	if (!add)
		return false;
	made = fscanf(add, "%u", &number) == 1;
	fclose(add);
	if (!made)
		return false;
	snprintf(swap.zram, sizeof(swap.zram), "%u", number);
	snprintf(swap.device, sizeof(swap.device), "/dev/zram%u", number);
	snprintf(path, sizeof(path), "/sys/block/zram%u/disksize", number);
	snprintf(size, sizeof(size), "%u", (unsigned)SWAP_BYTES);
	made = write_text(path, size);
	snprintf(path, sizeof(path), "/sys/block/zram%u/dev", number);
	dev = fopen(path, "re");
	if (dev && fscanf(dev, "%u:%u", &major, &minor) == 2)
		mknod(swap.device, S_IFBLK | 0600, makedev(major, minor));
	if (dev)
		fclose(dev);
	return made;
}

static bool make_file(void)
{
	int fd = open(SWAP_FILE, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool made = fd >= 0 && !posix_fallocate(fd, 0, SWAP_BYTES);

	if (fd >= 0)
		close(fd);
	swap.zram[0] = '\0';
	snprintf(swap.device, sizeof(swap.device), "%s", SWAP_FILE);
	return made;
}

static void on_signal(int sig)
{
	swap_off();
	signal(sig, SIG_DFL);
	raise(sig);
}

static bool use(bool (*make)(void))
{
	swap.on = make() && make_swap(swap.device) && !swapon(swap.device, 0);
	if (!swap.on)
		remove_device();
	return swap.on;
}

const char *swap_on(void)
{
	static char why[128];

	memset(&swap, 0, sizeof(swap));
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	if (use(make_zram) || use(make_file))
		return NULL;
	snprintf(why, sizeof(why), "no zram and no swap file: %s", strerror(errno));
	return why;
}

void swap_off(void)
{
	if (!swap.on)
		return;
	swapoff(swap.device);
	remove_device();
	swap.on = false;
}
