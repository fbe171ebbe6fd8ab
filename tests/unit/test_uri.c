#include "text/uri.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct slice slice(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

static void test_encode(void **state)
{
	static const struct {
		const char *text;
		bool keep_slash;
		const char *encoded;
	} rows[] = {
		{ "", false, "" },
		{ "AZaz09-._~", false, "AZaz09-._~" },
		{ "a/b c+d%", false, "a%2Fb%20c%2Bd%25" },
		{ "a/b c+d%", true, "a/b%20c%2Bd%25" },
		{ "\xe1\x88\xb4\x01\x7f\xff", true, "%E1%88%B4%01%7F%FF" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_buf_ struct buf out = BUF_INIT, back = BUF_INIT;

		uri_encode(&out, slice(rows[i].text), rows[i].keep_slash);
		assert_string_equal(buf_text(&out), rows[i].encoded);
		uri_decode(&back, slice(rows[i].encoded));
		assert_string_equal(buf_text(&back), rows[i].text);
	}
}

static void test_decode(void **state)
{
	static const struct {
		const char *text, *decoded;
	} rows[] = {
		{ "", "" },
		{ "a+b", "a+b" },
		{ "%41%6a%6A", "Ajj" },
		{ "%", "%" },
		{ "%4", "%4" },
		{ "%4g%G4%", "%4g%G4%" },
		{ "%%41", "%A" },
		{ "%2541", "%41" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_buf_ struct buf out = BUF_INIT;

		uri_decode(&out, slice(rows[i].text));
		assert_string_equal(buf_text(&out), rows[i].decoded);
	}
}

static void test_parse(void **state)
{
	static const struct {
		const char *url, *host;
		unsigned port;
		bool https, loopback;
		const char *path, *printed;
	} rows[] = {
		{ "https://Sts.Amazonaws.COM", "sts.amazonaws.com", 0, true, false, "",
			"sts.amazonaws.com" },
		{ "HTTP://localhost:4566/", "localhost", 4566, false, true, "",
			"localhost:4566" },
		{ "https://h:443/a/b//", "h", 0, true, false, "/a/b", "h" },
		{ "http://h:80", "h", 0, false, false, "", "h" },
		{ "http://h:443", "h", 443, false, false, "", "h:443" },
		{ "http://127.0.0.1:5000/x:y", "127.0.0.1", 5000, false, true, "/x:y",
			"127.0.0.1:5000" },
		{ "http://127.255.0.9", "127.255.0.9", 0, false, true, "",
			"127.255.0.9" },
		{ "http://[::1]:5000", "[::1]", 5000, false, true, "", "[::1]:5000" },
		{ "http://[::1]", "[::1]", 0, false, true, "", "[::1]" },
		{ "http://[0:0:0:0:0:0:0:1]", "[0:0:0:0:0:0:0:1]", 0, false, true, "",
			"[0:0:0:0:0:0:0:1]" },
		{ "http://[2001:DB8::1]", "[2001:db8::1]", 0, false, false, "",
			"[2001:db8::1]" },
		{ "http://b.localhost", "b.localhost", 0, false, true, "",
			"b.localhost" },
		{ "http://notlocalhost", "notlocalhost", 0, false, false, "",
			"notlocalhost" },
		{ "http://127.0.0.1.evil.com", "127.0.0.1.evil.com", 0, false, false, "",
			"127.0.0.1.evil.com" },
		{ "http://localhost.evil.com", "localhost.evil.com", 0, false, false, "",
			"localhost.evil.com" },
		{ "http://128.0.0.1", "128.0.0.1", 0, false, false, "", "128.0.0.1" },
		{ "http://127.1", "127.1", 0, false, false, "", "127.1" },
		{ "http://my_service:1/%20", "my_service", 1, false, false, "/%20",
			"my_service:1" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_buf_ struct buf host = BUF_INIT;
		struct uri uri;

		assert_int_equal(uri_parse(rows[i].url, &uri, NULL), 0);
		assert_string_equal(uri.host, rows[i].host);
		assert_int_equal(uri.port, rows[i].port);
		assert_int_equal(uri.https, rows[i].https);
		assert_string_equal(uri.path, rows[i].path);
		assert_int_equal(uri_is_loopback(&uri), rows[i].loopback);
		uri_print_host(&uri, &host);
		assert_string_equal(buf_text(&host), rows[i].printed);
	}
}

static void test_parse_refuses(void **state)
{
	static const char *const rows[] = {
		"",
		"h",
		"ftp://h",
		"https:/h",
		"https://",
		"https:///p",
		"https://:80",
		"https://user@h",
		"https://user:hunter2@h",
		"https://h?q",
		"https://h/p?q",
		"https://h#f",
		"https://h/p#f",
		" https://h",
		"https://h ",
		"https://h/a b",
		"https://h\n",
		"https://h/\n",
		"https://h:",
		"https://h:0",
		"https://h:65536",
		"https://h:4294967376",
		"https://h:8o",
		"https://h:-1",
		"https://h:1:2",
		"https://.h",
		"https://h..i",
		"https://-h",
		"https://h\\i",
		"https://h%2e",
		"https://caf\xc3\xa9",
		"https://h/caf\xc3\xa9",
		"https://[::1",
		"https://[::1]x",
		"https://[::1]:",
		"https://[fe80::1%eth0]",
		"https://[h]",
		"https://[]",
		"https://::1",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct uri uri = { .port = 7 };
		struct err err = ERR_INIT;

		assert_int_equal(uri_parse(rows[i], &uri, &err), -EINVAL);
		assert_int_equal(uri.port, 7);
		assert_null(strstr(err.text, "hunter2"));
	}
}

static void test_limits(void **state)
{
	static const struct {
		const char *start;
		size_t len; /* of the longest that is taken */
	} rows[] = {
		{ "https://", 8 + 255 },
		{ "https://h/", 9 + 1023 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char text[2048];
		struct uri uri;

		memset(text, 'h', sizeof(text));
		memcpy(text, rows[i].start, strlen(rows[i].start));
		text[rows[i].len + 1] = '\0';
		assert_int_equal(uri_parse(text, &uri, NULL), -EINVAL);
		text[rows[i].len] = '\0';
		assert_int_equal(uri_parse(text, &uri, NULL), 0);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_encode),
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_refuses),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
