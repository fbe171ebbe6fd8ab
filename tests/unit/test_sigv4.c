/* Runs its own cases, or, with arguments, every signing vector of those files: an array
 * of objects with the members read in vector_run(). */
#include "aws/sigv4.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "text/json.h"
#include "text/time.h"

static int slurp(const char *path, struct buf *out)
{
	FILE *file = fopen(path, "rb");
	char piece[4096];
	size_t n;

	if (!file)
		return -errno;
	while ((n = fread(piece, 1, sizeof(piece), file)) > 0)
		buf_add(out, piece, n);
	(void)fclose(file);
	return buf_err(out);
}

/* ---- vectors */

static const char *text_of(
	const struct json *vector, const char *name, const char *missing)
{
	const char *text = json_text(json_member(vector, name));

	return text ? text : missing;
}

static bool bool_of(const struct json *vector, const char *name)
{
	bool value = false;

	(void)json_bool(json_member(vector, name), &value);
	return value;
}

static int secret_of(const struct json *vector, const char *name, struct secret *out)
{
	const char *text = text_of(vector, name, "");

	return *text ? secret_set(out, text, strlen(text)) : 0;
}

static int vector_request(const struct json *vector, struct http_request *request)
{
	const struct json *headers = json_member(vector, "headers");
	const char *path = text_of(vector, "path", "/"),
		   *query = text_of(vector, "query", "");
	int r = 0;

	request->method = text_of(vector, "method", "GET");
	buf_adds(&request->target, *path ? path : "/");
	if (*query)
		buf_addf(&request->target, "?%s", query);
	buf_adds(&request->body, text_of(vector, "body", ""));
	r = uri_parse("https://example.amazonaws.com", &request->origin, NULL);
	for (size_t i = 0; !r && i < json_count(headers); i++) {
		const struct json *pair = json_element(headers, i);
		const char *name = json_text(json_element(pair, 0));
		const char *value = json_text(json_element(pair, 1));

		r = name && value ? http_headers_add(&request->headers, name, value)
				  : -EINVAL;
	}
	return r;
}

/* Equal but for line ends at the end and blanks behind commas of an Authorization. */
static bool stage_is_same(const char *expected, const char *got, bool authorization)
{
	while (*expected && *got) {
		if (*expected != *got)
			return false;
		expected++;
		got++;
		if (authorization && expected[-1] == ',') {
			expected += strspn(expected, " ");
			got += strspn(got, " ");
		}
	}
	expected += strspn(expected, "\n");
	return !*expected && !*got;
}

static unsigned stage_check(
	const struct json *vector, const char *stage, const char *got, unsigned *checked)
{
	char member[64];
	const char *expected;

	(void)snprintf(member, sizeof(member), "expected_%s", stage);
	expected = text_of(vector, member, NULL);
	if (!expected)
		return 0;
	(*checked)++;
	if (stage_is_same(expected, got ? got : "", strcmp(stage, "authorization") == 0))
		return 0;
	printf("FAILED %s: %s\n--- expected\n%s\n--- got\n%s\n---\n",
		text_of(vector, "name", "?"), stage, expected, got ? got : "(nothing)");
	return 1;
}

/* Gives the number of faults. */
static unsigned vector_run(const struct json *vector)
{
	const char *name = text_of(vector, "name", "?");
	const char *stamp = text_of(vector, "timestamp", "");
	_cleanup_http_request_ struct http_request request = HTTP_REQUEST_INIT;
	_cleanup_creds_ struct creds creds = CREDS_INIT;
	_cleanup_buf_ struct buf canonical = BUF_INIT, to_sign = BUF_INIT;
	struct sigv4_stages stages = { &canonical, &to_sign };
	struct sigv4_scope scope = {
		.region = text_of(vector, "region", ""),
		.service = text_of(vector, "service", ""),
		.normalize_path = bool_of(vector, "normalize_path"),
		.double_encode = bool_of(vector, "double_encode"),
		.sign_body = bool_of(vector, "sign_body"),
		.omit_token = bool_of(vector, "omit_session_token"),
	};
	struct err err = ERR_INIT;
	unsigned faults = 0, checked = 0;
	int64_t now = 0;

	if (time_parse_amz((struct slice){ stamp, strlen(stamp) }, &now) ||
		vector_request(vector, &request) ||
		secret_of(vector, "access_key", &creds.key_id) ||
		secret_of(vector, "secret_key", &creds.secret_key) ||
		secret_of(vector, "session_token", &creds.token)) {
		printf("FAILED %s: not a vector\n", name);
		return 1;
	}
	/* a hash given is signed as it is, such as UNSIGNED-PAYLOAD */
	if (http_headers_get(&request.headers, "x-amz-content-sha256"))
		scope.sign_body = false;
	if (sigv4_sign(&request, &creds, &scope, now, &stages, &err)) {
		printf("FAILED %s: %s\n", name, err.text);
		return 1;
	}
	faults +=
		stage_check(vector, "canonical_request", buf_text(&canonical), &checked);
	faults += stage_check(vector, "string_to_sign", buf_text(&to_sign), &checked);
	faults += stage_check(vector, "authorization",
		http_headers_get(&request.headers, "Authorization"), &checked);
	if (!checked)
		printf("FAILED %s: it expects nothing\n", name);
	return checked ? faults : 1;
}

