#include "io/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "io/fd.h"
#include "io/path.h"

enum {
	PATHS = 8,
	LINKS = 8, /* on the way to one file */
};

struct watch {
	int fd; /* -1: no inotify to be had */
	char *paths[PATHS];
	size_t count;
	bool all_seen; /* the kernel tells of every change */
};

int watch_new(
	const char *const *paths, size_t count, struct watch **ret_watch, struct err *err)
{
	struct watch *watch;

	if (count > PATHS)
		return err_set(err, EINVAL, "too many files to watch");
	watch = calloc(1, sizeof(*watch));
	if (!watch)
		return err_nomem(err);
	/* without it (too many users of it) looking now and then has to do */
	watch->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	for (; watch->count < count; watch->count++) {
		watch->paths[watch->count] = strdup(paths[watch->count]);
		if (!watch->paths[watch->count]) {
			(void)watch_free(watch);
			return err_nomem(err);
		}
	}
	*ret_watch = watch;
	return 0;
}

struct watch *watch_free(struct watch *watch)
{
	if (!watch)
		return NULL;
	for (size_t i = 0; i < watch->count; i++)
		free(watch->paths[i]);
	if (watch->fd >= 0)
		(void)close(watch->fd);
	free(watch);
	return NULL;
}

/* File systems where others may write without the kernel here hearing of it. */
static bool is_remote(int folder)
{
	static const unsigned long remote[] = { NFS_SUPER_MAGIC, SMB_SUPER_MAGIC,
		0xff534d42 /* cifs */, 0xfe534d42 /* smb2 */, V9FS_MAGIC,
		FUSE_SUPER_MAGIC, AFS_SUPER_MAGIC };
	struct statfs st;

	if (fstatfs(folder, &st))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(remote); i++)
		if ((unsigned long)st.f_type == remote[i])
			return true;
	return false;
}

/* Watches a folder; false: changes there cannot be told. */
static bool watch_folder(const struct watch *watch, int folder)
{
	static const uint32_t events = IN_CLOSE_WRITE | IN_MODIFY | IN_MOVED_TO |
				       IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB |
				       IN_DELETE_SELF | IN_MOVE_SELF;
	char path[32];

	/* not by its name: a link could lead into our own mount by now */
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", folder);
	return inotify_add_watch(watch->fd, path, events) >= 0 && !is_remote(folder);
}

/* Watches the folder of the file and of each link on the way to it. */
static bool watch_path(const struct watch *watch, const char *path)
{
	_cleanup_free_ char *at = strdup(path);
	bool seen = true;

	for (int i = 0; at && i < LINKS; i++) {
		char target[PATH_MAX], *next = NULL;
		const char *name;
		_cleanup_close_ int folder = path_open_folder(at, O_PATH, &name);
		ssize_t n;

		if (folder < 0)
			return false;
		seen = watch_folder(watch, folder) && seen;
		n = readlinkat(folder, name, target, sizeof(target));
		if (n < 0)
			return seen;
		if (asprintf(&next, "%.*s%.*s", target[0] == '/' ? 0 : (int)(name - at),
			    at, (int)n, target) < 0)
			next = NULL;
		free(at);
		at = next;
	}
	return false;
}

/* Folders come and go and links turn: all watches are renewed, which costs nothing where
 * nothing changed. */
static void renew(struct watch *watch)
{
	watch->all_seen = watch->fd >= 0;
	for (size_t i = 0; i < watch->count; i++)
		watch->all_seen = watch->fd >= 0 && watch_path(watch, watch->paths[i]) &&
				  watch->all_seen;
}

static void drain(const struct watch *watch)
{
	char events[4096];

	while (read(watch->fd, events, sizeof(events)) > 0)
		continue;
}

enum watch_news watch_wait(struct watch *watch, int stop_fd, int at_most_ms)
{
	struct pollfd fds[] = {
		{ .fd = stop_fd, .events = POLLIN },
		{ .fd = watch->fd, .events = POLLIN },
	};
	int r;

	renew(watch);
	if (!watch->all_seen && (at_most_ms < 0 || at_most_ms > WATCH_POLL_MS))
		at_most_ms = WATCH_POLL_MS;
	do
		r = poll(fds, ARRAY_SIZE(fds), at_most_ms);
	while (r < 0 && errno == EINTR);
	if (fds[0].revents)
		return WATCH_STOP;
	if (r <= 0)
		return WATCH_TIME;
	drain(watch);
	return WATCH_CHANGED;
}
