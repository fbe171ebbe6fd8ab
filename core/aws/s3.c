#include "aws/s3.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "text/xml.h"

enum {
	PAGE_LIMIT = 1000, /* pages of one listing, of 1000 buckets each */
	NAME_LIMIT = 255,
	TOKEN_LIMIT = 1024,
	CREATED_LIMIT = 64,
};

static const struct aws_service s3 = {
	.name = "s3",
	.endpoint = ENDPOINT_S3,
	.protocol = AWS_REST_XML,
};

static const char root[] = "ListAllMyBucketsResult";

static void bucket_done(struct s3_bucket *bucket)
{
	free(bucket->name);
	free(bucket->created);
	free(bucket->region);
}

void s3_buckets_done(struct s3_buckets *buckets)
{
	for (size_t i = 0; i < buckets->count; i++)
		bucket_done(&buckets->list[i]);
	free(buckets->list);
	buckets->list = NULL;
	buckets->count = buckets->cap = 0;
}

/* Takes @bucket over, also when it fails. */
static int buckets_add(struct s3_buckets *buckets, struct s3_bucket *bucket)
{
	if (buckets->count == buckets->cap) {
		size_t cap = buckets->cap ? buckets->cap * 2 : 64;
		struct s3_bucket *list = reallocarray(buckets->list, cap, sizeof(*list));

		if (!list) {
			bucket_done(bucket);
			return -ENOMEM;
		}
		buckets->list = list;
		buckets->cap = cap;
	}
	buckets->list[buckets->count++] = *bucket;
	return 0;
}

int s3_buckets_request(
	const char *after, struct aws_request *ret_request, struct err *err)
{
	struct aws_request request = AWS_REQUEST_INIT;

	request.operation = "ListBuckets";
	request.method = "GET";
	buf_adds(&request.target, "/?");
	if (after) {
		buf_adds(&request.target, "continuation-token=");
		uri_encode(
			&request.target, (struct slice){ after, strlen(after) }, false);
		buf_addc(&request.target, '&');
	}
	buf_adds(&request.target, "max-buckets=1000");
	if (buf_err(&request.target)) {
		aws_request_done(&request);
		return err_nomem(err);
	}
	*ret_request = request;
	return 0;
}

/* One page while it is read. */
struct page {
	struct s3_buckets buckets;
	struct s3_bucket bucket; /* not ended yet */
	char *after;
};

static int page_begin(void *arg, const struct xml_at *at, struct err *err)
{
	struct page *page = arg;

	if (at->depth == 1 && strcmp(at->path[0], root) != 0)
		return err_set(err, EBADMSG, "the answer is not a %s", root);
	if (xml_is(at, "Buckets", "Bucket")) {
		bucket_done(&page->bucket);
		page->bucket = (struct s3_bucket){ .name = NULL };
	}
	return 0;
}

/* A name that can be one of a file and a word of a table. */
static bool is_name(const char *name)
{
	if (!*name || strlen(name) > NAME_LIMIT || strcmp(name, ".") == 0 ||
		strcmp(name, "..") == 0)
		return false;
	for (; *name; name++)
		if (*name <= ' ' || *name > '~' || *name == '/')
			return false;
	return true;
}

static bool is_plain(const char *text, size_t limit)
{
	if (!*text || strlen(text) > limit)
		return false;
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

static int take(char **to, const char *text, bool good, const char *what, struct err *err)
{
	if (!good)
		return err_set(err, EBADMSG, "the answer holds a broken %s", what);
	free(*to);
	*to = strdup(text);
	return *to ? 0 : err_nomem(err);
}

static int bucket_end(struct page *page, struct err *err)
{
	int r;

	if (!page->bucket.name)
		return err_set(err, EBADMSG, "the answer holds a bucket without a name");
	if (!page->bucket.created) {
		page->bucket.created = strdup("");
		if (!page->bucket.created)
			return err_nomem(err);
	}
	r = buckets_add(&page->buckets, &page->bucket);
	page->bucket = (struct s3_bucket){ .name = NULL };
	return r ? err_nomem(err) : 0;
}

static int page_end(void *arg, const struct xml_at *at, const char *text, struct err *err)
{
	struct page *page = arg;

	if (xml_is(at, "Buckets", "Bucket"))
		return bucket_end(page, err);
	if (xml_is(at, "Bucket", "Name"))
		return take(&page->bucket.name, text, is_name(text), "bucket name", err);
	if (xml_is(at, "Bucket", "CreationDate"))
		return take(&page->bucket.created, text, is_plain(text, CREATED_LIMIT),
			"date", err);
	/* some other servers leave it empty or write words of their own */
	if (xml_is(at, "Bucket", "BucketRegion") && region_is_valid(text))
		return take(&page->bucket.region, text, true, "region", err);
	if (xml_is(at, root, "ContinuationToken") && *text)
		return take(&page->after, text, is_plain(text, TOKEN_LIMIT), "page token",
			err);
	return 0;
}

static int append(struct s3_buckets *to, struct s3_buckets *from)
{
	int r = 0;

	for (size_t i = 0; i < from->count; i++) {
		if (r)
			bucket_done(&from->list[i]);
		else
			r = buckets_add(to, &from->list[i]);
	}
	from->count = 0;
	return r;
}

static void page_done(struct page *page)
{
	s3_buckets_done(&page->buckets);
	bucket_done(&page->bucket);
	free(page->after);
}

int s3_buckets_reply(
	struct slice body, struct s3_buckets *buckets, char **ret_after, struct err *err)
{
	static const struct xml_reader reader = { .begin = page_begin, .end = page_end };
	_cleanup_(page_done) struct page page = { .after = NULL };
	int r = xml_read(body, &reader, &page, err);

	if (r)
		return r;
	if (append(buckets, &page.buckets))
		return err_nomem(err);
	*ret_after = take_ptr(page.after);
	return 0;
}

/* One page after the token @after gives; gives the next one. */
static int fetch(struct aws *aws, const struct aws_scope *scope, const char *after,
	struct s3_buckets *buckets, char **ret_after, struct err *err)
{
	_cleanup_aws_request_ struct aws_request request = AWS_REQUEST_INIT;
	_cleanup_buf_ struct buf body = BUF_INIT;
	int r;

	r = s3_buckets_request(after, &request, err);
	if (!r)
		r = aws_call(aws, &s3, scope, &request, &body, NULL, err);
	if (r)
		return r;
	r = s3_buckets_reply(
		(struct slice){ buf_text(&body), body.len }, buckets, ret_after, err);
	return r ? aws_wrap(&s3, scope, request.operation, err) : 0;
}

int s3_buckets(struct aws *aws, const struct aws_scope *scope,
	struct s3_buckets *ret_buckets, struct err *err)
{
	_cleanup_(s3_buckets_done) struct s3_buckets buckets = S3_BUCKETS_INIT;
	_cleanup_names_ struct names tokens = NAMES_INIT;
	const char *after = NULL;

	do {
		_cleanup_free_ char *next = NULL;
		int r = fetch(aws, scope, after, &buckets, &next, err);

		if (r)
			return r;
		if (!next)
			break;
		if (tokens.count == PAGE_LIMIT || names_has(&tokens, next)) {
			(void)err_set(err, EBADMSG, "the pages of the answer do not end");
			return aws_wrap(&s3, scope, "ListBuckets", err);
		}
		if (names_add(&tokens, next))
			return err_nomem(err);
		after = tokens.list[tokens.count - 1];
	} while (after);
	*ret_buckets = buckets;
	buckets = (struct s3_buckets)S3_BUCKETS_INIT;
	return 0;
}
