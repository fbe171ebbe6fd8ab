#include "aws/s3.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/fixture.h"

#define ANSWER(inside) "<ListAllMyBucketsResult>" inside "</ListAllMyBucketsResult>"
#define BUCKET(inside) ANSWER("<Buckets><Bucket>" inside "</Bucket></Buckets>")
#define PAGE(token)    ANSWER("<Buckets/><ContinuationToken>" token "</ContinuationToken>")

static int reply(const char *text, struct s3_buckets *buckets, char **ret_after)
{
	struct err err = ERR_INIT;
	int r = s3_buckets_reply(
		(struct slice){ text, strlen(text) }, buckets, ret_after, &err);

	assert_int_equal(err.errnum, -r);
	return r;
}

static void requests(void **state)
{
	_cleanup_aws_request_ struct aws_request first = AWS_REQUEST_INIT;
	_cleanup_aws_request_ struct aws_request next = AWS_REQUEST_INIT;

	(void)state;
	assert_int_equal(s3_buckets_request(NULL, &first, NULL), 0);
	assert_string_equal(first.method, "GET");
	assert_string_equal(first.operation, "ListBuckets");
	assert_string_equal(buf_text(&first.target), "/?max-buckets=1000");
	assert_int_equal(first.body.len, 0);
	assert_int_equal(s3_buckets_request("a+b/c= &\xc3\xa9", &next, NULL), 0);
	assert_string_equal(buf_text(&next.target),
		"/?continuation-token=a%2Bb%2Fc%3D%20%26%C3%A9&max-buckets=1000");
}

static void pages(void **state)
{
	_cleanup_buf_ struct buf body = BUF_INIT;
	struct s3_buckets buckets = S3_BUCKETS_INIT;
	_cleanup_free_ char *after = NULL;
	char *last = NULL;

	(void)state;
	fixture_read("s3/buckets-page1.xml", &body);
	assert_int_equal(reply(buf_text(&body), &buckets, &after), 0);
	assert_string_equal(after, "eyJwYWdl/Ijox+fQ==");
	buf_clear(&body);
	fixture_read("s3/buckets-page2.xml", &body);
	assert_int_equal(reply(buf_text(&body), &buckets, &last), 0);
	assert_null(last);
	assert_int_equal(buckets.count, 3);
	assert_string_equal(buckets.list[0].name, "logs.example.org");
	assert_string_equal(buckets.list[0].created, "2023-05-17T09:01:02.000Z");
	assert_string_equal(buckets.list[0].region, "eu-central-1");
	assert_string_equal(buckets.list[1].name, "Old_Bucket");
	assert_string_equal(buckets.list[2].name, "zebra");
	assert_null(buckets.list[2].region);
	buf_clear(&body);
	fixture_read("s3/buckets-none.xml", &body);
	assert_int_equal(reply(buf_text(&body), &buckets, &last), 0);
	assert_int_equal(buckets.count, 3);
	s3_buckets_done(&buckets);
	s3_buckets_done(&buckets);
}

