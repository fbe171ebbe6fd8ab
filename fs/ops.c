#include "fs/ops_impl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/log.h"
#include "fs/dir.h"
#include "fs/handle.h"
#include "fs/name.h"
#include "io/clock.h"

/* How long the kernel may believe us, in seconds.  Attributes of files hold sizes, which
 * must be true; names of rows never change; accounts come and go with the AWS files. */
#define FILE_ATTR_TIMEOUT    0.0
#define DIR_ATTR_TIMEOUT     60.0
#define ROW_ENTRY_TIMEOUT    60.0
#define STORE_ENTRY_TIMEOUT  0.0 /* renamed by an editor, it keeps its name: look again */
#define LISTED_ENTRY_TIMEOUT 1.0 /* notify.c tells sooner */
#define PROBE_ENTRY_TIMEOUT  3600.0

bool ops_is_gone(int r, const struct err *err)
{
	return r == -ENOENT && !err->code[0];
}

/* The one place where a failure is told: once in the log, and in the account's `error`,
 * or that of the root. */
int ops_fail(struct mount *mount, const char *account, int r, const struct err *err)
{
	if (r == -EINTR || r == -ENOTCONN || ops_is_gone(r, err))
		return -r;
	if (!err->errnum)
		return -r;
	if (!core_note_error(mount->core, account, err))
		return -r;
	if (account)
		log_info("%s: %s", account, err->text);
	else
		log_info("%s", err->text);
	return -r;
}

void ops_reply_fail(fuse_req_t req, const char *account, int r, const struct err *err)
{
	fuse_reply_err(req, ops_fail(mount_of(req), account, r, err));
}

/* Attributes */

/* The size is that of all there ever was: who follows the file goes by it. */
static void fill_stream(struct mount *mount, const struct node *row, struct stat *st)
{
	int64_t time_ms;
	uint64_t size = events_size(core_events(mount->core), &time_ms);

	if (row->stream == STREAM_LOG)
		st->st_size = (off_t)size;
	if (time_ms) {
		st->st_mtim.tv_sec = time_ms / 1000;
		st->st_mtim.tv_nsec = time_ms % 1000 * 1000000;
	}
}

static void fill_file(struct mount *mount, const struct inode *inode, struct stat *st)
{
	struct at at = at_of(mount, inode->account);
	struct shown shown = SHOWN_INIT;
	struct err err;

	if (inode->row->stream) {
		fill_stream(mount, inode->row, st);
	} else if (inode->scratch) {
		st->st_size = (off_t)scratch_size(inode->scratch);
	} else if (inode->row->show && inode->row->show(&at, &shown, &err) == 0) {
		/* opening tells why there is no text; looking at it does not fail */
		st->st_size = (off_t)shown.text.len;
		if (shown.mtime.tv_sec)
			st->st_mtim = shown.mtime;
	}
	buf_done(&shown.text);
}

static double fill_attr(struct mount *mount, const struct inode *inode, struct stat *st)
{
	bool is_dir = S_ISDIR(inode->row->mode);

	memset(st, 0, sizeof(*st));
	st->st_ino = inode->number;
	st->st_mode = inode->row->mode;
	st->st_nlink = 1; /* of a directory: "unknown" */
	st->st_uid = mount->uid;
	st->st_gid = mount->gid;
	st->st_blksize = 4096;
	st->st_mtim.tv_sec = mount->started;
	if (!is_dir)
		fill_file(mount, inode, st);
	st->st_blocks = (st->st_size + 511) / 512;
	st->st_atim = st->st_mtim;
	st->st_ctim = st->st_mtim;
	return is_dir ? DIR_ATTR_TIMEOUT : FILE_ATTR_TIMEOUT;
}

void ops_fill_entry(
	struct mount *mount, const struct inode *inode, struct fuse_entry_param *entry)
{
	memset(entry, 0, sizeof(*entry));
	entry->ino = inode->number;
	entry->attr_timeout = fill_attr(mount, inode, &entry->attr);
	if (inode->scratch)
		entry->entry_timeout = 0;
	else if (inode->row->store)
		entry->entry_timeout = STORE_ENTRY_TIMEOUT;
	else
		entry->entry_timeout =
			inode->row->name ? ROW_ENTRY_TIMEOUT : LISTED_ENTRY_TIMEOUT;
}

static void op_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct inode *inode = inode_of(req, ino);
	struct stat st;
	double timeout;

	(void)fi;
	if (!inode) {
		fuse_reply_err(req, ENOENT);
		return;
	}
	timeout = fill_attr(mount_of(req), inode, &st);
	fuse_reply_attr(req, &st, timeout);
}

/* Changing the mode, the times, or the owner to the same is what tools do in passing: it is
 * taken without effect, so that `cp -a` works and nothing is opened to others. */