static unsigned file_run(const char *path)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	_cleanup_json_ struct json *root = NULL;
	struct err err = ERR_INIT;
	unsigned faults = 0, failed = 0;
	int r = slurp(path, &text);

	if (r) {
		printf("FAILED %s: %s\n", path, strerror(-r));
		return 1;
	}
	if (json_parse((struct slice){ buf_text(&text), text.len }, &root, &err)) {
		printf("FAILED %s: %s\n", path, err.text);
		return 1;
	}
	for (size_t i = 0; i < json_count(root); i++) {
		unsigned more = vector_run(json_element(root, i));

		faults += more;
		failed += more > 0;
	}
	printf("%s: %zu vectors, %u failed\n", path, json_count(root), failed);
	return json_count(root) ? faults : 1;
}

/* ---- cases of our own */

static void test_published_examples(void **state)
{
	char path[4096];

	(void)state;
	(void)snprintf(
		path, sizeof(path), "%s/sigv4/aws-docs.json", getenv("ACCTFS_TEST_DATA"));
	assert_int_equal(file_run(path), 0);
}

static struct creds some_creds(const char *token)
{
	struct creds creds = CREDS_INIT;

	assert_int_equal(secret_set(&creds.key_id, "AKIDEXAMPLE", 11), 0);
	assert_int_equal(secret_set(&creds.secret_key, "secret", 6), 0);
	if (token)
		assert_int_equal(secret_set(&creds.token, token, strlen(token)), 0);
	return creds;
}

static const struct sigv4_scope sts = {
	.region = "us-east-1",
	.service = "sts",
	.normalize_path = true,
	.double_encode = true,
};

static const struct sigv4_scope s3 = {
	.region = "us-east-1",
	.service = "s3",
	.sign_body = true,
};

static void test_path_and_query(void **state)
{
	static const struct {
		const struct sigv4_scope *scope;
		const char *target, *path, *query;
	} rows[] = {
		{ &sts, "/", "/", "" },
		{ &sts, "//", "/", "" },
		{ &sts, "/./", "/", "" },
		{ &sts, "/a/..", "/", "" },
		{ &sts, "/a/../..", "/", "" },
		{ &sts, "/a/b/../..", "/", "" },
		{ &sts, "//a//", "/a/", "" },
		{ &sts, "/./a", "/a", "" },
		{ &sts, "/a/./../b/", "/b/", "" },
		{ &sts, "/..a/b..", "/..a/b..", "" },
		{ &sts, "/a b/", "/a%20b/", "" },
		{ &sts, "/a%20b", "/a%2520b", "" },
		{ &sts, "/\xe1\x88\xb4", "/%E1%88%B4", "" },
		{ &s3, "/", "/", "" },
		{ &s3, "//a//./../b/", "//a//./../b/", "" },
		{ &s3, "/..", "/..", "" },
		{ &s3, "/a%20b", "/a%20b", "" },
		{ &s3, "/a b\xc3\xa9", "/a%20b%C3%A9", "" },
		{ &s3, "/100%25/%", "/100%25/%25", "" },
		{ &s3, "/a+b$%4", "/a%2Bb%24%254", "" },
		{ &s3, "/?", "/", "" },
		{ &s3, "/?acl", "/", "acl=" },
		{ &s3, "/?uploads&prefix=x", "/", "prefix=x&uploads=" },
		{ &s3, "/?a=2&a=1&A=3", "/", "A=3&a=1&a=2" },
		{ &s3, "/?a-=1&a=2&a%20=3", "/", "a=2&a%20=3&a-=1" },
		{ &s3, "/?p=a/b c+\xc3\xa9", "/", "p=a%2Fb%20c%2B%C3%A9" },
		{ &s3, "/?p=%2f%7e", "/", "p=%2F~" },
		{ &s3, "/?p=a=b&&q", "/", "p=a%3Db&q=" },
		{ &s3, "/?p=1?2", "/", "p=1%3F2" },
		{ &s3, "/?%e1%88%b4=x&b=y", "/", "%E1%88%B4=x&b=y" },
		{ &s3, "/?p=%00%01", "/", "p=%00%01" },
	};
	_cleanup_creds_ struct creds creds = some_creds(NULL);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_http_request_ struct http_request request = HTTP_REQUEST_INIT;
		_cleanup_buf_ struct buf got = BUF_INIT, want = BUF_INIT;
		struct sigv4_stages stages = { .canonical_request = &got };

		buf_adds(&request.target, rows[i].target);
		assert_int_equal(
			sigv4_sign(&request, &creds, rows[i].scope, 0, &stages, NULL), 0);
		assert_string_equal(buf_text(&request.target), rows[i].target);
		buf_addf(&want, "GET\n%s\n%s\nhost:", rows[i].path, rows[i].query);
		buf_cut(&got, want.len);
		assert_string_equal(buf_text(&got), buf_text(&want));
	}
}

