#include "io/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/macro.h"
#include "io/fd.h"

enum {
	LINKS_MAX = 40, /* as many as the kernel follows */
};

static _Atomic dev_t forbidden; /* 0: nothing */

void path_forbid(dev_t device)
{
	atomic_store(&forbidden, device);
}

/* Where a walk has come to: what is left to go from the folder @at. */
struct walk {
	int at; /* AT_FDCWD, or to be closed */
	char *rest;
	int links;
};

static void walk_done(struct walk *walk)
{
	if (walk->at >= 0)
		(void)close(walk->at);
	free(walk->rest);
}

/* The rest in one step, as far as it stays on one file system: -EXDEV when not, or when
 * the kernel cannot tell. */
static int open_within(const struct walk *walk, int flags)
{
	const struct open_how how = {
		.flags = (unsigned)flags,
		.resolve = RESOLVE_NO_XDEV,
	};
	long fd;

	fd = syscall(SYS_openat2, walk->at, walk->rest, &how, sizeof(how));
	if (fd >= 0)
		return (int)fd;
	return errno == ENOSYS || errno == EPERM ? -EXDEV : -errno;
}

/* Whether the thing behind an O_PATH descriptor is forbidden, without asking its file
 * system. */
static int check(int fd, mode_t *ret_mode)
{
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &st))
		return -errno;
	*ret_mode = st.stx_mode;
	return makedev(st.stx_dev_major, st.stx_dev_minor) == atomic_load(&forbidden)
		       ? -ELOOP
		       : 0;
}

static void move_to(struct walk *walk, int at)
{
	if (walk->at >= 0)
		(void)close(walk->at);
	walk->at = at;
}

/* Goes on where a link leads, with @after behind it. */
static int follow(struct walk *walk, int link, const char *after)
{
	char target[PATH_MAX]; /* the kernel makes no longer link */
	ssize_t n = readlinkat(link, "", target, sizeof(target));
	char *rest;
	int root;

	if (n < 0)
		return -errno;
	if (++walk->links > LINKS_MAX)
		return -ELOOP;
	if (asprintf(&rest, "%.*s%s%s", (int)n, target, *after ? "/" : "", after) < 0)
		return -ENOMEM;
	free(walk->rest);
	walk->rest = rest;
	if (n == 0 || target[0] != '/')
		return -EXDEV;
	root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -errno;
	move_to(walk, root);
	return -EXDEV;
}

/* One part of the path.  -EXDEV: there is more to go; a descriptor or -errno. */
static int step(struct walk *walk, int flags)
{
	_cleanup_close_ int next = -1;
	char *name = walk->rest + strspn(walk->rest, "/"), *after;
	mode_t mode;
	int r;

	if (walk->rest[0] == '/') {
		int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (root < 0)
			return -errno;
		move_to(walk, root);
	}
	after = name + strcspn(name, "/");
	if (*after)
		*after++ = '\0';
	after += strspn(after, "/");
	next = openat(walk->at, *name ? name : ".", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (next < 0)
		return -errno;
	r = check(next, &mode);
	if (r)
		return r;
	if (S_ISLNK(mode) && (*after || !(flags & O_NOFOLLOW)))
		return follow(walk, next, after);
	if (!*after) {
		/* checked just now, and mounts do not change in between */
		r = openat(walk->at, *name ? name : ".", flags);
		return r < 0 ? -errno : r;
	}
	memmove(walk->rest, after, strlen(after) + 1);
	move_to(walk, next);
	next = -1;
	return -EXDEV;
}

int path_open(const char *path, int flags)
{
	_cleanup_(walk_done) struct walk walk = { .at = AT_FDCWD, .rest = strdup(path) };
	int r;

	flags |= O_CLOEXEC;
	if (!walk.rest)
		return -ENOMEM;
	if (!*path)
		return -ENOENT;
	do
		r = open_within(&walk, flags);
	while (r == -EXDEV && (r = step(&walk, flags)) == -EXDEV);
	return r;
}

int path_open_folder(const char *path, int flags, const char **ret_name)
{
	const char *slash = strrchr(path, '/');
	_cleanup_free_ char *folder = NULL;

	*ret_name = slash ? slash + 1 : path;
	folder = !slash		 ? strdup(".")
		 : slash == path ? strdup("/")
				 : strndup(path, (size_t)(slash - path));
	return folder ? path_open(folder, flags | O_DIRECTORY) : -ENOMEM;
}
