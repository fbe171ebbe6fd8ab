/* sigv4: AWS Signature Version 4 (AWS IAM User Guide, "Create a signed AWS API request").
 * Pure: time comes as a parameter; OpenSSL computes the digests. */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "base/creds.h"
#include "base/err.h"
#include "io/http.h"

struct sigv4_scope {
	const char *region;
	const char *service; /* signing name: "sts", "s3", "dynamodb" */
	bool normalize_path; /* every service but S3 */
	bool double_encode;  /* every service but S3 */
	bool sign_body;	     /* adds and signs x-amz-content-sha256: S3 */
	bool omit_token; /* the token is sent but not signed: no AWS service we call */
};

/* The stages of a signature, for tests: each may be NULL.  The canonical request holds
 * the token. */
struct sigv4_stages {
	struct buf *canonical_request;
	struct buf *string_to_sign;
};

/* Adds X-Amz-Date, X-Amz-Security-Token (with a token), X-Amz-Content-Sha256 (sign_body)
 * and Authorization to @request's headers, replacing older ones of these names.
 * Everything else in its headers is signed, but for those that proxies and transports
 * change (User-Agent, Connection, Expect, ...: the list is in canonical.c), and so is
 * Host as uri_print_host() gives it (a Host among the headers is used instead).  Without
 * sign_body an X-Amz-Content-Sha256 among the headers counts as the hash of the body.
 * -ENOMEM, -EINVAL (a target that does not start with `/`, a key id or token that cannot
 * stand in a header). */
int sigv4_sign(struct http_request *request, const struct creds *creds,
	const struct sigv4_scope *scope, int64_t now, const struct sigv4_stages *stages,
	struct err *err);
