/* The kernel's requests for scratch files: made by a tool beside the real file, some of
 * them renamed over it; and the real file renamed away, as a backup. */
#include "fs/ops_impl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fs/name.h"
#include "io/clock.h"

/* Only what a tool makes for itself may be made: a file that looks as if it stayed would
 * be lost. */
void ops_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
	struct fuse_file_info *fi)
{
	struct mount *mount = mount_of(req);
	struct inode *dir = inode_of(req, parent), *inode;
	struct scratch *scratch = NULL;
	struct fuse_entry_param entry;
	int r = 0;

	(void)mode;
	if (!dir || !dir->account || !name_is_scratch(name))
		r = -EPERM;
	if (!r)
		r = scratches_make(mount->scratches, dir->account, name, &scratch);
	if (r) {
		fuse_reply_err(req, -r);
		return;
	}
	inode = inodes_look_up(mount->inodes, &tree_scratch, dir->account, scratch);
	if (!inode || scratch_open(scratch)) {
		(void)scratch_unref(scratch);
		fuse_reply_err(req, ENOMEM);
		return;
	}
	ops_fill_entry(mount, inode, &entry);
	fi->fh = 0;
	fi->direct_io = 1;
	if (fuse_reply_create(req, &entry, fi) == -ENOENT) {
		scratch_close(scratch);
		inodes_forget(mount->inodes, entry.ino, 1);
	}
	(void)scratch_unref(scratch);
}

/* Renaming a scratch file over a real one is how some tools write. */

struct renaming {
	struct mount *mount;
	const struct node *row;
	struct scratch *scratch;
	char *account;
	char name[NAME_SIZE];
};

static void renaming_free(struct renaming *renaming)
{
	if (renaming->scratch)
		scratch_close(renaming->scratch);
	(void)scratch_unref(renaming->scratch);
	free(renaming->account);
	free(renaming);
}

static int do_rename(void *arg, const struct patience *patience)
{
	struct renaming *renaming = arg;
	struct mount *mount = renaming->mount;
	const struct at at = at_of(mount, renaming->account);
	_cleanup_buf_ struct buf text = BUF_INIT_SECRET;
	struct err err = ERR_INIT;
	int r;

	scratch_copy(renaming->scratch, &text);
	r = buf_err(&text) ? err_nomem(&err)
			   : renaming->row->store(&at,
				     (struct slice){ buf_text(&text), text.len },
				     patience, &err);
	if (r == -ENODATA)
		r = -EINVAL;
	if (r)
		(void)ops_fail(mount, renaming->account, r, &err);
	else
		(void)scratches_remove(
			mount->scratches, renaming->account, renaming->name);
	renaming_free(renaming);
	return r;
}

/* One that will not lose its text until it is closed, or NULL. */
static struct scratch *find_open(
	struct scratches *scratches, const char *account, const char *name)
{
	struct scratch *scratch = scratches_find(scratches, account, name);

	return scratch && scratch_open(scratch) ? scratch_unref(scratch) : scratch;
}

static int rename_over(
	fuse_req_t req, const struct inode *dir, const char *name, const struct node *row)
{
	struct mount *mount = mount_of(req);
	struct renaming *renaming = calloc(1, sizeof(*renaming));
	int r;

	if (!renaming)
		return -ENOMEM;
	renaming->mount = mount;
	renaming->row = row;
	renaming->account = strdup(dir->account);
	renaming->scratch = find_open(mount->scratches, dir->account, name);
	(void)snprintf(renaming->name, sizeof(renaming->name), "%s", name);
	if (!renaming->account)
		r = -ENOMEM;
	else if (!renaming->scratch)
		r = -EPERM; /* a row stays where it is */
	else
		r = jobs_run(mount->jobs, req, do_rename, renaming);
	if (r)
		renaming_free(renaming);
	return r;
}

/* An editor that moves the old text away, in order to write the new one under its name:
 * it gets a copy, and the real file stays what it is until there is a new text.  When that
 * were refused, the editor would make its copy elsewhere, on the disk. */
static int rename_away(struct mount *mount, const struct inode *dir,
	const struct node *row, const char *new_name)
{
	const struct at at = at_of(mount, dir->account);
	struct shown shown = SHOWN_INIT;
	struct scratch *scratch = NULL;
	struct err err = ERR_INIT;
	int r;

	r = row->show(&at, &shown, &err);
	if (!r) {
		(void)scratches_remove(mount->scratches, dir->account, new_name);
		r = scratches_make(mount->scratches, dir->account, new_name, &scratch);
	}
	if (!r)
		r = scratch_write(scratch,
			(struct slice){ buf_text(&shown.text), shown.text.len }, 0);
	if (r && scratch)
		(void)scratches_remove(mount->scratches, dir->account, new_name);
	if (r)
		(void)ops_fail(mount, dir->account, r, &err);
	(void)scratch_unref(scratch);
	buf_done(&shown.text);
	return r;
}

static int rename_scratch(struct mount *mount, const struct inode *dir, const char *name,
	const char *new_name)
{
	const struct node *row = tree_row(dir->row, name);
	int r;

	if (!name_is_scratch(new_name))
		return -EPERM;
	if (row && row->store && name_is_backup(new_name))
		return rename_away(mount, dir, row, new_name);
	r = scratches_rename(mount->scratches, dir->account, name, new_name);
	return r == -ENOENT ? -EPERM : r;
}

void ops_rename(fuse_req_t req, fuse_ino_t parent, const char *name,
	fuse_ino_t new_parent, const char *new_name, unsigned int flags)
{
	struct mount *mount = mount_of(req);
	struct inode *dir = inode_of(req, parent);
	const struct node *row;
	int r;

	if (flags & ~(unsigned int)RENAME_NOREPLACE) {
		fuse_reply_err(req, EINVAL);
		return;
	}
	if (!dir || !dir->account || parent != new_parent) {
		fuse_reply_err(req, EPERM);
		return;
	}
	row = tree_row(dir->row, new_name);
	if (row && (flags & RENAME_NOREPLACE)) {
		r = -EEXIST;
	} else if (row && row->store) {
		r = rename_over(req, dir, name, row);
		if (!r)
			return;
	} else {
		r = row ? -EPERM : rename_scratch(mount, dir, name, new_name);
	}
	fuse_reply_err(req, -r);
}

void ops_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct inode *dir = inode_of(req, parent);
	int r = -EPERM;

	if (dir && dir->account &&
		scratches_remove(mount_of(req)->scratches, dir->account, name) == 0)
		r = 0;
	fuse_reply_err(req, -r);
}
