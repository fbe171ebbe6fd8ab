#include "fs/notify.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "acct/files.h"
#include "fs/name.h"
#include "io/watch.h"

struct notify {
	struct mount *mount;
	struct fuse_session *session;
	struct watch *watch;
	int stop_fd;
	pthread_t thread;
	struct names known; /* the accounts as last told; only the thread looks */
};

/* The kernel drops what it knows of @account's directory and all below. */
static void tell(const struct notify *notify, const char *account)
{
	char file[NAME_SIZE];

	name_to_file(account, file);
	/* a name the kernel does not know is no failure */
	(void)fuse_lowlevel_notify_inval_entry(
		notify->session, INODE_ROOT, file, strlen(file));
}

/* What is in only one of two sorted lists has come or gone. */
static void tell_differences(
	const struct notify *notify, const struct names *a, const struct names *b)
{
	size_t i = 0, k = 0;

	while (i < a->count || k < b->count) {
		int order = i == a->count   ? 1
			    : k == b->count ? -1
					    : strcmp(a->list[i], b->list[k]);

		if (order)
			tell(notify, order < 0 ? a->list[i] : b->list[k]);
		i += order <= 0;
		k += order >= 0;
	}
}

static void *notify_main(void *arg)
{
	struct notify *notify = arg;
	enum watch_news news = WATCH_TIME;

	/* a file that another tool is just writing is believed only when it has settled,
	 * so after each change comes a second look */
	while ((news = watch_wait(notify->watch, notify->stop_fd,
			news == WATCH_CHANGED ? FILES_SETTLE_MS + 100 : -1))) {
		struct names now = NAMES_INIT;
		struct err err;

		if (core_accounts(notify->mount->core, &now, &err))
			continue;
		tell_differences(notify, &notify->known, &now);
		names_done(&notify->known);
		notify->known = now;
	}
	return NULL;
}

int notify_new(struct mount *mount, struct fuse_session *session,
	struct notify **ret_notify, struct err *err)
{
	const char *paths[] = { core_credentials_path(mount->core),
		core_config_path(mount->core) };
	struct notify *notify = calloc(1, sizeof(*notify));
	int r;

	if (!notify)
		return err_nomem(err);
	notify->mount = mount;
	notify->session = session;
	notify->stop_fd = eventfd(0, EFD_CLOEXEC);
	r = notify->stop_fd < 0 ? err_sys(err, errno, "cannot make an eventfd") : 0;
	if (!r)
		r = watch_new(paths, ARRAY_SIZE(paths), &notify->watch, err);
	if (!r)
		r = core_accounts(mount->core, &notify->known, err);
	if (!r) {
		r = pthread_create(&notify->thread, NULL, notify_main, notify);
		if (r)
			r = err_sys(err, r, "cannot start a thread");
	}
	if (!r) {
		*ret_notify = notify;
		return 0;
	}
	names_done(&notify->known);
	(void)watch_free(notify->watch);
	if (notify->stop_fd >= 0)
		(void)close(notify->stop_fd);
	free(notify);
	return r;
}

struct notify *notify_free(struct notify *notify)
{
	uint64_t one = 1;

	if (!notify)
		return NULL;
	(void)!write(notify->stop_fd, &one, sizeof(one));
	(void)pthread_join(notify->thread, NULL);
	names_done(&notify->known);
	(void)watch_free(notify->watch);
	(void)close(notify->stop_fd);
	free(notify);
	return NULL;
}
