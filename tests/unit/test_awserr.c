#include "aws/awserr.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "aws/errtext.h"

/* Sun, 06 Nov 1994 08:49:37 GMT */
static const int64_t now = 784111777;

static void slurp(const char *name, struct buf *out)
{
	char path[4096], piece[4096];
	FILE *file;
	size_t n;

	(void)snprintf(path, sizeof(path), "%s/%s", getenv("ACCTFS_TEST_DATA"), name);
	file = fopen(path, "rb");
	assert_non_null(file);
	while ((n = fread(piece, 1, sizeof(piece), file)) > 0)
		buf_add(out, piece, n);
	(void)fclose(file);
}

struct refusal {
	const char *file; /* NULL: no body */
	int status;
	const char *header[2];
	enum awserr_class class;
	int errnum;
	const char *code;
	const char *text; /* what the sentence must hold */
};

static void refusal_check(const struct refusal *row)
{
	static const char secret[] = "FwoGZXIv";
	_cleanup_http_answer_ struct http_answer answer = HTTP_ANSWER_INIT;
	struct awserr awserr;
	struct err err = ERR_INIT;

	answer.status = row->status;
	if (row->file)
		slurp(row->file, &answer.body);
	if (row->header[0])
		assert_int_equal(
			http_headers_add(&answer.headers, row->header[0], row->header[1]),
			0);
	assert_true(awserr_is_refusal(&answer));
	awserr_read(&answer, now, &awserr);
	assert_string_equal(awserr.code, row->code);
	assert_int_equal(awserr.class, row->class);
	assert_int_equal(awserr_to_err(&awserr, &err), -row->errnum);
	assert_int_equal(err.errnum, row->errnum);
	assert_string_equal(
		err.code, row->class == AWSERR_SKEWED ? AWSERR_CODE_SKEWED : row->code);
	if (!strstr(err.text, row->text))
		fail_msg("%s: `%s` not in `%s`", row->code, row->text, err.text);
	assert_null(strstr(err.text, secret));
	assert_null(strstr(err.text, "IOSFODNN"));
	assert_true(err.text[0] >= 'a' && err.text[0] <= 'z');
}

