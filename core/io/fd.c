#include "io/fd.h"

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

enum {
	READ_TRIES = 5,
	READ_MORE = 4096, /* room beyond the size the file says it has */
};

void fd_done(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static int read_once(int fd, size_t limit, size_t size, struct buf *out)
{
	size_t start = out->len, want = size + 1;
	ssize_t n;
	char *to;

	for (;;) {
		to = buf_room(out, want);
		if (!to)
			return buf_err(out);
		n = pread(fd, to, want, (off_t)(out->len - start));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		out->len += (size_t)n;
		out->data[out->len] = '\0';
		if (!n)
			return 0;
		if (out->len - start > limit)
			return -EFBIG;
		want = READ_MORE;
	}
}

static bool untouched(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	       a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

int fd_read(int fd, size_t limit, struct buf *out, struct stat *ret_stat)
{
	struct stat before, after;
	size_t start = out->len;
	int r = -ESTALE;

	for (int i = 0; i < READ_TRIES && r == -ESTALE; i++) {
		if (fstat(fd, &before))
			return -errno;
		if (S_ISDIR(before.st_mode))
			return -EISDIR;
		if (!S_ISREG(before.st_mode))
			return -EINVAL;
		if ((uintmax_t)before.st_size > limit)
			return -EFBIG;
		r = read_once(fd, limit, (size_t)before.st_size, out);
		if (!r && fstat(fd, &after))
			r = -errno;
		if (!r && !untouched(&before, &after))
			r = -ESTALE;
		if (r)
			buf_cut(out, start);
	}
	if (!r)
		*ret_stat = after;
	return r;
}

int fd_write(int fd, const struct buf *text)
{
	size_t done = 0;
	ssize_t n;

	while (done < text->len) {
		n = pwrite(fd, text->data + done, text->len - done, (off_t)done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		done += (size_t)n;
	}
	return 0;
}

int fd_sync(int fd)
{
	int r;

	do {
		r = fsync(fd);
	} while (r && errno == EINTR);
	return r ? -errno : 0;
}
