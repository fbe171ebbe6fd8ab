#include "aws/call.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/clock.h"
#include "support/fixture.h"

#define JSON_ERROR(code) \
	"{\"__type\":\"com.amazon.coral.service#" code "\",\"message\":\"m\"}"
#define XML_ERROR(code) \
	"<ErrorResponse><Error><Code>" code "</Code></Error></ErrorResponse>"

static const struct aws_service sts = { "sts", ENDPOINT_STS, AWS_QUERY, NULL };
static const struct aws_service s3 = { "s3", ENDPOINT_S3, AWS_REST_XML, NULL };
static const struct aws_service dynamodb = { "dynamodb", ENDPOINT_DYNAMODB, AWS_JSON_1_0,
	"DynamoDB_20120810" };

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

/* How many attempts it takes until a call fails, or succeeds, and how. */
/* clang-format off */
static const struct {
	const char *what;
	const struct aws_service *service;
	struct http_step steps[4];
	unsigned attempts;
	int result;
	const char *text; /* a part of the sentence */
} cases[] = {
	{ "good at once", &sts, { { .body = "<a/>" } }, 1, 0, NULL },
	{ "a lost connection", &sts, { { .errnum = ECONNRESET }, { .body = "<a/>" } }, 2,
		0, NULL },
	{ "no connection", &dynamodb,
		{ { .errnum = ECONNREFUSED }, { .errnum = EHOSTUNREACH },
			{ .errnum = ETIMEDOUT } },
		3, -ETIMEDOUT,
		"dynamodb Try: no luck with `dynamodb.eu-west-1.amazonaws.com'" },
	{ "a bad certificate", &sts, { { .errnum = EPROTO } }, 1, -EPROTO, "sts Try: " },
	{ "an answer too large", &sts, { { .errnum = EFBIG } }, 1, -EFBIG, "sts Try: " },
	{ "500 without a word", &sts, { { .status = 500 }, { .body = "<a/>" } }, 2, 0,
		NULL },
	{ "three times 503", &s3, { { .status = 503, .again = true } }, 3, -EREMOTEIO,
		"s3 Try at s3.eu-west-1.amazonaws.com: " },
	{ "RequestTimeout", &s3,
		{ { .status = 400, .body = "<Error><Code>RequestTimeout</Code></Error>" },
			{ .body = "<a/>" } },
		2, 0, NULL },
	{ "an expired token", &sts,
		{ { .status = 403, .body = XML_ERROR("ExpiredToken") } }, 1, -EKEYEXPIRED,
		"sts Try at sts.eu-west-1.amazonaws.com: " },
	{ "an expired token of DynamoDB", &dynamodb,
		{ { .status = 400, .body = JSON_ERROR("ExpiredTokenException") } }, 1,
		-EKEYEXPIRED, "ExpiredTokenException" },
	{ "an unknown key", &sts,
		{ { .status = 403, .body = XML_ERROR("InvalidClientTokenId") } }, 1,
		-EKEYREJECTED, "InvalidClientTokenId" },
	{ "a wrong secret", &sts,
		{ { .status = 403,
			.body = XML_ERROR("SignatureDoesNotMatch"),
			.date = true } },
		1, -EKEYREJECTED, "SignatureDoesNotMatch" },
	{ "a redirect", &s3,
		{ { .status = 307, .headers = "location: http://evil.example/" } }, 1,
		-EBADMSG, "HTTP 307" },
	{ "a refusal with 200", &s3,
		{ { .body = "<Error><Code>AccessDenied</Code></Error>" } }, 1, -EACCES,
		"AccessDenied" },
	{ "a good checksum", &dynamodb,
		{ { .body = "{}", .headers = "x-amz-crc32: 2745614147" } }, 1, 0, NULL },
	{ "a checksum that is none", &dynamodb,
		{ { .body = "{}", .headers = "x-amz-crc32: 12x" }, { .body = "{}" } }, 2,
		0, NULL },
	{ "damaged each time", &dynamodb,
		{ { .body = "{}", .headers = "x-amz-crc32: 1", .again = true } }, 3,
		-EREMOTEIO, "damaged" },
	{ "a checksum of another protocol", &s3,
		{ { .body = "<a/>", .headers = "x-amz-crc32: 1" } }, 1, 0, NULL },
};
/* clang-format on */

