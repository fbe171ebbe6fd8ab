/* s3: Simple Storage Service, REST XML (Amazon S3 API Reference, ListBuckets). */
#pragma once

#include "aws/call.h"

struct s3_bucket {
	char *name;
	char *created; /* as S3 writes it, 2026-01-02T03:04:05.000Z */
	char *region;  /* NULL: not told */
};

struct s3_buckets {
	struct s3_bucket *list;
	size_t count;
	size_t cap;
};

#define S3_BUCKETS_INIT      \
	{                    \
		.list = NULL \
	}
void s3_buckets_done(struct s3_buckets *buckets); /* safe twice */

/* Pure: one page's request (@after NULL: the first) and reading its answer, which appends
 * to
 * @buckets and gives the next page's token or NULL (the caller frees it). */
int s3_buckets_request(
	const char *after, struct aws_request *ret_request, struct err *err);
int s3_buckets_reply(
	struct slice body, struct s3_buckets *buckets, char **ret_after, struct err *err);

/* ListBuckets: all pages.  A page token that comes twice is -EBADMSG. */
int s3_buckets(struct aws *aws, const struct aws_scope *scope,
	struct s3_buckets *ret_buckets, struct err *err);
