/* pending: the values of one set of credentials, pasted one by one (the access portal's
 * Option 3), until they are whole.  In memory only, and wiped.  Pure. */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "base/creds.h"
#include "base/err.h"

enum {
	PENDING_MS = 10 * 60 * 1000, /* how long a value waits for the others */
};

struct pending {
	struct creds creds;
	bool force;    /* one of the values came with the word */
	int64_t until; /* clock_monotonic_ms() */
};

#define PENDING_INIT                \
	{                           \
		.creds = CREDS_INIT \
	}
void pending_done(struct pending *pending); /* wipes; safe twice */

/* Adds the values that @more has, each in the place of one before.  What waited for too
 * long is dropped first, and a new key id drops what waited with another one: it belongs
 * to that.  0 or -ENOMEM. */
int pending_add(struct pending *pending, const struct creds *more, int64_t now);

/* Drops what waited for too long. */
void pending_expire(struct pending *pending, int64_t now);

/* Whether the set is whole: temporary credentials have a token, too. */
bool pending_is_whole(const struct pending *pending);

/* Fills @err with what is still missing, as -ENODATA. */
int pending_tell(const struct pending *pending, struct err *err);

/* Appends a whole set as a paste that paste_parse() reads. */
void pending_print(const struct pending *pending, struct buf *out);

#define _cleanup_pending_ _cleanup_(pending_done)
