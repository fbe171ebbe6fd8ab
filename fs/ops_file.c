/* The kernel's requests for open files: reading, and collecting what is written. */
#include "fs/ops_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "fs/handle.h"
#include "io/clock.h"

/* Opening */

/* The process of a thread: the kernel tells threads. */
static pid_t process_of(pid_t thread)
{
	char path[64], line[128];
	pid_t process = thread;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)thread);
	file = fopen(path, "re");
	if (!file)
		return thread;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "Tgid: %d", &process) == 1)
			break;
	(void)fclose(file);
	return process;
}

static bool wants_write(int flags)
{
	return (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC);
}

static void reply_open(fuse_req_t req, struct handle *handle, struct fuse_file_info *fi)
{
	fi->fh = (uintptr_t)handle;
	fi->direct_io = 1;
	/* nothing is pending on a handle that only reads */
	fi->noflush = !wants_write(fi->flags);
	/* the opener is gone: there will be no release */
	if (fuse_reply_open(req, fi) == -ENOENT)
		(void)handle_unref(handle);
}

/* An open that waits for a question. */
struct opening {
	struct handle *handle;
	struct fuse_file_info fi;
};

static void on_asked(fuse_req_t req, void *arg, int r, struct err *err)
{
	struct opening *opening = arg;
	struct handle *handle = opening->handle;
	const struct node *row = handle_row(handle);
	const char *account = handle_at(handle)->account;

	if (r)
		(void)ops_fail(mount_of(req), account, r, err);
	else
		core_note_success(mount_of(req)->core, account);
	if (r != -EINTR && r != -ENOTCONN && r != -ENOMEM && !ops_is_gone(r, err) &&
		row->shows_failure)
		r = 0;
	if (!r)
		r = handle_show(handle, err);
	if (r) {
		fuse_reply_err(req, -r);
		(void)handle_unref(handle);
	} else {
		reply_open(req, handle, &opening->fi);
	}
	free(opening);
}

static int open_later(
	fuse_req_t req, struct handle *handle, const struct fuse_file_info *fi)
{
	const struct at *at = handle_at(handle);
	struct opening *opening = calloc(1, sizeof(*opening));
	int r;

	if (!opening)
		return -ENOMEM;
	opening->handle = handle;
	opening->fi = *fi;
	r = jobs_ask(mount_of(req)->jobs, req, at->account, handle_row(handle)->question,
		on_asked, opening);
	if (r)
		free(opening);
	return r;
}

static void open_row(fuse_req_t req, const struct inode *inode, struct fuse_file_info *fi)
{
	struct mount *mount = mount_of(req);
	const struct node *row = inode->row;
	struct at at = at_of(mount, inode->account);
	struct err err = ERR_INIT;
	struct handle *handle;
	pid_t opener = 0;
	int r = 0;

	if (row->store && wants_write(fi->flags))
		opener = process_of(fuse_req_ctx(req)->pid);
	handle = handle_new(row, &at, fi->flags, opener);
	if (!handle) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	if (row->question && !core_is_fresh(mount->core, at.account, row->question)) {
		r = open_later(req, handle, fi);
		if (!r)
			return;
	} else if ((fi->flags & O_ACCMODE) != O_WRONLY) {
		r = handle_show(handle, &err);
	}
	if (r) {
		(void)handle_unref(handle);
		ops_reply_fail(req, inode->account, r, &err);
		return;
	}
	reply_open(req, handle, fi);
}

static void open_scratch(
	fuse_req_t req, struct scratch *scratch, struct fuse_file_info *fi)
{
	int r = scratch_open(scratch);

	if (r) {
		fuse_reply_err(req, -r); /* the kernel looks the name up again */
		return;
	}
	if (fi->flags & O_TRUNC)
		(void)scratch_truncate(scratch, 0);
	fi->fh = 0;
	fi->direct_io = 1;
	if (fuse_reply_open(req, fi) == -ENOENT)
		scratch_close(scratch);
}

void ops_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct inode *inode = inode_of(req, ino);

	if (!inode) {
		fuse_reply_err(req, ENOENT);
	} else if (inode->scratch) {
		open_scratch(req, inode->scratch, fi);
	} else if (wants_write(fi->flags) && !inode->row->store) {
		/* root passes the permission check */
		fuse_reply_err(req, EPERM);
	} else if (inode->row->stream) {
		streams_open(mount_of(req)->streams, req, inode->row, fi);
	} else if ((fi->flags & O_ACCMODE) != O_WRONLY && !inode->row->show) {
		fuse_reply_err(req, EACCES);
	} else {
		open_row(req, inode, fi);
	}
}

/* Reading and writing */

static struct handle *handle_of(const struct fuse_file_info *fi)
{
	return (struct handle *)(uintptr_t)fi->fh;
}

