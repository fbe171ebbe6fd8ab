/* canonical: the text of a request that both sides of a signature compute (AWS IAM User
 * Guide, "Create a signed AWS API request", step 1).  Pure. */
#pragma once

#include "aws/sigv4.h"
#include "base/buf.h"
#include "io/http.h"

/* Appends the canonical request to @out (mark it secret: the token is in it) and the
 * names of the signed headers to @ret_names.  0 or -ENOMEM. */
int canonical_print(const struct http_request *request, const struct sigv4_scope *scope,
	const char *body_hash, struct buf *out, struct buf *ret_names);
