/* jobs: work that waits, off the FUSE threads.
 *
 * A question over the network is asked by one thread of a pool however many requests wait
 * for it.  Each request keeps waiting until its reader is interrupted, the answer comes,
 * or the mount ends; when nobody waits any more, the question is given up.  The pool is
 * bounded as a whole, and one server, dead perhaps, gets no more of its threads than are
 * still free for others.  Work on the disk has threads of its own, so
 * that a dead network never delays it. */
#pragma once

#include <stdint.h>

#define FUSE_USE_VERSION 312
#include <fuse_lowlevel.h>

#include "acct/core.h"
#include "base/err.h"

enum {
	JOBS_NET_THREADS = 64,
	JOBS_DISK_THREADS = 2,
};

struct jobs;

/* Starts no thread yet: they come with the first jobs. */
struct jobs *jobs_new(struct core *core, int64_t timeout_ms, struct err *err);

/* Gives up all questions (their requests get -ENOTCONN), finishes all disk work that does
 * not have to wait for others, ends the threads.  From now on nothing more is taken: FUSE
 * threads may still run. */
void jobs_stop(struct jobs *jobs);
struct jobs *jobs_free(
	struct jobs *jobs); /* after jobs_stop(); NULL-safe, returns NULL */

/* Answers a kept request: @r is 0 or -errno with @err.  Called once, on some thread of
 * jobs, without a lock. */
typedef void jobs_reply_fn(fuse_req_t req, void *arg, int r, struct err *err);

/* Asks @question of @account for @req.  On failure (-ENOMEM, -EAGAIN: no thread) nothing
 * was kept and @reply is not called. */
int jobs_ask(struct jobs *jobs, fuse_req_t req, const char *account,
	enum question question, jobs_reply_fn *reply, void *arg);

/* Runs @work on a disk thread and replies to @req (NULL: nobody waits) with what it returns,
 * 0 or -errno.  Its patience ends with the mount's time-out and when @req is interrupted.
 * -ENOMEM, -EAGAIN, -ENOTCONN: it was not taken. */
typedef int jobs_work_fn(void *arg, const struct patience *patience);
int jobs_run(struct jobs *jobs, fuse_req_t req, jobs_work_fn *work, void *arg);
