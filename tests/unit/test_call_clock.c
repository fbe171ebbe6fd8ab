#include "aws/call.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "io/clock.h"
#include "support/fixture.h"
#include "text/time.h"

#define XML_ERROR(code) \
	"<ErrorResponse><Error><Code>" code "</Code></Error></ErrorResponse>"

static const struct aws_service sts = { "sts", ENDPOINT_STS, AWS_QUERY, NULL };
static const struct aws_service s3 = { "s3", ENDPOINT_S3, AWS_REST_XML, NULL };

/* One call of an operation called Try with an empty body. */
static int try_call(
	struct fixture *fixture, const struct aws_service *service, struct aws_meta *meta)
{
	_cleanup_aws_request_ struct aws_request request = AWS_REQUEST_INIT;
	_cleanup_buf_ struct buf out = BUF_INIT;

	request.operation = "Try";
	memset(&fixture->err, 0, sizeof(fixture->err));
	return aws_call(fixture->aws, service, &fixture->scope, &request, &out, meta,
		&fixture->err);
}

/* By how many seconds the request number @index was signed ahead of now. */
static int64_t signed_ahead(const struct fixture *fixture, size_t index)
{
	const char *date = http_script_header(&fixture->script, index, "X-Amz-Date");
	int64_t then = 0;

	assert_int_equal(time_parse_amz((struct slice){ date, strlen(date) }, &then), 0);
	return then - clock_now();
}

static void clock_is_corrected_and_remembered(void **state)
{
	static const struct http_step steps[] = {
		{ .status = 403,
			.body = XML_ERROR("SignatureDoesNotMatch"),
			.date = true,
			.date_off = 3600 },
		{ .body = "<a/>", .again = true },
	};
	struct fixture fixture;
	struct aws_meta meta;

	(void)state;
	fixture_init(&fixture, ENDPOINT_STS, steps, 2);
	assert_int_equal(try_call(&fixture, &sts, &meta), 0);
	assert_int_equal(meta.attempts, 2);
	assert_in_range(meta.skew + 3605, 0, 10);
	assert_in_range(signed_ahead(&fixture, 0) + 5, 0, 10);
	assert_in_range(signed_ahead(&fixture, 1), 3595, 3605);
	assert_int_equal(meta.took_ms, 7);
	/* the next call signs by that clock from the start, another host's does not */
	assert_int_equal(try_call(&fixture, &sts, &meta), 0);
	assert_int_equal(meta.attempts, 1);
	assert_in_range(signed_ahead(&fixture, 2), 3595, 3605);
	memcpy(fixture.endpoint.uri.host, "other", sizeof("other"));
	assert_int_equal(try_call(&fixture, &sts, &meta), 0);
	assert_int_equal(meta.skew, 0);
	assert_in_range(signed_ahead(&fixture, 3) + 5, 0, 10);
	fixture_done(&fixture);
}

/* Our clock was set right after it had been corrected for. */
static void correction_is_taken_back(void **state)
{
	static const struct http_step steps[] = {
		{ .status = 403,
			.body = XML_ERROR("SignatureDoesNotMatch"),
			.date = true,
			.date_off = -7200 },
		{ .body = "<a/>" },
		{ .status = 403,
			.body = XML_ERROR("SignatureDoesNotMatch"),
			.date = true },
		{ .body = "<a/>" },
	};
	struct fixture fixture;
	struct aws_meta meta;

	(void)state;
	fixture_init(&fixture, ENDPOINT_STS, steps, 4);
	assert_int_equal(try_call(&fixture, &sts, &meta), 0);
	assert_in_range(meta.skew, 7195, 7205);
	assert_int_equal(try_call(&fixture, &sts, &meta), 0);
	assert_int_equal(meta.attempts, 2);
	assert_in_range(meta.skew + 5, 0, 10);
	fixture_done(&fixture);
}