static void read_text(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
	const struct fuse_file_info *fi)
{
	_cleanup_buf_ struct buf text = BUF_INIT_SECRET;
	struct handle *handle = handle_of(fi);
	struct slice shown;
	size_t from;

	if (handle && handle_snapshot(handle, &shown)) {
		/* once the reader has its text it may close, while the reply still returns */
		(void)handle_ref(handle);
		from = (size_t)offset < shown.len ? (size_t)offset : shown.len;
		fuse_reply_buf(req, shown.at + from,
			size < shown.len - from ? size : shown.len - from);
		(void)handle_unref(handle);
		return;
	}
	if (handle) {
		handle_read(handle, (uint64_t)offset, size, &text);
		fuse_reply_buf(req, buf_text(&text), text.len);
		return;
	}
	scratch_copy(inode_of(req, ino)->scratch, &text);
	from = (size_t)offset < text.len ? (size_t)offset : text.len;
	fuse_reply_buf(req, buf_text(&text) + from,
		size < text.len - from ? size : text.len - from);
}

static bool is_stream(fuse_req_t req, fuse_ino_t ino)
{
	return inode_of(req, ino)->row->stream;
}

void ops_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
	struct fuse_file_info *fi)
{
	if (is_stream(req, ino))
		streams_read(req, size, offset, fi);
	else
		read_text(req, ino, size, offset, fi);
}

/* What does not wait is ready at any time. */
void ops_poll(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi,
	struct fuse_pollhandle *poll_handle)
{
	if (is_stream(req, ino)) {
		streams_poll(req, fi, poll_handle);
		return;
	}
	if (poll_handle)
		fuse_pollhandle_destroy(poll_handle);
	fuse_reply_poll(req, POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM);
}

/* A text that was not taken, in a write or when all was written: one event, whoever of
 * those that hear of it comes first.  Returns the positive errno to reply. */
static int fail_store(
	struct mount *mount, struct handle *handle, int r, const struct err *err)
{
	const char *account = handle_at(handle)->account;

	if (r != -EINTR && r != -ENOTCONN && err->errnum && handle_is_new_failure(handle))
		events_add(core_events(mount->core), EVENT_FAILED, account, "error",
			err->text, NULL);
	return ops_fail(mount, account, r, err);
}

void ops_write(fuse_req_t req, fuse_ino_t ino, const char *data, size_t size,
	off_t offset, struct fuse_file_info *fi)
{
	const struct slice slice = { data, size };
	struct handle *handle = handle_of(fi);
	struct inode *inode = inode_of(req, ino);
	struct err err = ERR_INIT;
	int r;

	if (handle)
		r = handle_write(handle, slice, (uint64_t)offset, &err);
	else
		r = scratch_write(inode->scratch, slice, (uint64_t)offset);
	if (!r)
		fuse_reply_write(req, size);
	else if (handle)
		fuse_reply_err(req, fail_store(mount_of(req), handle, r, &err));
	else
		ops_reply_fail(req, inode->account, r, &err);
}

/* A written text on its way to the disk. */
struct storing {
	struct mount *mount;
	struct handle *handle;
	pid_t caller; /* thread that asked; 0: an incomplete text is an error whoever asks */
	bool last;    /* the handle ends with this */
};

static int do_store(void *arg, const struct patience *patience)
{
	struct storing *storing = arg;
	struct handle *handle = storing->handle;
	struct err err = ERR_INIT;
	/* another process than the one that opened may only have written its part */
	bool part =
		storing->caller && process_of(storing->caller) != handle_opener(handle);
	int r = 0;

	if (!part || !handle_is_unfinished(handle))
		r = handle_commit(handle, patience, &err);
	if (r == -ENODATA)
		r = part ? 0 : -EINVAL;
	if (r)
		(void)fail_store(storing->mount, handle, r, &err);
	else
		core_note_success(storing->mount->core, handle_at(handle)->account);
	if (storing->last)
		(void)handle_unref(handle);
	free(storing);
	return r;
}

static int store_later(struct mount *mount, fuse_req_t req, struct storing what)
{
	struct storing *storing = malloc(sizeof(*storing));
	int r;

	if (!storing)
		return -ENOMEM;
	*storing = what;
	storing->mount = mount;
	r = jobs_run(mount->jobs, req, do_store, storing);
	if (r)
		free(storing);
	return r;
}

static void sync_handle(fuse_req_t req, const struct fuse_file_info *fi, pid_t caller)
{
	struct handle *handle = handle_of(fi);
	int r = 0;

	if (handle && handle_is_dirty(handle)) {
		r = store_later(mount_of(req), req,
			(struct storing){ .handle = handle, .caller = caller });
		if (!r)
			return;
	}
	fuse_reply_err(req, -r);
}

void ops_flush(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	sync_handle(req, fi, fuse_req_ctx(req)->pid);
}

void ops_fsync(fuse_req_t req, fuse_ino_t ino, int datasync, struct fuse_file_info *fi)
{
	(void)ino;
	(void)datasync;
	sync_handle(req, fi, 0);
}

void ops_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct handle *handle;

	if (is_stream(req, ino)) {
		streams_release(req, fi);
		return;
	}
	handle = handle_of(fi);
	if (!handle)
		scratch_close(inode_of(req, ino)->scratch);
	else if (!handle_is_pending(handle) ||
		 store_later(mount_of(req), NULL,
			 (struct storing){ .handle = handle, .last = true }))
		(void)handle_unref(handle);
	fuse_reply_err(req, 0);
}