static void test_headers(void **state)
{
	static const char *const given[][2] = {
		{ "My-Header", "  b  " },
		{ "User-Agent", "curl" },
		{ "my-header", "\"a   b\"" },
		{ "Authorization", "old" },
		{ "X-Amz-Date", "old" },
		{ "x-amz-security-token", "old" },
		{ "MY-HEADER", "" },
		{ "Folded", "one\r\n   two\n\tthree" },
	};
	_cleanup_http_request_ struct http_request request = HTTP_REQUEST_INIT;
	_cleanup_creds_ struct creds creds = some_creds("to+ken/=");
	_cleanup_buf_ struct buf got = BUF_INIT;
	struct sigv4_stages stages = { .canonical_request = &got };

	(void)state;
	buf_adds(&request.target, "/");
	assert_int_equal(uri_parse("http://[::1]:5000", &request.origin, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(given); i++)
		assert_int_equal(
			http_headers_add(&request.headers, given[i][0], given[i][1]), 0);
	assert_int_equal(
		sigv4_sign(&request, &creds, &sts, 1440938160, &stages, NULL), 0);
	buf_cut(&got, got.len - 64);
	assert_string_equal(buf_text(&got),
		"GET\n/\n\n"
		"folded:one two three\n"
		"host:[::1]:5000\n"
		"my-header:b,\"a b\",\n"
		"x-amz-date:20150830T123600Z\n"
		"x-amz-security-token:to+ken/=\n"
		"\n"
		"folded;host;my-header;x-amz-date;x-amz-security-token\n");
	assert_string_equal(
		http_headers_get(&request.headers, "X-Amz-Date"), "20150830T123600Z");
	assert_null(http_headers_get(&request.headers, "x-amz-content-sha256"));
}

static void test_signing_again_replaces(void **state)
{
	_cleanup_http_request_ struct http_request request = HTTP_REQUEST_INIT;
	_cleanup_creds_ struct creds creds = some_creds("token");
	char first[512];
	size_t count;

	(void)state;
	buf_adds(&request.target, "/");
	assert_int_equal(sigv4_sign(&request, &creds, &s3, 1, NULL, NULL), 0);
	count = request.headers.count;
	assert_int_equal(count, 4);
	(void)snprintf(first, sizeof(first), "%s",
		http_headers_get(&request.headers, "authorization"));
	assert_int_equal(sigv4_sign(&request, &creds, &s3, 2, NULL, NULL), 0);
	assert_int_equal(request.headers.count, count);
	assert_string_not_equal(
		first, http_headers_get(&request.headers, "authorization"));
	assert_int_equal(sigv4_sign(&request, &creds, &s3, 1, NULL, NULL), 0);
	assert_string_equal(first, http_headers_get(&request.headers, "authorization"));
}

static void test_token_sent_but_not_signed(void **state)
{
	_cleanup_http_request_ struct http_request request = HTTP_REQUEST_INIT;
	_cleanup_creds_ struct creds creds = some_creds("token");
	struct sigv4_scope scope = sts;

	(void)state;
	scope.omit_token = true;
	buf_adds(&request.target, "/");
	assert_int_equal(sigv4_sign(&request, &creds, &scope, 1, NULL, NULL), 0);
	assert_string_equal(
		http_headers_get(&request.headers, "X-Amz-Security-Token"), "token");
	assert_non_null(strstr(http_headers_get(&request.headers, "Authorization"),
		"SignedHeaders=host;x-amz-date,"));
}

static void test_refusals(void **state)
{
	static const struct {
		const char *target, *key_id, *token;
	} rows[] = {
		{ "", "AKID", "t" },
		{ "x", "AKID", "t" },
		{ "?a", "AKID", "t" },
		{ "/", "", "t" },
		{ "/", "AK ID", "t" },
		{ "/", "AKID", "t\r\nX-Evil: 1" },
		{ "/", "AKID", "t\xc3\xa9" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_http_request_ struct http_request request = HTTP_REQUEST_INIT;
		_cleanup_creds_ struct creds creds = some_creds(rows[i].token);
		struct err err = ERR_INIT;

		assert_int_equal(
			secret_set(&creds.key_id, rows[i].key_id, strlen(rows[i].key_id)),
			0);
		buf_adds(&request.target, rows[i].target);
		assert_int_equal(
			sigv4_sign(&request, &creds, &sts, 1, NULL, &err), -EINVAL);
		assert_int_equal(err.errnum, EINVAL);
		assert_null(strstr(err.text, "X-Evil"));
		assert_null(http_headers_get(&request.headers, "Authorization"));
	}
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published_examples),
		cmocka_unit_test(test_path_and_query),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_signing_again_replaces),
		cmocka_unit_test(test_token_sent_but_not_signed),
		cmocka_unit_test(test_refusals),
	};
	unsigned faults = 0;

	for (int i = 1; i < argc; i++)
		faults += file_run(argv[i]);
	if (argc > 1)
		return faults ? 1 : 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
