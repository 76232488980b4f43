#include "pfa/symbol/files.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "pfa/base/hash.h"
#include "pfa/base/mem.h"
#include "pfa/symbol/module_key.h"

/* A part of the descriptors: the rest is for events, and for what is read meanwhile. */
enum { SHARE = 4 };

struct kept {
	UT_hash_handle hh;
	int fd;
	char key[];
};

struct files {
	pthread_mutex_t lock; /* of what follows */
	struct kept *kept;
	struct text key; /* of the file in question */
};

struct files *files_new(void)
{
	struct files *files = pfa_alloc(sizeof(*files));

	pthread_mutex_init(&files->lock, NULL);
	text_init(&files->key);
	return files;
}

void files_free(struct files *files)
{
	struct kept *kept, *next;

	if (!files)
		return;
	HASH_ITER(hh, files->kept, kept, next) {
		HASH_DEL(files->kept, kept);
		close(kept->fd);
		free(kept);
	}
	text_release(&files->key);
	pthread_mutex_destroy(&files->lock);
	free(files);
}

static struct kept *find(const struct files *files, const struct text *key)
{
	struct kept *kept;

	HASH_FIND(hh, files->kept, key->bytes, key->length, kept);
	return kept;
}

static bool has_room(const struct files *files)
{
	struct rlimit limit;

	return !getrlimit(RLIMIT_NOFILE, &limit) &&
	       HASH_COUNT(files->kept) < limit.rlim_cur / SHARE;
}

static void keep(struct files *files, const struct module_id *id, int fd)
{
	struct kept *kept;
	int copy;

	module_key(id, &files->key);
	if (find(files, &files->key) || !has_room(files))
		return;
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (copy < 0)
		return;
	kept = pfa_alloc(sizeof(*kept) + files->key.length);
	kept->fd = copy;
	memcpy(kept->key, files->key.bytes, files->key.length);
	HASH_ADD_KEYPTR(hh, files->kept, kept->key, files->key.length, kept);
}

void files_keep(struct files *files, const struct module_id *id, int fd)
{
	pthread_mutex_lock(&files->lock);
	keep(files, id, fd);
	pthread_mutex_unlock(&files->lock);
}

int files_find(struct files *files, const struct module_id *id)
{
	const struct kept *kept;
	struct text key;

	text_init(&key);
	module_key(id, &key);
	pthread_mutex_lock(&files->lock);
	kept = find(files, &key);
	pthread_mutex_unlock(&files->lock);
	text_release(&key);
	return kept ? kept->fd : -1;
}
