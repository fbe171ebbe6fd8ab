#include "acct/status.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "aws/awserr.h"
#include "text/json.h"

static const struct {
	enum status_state state;
	const char *name;
} states[] = {
	{ STATUS_VALID, "valid" },
	{ STATUS_EXPIRED, "expired" },
	{ STATUS_INVALID, "invalid" },
	{ STATUS_DENIED, "denied" },
	{ STATUS_MISSING, "missing" },
	{ STATUS_UNREACHABLE, "unreachable" },
	{ STATUS_SKEWED, "skewed" },
	{ STATUS_MISCONFIGURED, "misconfigured" },
};

static void test_classify(void **state)
{
	static const struct {
		int errnum;
		bool asked;
		const char *code;
		enum status_state is;
	} rows[] = {
		{ 0, true, "", STATUS_VALID },
		{ EKEYEXPIRED, true, "ExpiredToken", STATUS_EXPIRED },
		{ EKEYREJECTED, true, "InvalidClientTokenId", STATUS_INVALID },
		{ EKEYREJECTED, true, "", STATUS_INVALID },
		{ EKEYREJECTED, true, AWSERR_CODE_SKEWED, STATUS_SKEWED },
		{ EACCES, true, "AccessDenied", STATUS_DENIED },
		{ EINVAL, true, "", STATUS_MISCONFIGURED },
		{ EHOSTUNREACH, true, "", STATUS_UNREACHABLE },
		{ ECONNREFUSED, true, "", STATUS_UNREACHABLE },
		{ ETIMEDOUT, true, "", STATUS_UNREACHABLE },
		{ EPROTO, true, "", STATUS_UNREACHABLE },
		{ ECONNRESET, true, "", STATUS_UNREACHABLE },
		{ EBUSY, true, "Throttling", STATUS_UNREACHABLE },
		{ EREMOTEIO, true, "HTTP 502", STATUS_UNREACHABLE },
		{ EBADMSG, true, "", STATUS_UNREACHABLE },
		{ ENOKEY, false, "", STATUS_MISSING },
		{ EINVAL, false, "", STATUS_MISCONFIGURED },
		{ EACCES, false, "", STATUS_MISCONFIGURED },
		{ EBADMSG, false, "", STATUS_MISCONFIGURED },
		{ ENOENT, false, "", STATUS_MISCONFIGURED },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err err = { .errnum = rows[i].errnum };

		(void)strcpy(err.code, rows[i].code);
		if (status_classify(&err, rows[i].asked) != rows[i].is)
			fail_msg("row %zu is not %s", i, states[rows[i].is].name);
	}
}

static void set(struct secret *secret, const char *text)
{
	assert_int_equal(secret_set(secret, text, strlen(text)), 0);
}

/* All that a good check tells; with secrets where none should be. */
static void fill(struct status *status)
{
	static const struct endpoint endpoint = {
		.uri = { .https = true, .host = "sts.eu-west-1.amazonaws.com" },
		.region = "eu-west-1",
		.region_source = "config",
		.url_source = "AWS_ENDPOINT_URL_STS",
	};

	*status = (struct status)STATUS_INIT;
	status->state = STATUS_VALID;
	status->profile = strdup("123456789012_Admin");
	(void)strcpy(status->identity.account, "123456789012");
	(void)strcpy(status->identity.arn, "arn:aws:sts::123456789012:assumed-role/r/me");
	(void)strcpy(status->identity.user_id, "AROAEXAMPLE:me");
	status->endpoint = endpoint;
	status->has_session = true;
	(void)strcpy(status->session.key_tail, "ERTY");
	(void)strcpy(status->session.key_account, "123456789012");
	status->session.expires = 1440938160;
	status->source_path = strdup("/home/me/.aws/credentials");
	status->checked = 1440930000;
	status->latency_ms = 42;
	set(&status->session.creds.key_id, "ASIARZPUZDIKAAQWERTY");
	set(&status->session.creds.secret_key, "the-secret-key");
	set(&status->session.creds.token, "the-session-token");
}

/* What every form of a status must not hold. */
static void check_no_secret(const char *text)
{
	assert_null(strstr(text, "ASIA"));
	assert_null(strstr(text, "the-secret-key"));
	assert_null(strstr(text, "the-session-token"));
}

static void test_print_valid(void **state)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	struct status status;

	(void)state;
	fill(&status);
	buf_adds(&status.warnings, "one thing\nanother \"thing\"\n");
	status_print(&status, &text);
	assert_string_equal(buf_text(&text),
		"state: valid\n"
		"account: 123456789012\n"
		"arn: arn:aws:sts::123456789012:assumed-role/r/me\n"
		"user_id: AROAEXAMPLE:me\n"
		"profile: 123456789012_Admin\n"
		"region: eu-west-1\n"
		"region_source: config\n"
		"endpoint: https://sts.eu-west-1.amazonaws.com\n"
		"endpoint_source: AWS_ENDPOINT_URL_STS\n"
		"key_tail: ERTY\n"
		"key_account: 123456789012\n"
		"source: /home/me/.aws/credentials\n"
		"expires: 2015-08-30T12:36:00Z\n"
		"checked: 2015-08-30T10:20:00Z\n"
		"latency_ms: 42\n"
		"warning: one thing\n"
		"warning: another \"thing\"\n");
	check_no_secret(buf_text(&text));
	status_done(&status);
	status_done(&status);
}

