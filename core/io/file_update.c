#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/macro.h"
#include "io/fd.h"
#include "io/file_internal.h"

enum {
	TRIES = 5,
	WRITER_STEP_MS = 5,
	WRITER_LIMIT_MS = 2000, /* a program may keep a file open for writing for ever */
};

/* One try: from looking where the file is to the new text in its place. */
struct attempt {
	const struct file_update *update;
	struct place place;
	int fd;		   /* the file as it was, -1 when there was none */
	struct stat st;	   /* of fd */
	struct buf before; /* its text */
	struct buf after;  /* what it shall be */
	const char *stuck; /* failed beyond repair: how the file stands now */
	bool told;	   /* the error has its sentence */
};

static void attempt_done(struct attempt *a)
{
	buf_done(&a->before);
	buf_done(&a->after);
	fd_done(&a->fd);
	place_done(&a->place);
}

static void version_before(const struct attempt *a, struct file_version *ret_version)
{
	*ret_version = (struct file_version){ .exists = false };
	if (a->fd >= 0)
		file_version_of(&a->st, ret_version);
}

static bool same_text(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && memcmp(buf_text(a), buf_text(b), a->len) == 0;
}

/* 0, or -ESTALE: somebody wrote to it.  Takes the way of the path again, so it also finds
 * that a link leads elsewhere now; and looks at the text, as two writes within a tick of
 * the file system's clock can leave the same stat. */
static int still_before(const struct attempt *a)
{
	_cleanup_buf_ struct buf text = BUF_INIT_SECRET;
	struct file_version was, is;
	int r;

	version_before(a, &was);
	r = file_read(a->update->path, a->update->limit, &text, &is, NULL);
	if (r == -EFBIG)
		return -ESTALE;
	if (r)
		return r;
	return file_same(&was, &is) && same_text(&text, &a->before) ? 0 : -ESTALE;
}

static int sync_folder(const struct attempt *a)
{
	int r = fd_sync(a->place.dir);

	return r == -EINVAL ? 0 : r; /* some file systems have nothing to sync there */
}

/* Writes all of @text over the file, whose length in between is never below @text's. */
static int overwrite(int fd, const struct buf *text)
{
	_cleanup_buf_ struct buf filled = BUF_INIT_SECRET;
	struct stat st;
	size_t more;
	char *to;
	int r;

	if (fstat(fd, &st))
		return -errno;
	more = (size_t)st.st_size > text->len ? (size_t)st.st_size - text->len : 0;
	buf_add(&filled, buf_text(text), text->len);
	to = buf_room(&filled, more);
	if (!to)
		return buf_err(&filled);
	memset(to, '\n', more);
	filled.len += more;
	r = fd_write(fd, &filled);
	if (!r)
		r = fd_sync(fd);
	if (r || !more)
		return r;
	return ftruncate(fd, (off_t)text->len) ? -errno : fd_sync(fd);
}

/* Takes the room a longer text needs before a byte of the old one is touched. */
static int reserve(int fd, size_t len)
{
	if (!fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)len))
		return 0;
	return errno == EOPNOTSUPP || errno == ENOSYS ? 0 : -errno;
}

