/* call: the one place where an AWS request is signed, sent, judged and tried again.
 *
 * Three attempts with the SDKs' standard back-off, within the caller's patience; a clock
 * that is off is found from the Date header, remembered per endpoint and corrected for.
 * Any thread. */
#pragma once

#include <stdint.h>

#include "aws/endpoint.h"
#include "base/creds.h"
#include "base/err.h"
#include "io/http.h"

struct aws; /* transport, retry budget, clock offsets: one for the program */

struct aws *aws_new(struct http *http, struct err *err); /* borrows @http */
struct aws *aws_free(struct aws *aws);			 /* NULL-safe, returns NULL */

/* For whom and where a call is made. */
struct aws_scope {
	const struct creds *creds;
	const struct endpoint *endpoint;
	const struct patience *patience;
};

enum aws_protocol { AWS_QUERY, AWS_REST_XML, AWS_JSON_1_0 };

struct aws_service {
	const char *name; /* signing name, and what messages say */
	enum endpoint_service endpoint;
	enum aws_protocol protocol;
	const char *target; /* AWS_JSON_1_0: what stands before the `.` in X-Amz-Target */
};

struct aws_request {
	const char *operation; /* "ListTables" */
	const char *method;    /* NULL: POST */
	struct buf target;     /* empty: "/" ; already encoded, query sorted */
	struct buf body;
	size_t limit; /* bytes of the answer's body */
};

#define AWS_REQUEST_INIT                                                       \
	{                                                                      \
		.target = BUF_INIT, .body = BUF_INIT, .limit = 8 * 1024 * 1024 \
	}
void aws_request_done(struct aws_request *request); /* safe twice */

/* What was found out beside the answer. */
struct aws_meta {
	int64_t took_ms; /* of the last attempt */
	int64_t skew;	 /* our clock minus theirs, seconds, when corrected for; else 0 */
	unsigned attempts;
};

/* Sends @request to @service and appends the body of its good answer to @out.
 * @ret_meta may be NULL and is set in any case.  -errno as in awserr.h and http.h; @err
 * is a whole sentence "sts GetCallerIdentity at HOST: ...", or without "at HOST" where
 * the transport's own sentence names the host. */
int aws_call(struct aws *aws, const struct aws_service *service,
	const struct aws_scope *scope, const struct aws_request *request, struct buf *out,
	struct aws_meta *ret_meta, struct err *err);

/* Puts "sts GetCallerIdentity at HOST: " before the text of @err, for an answer that
 * could not be understood.  Returns -errnum. */
int aws_wrap(const struct aws_service *service, const struct aws_scope *scope,
	const char *operation, struct err *err);

#define _cleanup_aws_request_ _cleanup_(aws_request_done)