static void clock_is_corrected_once(void **state)
{
	static const struct http_step steps[] = {
		{ .status = 403,
			.body = "<Error><Code>RequestTimeTooSkewed</Code></Error>",
			.date = true,
			.date_off = 3600 },
		{ .status = 403,
			.body = "<Error><Code>RequestTimeTooSkewed</Code></Error>",
			.date = true,
			.date_off = 7200 },
	};
	struct fixture fixture;
	struct aws_meta meta;

	(void)state;
	fixture_init(&fixture, ENDPOINT_S3, steps, 2);
	assert_int_equal(try_call(&fixture, &s3, &meta), -EKEYREJECTED);
	assert_int_equal(meta.attempts, 2);
	fixture_done(&fixture);
}

/* With the clock corrected a wrong secret is a wrong secret again. */
static void wrong_secret_and_wrong_clock(void **state)
{
	static const struct http_step steps[] = {
		{ .status = 403,
			.body = XML_ERROR("SignatureDoesNotMatch"),
			.date = true,
			.date_off = 3600,
			.again = true },
	};
	struct fixture fixture;
	struct aws_meta meta;

	(void)state;
	fixture_init(&fixture, ENDPOINT_STS, steps, 1);
	assert_int_equal(try_call(&fixture, &sts, &meta), -EKEYREJECTED);
	assert_int_equal(meta.attempts, 2);
	assert_non_null(strstr(fixture.err.text, "secret key"));
	fixture_done(&fixture);
}

static void clock_needs_a_date(void **state)
{
	static const struct http_step steps[] = {
		{ .status = 403,
			.body = "<Error><Code>RequestTimeTooSkewed</Code></Error>" },
	};
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture, ENDPOINT_S3, steps, 1);
	assert_int_equal(try_call(&fixture, &s3, NULL), -EKEYREJECTED);
	assert_int_equal(fixture.script.seen_count, 1);
	fixture_done(&fixture);
}

/* A Date over plain http is anybody's, unless the user named that endpoint. */
static void clock_of_strangers(void **state)
{
	static const struct http_step steps[] = {
		{ .status = 403,
			.body = "<Error><Code>RequestTimeTooSkewed</Code></Error>",
			.date = true,
			.date_off = 3600,
			.again = true },
	};
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture, ENDPOINT_S3, steps, 1);
	fixture.endpoint.uri.https = false;
	assert_int_equal(try_call(&fixture, &s3, NULL), -EKEYREJECTED);
	assert_int_equal(fixture.script.seen_count, 1);
	fixture.endpoint.configured = true;
	assert_int_equal(try_call(&fixture, &s3, NULL), -EKEYREJECTED);
	assert_int_equal(fixture.script.seen_count, 3);
	fixture_done(&fixture);
}

static void *call_often(void *arg)
{
	struct fixture *fixture = arg;
	struct aws_scope scope = fixture->scope;

	for (int i = 0; i < 50; i++) {
		_cleanup_aws_request_ struct aws_request request = AWS_REQUEST_INIT;
		_cleanup_buf_ struct buf out = BUF_INIT;

		request.operation = "Try";
		if (aws_call(fixture->aws, &sts, &scope, &request, &out, NULL, NULL))
			return arg;
	}
	return NULL;
}

static void many_threads(void **state)
{
	static const struct http_step steps[] = {
		{ .status = 403,
			.body = XML_ERROR("RequestInTheFuture"),
			.date = true,
			.date_off = -3600 },
		{ .body = "<a/>", .again = true },
	};
	struct fixture fixture;
	pthread_t threads[4];
	void *failed;

	(void)state;
	fixture_init(&fixture, ENDPOINT_STS, steps, 2);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, call_often, &fixture), 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	assert_int_equal(fixture.script.seen_count, 201);
	fixture_done(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clock_is_corrected_and_remembered),
		cmocka_unit_test(correction_is_taken_back),
		cmocka_unit_test(clock_is_corrected_once),
		cmocka_unit_test(wrong_secret_and_wrong_clock),
		cmocka_unit_test(clock_needs_a_date),
		cmocka_unit_test(clock_of_strangers),
		cmocka_unit_test(many_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