static void attempts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fixture fixture;
		struct aws_meta meta;
		int r;

		print_message("%s\n", cases[i].what);
		fixture_init(&fixture, cases[i].service->endpoint, cases[i].steps, 4);
		r = try_call(&fixture, cases[i].service, &meta);
		assert_int_equal(r, cases[i].result);
		assert_int_equal(meta.attempts, cases[i].attempts);
		assert_int_equal(fixture.script.seen_count, cases[i].attempts);
		assert_int_equal(fixture.err.errnum, -cases[i].result);
		if (cases[i].text)
			assert_non_null(strstr(fixture.err.text, cases[i].text));
		fixture_done(&fixture);
	}
}

static void what_is_sent(void **state)
{
	static const struct http_step steps[] = { { .body = "<a/>", .again = true } };
	struct fixture fixture;
	const struct http_request *seen = fixture.script.seen;

	(void)state;
	fixture_init(&fixture, ENDPOINT_STS, steps, 1);
	assert_int_equal(try_call(&fixture, &sts, NULL), 0);
	assert_int_equal(try_call(&fixture, &s3, NULL), 0);
	memcpy(fixture.endpoint.uri.path, "/base", sizeof("/base"));
	assert_int_equal(try_call(&fixture, &dynamodb, NULL), 0);
	assert_string_equal(seen[0].method, "POST");
	assert_string_equal(buf_text(&seen[0].target), "/");
	assert_string_equal(buf_text(&seen[2].target), "/base/");
	assert_string_equal(http_script_header(&fixture.script, 0, "Content-Type"),
		"application/x-www-form-urlencoded; charset=utf-8");
	assert_string_equal(http_script_header(&fixture.script, 1, "Content-Type"), "");
	assert_string_equal(http_script_header(&fixture.script, 2, "Content-Type"),
		"application/x-amz-json-1.0");
	assert_string_equal(http_script_header(&fixture.script, 2, "X-Amz-Target"),
		"DynamoDB_20120810.Try");
	assert_string_equal(http_script_header(&fixture.script, 0, "User-Agent"),
		"acctfs/" ACCTFS_VERSION);
	for (size_t i = 0; i < 3; i++) {
		const char *auth =
			http_script_header(&fixture.script, i, "Authorization");

		assert_non_null(strstr(auth, "/eu-west-1/"));
		assert_null(strstr(auth, "user-agent"));
		assert_non_null(strstr(auth, "x-amz-security-token"));
		assert_string_equal(
			http_script_header(&fixture.script, i, "X-Amz-Security-Token"),
			"made-up-token");
	}
	assert_string_not_equal(
		http_script_header(&fixture.script, 1, "X-Amz-Content-Sha256"), "");
	assert_string_equal(
		http_script_header(&fixture.script, 0, "X-Amz-Content-Sha256"), "");
	fixture_done(&fixture);
}

/* Told to wait for longer than the caller has patience: says so at once. */
static void back_off_ends_at_the_deadline(void **state)
{
	static const struct http_step steps[] = {
		{ .status = 503, .headers = "x-amz-retry-after: 4000", .again = true },
	};
	int64_t start = clock_monotonic_ms();
	struct fixture fixture;
	struct aws_meta meta;

	(void)state;
	fixture_init(&fixture, ENDPOINT_S3, steps, 1);
	fixture.patience.deadline = start + 1000;
	assert_int_equal(try_call(&fixture, &s3, &meta), -EREMOTEIO);
	assert_int_equal(meta.attempts, 1);
	assert_true(clock_monotonic_ms() - start < 500);
	fixture_done(&fixture);
}

static void server_may_ask_for_more(void **state)
{
	static const struct http_step steps[] = {
		{ .status = 503, .headers = "x-amz-retry-after: 200" },
		{ .body = "<a/>" },
	};
	int64_t start = clock_monotonic_ms();
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture, ENDPOINT_S3, steps, 2);
	assert_int_equal(try_call(&fixture, &s3, NULL), 0);
	assert_in_range(clock_monotonic_ms() - start, 200, 1000);
	fixture_done(&fixture);
}