static int check_setattr(const struct inode *inode, const struct stat *attr, int to_set)
{
	if (inode->scratch)
		return 0;
	if ((to_set & FUSE_SET_ATTR_UID) && attr->st_uid != getuid())
		return -EPERM;
	if ((to_set & FUSE_SET_ATTR_GID) && attr->st_gid != getgid())
		return -EPERM;
	if ((to_set & FUSE_SET_ATTR_SIZE) && !inode->row->store)
		return -EPERM;
	return 0;
}

static void op_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *attr, int to_set,
	struct fuse_file_info *fi)
{
	struct inode *inode = inode_of(req, ino);
	struct err err = ERR_INIT;
	struct stat st;
	double timeout;
	int r;

	if (!inode) {
		fuse_reply_err(req, ENOENT);
		return;
	}
	r = check_setattr(inode, attr, to_set);
	if (!r && (to_set & FUSE_SET_ATTR_SIZE)) {
		if (inode->scratch)
			r = scratch_truncate(inode->scratch, (uint64_t)attr->st_size);
		else if (fi && fi->fh)
			r = handle_truncate((struct handle *)(uintptr_t)fi->fh,
				(uint64_t)attr->st_size, &err);
	}
	if (r) {
		ops_reply_fail(req, inode->account, r, &err);
		return;
	}
	timeout = fill_attr(mount_of(req), inode, &st);
	if ((to_set & FUSE_SET_ATTR_SIZE) && !inode->scratch)
		st.st_size = attr->st_size;
	fuse_reply_attr(req, &st, timeout);
}

/* Names */

static void reply_no_entry(fuse_req_t req, const char *name)
{
	struct fuse_entry_param none = { .ino = 0, .entry_timeout = PROBE_ENTRY_TIMEOUT };

	if (name_is_probe(name))
		fuse_reply_entry(req, &none);
	else
		fuse_reply_err(req, ENOENT);
}

/* The inode @name stands for in @parent, one look-up more; NULL: none, or -ENOMEM. */
static struct inode *look_up(
	struct mount *mount, const struct inode *parent, const char *name)
{
	struct at at = at_of(mount, parent->account);
	_cleanup_free_ char *bound = NULL;
	struct inode *inode = NULL;
	struct scratch *scratch;
	const struct node *row;
	struct err err;

	row = dir_find(parent->row, &at, name, &bound, &err);
	if (row)
		return inodes_look_up(
			mount->inodes, row, bound[0] ? bound : parent->account, NULL);
	if (parent->account) {
		scratch = scratches_find(mount->scratches, parent->account, name);
		if (scratch)
			inode = inodes_look_up(
				mount->inodes, &tree_scratch, parent->account, scratch);
		(void)scratch_unref(scratch);
	}
	return inode;
}

static void op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct inode *dir = inode_of(req, parent);
	struct inode *inode = dir ? look_up(mount_of(req), dir, name) : NULL;
	struct fuse_entry_param entry;

	if (!inode) {
		reply_no_entry(req, name);
		return;
	}
	ops_fill_entry(mount_of(req), inode, &entry);
	if (fuse_reply_entry(req, &entry) == -ENOENT)
		inodes_forget(mount_of(req)->inodes, entry.ino, 1);
}

static void op_forget(fuse_req_t req, fuse_ino_t ino, uint64_t count)
{
	inodes_forget(mount_of(req)->inodes, ino, count);
	fuse_reply_none(req);
}

static void op_forget_multi(
	fuse_req_t req, size_t count, struct fuse_forget_data *forgets)
{
	for (size_t i = 0; i < count; i++)
		inodes_forget(mount_of(req)->inodes, forgets[i].ino, forgets[i].nlookup);
	fuse_reply_none(req);
}

/* Directories */

static void op_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct inode *inode = inode_of(req, ino);
	struct err err = ERR_INIT;
	struct dir *dir = NULL;
	struct at at;
	int r;

	if (!inode) {
		fuse_reply_err(req, ENOENT);
		return;
	}
	at = at_of(mount_of(req), inode->account);
	r = dir_read(inode->row, &at, &dir, &err);
	if (r) {
		ops_reply_fail(req, inode->account, r, &err);
		return;
	}
	fi->fh = (uintptr_t)dir;
	if (fuse_reply_open(req, fi) == -ENOENT)
		(void)dir_free(dir);
}

