/* file: reads whole files, and replaces the user's files so that nothing is ever lost.
 *
 * file_update() is the only function of the project that writes a user's file. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"
#include "io/cancel.h"

/* Which version of a file something was read from. */
struct file_version {
	bool exists;
	dev_t dev;
	ino_t ino;
	off_t size;
	mode_t mode;
	struct timespec mtime;
	struct timespec ctime;
};

/* Looks a path up, following links.  A missing file (or folder) is a version that does
 * not exist, not an error. */
int file_look(const char *path, struct file_version *ret_version, struct err *err);
bool file_same(const struct file_version *a, const struct file_version *b);

/* The version that a stat(2) describes. */
void file_version_of(const struct stat *st, struct file_version *ret_version);

/* Appends the whole file to @out (mark it secret when it is).  -EFBIG when it is larger
 * than @limit, -EISDIR and the like for what is no regular file; a missing file gives a
 * version that does not exist and no text.  Reads again when the file changed while it
 * was read; -ESTALE when it does not stop changing.  On failure @out is as it was. */
int file_read(const char *path, size_t limit, struct buf *out,
	struct file_version *ret_version, struct err *err);

/* Makes the new text from the old one: appends to @out, or returns -errno to give up with
 * nothing changed.  May be called again when somebody else wrote meanwhile. */
typedef int file_edit_fn(
	void *arg, const struct buf *old, struct buf *out, struct err *err);

struct file_update {
	const char *path;
	size_t limit; /* bytes, of the old and the new text */
	file_edit_fn *edit;
	void *arg;
	const struct patience *patience; /* bounds the wait for the lock; not NULL */
};

/* Replaces a file's text under a lock, atomically and durably.
 *
 * - links are followed to the real file, also relative and dangling ones; missing
 *   folders are made with mode 0700 (and stay when the update fails), a missing file
 *   with 0600;
 * - the lock is an open-file-description lock on `.acctfs.lock` in the file's folder;
 *   where that cannot be made the file itself is locked;
 * - the old text is read under the lock; an edit that gives the same text changes
 *   nothing, not even the modification time, and an empty text does not make a missing
 *   file;
 * - the new text goes to a new file beside the old one (mode, owner, group and extended
 *   attributes of the old one, never wider), is synced, and takes the old one's place,
 *   after a last check that nobody wrote to the old one; then the folder is synced.  The
 *   two files exchange names: until all of this has succeeded the old one is there to
 *   take its name back, which it also does when somebody wrote to it after the check;
 * - where that cannot be (a bind-mounted file: EBUSY; a hard-linked one; one of an
 *   owner whom we cannot give files to; a folder that may not be written) the text is
 *   written in place, a shorter one filled up with empty lines that are cut off at the
 *   end: the file is never empty, and a process killed between two system calls leaves
 *   the old or the new text, at worst followed by empty lines.  A failure puts the old
 *   text back.  Only a power cut in the midst of it can leave a mixture;
 * - temporary files of a writer that was killed are removed by the next update.
 *
 * 0 means durable.  On any failure the file is byte for byte what it was and no
 * temporary file is left, with one exception: a disk so broken that the old text cannot
 * be put back either (or that cannot sync a folder, on a file system without
 * RENAME_EXCHANGE such as NFS).  The sentence in @err then says so.
 *
 * -ETIMEDOUT (lock), -ESTALE (others keep writing), -EROFS, -EACCES, -ENOSPC, -EDQUOT,
 * -EIO, -EFBIG, -EINTR, what @edit returned, with its @err.  @ret_version is of the file
 * as we left it; @ret_changed tells whether anything was written.  Any thread. */
int file_update(const struct file_update *update, struct file_version *ret_version,
	bool *ret_changed, struct err *err);
