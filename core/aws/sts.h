/* sts: Security Token Service, query protocol, version 2011-06-15
 * (AWS STS API Reference, GetCallerIdentity). */
#pragma once

#include "aws/call.h"

struct sts_identity {
	char account[16];
	char arn[2049];
	char user_id[257];
};

/* Pure: the request, and reading its answer.  -EBADMSG for an answer not understood. */
int sts_identity_request(struct aws_request *ret_request, struct err *err);
int sts_identity_reply(
	struct slice body, struct sts_identity *ret_identity, struct err *err);

/* GetCallerIdentity: one call. */
int sts_identity(struct aws *aws, const struct aws_scope *scope,
	struct sts_identity *ret_identity, struct aws_meta *ret_meta, struct err *err);