/* One entry of a listing; 0: it does not fit. */
static size_t add_entry(fuse_req_t req, const struct dir *dir, size_t index, bool plus,
	char *to, size_t room)
{
	const struct dir_entry *from = &dir->entries[index];
	struct mount *mount = mount_of(req);
	struct fuse_entry_param entry = {
		.attr.st_ino = inode_number(from->row, from->account, NULL),
		.attr.st_mode = from->row->mode,
	};
	struct inode *inode;
	size_t size;

	if (!plus)
		return fuse_add_direntry(
			req, to, room, from->file, &entry.attr, (off_t)index + 1);
	if (from->is_dot) /* counts as no look-up */
		return fuse_add_direntry_plus(
			req, to, room, from->file, &entry, (off_t)index + 1);
	/* asked for its size first, since a look-up that does not fit would have to be
	 * undone */
	size = fuse_add_direntry_plus(req, NULL, 0, from->file, NULL, 0);
	if (size > room)
		return size;
	inode = inodes_look_up(mount->inodes, from->row, from->account, NULL);
	if (!inode)
		return room + 1;
	ops_fill_entry(mount, inode, &entry);
	return fuse_add_direntry_plus(
		req, to, room, from->file, &entry, (off_t)index + 1);
}

static void read_dir(
	fuse_req_t req, size_t size, off_t offset, struct fuse_file_info *fi, bool plus)
{
	const struct dir *dir = (const struct dir *)(uintptr_t)fi->fh;
	_cleanup_free_ char *text = malloc(size);
	size_t used = 0;

	if (!text) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	for (size_t i = (size_t)offset; i < dir->count; i++) {
		size_t n = add_entry(req, dir, i, plus, text + used, size - used);

		if (n > size - used)
			break;
		used += n;
	}
	fuse_reply_buf(req, text, used);
}

static void op_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
	struct fuse_file_info *fi)
{
	(void)ino;
	read_dir(req, size, offset, fi, false);
}

static void op_readdirplus(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
	struct fuse_file_info *fi)
{
	(void)ino;
	read_dir(req, size, offset, fi, true);
}

static void op_releasedir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	(void)dir_free((struct dir *)(uintptr_t)fi->fh);
	fuse_reply_err(req, 0);
}

/* What this file system does not do.  An honest EPERM: the kernel would remember an
 * ENOSYS for the whole mount. */

static void op_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
	(void)parent;
	(void)name;
	(void)mode;
	fuse_reply_err(req, EPERM);
}

static void op_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	(void)parent;
	(void)name;
	fuse_reply_err(req, EPERM);
}

static void op_mknod(
	fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t dev)
{
	(void)dev;
	op_mkdir(req, parent, name, mode);
}

static void op_symlink(
	fuse_req_t req, const char *target, fuse_ino_t parent, const char *name)
{
	(void)target;
	op_rmdir(req, parent, name);
}

static void op_link(
	fuse_req_t req, fuse_ino_t ino, fuse_ino_t new_parent, const char *new_name)
{
	(void)ino;
	op_rmdir(req, new_parent, new_name);
}

/* The mount as a whole */

static void op_init(void *userdata, struct fuse_conn_info *conn)
{
	const struct mount *mount = userdata;
	uint64_t one = 1;

	/* requests with secrets must pass through buffers that are wiped */
	conn->want &= ~(unsigned int)(FUSE_CAP_SPLICE_READ | FUSE_CAP_SPLICE_WRITE |
				      FUSE_CAP_SPLICE_MOVE);
	conn->max_background = 64;
	conn->congestion_threshold = 48;
	(void)!write(mount->ready_fd, &one, sizeof(one));
}

/* File managers refuse to write to a disk without room. */
static void op_statfs(fuse_req_t req, fuse_ino_t ino)
{
	const struct statvfs st = {
		.f_bsize = 4096,
		.f_frsize = 4096,
		.f_blocks = 1 << 20,
		.f_bfree = 1 << 20,
		.f_bavail = 1 << 20,
		.f_files = 1 << 20,
		.f_ffree = 1 << 20,
		.f_favail = 1 << 20,
		.f_namemax = NAME_SIZE - 1,
	};

	(void)ino;
	fuse_reply_statfs(req, &st);
}

/* Without getxattr and its kin the kernel hears ENOSYS once and never asks again. */
const struct fuse_lowlevel_ops ops = {
	.create = ops_create,
	.flush = ops_flush,
	.forget = op_forget,
	.forget_multi = op_forget_multi,
	.fsync = ops_fsync,
	.getattr = op_getattr,
	.init = op_init,
	.link = op_link,
	.lookup = op_lookup,
	.mkdir = op_mkdir,
	.mknod = op_mknod,
	.open = ops_open,
	.opendir = op_opendir,
	.poll = ops_poll,
	.read = ops_read,
	.readdir = op_readdir,
	.readdirplus = op_readdirplus,
	.release = ops_release,
	.releasedir = op_releasedir,
	.rename = ops_rename,
	.rmdir = op_rmdir,
	.setattr = op_setattr,
	.statfs = op_statfs,
	.symlink = op_symlink,
	.unlink = ops_unlink,
	.write = ops_write,
};
