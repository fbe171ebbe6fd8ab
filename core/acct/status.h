/* status: what is known of an account's credentials after a check.  Pure. */
#pragma once

#include <stdint.h>

#include "acct/session.h"
#include "aws/endpoint.h"
#include "aws/sts.h"
#include "base/buf.h"
#include "base/err.h"

enum status_state {
	STATUS_VALID,
	STATUS_EXPIRED,
	STATUS_INVALID,
	STATUS_DENIED,
	STATUS_MISSING,
	STATUS_UNREACHABLE,
	STATUS_SKEWED,
	STATUS_MISCONFIGURED,
};

struct status {
	enum status_state state;
	char *profile;
	struct sts_identity identity; /* STATUS_VALID */
	struct endpoint endpoint;     /* region[0] == 0: it could not be told */
	struct session session;	      /* without its creds; key_tail "": no credentials */
	bool has_session;
	char *source_path;
	struct buf warnings; /* a sentence a line */
	int64_t checked;     /* seconds since the epoch */
	int64_t latency_ms;  /* of the answer; -1: none */
	struct err err;	     /* errnum 0: valid */
};

#define STATUS_INIT                                       \
	{                                                 \
		.state = STATUS_MISSING, .latency_ms = -1 \
	}
void status_done(struct status *status); /* safe twice */

/* What a failed check says of the credentials; @asked: it failed at the service, not here
 * before anything was sent. */
enum status_state status_classify(const struct err *err, bool asked);

const char *status_state_name(enum status_state state); /* "valid", ... */

/* `key: value` lines, `state` first. */
void status_print(const struct status *status, struct buf *out);

/* The same as one JSON object.  0 or -ENOMEM. */
int status_print_json(const struct status *status, struct buf *out, struct err *err);
