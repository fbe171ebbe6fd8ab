/* minimal_fs: the least a file system over libfuse can be: one directory with one file of
 * constant text, MOUNTPOINT/account/profile.  What acctfs is compared with: it answers
 * the same requests from the kernel, with the same permission to remember the answers,
 * and does nothing else.
 *
 * usage: minimal_fs [--cached] [--single] MOUNTPOINT SIZE
 *
 *   --cached   let the kernel remember attributes and names for a second and keep the
 *              text, as libfuse's own examples do
 *   --single   one thread, not two */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FUSE_USE_VERSION 312
#include <fuse_lowlevel.h>

enum { ROOT = FUSE_ROOT_ID, ACCOUNT, PROFILE };

struct minimal {
	char *text;
	size_t size;
	uid_t uid;
	gid_t gid;
	bool cached;
	double file_timeout; /* of attributes of the file */
	double dir_timeout;
	double row_timeout; /* of the name of the file */
	double listed_timeout;
};

static const char *const names[] = { [ACCOUNT] = "account", [PROFILE] = "profile" };

static int fill(const struct minimal *minimal, fuse_ino_t ino, struct stat *st)
{
	memset(st, 0, sizeof(*st));
	st->st_ino = ino;
	st->st_mode = ino == PROFILE ? S_IFREG | 0600 : S_IFDIR | 0700;
	st->st_nlink = 1;
	st->st_uid = minimal->uid;
	st->st_gid = minimal->gid;
	if (ino == PROFILE)
		st->st_size = (off_t)minimal->size;
	return ino <= PROFILE ? 0 : ENOENT;
}

static void minimal_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	const struct minimal *minimal = fuse_req_userdata(req);
	struct stat st;

	(void)fi;
	if (fill(minimal, ino, &st))
		fuse_reply_err(req, ENOENT);
	else
		fuse_reply_attr(req, &st,
			ino == PROFILE ? minimal->file_timeout : minimal->dir_timeout);
}

static void minimal_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	const struct minimal *minimal = fuse_req_userdata(req);
	struct fuse_entry_param entry = { .ino = parent + 1 };

	if (parent >= PROFILE || strcmp(name, names[parent + 1]) != 0) {
		fuse_reply_err(req, ENOENT);
		return;
	}
	(void)fill(minimal, entry.ino, &entry.attr);
	entry.attr_timeout =
		entry.ino == PROFILE ? minimal->file_timeout : minimal->dir_timeout;
	entry.entry_timeout =
		entry.ino == PROFILE ? minimal->row_timeout : minimal->listed_timeout;
	fuse_reply_entry(req, &entry);
}

static void minimal_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	const struct minimal *minimal = fuse_req_userdata(req);

	(void)ino;
	fi->direct_io = !minimal->cached;
	fi->keep_cache = minimal->cached;
	fuse_reply_open(req, fi);
}

static void minimal_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
	struct fuse_file_info *fi)
{
	const struct minimal *minimal = fuse_req_userdata(req);
	size_t from = (size_t)offset < minimal->size ? (size_t)offset : minimal->size;

	(void)ino;
	(void)fi;
	if (size > minimal->size - from)
		size = minimal->size - from;
	fuse_reply_buf(req, minimal->text + from, size);
}

static void minimal_init(void *userdata, struct fuse_conn_info *conn)
{
	(void)userdata;
	conn->want &= ~(unsigned int)(FUSE_CAP_SPLICE_READ | FUSE_CAP_SPLICE_WRITE |
				      FUSE_CAP_SPLICE_MOVE);
}

static const struct fuse_lowlevel_ops ops = {
	.getattr = minimal_getattr,
	.init = minimal_init,
	.lookup = minimal_lookup,
	.open = minimal_open,
	.read = minimal_read,
};

static int serve(struct fuse_session *session, bool single)
{
	struct fuse_loop_config *config;
	int r;

	if (single)
		return fuse_session_loop(session);
	config = fuse_loop_cfg_create();
	if (!config)
		return -ENOMEM;
	fuse_loop_cfg_set_max_threads(config, 2);
	fuse_loop_cfg_set_idle_threads(config, 2);
	r = fuse_session_loop_mt(session, config);
	fuse_loop_cfg_destroy(config);
	return r;
}

/* Mounts, goes behind like any daemon, and serves until it is unmounted. */
static int run(struct minimal *minimal, const char *mountpoint, bool single)
{
	char name[] = "minimal_fs", option[] = "-ofsname=minimal,default_permissions";
	char *argv[] = { name, option, NULL };
	struct fuse_args args = FUSE_ARGS_INIT(2, argv);
	struct fuse_session *session;
	int r = -1;

	session = fuse_session_new(&args, &ops, sizeof(ops), minimal);
	if (!session)
		return EXIT_FAILURE;
	if (fuse_set_signal_handlers(session) == 0 &&
		fuse_session_mount(session, mountpoint) == 0) {
		r = fuse_daemonize(0) ? -1 : serve(session, single);
		fuse_session_unmount(session);
	}
	fuse_session_destroy(session);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	/* without --cached they are those of acctfs */
	struct minimal minimal = {
		.dir_timeout = 60, .row_timeout = 60, .listed_timeout = 1
	};
	bool single = false;
	int at = 1, r;

	minimal.uid = getuid();
	minimal.gid = getgid();
	for (; at < argc && strncmp(argv[at], "--", 2) == 0; at++) {
		minimal.cached = minimal.cached || strcmp(argv[at], "--cached") == 0;
		single = single || strcmp(argv[at], "--single") == 0;
	}
	if (argc - at != 2) {
		(void)fprintf(stderr,
			"usage: minimal_fs [--cached] [--single] MOUNTPOINT SIZE\n");
		return 2;
	}
	if (minimal.cached) {
		minimal.file_timeout = minimal.dir_timeout = 1;
		minimal.row_timeout = 1;
	}
	minimal.size = strtoul(argv[at + 1], NULL, 10);
	minimal.text = malloc(minimal.size + 1);
	if (!minimal.text)
		return EXIT_FAILURE;
	memset(minimal.text, 'x', minimal.size);
	r = run(&minimal, argv[at], single);
	free(minimal.text);
	return r;
}
