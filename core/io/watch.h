/* watch: tells when one of a few files may have changed, whoever changed it and however:
 * written in place, renamed over, made, removed, or a link on the way to it pointed
 * elsewhere.  It may also tell of a change that was none; who hears of it looks. */
#pragma once

#include <stddef.h>

#include "base/err.h"

enum {
	/* how often to look where the kernel cannot tell: network file systems, a missing
	 * folder */
	WATCH_POLL_MS = 5000,
};

struct watch;

/* Watches @paths (count at most 8; copied).  The caller calls watch_free(). */
int watch_new(const char *const *paths, size_t count, struct watch **ret_watch,
	struct err *err);
struct watch *watch_free(struct watch *watch); /* NULL-safe, returns NULL */

enum watch_news {
	WATCH_STOP,    /* @stop_fd is readable */
	WATCH_CHANGED, /* something may have changed */
	WATCH_TIME, /* @at_most_ms passed (-1: no limit), or it was time to look anyway */
};

/* Waits for one of these.  One thread. */
enum watch_news watch_wait(struct watch *watch, int stop_fd, int at_most_ms);
