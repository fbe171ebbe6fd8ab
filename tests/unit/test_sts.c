#include "aws/sts.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/fixture.h"

#define ANSWER(inside)                                                \
	"<GetCallerIdentityResponse><GetCallerIdentityResult>" inside \
	"</GetCallerIdentityResult></GetCallerIdentityResponse>"
#define ARN	"<Arn>arn:aws:iam::123456789012:user/u</Arn>"
#define ACCOUNT "<Account>123456789012</Account>"
#define USER	"<UserId>AIDA</UserId>"

static void request(void **state)
{
	_cleanup_aws_request_ struct aws_request request = AWS_REQUEST_INIT;

	(void)state;
	assert_int_equal(sts_identity_request(&request, NULL), 0);
	assert_string_equal(request.operation, "GetCallerIdentity");
	assert_null(request.method);
	assert_int_equal(request.target.len, 0);
	assert_string_equal(
		buf_text(&request.body), "Action=GetCallerIdentity&Version=2011-06-15");
}

static void good_answers(void **state)
{
	static const struct {
		const char *file;
		struct sts_identity identity;
	} cases[] = {
		{ "sts/identity-aws.xml",
			{ "123456789012",
				"arn:aws:sts::123456789012:assumed-role/reader/"
				"alice@example.org",
				"AROAEXAMPLEEXAMPLEEXA:alice@example.org" } },
		{ "sts/identity-emulator.xml",
			{ "000000000000", "arn:aws:iam::000000000000:root",
				"AKIAIOSFODNN7EXAMPLE" } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_buf_ struct buf body = BUF_INIT;
		struct sts_identity identity;

		fixture_read(cases[i].file, &body);
		assert_int_equal(
			sts_identity_reply((struct slice){ buf_text(&body), body.len },
				&identity, NULL),
			0);
		assert_string_equal(identity.account, cases[i].identity.account);
		assert_string_equal(identity.arn, cases[i].identity.arn);
		assert_string_equal(identity.user_id, cases[i].identity.user_id);
	}
}

static void bad_answers(void **state)
{
	static const char *const cases[] = {
		"",
		"not xml",
		"<html><body>Please log in</body></html>",
		"<ErrorResponse/>",
		ANSWER(""),
		ANSWER(ARN USER),
		ANSWER(ACCOUNT USER),
		ANSWER(ACCOUNT ARN),
		ANSWER(ARN USER "<Account>12345678901</Account>"),
		ANSWER(ARN USER "<Account>1234567890123</Account>"),
		ANSWER(ARN USER "<Account>12345678901234567890</Account>"),
		ANSWER(ARN USER "<Account>12345678901x</Account>"),
		ANSWER(ARN USER "<Account>../../../etc</Account>"),
		ANSWER(ACCOUNT USER "<Arn>urn:aws</Arn>"),
		ANSWER(ACCOUNT USER "<Arn>arn:aws:a\nb</Arn>"),
		ANSWER(ACCOUNT USER "<Arn>arn:aws:\xc3\xa9</Arn>"),
		ANSWER(ACCOUNT ARN "<UserId>a&#10;b</UserId>"),
		"<GetCallerIdentityResult>" ARN ACCOUNT USER "</GetCallerIdentityResult>",
		"<GetCallerIdentityResponse>" ARN ACCOUNT USER
		"</GetCallerIdentityResponse>",
		"<!DOCTYPE a>" ANSWER(ARN ACCOUNT USER),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sts_identity identity = { .account = "before" };
		struct err err = ERR_INIT;

		assert_int_equal(
			sts_identity_reply((struct slice){ cases[i], strlen(cases[i]) },
				&identity, &err),
			-EBADMSG);
		assert_int_equal(err.errnum, EBADMSG);
		assert_string_equal(identity.account, "before");
	}
}

static void arn_too_long(void **state)
{
	_cleanup_buf_ struct buf body = BUF_INIT;
	struct sts_identity identity;

	(void)state;
	buf_adds(&body, "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:");
	for (int i = 0; i < 2100; i++)
		buf_addc(&body, 'a');
	buf_adds(&body, "</Arn>" ACCOUNT USER "</GetCallerIdentityResult>"
			"</GetCallerIdentityResponse>");
	assert_int_equal(sts_identity_reply((struct slice){ buf_text(&body), body.len },
				 &identity, NULL),
		-EBADMSG);
}

static void call(void **state)
{
	_cleanup_buf_ struct buf good = BUF_INIT, expired = BUF_INIT;
	struct fixture fixture;
	struct sts_identity identity;
	struct aws_meta meta;

	(void)state;
	fixture_read("sts/identity-aws.xml", &good);
	fixture_read("sts/expired.xml", &expired);
	const struct http_step steps[] = {
		{ .body = buf_text(&good) },
		{ .status = 403, .body = buf_text(&expired) },
		{ .body = "<html></html>" },
	};
	fixture_init(&fixture, ENDPOINT_STS, steps, ARRAY_SIZE(steps));
	assert_int_equal(
		sts_identity(fixture.aws, &fixture.scope, &identity, &meta, &fixture.err),
		0);
	assert_string_equal(identity.account, "123456789012");
	assert_int_equal(meta.attempts, 1);
	assert_int_equal(meta.took_ms, 7);
	assert_int_equal(
		sts_identity(fixture.aws, &fixture.scope, &identity, NULL, &fixture.err),
		-EKEYEXPIRED);
	assert_string_equal(fixture.err.code, "ExpiredToken");
	assert_int_equal(
		sts_identity(fixture.aws, &fixture.scope, &identity, NULL, &fixture.err),
		-EBADMSG);
	assert_string_equal(fixture.err.text,
		"sts GetCallerIdentity at sts.eu-west-1.amazonaws.com: the answer is not "
		"a GetCallerIdentityResponse: check that no proxy or login page answers "
		"in "
		"its place");
	fixture_done(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request),
		cmocka_unit_test(good_answers),
		cmocka_unit_test(bad_answers),
		cmocka_unit_test(arn_too_long),
		cmocka_unit_test(call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