static void test_json_valid(void **state)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	struct status status;

	(void)state;
	fill(&status);
	buf_adds(&status.warnings, "one thing\nanother \"thing\"\n");
	assert_int_equal(status_print_json(&status, &text, NULL), 0);
	assert_string_equal(buf_text(&text),
		"{\n"
		"  \"state\": \"valid\",\n"
		"  \"account\": \"123456789012\",\n"
		"  \"arn\": \"arn:aws:sts::123456789012:assumed-role/r/me\",\n"
		"  \"user_id\": \"AROAEXAMPLE:me\",\n"
		"  \"profile\": \"123456789012_Admin\",\n"
		"  \"region\": \"eu-west-1\",\n"
		"  \"region_source\": \"config\",\n"
		"  \"endpoint\": \"https://sts.eu-west-1.amazonaws.com\",\n"
		"  \"endpoint_source\": \"AWS_ENDPOINT_URL_STS\",\n"
		"  \"key_tail\": \"ERTY\",\n"
		"  \"key_account\": \"123456789012\",\n"
		"  \"source\": \"/home/me/.aws/credentials\",\n"
		"  \"expires\": \"2015-08-30T12:36:00Z\",\n"
		"  \"checked\": \"2015-08-30T10:20:00Z\",\n"
		"  \"latency_ms\": 42,\n"
		"  \"warnings\": [\n"
		"    \"one thing\",\n"
		"    \"another \\\"thing\\\"\"\n"
		"  ]\n"
		"}\n");
	check_no_secret(buf_text(&text));
	status_done(&status);
}

/* Nothing is known: no line is empty, and a latency of 0 is one. */
static void test_print_little(void **state)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	_cleanup_buf_ struct buf json = BUF_INIT;
	struct status status = STATUS_INIT;

	(void)state;
	status_print(&status, &text);
	assert_string_equal(buf_text(&text), "state: missing\n");
	assert_int_equal(status_print_json(&status, &json, NULL), 0);
	assert_string_equal(
		buf_text(&json), "{\n  \"state\": \"missing\",\n  \"warnings\": []\n}\n");
	buf_clear(&text);
	status.latency_ms = 0;
	/* of a session that was not found nothing is told */
	(void)strcpy(status.session.key_tail, "TAIL");
	status_print(&status, &text);
	assert_non_null(strstr(buf_text(&text), "latency_ms: 0\n"));
	assert_null(strstr(buf_text(&text), "TAIL"));
	status_done(&status);
}

static void test_every_state(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		_cleanup_buf_ struct buf text = BUF_INIT;
		_cleanup_buf_ struct buf json = BUF_INIT;
		_cleanup_json_ struct json *root = NULL;
		struct status status = STATUS_INIT;
		char line[64];

		status.state = states[i].state;
		if (status.state != STATUS_VALID) {
			(void)err_set(&status.err, EREMOTEIO, "sts said \"no\"");
			(void)strcpy(status.err.code, "Code");
		}
		status_print(&status, &text);
		(void)strcat(strcat(strcpy(line, "state: "), states[i].name), "\n");
		assert_int_equal(strncmp(buf_text(&text), line, strlen(line)), 0);
		assert_int_equal(status.state != STATUS_VALID,
			strstr(buf_text(&text),
				"error_code: Code\nerror: sts said \"no\"\n") != NULL);
		assert_int_equal(status_print_json(&status, &json, NULL), 0);
		assert_int_equal(json_parse((struct slice){ buf_text(&json), json.len },
					 &root, NULL),
			0);
		assert_string_equal(
			json_text(json_member(root, "state")), states[i].name);
		if (status.state == STATUS_VALID)
			assert_null(json_member(root, "error"));
		else
			assert_string_equal(
				json_text(json_member(root, "error")), "sts said \"no\"");
		status_done(&status);
	}
}

static void test_endpoint_forms(void **state)
{
	static const struct {
		struct uri uri;
		const char *line;
	} rows[] = {
		{ { .https = true, .host = "h" }, "endpoint: https://h\n" },
		{ { .https = false, .host = "h", .port = 5000 },
			"endpoint: http://h:5000\n" },
		{ { .https = true, .host = "[::1]", .port = 65535, .path = "/a/b" },
			"endpoint: https://[::1]:65535/a/b\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_buf_ struct buf text = BUF_INIT;
		struct status status = STATUS_INIT;

		status.endpoint.uri = rows[i].uri;
		status_print(&status, &text);
		/* without a region there is no endpoint */
		assert_null(strstr(buf_text(&text), "endpoint"));
		buf_clear(&text);
		(void)strcpy(status.endpoint.region, "r");
		status_print(&status, &text);
		assert_non_null(strstr(buf_text(&text), rows[i].line));
		status_done(&status);
	}
}

/* The longest of everything fits. */
static void test_limits(void **state)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	_cleanup_buf_ struct buf json = BUF_INIT;
	struct status status;
	char longest[2100];

	(void)state;
	fill(&status);
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	memcpy(status.identity.arn, longest, sizeof(status.identity.arn) - 1);
	memcpy(status.identity.user_id, longest, sizeof(status.identity.user_id) - 1);
	memcpy(status.endpoint.uri.host, longest, sizeof(status.endpoint.uri.host) - 1);
	memset(status.endpoint.uri.path, '/', sizeof(status.endpoint.uri.path) - 1);
	status.endpoint.uri.port = 65535;
	status_print(&status, &text);
	assert_non_null(strstr(buf_text(&text), "xxx:65535///"));
	assert_non_null(strstr(buf_text(&text), "////\nendpoint_source: "));
	assert_int_equal(status_print_json(&status, &json, NULL), 0);
	assert_true(json.len > text.len);
	check_no_secret(buf_text(&text));
	status_done(&status);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_classify),
		cmocka_unit_test(test_print_valid),
		cmocka_unit_test(test_json_valid),
		cmocka_unit_test(test_print_little),
		cmocka_unit_test(test_every_state),
		cmocka_unit_test(test_endpoint_forms),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