static void odd_but_good(void **state)
{
	static const char *const cases[] = {
		BUCKET("<Name>a</Name>"),
		BUCKET("<Name>a</Name><BucketRegion></BucketRegion>"),
		BUCKET("<Name>a</Name><BucketRegion>Not A Region!</BucketRegion>"),
		BUCKET("<Name>a</Name><Tags><Name>../x</Name></Tags>"),
		ANSWER("<Buckets><Bucket><Name>a</Name></Bucket></Buckets>"
		       "<ContinuationToken></ContinuationToken>"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct s3_buckets buckets = S3_BUCKETS_INIT;
		char *after = NULL;

		assert_int_equal(reply(cases[i], &buckets, &after), 0);
		assert_int_equal(buckets.count, 1);
		assert_string_equal(buckets.list[0].name, "a");
		assert_string_equal(buckets.list[0].created, "");
		assert_null(buckets.list[0].region);
		assert_null(after);
		s3_buckets_done(&buckets);
	}
}

static void bad_answers(void **state)
{
	static const char *const cases[] = {
		"",
		"{}",
		"<html></html>",
		"<Error><Code>a</Code></Error>",
		ANSWER("<Buckets>"),
		BUCKET(""),
		BUCKET("<Name></Name>"),
		BUCKET("<Name>.</Name>"),
		BUCKET("<Name>..</Name>"),
		BUCKET("<Name>a/b</Name>"),
		BUCKET("<Name>a\tb</Name>"),
		BUCKET("<Name>a&#10;b</Name>"),
		BUCKET("<Name>\xc3\xa9</Name>"),
		BUCKET("<CreationDate>2024</CreationDate>"),
		BUCKET("<Name>a</Name><CreationDate>a\nb</CreationDate>"),
		BUCKET("<Name>a</Name><CreationDate></CreationDate>"),
		PAGE("a&#10;b"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct s3_buckets buckets = S3_BUCKETS_INIT;
		char *after = NULL;

		assert_int_equal(reply(cases[i], &buckets, &after), -EBADMSG);
		assert_int_equal(buckets.count, 0);
		assert_null(after);
		s3_buckets_done(&buckets);
	}
}

/* What was good before a bad bucket is not given out either. */
static void all_or_nothing(void **state)
{
	struct s3_buckets buckets = S3_BUCKETS_INIT;
	char *after = NULL;

	(void)state;
	assert_int_equal(reply(BUCKET("<Name>kept</Name>"), &buckets, &after), 0);
	assert_int_equal(reply(ANSWER("<Buckets><Bucket><Name>a</Name></Bucket><Bucket>"
				      "<Name>..</Name></Bucket></Buckets>"),
				 &buckets, &after),
		-EBADMSG);
	assert_int_equal(buckets.count, 1);
	s3_buckets_done(&buckets);
}

static void call(void **state)
{
	_cleanup_buf_ struct buf page1 = BUF_INIT, page2 = BUF_INIT;
	struct s3_buckets buckets = S3_BUCKETS_INIT;
	struct fixture fixture;

	(void)state;
	fixture_read("s3/buckets-page1.xml", &page1);
	fixture_read("s3/buckets-page2.xml", &page2);
	const struct http_step steps[] = {
		{ .body = buf_text(&page1) },
		{ .body = buf_text(&page2),
			.when = "continuation-token=eyJwYWdl%2FIjox%2BfQ%3D%3D" },
	};
	fixture_init(&fixture, ENDPOINT_S3, steps, ARRAY_SIZE(steps));
	assert_int_equal(
		s3_buckets(fixture.aws, &fixture.scope, &buckets, &fixture.err), 0);
	assert_int_equal(buckets.count, 3);
	assert_int_equal(fixture.script.seen_count, 2);
	assert_int_equal(fixture.script.unexpected, 0);
	s3_buckets_done(&buckets);
	fixture_done(&fixture);
}

static void pages_that_do_not_end(void **state)
{
	static const struct http_step steps[] = {
		{ .body = PAGE("one") },
		{ .body = PAGE("two") },
		{ .body = PAGE("one") },
	};
	struct s3_buckets buckets = S3_BUCKETS_INIT;
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture, ENDPOINT_S3, steps, ARRAY_SIZE(steps));
	assert_int_equal(s3_buckets(fixture.aws, &fixture.scope, &buckets, &fixture.err),
		-EBADMSG);
	assert_int_equal(fixture.script.seen_count, 3);
	assert_int_equal(buckets.count, 0);
	assert_string_equal(fixture.err.text,
		"s3 ListBuckets at s3.eu-west-1.amazonaws.com: the pages of the answer "
		"do "
		"not end: check that no proxy or login page answers in its place");
	fixture_done(&fixture);
}

static void refusal(void **state)
{
	_cleanup_buf_ struct buf error = BUF_INIT;
	struct s3_buckets buckets = S3_BUCKETS_INIT;
	struct fixture fixture;

	(void)state;
	fixture_read("s3/error.xml", &error);
	/* both ways S3 says it */
	const struct http_step steps[] = {
		{ .status = 400, .body = buf_text(&error) },
		{ .status = 200, .body = buf_text(&error) },
	};
	fixture_init(&fixture, ENDPOINT_S3, steps, ARRAY_SIZE(steps));
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
			s3_buckets(fixture.aws, &fixture.scope, &buckets, &fixture.err),
			-EKEYREJECTED);
		assert_string_equal(fixture.err.code, "InvalidToken");
		assert_null(strstr(fixture.err.text, "nobody-may-see"));
	}
	fixture_done(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests),
		cmocka_unit_test(pages),
		cmocka_unit_test(odd_but_good),
		cmocka_unit_test(bad_answers),
		cmocka_unit_test(all_or_nothing),
		cmocka_unit_test(call),
		cmocka_unit_test(pages_that_do_not_end),
		cmocka_unit_test(refusal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
