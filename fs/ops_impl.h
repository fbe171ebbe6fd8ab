/* ops_impl: what the files that implement ops.h share. */
#pragma once

#include "fs/ops.h"

static inline struct mount *mount_of(fuse_req_t req)
{
	return fuse_req_userdata(req);
}

static inline struct inode *inode_of(fuse_req_t req, fuse_ino_t number)
{
	return inodes_get(mount_of(req)->inodes, number);
}

static inline struct at at_of(struct mount *mount, const char *account)
{
	return (struct at){ .core = mount->core, .account = account };
}

/* Whether an account is no longer there, as against something that AWS did not find. */
bool ops_is_gone(int r, const struct err *err);

/* The one place where a failure is told: once in the log, and in the account's `error`.
 * Returns the positive errno to reply. */
int ops_fail(struct mount *mount, const char *account, int r, const struct err *err);
void ops_reply_fail(fuse_req_t req, const char *account, int r, const struct err *err);

void ops_fill_entry(
	struct mount *mount, const struct inode *inode, struct fuse_entry_param *entry);

/* ops_file.c */
void ops_flush(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void ops_fsync(fuse_req_t req, fuse_ino_t ino, int datasync, struct fuse_file_info *fi);
void ops_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void ops_poll(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi,
	struct fuse_pollhandle *poll_handle);
void ops_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
	struct fuse_file_info *fi);
void ops_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void ops_write(fuse_req_t req, fuse_ino_t ino, const char *data, size_t size,
	off_t offset, struct fuse_file_info *fi);

/* ops_scratch.c */
void ops_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
	struct fuse_file_info *fi);
void ops_rename(fuse_req_t req, fuse_ino_t parent, const char *name,
	fuse_ino_t new_parent, const char *new_name, unsigned int flags);
void ops_unlink(fuse_req_t req, fuse_ino_t parent, const char *name);
