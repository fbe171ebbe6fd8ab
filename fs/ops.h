/* ops: the kernel's requests: the callbacks of libfuse's low-level API.
 *
 * No callback waits for the network or for a lock that somebody holds while waiting;
 * those requests go to jobs.  Every failure that a user sees passes through fail() in
 * ops.c, which logs it and remembers it for the account's `error` file. */
#pragma once

#include <stdatomic.h>

#include "fs/inode.h"
#include "fs/jobs.h"
#include "fs/ops_stream.h"

struct mount {
	struct core *core;
	struct inodes *inodes;
	struct scratches *scratches;
	struct jobs *jobs;
	struct streams *streams;
	uid_t uid;
	gid_t gid;
	int64_t started; /* seconds since the epoch */
	int ready_fd;	 /* an eventfd: written to when the kernel says hello */
};

/* The callbacks; their user data is a struct mount. */
extern const struct fuse_lowlevel_ops ops;
