/* fd: an open file: closed at the end of its block, read and written whole. */
#pragma once

#include <stddef.h>
#include <sys/stat.h>

#include "base/buf.h"

void fd_done(int *fd); /* closes, unless it is -1; safe twice */
#define _cleanup_close_ _cleanup_(fd_done)

/* Appends the whole regular file to @out, again from the start when it changed meanwhile.
 * 0 or -errno, with nothing appended: -EFBIG above @limit bytes, -EISDIR for a folder,
 * -EINVAL for what is no file, -ESTALE when it does not stop changing. */
int fd_read(int fd, size_t limit, struct buf *out, struct stat *ret_stat);

/* Writes all of @text from the start of the file.  0 or -errno. */
int fd_write(int fd, const struct buf *text);

/* Waits until the file is on its disk.  0 or -errno. */
int fd_sync(int fd);