static void test_refusals(void **state)
{
	static const char type[] = "x-amzn-errortype", date[] = "date",
			  region[] = "x-amz-bucket-region", id[] = "x-amz-request-id",
			  json_id[] = "x-amzn-requestid";
	static const char same[] = "Sun, 06 Nov 1994 08:49:37 GMT",
			  late[] = "Sun, 06 Nov 1994 08:59:37 GMT";
	/* clang-format off */
	static const struct refusal list[] = {
		{ "sts/expired.xml", 403, { NULL }, AWSERR_EXPIRED, EKEYEXPIRED, "ExpiredToken",
			"the session token has expired (ExpiredToken): paste fresh credentials into `profile'" },
		{ "sts/unknown-key.xml", 403, { NULL }, AWSERR_REJECTED, EKEYREJECTED, "InvalidClientTokenId", "unknown" },
		{ "sts/wrong-secret.xml", 403, { NULL }, AWSERR_REJECTED, EKEYREJECTED, "SignatureDoesNotMatch", "the secret key does not fit" },
		{ "sts/wrong-secret.xml", 403, { date, same }, AWSERR_REJECTED, EKEYREJECTED, "SignatureDoesNotMatch", "the secret key does not fit" },
		{ "sts/wrong-secret.xml", 403, { date, late }, AWSERR_SKEWED, EKEYREJECTED, "SignatureDoesNotMatch", "clock" },
		{ "sts/clock-late.xml", 403, { NULL }, AWSERR_SKEWED, EKEYREJECTED, "SignatureDoesNotMatch", "clock" },
		{ "sts/clock-early.xml", 403, { NULL }, AWSERR_SKEWED, EKEYREJECTED, "SignatureDoesNotMatch", "clock" },
		{ "sts/region-off.xml", 403, { NULL }, AWSERR_REGION, EREMOTEIO, "RegionDisabledException", "us-east-1" },
		{ "sts/denied-nested.xml", 403, { NULL }, AWSERR_DENIED, EACCES, "AccessDenied",
			"(AccessDenied: User: arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_AdministratorAccess_0123456789abcdef/jane@example.com is not authorized to perform: sts:AssumeRole)" },
		{ "s3/expired.xml", 400, { NULL }, AWSERR_EXPIRED, EKEYEXPIRED, "ExpiredToken", "expired" },
		{ "s3/skewed.xml", 403, { date, late }, AWSERR_SKEWED, EKEYREJECTED, "RequestTimeTooSkewed", "clock" },
		{ "s3/redirect.xml", 301, { region, "ap-northeast-1" }, AWSERR_REGION, EREMOTEIO, "PermanentRedirect", "to ap-northeast-1" },
		{ "s3/malformed-region.xml", 400, { NULL }, AWSERR_REGION, EREMOTEIO, "AuthorizationHeaderMalformed", "to eu-west-1" },
		{ "s3/malformed.xml", 400, { NULL }, AWSERR_REJECTED, EKEYREJECTED, "AuthorizationHeaderMalformed", "rejected" },
		{ "s3/wrong-secret.xml", 403, { NULL }, AWSERR_REJECTED, EKEYREJECTED, "SignatureDoesNotMatch", "does not fit" },
		{ "s3/unknown-key.xml", 403, { NULL }, AWSERR_REJECTED, EKEYREJECTED, "InvalidAccessKeyId", "unknown" },
		{ "s3/no-bucket.xml", 404, { NULL }, AWSERR_NOT_FOUND, ENOENT, "NoSuchBucket", "no such bucket" },
		{ "s3/slow-down.xml", 503, { NULL }, AWSERR_THROTTLED, EBUSY, "SlowDown", "try again" },
		{ "s3/internal-200.xml", 200, { NULL }, AWSERR_TRANSIENT, EREMOTEIO, "InternalError", "try again" },
		{ "s3/echo.xml", 400, { NULL }, AWSERR_REJECTED, EKEYREJECTED, "InvalidToken",
			"The token ... of key ...MPLE is bad <x> ?)" },
		{ "s3/cut.xml", 403, { NULL }, AWSERR_DENIED, EACCES, "AccessDenied", "Access Denied" },
		{ "s3/proxy.html", 502, { NULL }, AWSERR_TRANSIENT, EREMOTEIO, "HTTP 502", "(HTTP 502): try again" },
		{ "dynamodb/unknown-key.json", 400, { NULL }, AWSERR_REJECTED, EKEYREJECTED, "UnrecognizedClientException", "unknown" },
		{ "dynamodb/expired.json", 400, { NULL }, AWSERR_EXPIRED, EKEYEXPIRED, "ExpiredTokenException", "expired" },
		{ "dynamodb/denied-list.json", 400, { NULL }, AWSERR_DENIED, EACCES, "AccessDeniedException", "dynamodb:ListTables on resource" },
		{ "dynamodb/clock.json", 400, { NULL }, AWSERR_SKEWED, EKEYREJECTED, "InvalidSignatureException", "clock" },
		{ "dynamodb/wrong-secret.json", 400, { NULL }, AWSERR_REJECTED, EKEYREJECTED, "InvalidSignatureException", "secret key" },
		{ "dynamodb/throttled.json", 400, { NULL }, AWSERR_THROTTLED, EBUSY, "ProvisionedThroughputExceededException", "too many" },
		{ "dynamodb/no-table.json", 400, { NULL }, AWSERR_NOT_FOUND, ENOENT, "ResourceNotFoundException", "Table: x not found" },
		{ "dynamodb/code-member.json", 400, { NULL }, AWSERR_OTHER, EREMOTEIO, "ValidationException", "bad" },
		{ "dynamodb/code-member.json", 400, { type, "ThrottlingException:http://internal.amazon.com/coral/#x" }, AWSERR_THROTTLED, EBUSY, "ThrottlingException", "too many" },
		{ "dynamodb/nested.json", 503, { NULL }, AWSERR_TRANSIENT, EREMOTEIO, "ServiceUnavailableException", "later" },
		{ "dynamodb/wrong-types.json", 500, { NULL }, AWSERR_TRANSIENT, EREMOTEIO, "HTTP 500", "try again" },
		{ NULL, 301, { region, "eu-west-1" }, AWSERR_REGION, EREMOTEIO, "HTTP 301", "to eu-west-1" },
		{ NULL, 302, { NULL }, AWSERR_FOREIGN, EBADMSG, "HTTP 302", "login page" },
		{ NULL, 302, { id, "1" }, AWSERR_OTHER, EREMOTEIO, "HTTP 302", "refused" },
		{ "s3/proxy.html", 403, { NULL }, AWSERR_FOREIGN, EBADMSG, "HTTP 403", "none of AWS's (HTTP 403)" },
		{ "s3/proxy.html", 404, { NULL }, AWSERR_FOREIGN, EBADMSG, "HTTP 404", "`endpoint_url'" },
		{ NULL, 400, { region, "eu-west-1" }, AWSERR_REGION, EREMOTEIO, "HTTP 400", "to eu-west-1" },
		{ NULL, 400, { region, "evil.example.com/" }, AWSERR_FOREIGN, EBADMSG, "HTTP 400", "none of" },
		{ NULL, 401, { NULL }, AWSERR_FOREIGN, EBADMSG, "HTTP 401", "none of AWS's" },
		{ NULL, 401, { id, "1" }, AWSERR_REJECTED, EKEYREJECTED, "HTTP 401", "rejected" },
		{ NULL, 403, { id, "1" }, AWSERR_DENIED, EACCES, "HTTP 403", "access denied (HTTP 403): " },
		{ NULL, 404, { json_id, "1" }, AWSERR_NOT_FOUND, ENOENT, "HTTP 404", "not found" },
		{ NULL, 429, { NULL }, AWSERR_THROTTLED, EBUSY, "HTTP 429", "too many" },
		{ NULL, 503, { NULL }, AWSERR_TRANSIENT, EREMOTEIO, "HTTP 503", "try again" },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		refusal_check(&list[i]);
}

static void test_headers(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
		{ "1500", 1500 },
		{ "0", 0 },
		{ "", 0 },
		{ "soon", 0 },
		{ "-5", 0 },
		{ "99999999999999999999", 0 },
		{ "3600001", 3600000 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_http_answer_ struct http_answer answer = { .status = 503 };
		struct awserr awserr;

		assert_int_equal(http_headers_add(&answer.headers, "x-amz-retry-after",
					 rows[i].text),
			0);
		assert_int_equal(http_headers_add(&answer.headers, "date",
					 "Sun, 06 Nov 1994 08:49:37 GMT"),
			0);
		awserr_read(&answer, now, &awserr);
		assert_int_equal(awserr.retry_after_ms, rows[i].ms);
		assert_int_equal(awserr.server_time, now);
	}
}

static void test_good_answers(void **state)
{
	_cleanup_http_answer_ struct http_answer answer = { .status = 200 };

	(void)state;
	assert_false(awserr_is_refusal(&answer));
	slurp("s3/list.xml", &answer.body);
	assert_false(awserr_is_refusal(&answer));
	buf_clear(&answer.body);
	buf_adds(&answer.body, "<not xml");
	assert_false(awserr_is_refusal(&answer));
	buf_clear(&answer.body);
	buf_adds(&answer.body, "<Error>");
	assert_true(awserr_is_refusal(&answer));
	/* an object whose content only looks like one */
	assert_int_equal(http_headers_add(&answer.headers, "etag", "\"1\""), 0);
	assert_false(awserr_is_refusal(&answer));
}

static void test_clean(void **state)
{
	/* clang-format off */
	static const struct {
		const char *text, *clean;
	} rows[] = {
		{ "", "" },
		{ "  a \r\n\t b  ", "a b" },
		{ "a\x1b[31mb\x7f" "c", "a [31mb c" },
		{ "caf\xc3\xa9 \xe2\x80\xae!", "caf? ?!" },
		{ "key wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY.", "key ...." },
		{ "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKE" },
		{ "wJalrXUtnFEMI%2FK7MDENG%2bPxRfiCYEXAMPLEKEY", "..." },
		{ "(AKIAIOSFODNN7EXAMPLE)", "(...MPLE)" },
		{ "ASIAIOSFODNN7EXAMPLEXYZ1", "...XYZ1" },
		{ "AKIAIOSFODNN7EXAMPL", "AKIAIOSFODNN7EXAMPL" },
		{ "xAKIAIOSFODNN7EXAMPLE", "x...MPLE" },
		{ "XAKIAIOSFODNN7EXAMPLE", "X...MPLE" },
		{ "_bcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123/tail_x/y z", "... z" },
		{ "role/AWSReservedSSO_ReadOnlyAccess_0123456789abcdef", "role/AWSReservedSSO_ReadOnlyAccess_0123456789abcdef" },
		{ "aoa_BCDEFGHIJ-KLMNOPQRSTUVWXYZ_abcdefghijklm-nopqrstuvwxyz-0123456789 x", "... x" },
	};
	/* clang-format on */
	char got[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		errtext_clean(rows[i].text, got, sizeof(got));
		assert_string_equal(got, rows[i].clean);
	}
	/* a secret at the very end of the room is not cut into something short */
	errtext_clean("12345 wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", got, 12);
	assert_string_equal(got, "12345 ...");
	errtext_clean("12345 wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", got, 8);
	assert_string_equal(got, "12345");
}

static void test_code(void **state)
{
	/* clang-format off */
	static const struct {
		const char *text, *code;
	} rows[] = {
		{ "AccessDenied", "AccessDenied" },
		{ "com.amazon.coral.service#AccessDeniedException", "AccessDeniedException" },
		{ "a#b#FooError:http://x/#y", "FooError" },
		{ "ServerSideEncryptionConfigurationNotFoundError", "ServerSideEncryptionConfigurationNotFoundError" },
		{ "InvalidInstanceID.NotFound", "InvalidInstanceID.NotFound" },
		{ "", "" },
		{ "#", "" },
		{ ":x", "" },
		{ "two words", "" },
		{ "caf\xc3\xa9", "" },
		{ "wJalrXUtnFEMI1K7MDENGxbPxRfiCYEXAMPLEKEY", "" },
		{ "AKIAIOSFODNN7EXAMPLE", "" },
	};
	/* clang-format on */
	char got[ERR_CODE_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		errtext_code(rows[i].text, got, sizeof(got));
		assert_string_equal(got, rows[i].code);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_good_answers),
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
