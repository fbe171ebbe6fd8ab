#include "fs/mountpoint.h"

#include <errno.h>
#include <limits.h>
#include <mntent.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

/* The real path of something whose last part may not be looked at or not exist. */
static char *real_path(const char *path)
{
	char *whole = realpath(path, NULL), *copy, *slash, *parent, *joined = NULL;

	if (whole || !path[0])
		return whole;
	copy = strdup(path);
	if (!copy)
		return NULL;
	while (strlen(copy) > 1 && copy[strlen(copy) - 1] == '/')
		copy[strlen(copy) - 1] = '\0';
	slash = strrchr(copy, '/');
	if (slash == copy) {
		joined = strdup(copy);
	} else {
		if (slash)
			*slash = '\0';
		parent = realpath(slash ? copy : ".", NULL);
		if (parent &&
			asprintf(&joined, "%s/%s", strcmp(parent, "/") ? parent : "",
				slash ? slash + 1 : copy) < 0)
			joined = NULL;
		free(parent);
	}
	free(copy);
	return joined;
}

/* Whether the topmost mount at @path is one of ours. */
static bool is_ours(const char *path)
{
	FILE *table = setmntent("/proc/self/mounts", "re");
	struct mntent *entry;
	char owner[32];
	bool ours = false;

	if (!table)
		return false;
	(void)snprintf(owner, sizeof(owner), "%u", (unsigned)getuid());
	while ((entry = getmntent(table))) {
		const char *user;

		if (strcmp(entry->mnt_dir, path) != 0)
			continue;
		user = hasmntopt(entry, "user_id");
		ours = strcmp(entry->mnt_type, "fuse.acctfs") == 0 && user &&
		       strlen(user) > 8 && strncmp(user + 8, owner, strlen(owner)) == 0 &&
		       strchr(",", user[8 + strlen(owner)]);
	}
	(void)endmntent(table);
	return ours;
}

static int unmount_stale(const char *path, struct err *err)
{
	char *const argv[] = { (char *)"fusermount3", (char *)"-u", (char *)"-z",
		(char *)"--", (char *)path, NULL };
	int status = 0;
	pid_t pid;

	if (geteuid() == 0) {
		if (umount2(path, MNT_DETACH) == 0)
			return 0;
		return err_sys(
			err, errno, "cannot unmount what a crash left at %s", path);
	}
	if (posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ) == 0 &&
		waitpid(pid, &status, 0) == pid && status == 0)
		return 0;
	return err_set(err, EBUSY,
		"a crash left a mount at %s: unmount it with fusermount3 -u %s", path,
		path);
}

/* Not stat(): the kernel remembers the attributes of a mount whose daemon was killed. */
static bool is_dead(const char *path)
{
	struct statfs st;

	return statfs(path, &st) && errno == ENOTCONN;
}

int mountpoint_prepare(const char *path, char **ret_path, struct err *err)
{
	_cleanup_free_ char *real = real_path(path);
	struct stat st;
	int r;

	if (!real)
		return err_sys(err, errno ? errno : ENOENT, "cannot use %s", path);
	if (is_ours(real) && is_dead(real)) {
		r = unmount_stale(real, err);
		if (r)
			return r;
	} else if (is_ours(real)) {
		return err_set(err, EBUSY,
			"acctfs is already mounted at %s: unmount it with fusermount3 -u "
			"%s",
			real, real);
	}
	r = stat(real, &st) == 0 ? 0 : errno;
	if (r == ENOENT)
		return err_set(err, ENOENT, "%s does not exist: make it with mkdir -p %s",
			path, path);
	if (r)
		return err_sys(err, r, "cannot use %s", path);
	if (!S_ISDIR(st.st_mode))
		return err_set(err, ENOTDIR, "%s is not a directory: choose one", path);
	*ret_path = take_ptr(real);
	return 0;
}

/* Where the link @path leads, or NULL: it is none. */
static char *link_target(const char *path)
{
	char target[PATH_MAX];
	ssize_t len = readlink(path, target, sizeof(target));

	return len > 0 ? strndup(target, (size_t)len) : NULL;
}

static char *join(const char *folder, const char *name)
{
	char *joined;

	return asprintf(&joined, "%s/%s", strcmp(folder, "/") ? folder : "", name) < 0
		       ? NULL
		       : joined;
}

/* The real path that something has or will have once it is made.  @links bounds those
 * that lead nowhere yet. */
static char *future_path(const char *path, unsigned links)
{
	char *whole = realpath(path, NULL);
	_cleanup_free_ char *copy = whole ? NULL : strdup(path);
	_cleanup_free_ char *folder = NULL;
	_cleanup_free_ char *target = NULL;
	_cleanup_free_ char *next = NULL;
	size_t len = copy ? strlen(copy) : 0;
	const char *slash;

	while (len > 1 && copy[len - 1] == '/')
		copy[--len] = '\0';
	if (!len || strcmp(copy, ".") == 0 || strcmp(copy, "/") == 0)
		return whole;
	slash = strrchr(copy, '/');
	folder = slash ? strndup(copy, (size_t)(slash + 1 - copy)) : strdup(".");
	if (!folder)
		return NULL;
	target = links ? link_target(copy) : NULL;
	if (target && target[0] == '/')
		return future_path(target, links - 1);
	if (target) {
		next = join(folder, target);
		return next ? future_path(next, links - 1) : NULL;
	}
	next = future_path(folder, links);
	return next ? join(next, slash ? slash + 1 : copy) : NULL;
}

bool mountpoint_holds(const char *folder, const char *path)
{
	enum { LINKS = 40 };
	_cleanup_free_ char *real = future_path(path, LINKS);
	size_t len = strlen(folder);

	/* "/" holds all */
	if (len && folder[len - 1] == '/')
		len--;
	return real && strncmp(real, folder, len) == 0 &&
	       (real[len] == '/' || real[len] == '\0');
}