/* A server that never answers takes all the patience, and no second attempt follows. */
static void deadline_ends_it(void **state)
{
	static const struct http_step steps[] = { { .delay_ms = 10000 } };
	struct fixture fixture;
	struct aws_meta meta;

	(void)state;
	fixture_init(&fixture, ENDPOINT_S3, steps, 1);
	fixture.patience.deadline = clock_monotonic_ms();
	assert_int_equal(try_call(&fixture, &s3, &meta), -ETIMEDOUT);
	assert_int_equal(meta.attempts, 1);
	fixture_done(&fixture);
}

static void *cancel_soon(void *arg)
{
	(void)usleep(30 * 1000);
	cancel_set(arg);
	return NULL;
}

static void cancelled_while_backing_off(void **state)
{
	static const struct http_step steps[] = {
		{ .status = 503, .headers = "x-amz-retry-after: 4000", .again = true },
	};
	int64_t start = clock_monotonic_ms();
	struct fixture fixture;
	pthread_t thread;

	(void)state;
	fixture_init(&fixture, ENDPOINT_S3, steps, 1);
	assert_int_equal(pthread_create(&thread, NULL, cancel_soon, &fixture.cancel), 0);
	assert_int_equal(try_call(&fixture, &s3, NULL), -EINTR);
	assert_true(clock_monotonic_ms() - start < 1000);
	assert_int_equal(fixture.err.errnum, EINTR);
	assert_int_equal(fixture.script.seen_count, 1);
	assert_int_equal(pthread_join(thread, NULL), 0);
	fixture_done(&fixture);
}

/* 500 tokens, 5 a retry: after 50 failed calls there is nothing left for a retry. */
static void budget_runs_out_and_comes_back(void **state)
{
	static const struct http_step bad[] = { { .errnum = ECONNRESET, .again = true } };
	static const struct http_step good[] = { { .body = "<a/>", .again = true } };
	struct fixture fixture;
	struct aws_meta meta;

	(void)state;
	fixture_init(&fixture, ENDPOINT_DYNAMODB, bad, 1);
	for (int i = 0; i < 50; i++) {
		assert_int_equal(try_call(&fixture, &dynamodb, &meta), -ECONNRESET);
		assert_int_equal(meta.attempts, 3);
		fixture.patience.deadline = clock_monotonic_ms() + 5000;
	}
	assert_int_equal(try_call(&fixture, &dynamodb, &meta), -ECONNRESET);
	assert_int_equal(meta.attempts, 1);
	fixture.script.steps = good;
	for (int i = 0; i < 5; i++)
		assert_int_equal(try_call(&fixture, &dynamodb, &meta), 0);
	fixture.script.steps = bad;
	assert_int_equal(try_call(&fixture, &dynamodb, &meta), -ECONNRESET);
	assert_int_equal(meta.attempts, 2);
	fixture_done(&fixture);
}

static void throttling_is_busy(void **state)
{
	static const struct http_step steps[] = {
		{ .status = 400,
			.body = JSON_ERROR("ThrottlingException"),
			.headers = "x-amz-retry-after: 5000" },
	};
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture, ENDPOINT_DYNAMODB, steps, 1);
	fixture.patience.deadline = clock_monotonic_ms() + 2000;
	assert_int_equal(try_call(&fixture, &dynamodb, NULL), -EBUSY);
	assert_string_equal(fixture.err.code, "ThrottlingException");
	fixture_done(&fixture);
}

/* Whatever an answer echoes, no sentence holds it. */
static void secrets_stay_secret(void **state)
{
	static const struct http_step steps[] = {
		{ .status = 400,
			.body = "<Error><Code>InvalidToken</Code><Message>bad"
				"</Message><Token-0>made-up-token</Token-0></Error>" },
	};
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture, ENDPOINT_S3, steps, 1);
	assert_int_equal(try_call(&fixture, &s3, NULL), -EKEYREJECTED);
	assert_null(strstr(fixture.err.text, "made-up"));
	fixture_done(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attempts),
		cmocka_unit_test(what_is_sent),
		cmocka_unit_test(back_off_ends_at_the_deadline),
		cmocka_unit_test(server_may_ask_for_more),
		cmocka_unit_test(deadline_ends_it),
		cmocka_unit_test(cancelled_while_backing_off),
		cmocka_unit_test(budget_runs_out_and_comes_back),
		cmocka_unit_test(throttling_is_busy),
		cmocka_unit_test(secrets_stay_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
