#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "io/fd.h"
#include "io/file_internal.h"
#include "io/path.h"

enum {
	LINKS_MAX = 40, /* as many as the kernel follows */
	LOCK_STEP_MS = 10,
	TEMP_TRIES = 100,
	SUFFIX_LEN = 6,
};

static const char lock_name[] = ".acctfs.lock";
static const char suffix_chars[] = "abcdefghijklmnopqrstuvwxyz234567";

void place_done(struct place *place)
{
	fd_done(&place->lock);
	fd_done(&place->dir);
	free(take_ptr(place->name));
	free(take_ptr(place->prefix));
}

static int fresh_folder(const char *path)
{
	_cleanup_close_ int dir = -1;
	_cleanup_free_ char *parent = NULL;
	int r;

	if (mkdir(path, 0700))
		return errno == EEXIST ? 0 : -errno;
	if (asprintf(&parent, "%s/..", path) < 0) {
		parent = NULL;
		return -ENOMEM;
	}
	dir = path_open(parent, O_RDONLY | O_DIRECTORY);
	if (dir < 0)
		return dir == -EACCES ? 0 : dir;
	r = fd_sync(dir);
	return r == -EINVAL ? 0 : r;
}

static int make_folders(char *path)
{
	for (char *end = path + 1;; end++) {
		char was = *end;
		int r;

		if (was && was != '/')
			continue;
		*end = '\0';
		r = fresh_folder(path);
		*end = was;
		if (r || !was)
			return r;
	}
}

static int open_folder(struct place *place, char *path)
{
	int r;

	place->dir = path_open(path, O_RDONLY | O_DIRECTORY);
	if (place->dir == -ENOENT) {
		r = make_folders(path);
		if (r)
			return r;
		place->dir = path_open(path, O_RDONLY | O_DIRECTORY);
	}
	place->syncable = place->dir >= 0;
	if (place->dir == -EACCES)
		place->dir = path_open(path, O_PATH | O_DIRECTORY);
	return place->dir < 0 ? place->dir : 0;
}

/* The path of the real file: no link itself, though it may be missing. */
static int follow(const char *path, char **ret_real)
{
	char target[PATH_MAX]; /* the kernel makes no longer link */
	_cleanup_free_ char *real = strdup(path);

	for (int links = 0; real && links < LINKS_MAX; links++) {
		const char *name;
		_cleanup_close_ int dir = path_open_folder(real, O_PATH, &name);
		int folder = (int)(name - real);
		ssize_t n = dir < 0 ? dir : readlinkat(dir, name, target, sizeof(target));
		char *next = NULL;

		if (dir >= 0 && n < 0)
			n = -errno;
		/* no link; or not there, and neither may its folder be */
		if (n == -EINVAL || n == -ENOENT) {
			*ret_real = take_ptr(real);
			return 0;
		}
		if (n < 0)
			return (int)n;
		if (target[0] == '/')
			folder = 0;
		if (asprintf(&next, "%.*s%.*s", folder, real, (int)n, target) < 0)
			next = NULL;
		free(real);
		real = next;
	}
	return real ? -ELOOP : -ENOMEM;
}

int place_open(struct place *place, const char *path)
{
	_cleanup_free_ char *real = NULL;
	char here[] = ".", root[] = "/", *slash;
	const char *name;
	int r = follow(path, &real);

	if (r)
		return r;
	slash = strrchr(real, '/');
	name = slash ? slash + 1 : real;
	if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return *real ? -EISDIR : -ENOENT;
	place->name = strdup(name);
	if (asprintf(&place->prefix, ".%s.acctfs.", name) < 0)
		place->prefix = NULL;
	if (!place->name || !place->prefix)
		return -ENOMEM;
	if (slash)
		*slash = '\0';
	return open_folder(place, !slash ? here : *real ? real : root);
}

static int open_lock(struct place *place)
{
	static const int flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
	int r;

	place->exclusive = true;
	place->lock = openat(place->dir, lock_name, O_CREAT | flags, 0600);
	r = place->lock < 0 ? -errno : 0;
	if (r != -EACCES && r != -EPERM && r != -EROFS && r != -ELOOP && r != -EISDIR)
		return r;
	place->exclusive = false;
	place->lock = openat(place->dir, place->name, flags);
	if (place->lock >= 0)
		return 0;
	if (errno == ELOOP)
		return -ESTALE;
	return errno == ENOENT ? r : -errno;
}

/* Whether the locked file still has its name: it may have been replaced while we waited.
 */
static int lock_holds(const struct place *place)
{
	const char *name = place->exclusive ? lock_name : place->name;
	struct stat mine, there;

	if (fstat(place->lock, &mine))
		return -errno;
	if (fstatat(place->dir, name, &there, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : -errno;
	return mine.st_dev == there.st_dev && mine.st_ino == there.st_ino;
}

int place_lock(struct place *place, const struct patience *patience)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int r;

	for (;;) {
		r = open_lock(place);
		if (r)
			return r;
		while (fcntl(place->lock, F_OFD_SETLK, &whole)) {
			if (errno != EAGAIN && errno != EACCES && errno != EINTR)
				return -errno;
			r = patience_sleep(patience, LOCK_STEP_MS, NULL);
			if (r)
				return r;
		}
		r = lock_holds(place);
		if (r)
			return r < 0 ? r : 0;
		fd_done(&place->lock);
		r = patience_sleep(patience, LOCK_STEP_MS, NULL);
		if (r)
			return r;
	}
}

void place_drop(const struct place *place, const char *name)
{
	int r;

	do {
		r = unlinkat(place->dir, name, 0);
	} while (r && errno == EINTR);
}

static bool is_temp(const struct place *place, const char *name)
{
	size_t len = strlen(place->prefix);

	return strncmp(name, place->prefix, len) == 0 &&
	       strlen(name + len) == SUFFIX_LEN &&
	       strspn(name + len, suffix_chars) == SUFFIX_LEN;
}

void place_sweep(const struct place *place)
{
	const struct dirent *entry;
	DIR *list;
	int dir;

	/* who locked another file may be at work on one of these */
	if (!place->exclusive || !place->syncable)
		return;
	dir = openat(place->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	list = dir < 0 ? NULL : fdopendir(dir);
	if (!list) {
		fd_done(&dir);
		return;
	}
	while ((entry = readdir(list)))
		if (is_temp(place, entry->d_name))
			place_drop(place, entry->d_name);
	(void)closedir(list);
}

int place_temp(const struct place *place, char **ret_name)
{
	static const int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	unsigned char random[SUFFIX_LEN];
	char suffix[SUFFIX_LEN + 1] = "";

	for (int i = 0; i < TEMP_TRIES; i++) {
		_cleanup_free_ char *name = NULL;
		int fd;

		if (getrandom(random, sizeof(random), 0) != sizeof(random))
			return errno == EINTR ? -EINTR : -EIO;
		for (size_t at = 0; at < SUFFIX_LEN; at++)
			suffix[at] =
				suffix_chars[random[at] % (sizeof(suffix_chars) - 1)];
		if (asprintf(&name, "%s%s", place->prefix, suffix) < 0) {
			name = NULL;
			return -ENOMEM;
		}
		fd = openat(place->dir, name, flags, 0600);
		if (fd >= 0) {
			*ret_name = take_ptr(name);
			return fd;
		}
		if (errno != EEXIST && errno != EINTR)
			return -errno;
	}
	return -EEXIST;
}
