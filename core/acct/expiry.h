/* expiry: which tokens end when, and what is to be said of that.
 *
 * A token's end is known (its section tells) or estimated: a token that came while we
 * looked, of a profile whose last one was seen to come and to expire.  Of a known end there
 * are warnings and then the word that it has come; of an estimated one only the warnings.
 * What was missed while the machine slept is said once, and what a clock set back undid may
 * be said again.
 *
 * Time is a parameter: seconds since the epoch.  Any thread. */
#pragma once

#include <stdint.h>

#include "base/err.h"

enum {
	EXPIRY_WARNINGS = 8,
};

/* The credentials of one profile. */
struct expiry_token {
	const char *profile;
	uint64_t fingerprint; /* of the credentials */
	char key_tail[5];
	bool temporary;	 /* they have a token, so they end */
	int64_t expires; /* 0: not known */
};

/* What is to be said. */
struct expiry_news {
	char *profile;
	uint64_t fingerprint;
	char key_tail[5];
	bool expired; /* else it will, in @left seconds */
	bool estimated;
	int64_t expires;
	int64_t left;
};

/* Says it; called without a lock. */
typedef void expiry_tell_fn(void *arg, const struct expiry_news *news);

struct expiry;

/* @warnings: how many seconds before the end, the most first; NULL: no memory. */
struct expiry *expiry_new(
	const int64_t *warnings, size_t count, expiry_tell_fn *tell, void *arg);
struct expiry *expiry_free(struct expiry *expiry); /* NULL-safe, returns NULL */

/* These are all tokens there are now, sorted by profile.  @reading numbers the looks at
 * the files: an older one than the last is passed over.  0 or -ENOMEM: nothing changed. */
int expiry_see(struct expiry *expiry, const struct expiry_token *tokens, size_t count,
	uint64_t reading, int64_t now);

/* A request proved that the credentials have expired, or that they have not. */
void expiry_prove(struct expiry *expiry, const char *profile, uint64_t fingerprint,
	bool expired, int64_t now);

/* When expiry_run() should be called next, or 0: there is nothing to wait for. */
int64_t expiry_next(struct expiry *expiry);

/* Says what is due. */
void expiry_run(struct expiry *expiry, int64_t now);
