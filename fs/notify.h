/* notify: the one thread that tells the kernel which names are no longer what it
 * remembers, when the AWS files changed. */
#pragma once

#include "fs/ops.h"

struct notify;

/* Starts the thread; call after mounting.  @mount and @session must outlive it. */
int notify_new(struct mount *mount, struct fuse_session *session,
	struct notify **ret_notify, struct err *err);

/* Ends the thread; before unmounting.  NULL-safe, returns NULL. */
struct notify *notify_free(struct notify *notify);