static int write_in_place(struct attempt *a, struct file_version *ret_version)
{
	_cleanup_close_ int fd = -1;
	struct stat st;
	int r;

	/* opened before the check: on an overlay this makes it another inode */
	fd = openat(a->place.dir, a->place.name,
		O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return errno == ELOOP || errno == ENOENT ? -ESTALE : -errno;
	r = still_before(a);
	if (r)
		return r;
	if (fstat(fd, &st))
		return -errno;
	if (st.st_dev != a->st.st_dev || st.st_ino != a->st.st_ino)
		return -ESTALE;
	r = a->after.len > a->before.len ? reserve(fd, a->after.len) : 0;
	if (r)
		return r;
	r = overwrite(fd, &a->after);
	if (!r && fstat(fd, &st))
		r = -errno;
	if (!r)
		file_version_of(&st, ret_version);
	else if (overwrite(fd, &a->before))
		a->stuck = "the old text could not be put back, it may be damaged";
	return r;
}

static int fill(const struct attempt *a, int fd)
{
	int r = fd_write(fd, &a->after);

	if (!r && a->fd >= 0)
		r = file_copy_meta(a->fd, &a->st, fd);
	else if (!r)
		r = fchmod(fd, 0600) ? -errno : 0;
	return r ? r : fd_sync(fd);
}

/* Gives the new file the old one's name.  *@ret_flags: how, for swap_back(). */
static int swap_in(const struct attempt *a, const char *temp, unsigned *ret_flags)
{
	unsigned flags = a->fd >= 0 ? RENAME_EXCHANGE : RENAME_NOREPLACE;
	int dir = a->place.dir, r;

	r = renameat2(dir, temp, dir, a->place.name, flags);
	if (r && (errno == EINVAL || errno == ENOSYS)) {
		flags = 0;
		r = renameat(dir, temp, dir, a->place.name);
	}
	if (!r)
		*ret_flags = flags;
	else if (errno == EEXIST || errno == ENOENT)
		return -ESTALE;
	return r ? -errno : 0;
}

/* Whether another program has renamed its own file over our new one's name meanwhile: that
 * one stays. */
static bool is_taken(const struct attempt *a, int fd)
{
	struct stat mine, there;

	return !fstat(fd, &mine) &&
	       !fstatat(a->place.dir, a->place.name, &there, AT_SYMLINK_NOFOLLOW) &&
	       (mine.st_dev != there.st_dev || mine.st_ino != there.st_ino);
}

static void swap_back(struct attempt *a, const char *temp, int fd, unsigned flags)
{
	int dir = a->place.dir, r = -1;

	if (is_taken(a, fd))
		return;
	if (flags == RENAME_EXCHANGE)
		r = renameat2(dir, temp, dir, a->place.name, flags);
	else if (flags == RENAME_NOREPLACE)
		r = unlinkat(dir, a->place.name, 0);
	if (r)
		a->stuck = "it has the new text, but a power cut may undo that";
	(void)sync_folder(a);
}

/* Whether what we took the place of is still what we read, by its stat.  (Its ctime is that
 * of the rename.) */
static int check_swapped(const struct attempt *a, const char *temp)
{
	struct file_version was, is;
	struct stat st;

	if (fstatat(a->place.dir, temp, &st, AT_SYMLINK_NOFOLLOW))
		return -errno;
	version_before(a, &was);
	file_version_of(&st, &is);
	is.ctime = was.ctime;
	return file_same(&was, &is) ? 0 : -ESTALE;
}

static int swap(
	struct attempt *a, const char *temp, int fd, struct file_version *ret_version)
{
	unsigned flags = 0;
	struct stat st;
	int r;

	r = swap_in(a, temp, &flags);
	if (r)
		return r;
	r = sync_folder(a);
	if (!r && fstat(fd, &st))
		r = -errno;
	if (!r && flags == RENAME_EXCHANGE)
		r = check_swapped(a, temp);
	if (!r)
		file_version_of(&st, ret_version);
	else
		swap_back(a, temp, fd, flags);
	return r;
}

static int write_beside(struct attempt *a, struct file_version *ret_version)
{
	_cleanup_free_ char *temp = NULL;
	_cleanup_close_ int fd = -1;
	int r;

	if (!a->place.syncable)
		return -EACCES;
	fd = place_temp(&a->place, &temp);
	if (fd < 0)
		return fd;
	r = fill(a, fd);
	if (!r)
		r = still_before(a);
	if (!r)
		r = swap(a, temp, fd, ret_version);
	place_drop(&a->place, temp); /* by now it is the old file, if all went well */
	return r;
}

static int replace(struct attempt *a, struct file_version *ret_version)
{
	int r;

	if (a->fd >= 0 && a->st.st_nlink > 1)
		return write_in_place(a, ret_version);
	r = write_beside(a, ret_version);
	if (a->fd < 0 || a->stuck)
		return r;
	if (r == -EACCES || r == -EBUSY || r == -EPERM || r == -EROFS || r == -EXDEV)
		return write_in_place(a, ret_version);
	return r;
}

/* Waits until nobody has the file open for writing: most tools empty a file first and then
 * write it, and to replace it in between would lose what they write, for it goes to a file
 * that has no name any more.  The kernel refuses a read lease on such a file; where there
 * are no leases (other owners, NFS) the checks that follow have to do. */
static int wait_writers(const struct attempt *a)
{
	int r;

	/* the signal of a broken lease: one that is ignored unless asked for */
	(void)fcntl(a->fd, F_SETSIG, SIGURG);
	for (int ms = 0; ms < WRITER_LIMIT_MS && fcntl(a->fd, F_SETLEASE, F_RDLCK);
		ms += WRITER_STEP_MS) {
		if (errno != EAGAIN)
			return 0;
		r = patience_sleep(a->update->patience, WRITER_STEP_MS, NULL);
		if (r)
			return r;
	}
	(void)fcntl(a->fd, F_SETLEASE, F_UNLCK);
	return 0;
}

static int read_before(struct attempt *a)
{
	int r;

	a->fd = openat(a->place.dir, a->place.name,
		O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (a->fd >= 0) {
		/* the lock on the file itself is a writer's, too: ours */
		r = a->place.exclusive ? wait_writers(a) : 0;
		return r ? r : fd_read(a->fd, a->update->limit, &a->before, &a->st);
	}
	if (errno == ELOOP)
		return -ESTALE;
	return errno == ENOENT ? 0 : -errno;
}

static int attempt(struct attempt *a, struct file_version *ret_version, bool *ret_changed,
	struct err *err)
{
	struct file_version version;
	bool changed;
	int r;

	r = place_open(&a->place, a->update->path);
	if (!r)
		r = place_lock(&a->place, a->update->patience);
	if (r)
		return r;
	place_sweep(&a->place);
	r = read_before(a);
	if (r)
		return r;
	r = a->update->edit(a->update->arg, &a->before, &a->after, err);
	if (r) {
		a->told = true;
		return r;
	}
	if (buf_err(&a->after))
		return buf_err(&a->after);
	if (a->after.len > a->update->limit)
		return -EFBIG;
	version_before(a, &version);
	changed = !same_text(&a->before, &a->after);
	r = changed ? replace(a, &version) : 0;
	if (r)
		return r;
	*ret_version = version;
	*ret_changed = changed;
	return 0;
}

static int tell(const struct attempt *a, int r, struct err *err)
{
	const char *path = a->update->path;

	if (a->told)
		return r;
	if (r == -EFBIG)
		return err_set(err, EFBIG,
			"cannot write `%s': it would have more than %zu bytes", path,
			a->update->limit);
	(void)file_fail(err, -r, "write", path);
	if (a->stuck)
		(void)err_wrap(err, "`%s' needs a look: %s", path, a->stuck);
	return r;
}

int file_update(const struct file_update *update, struct file_version *ret_version,
	bool *ret_changed, struct err *err)
{
	for (int left = TRIES - 1;; left--) {
		_cleanup_(attempt_done) struct attempt a = {
			.update = update,
			.place = PLACE_INIT,
			.fd = -1,
			.before = BUF_INIT_SECRET,
			.after = BUF_INIT_SECRET,
		};
		int r = attempt(&a, ret_version, ret_changed, err);

		if (!r)
			return 0;
		if (r != -ESTALE || !left || a.told || a.stuck)
			return tell(&a, r, err);
	}
}
