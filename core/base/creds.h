/* creds: one set of AWS credentials: key id, secret key and, for temporary ones, the
 * token.
 *
 * All three are secrets here: of a key id people see the last four characters only. */
#pragma once

#include "base/secret.h"

struct creds {
	struct secret key_id;
	struct secret secret_key;
	struct secret token; /* not set for long-term keys */
};

#define CREDS_INIT                   \
	{                            \
		.token = SECRET_INIT \
	}

int creds_copy(struct creds *to, const struct creds *from); /* 0 or -ENOMEM */
void creds_done(struct creds *creds);			    /* safe twice */
bool creds_equal(const struct creds *a, const struct creds *b);

/* The last four characters of the key id, to show people; "" when that would be all of a
 * short one, as of an emulator. */
void creds_key_tail(const struct creds *creds, char ret[static 5]);

uint64_t creds_fingerprint(const struct creds *creds); /* see secret_fingerprint() */

#define _cleanup_creds_ _cleanup_(creds_done)
