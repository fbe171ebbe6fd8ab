#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/macro.h"
#include "io/fd.h"
#include "io/file_internal.h"
#include "io/path.h"

/* what to do about it */
static const char *const advices[] = {
	[EACCES] = "check its owner and mode, and those of its folder",
	[EDQUOT] = "your share of the disk is used up: remove something",
	[EINTR] = "nothing was changed: do it again",
	[EINVAL] = "it has to be an ordinary file",
	[EIO] = "see what the kernel log says about the disk",
	[EISDIR] = "it has to be an ordinary file",
	[ELOOP] = "its links go round in a circle, or into this mount: remove one",
	[ENOENT] = "a folder on the way is a link to nothing: make what it names",
	[ENOLCK] = "its file system has no locks: keep the file on another",
	[ENOSPC] = "the disk is full: remove something",
	[ENOTDIR] = "a part of its path is no folder: correct the path",
	[EPERM] = "check its owner, and its attributes with lsattr",
	[EROFS] = "its file system is mounted read-only: keep the file elsewhere",
	[ESTALE] = "another program keeps writing to it: do it again",
	[ETIMEDOUT] = "another acctfs is writing in its folder: do it again",
};

int file_fail(struct err *err, int errnum, const char *verb, const char *path)
{
	const char *advice = NULL;
	char reason[128];

	if (errnum == ENOMEM)
		return err_nomem(err);
	if (errnum >= 0 && (size_t)errnum < ARRAY_SIZE(advices))
		advice = advices[errnum];
	return err_set(err, errnum, "cannot %s `%s': %s%s%s", verb, path,
		strerror_r(errnum, reason, sizeof(reason)), advice ? ": " : "",
		advice ? advice : "");
}

void file_version_of(const struct stat *st, struct file_version *ret_version)
{
	*ret_version = (struct file_version){
		.exists = true,
		.dev = st->st_dev,
		.ino = st->st_ino,
		.size = st->st_size,
		.mode = st->st_mode,
		.mtime = st->st_mtim,
		.ctime = st->st_ctim,
	};
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool file_same(const struct file_version *a, const struct file_version *b)
{
	if (!a->exists || !b->exists)
		return a->exists == b->exists;
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       a->mode == b->mode && same_time(&a->mtime, &b->mtime) &&
	       same_time(&a->ctime, &b->ctime);
}

int file_look(const char *path, struct file_version *ret_version, struct err *err)
{
	_cleanup_close_ int fd = path_open(path, O_PATH);
	struct stat st;

	if (fd == -ENOENT || fd == -ENOTDIR) {
		*ret_version = (struct file_version){ .exists = false };
		return 0;
	}
	if (fd < 0)
		return file_fail(err, -fd, "look at", path);
	if (fstat(fd, &st))
		return file_fail(err, errno, "look at", path);
	file_version_of(&st, ret_version);
	return 0;
}

int file_read(const char *path, size_t limit, struct buf *out,
	struct file_version *ret_version, struct err *err)
{
	_cleanup_close_ int fd = -1;
	struct stat st;
	int r;

	/* non-blocking: a pipe in the file's place must not hold us up */
	fd = path_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (fd == -ENOENT || fd == -ENOTDIR) {
		*ret_version = (struct file_version){ .exists = false };
		return 0;
	}
	r = fd < 0 ? fd : fd_read(fd, limit, out, &st);
	if (r == -EFBIG)
		return err_set(err, EFBIG,
			"cannot read `%s': it is larger than %zu bytes", path, limit);
	if (r)
		return file_fail(err, -r, "read", path);
	file_version_of(&st, ret_version);
	return 0;
}
