#include "text/json.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static int parse(const char *text, struct json **root, struct err *err)
{
	return json_parse((struct slice){ text, strlen(text) }, root, err);
}

static void test_readers(void **state)
{
	static const char text[] = "{\"t\":\"caf\\u00e9\",\"i\":-7,\"d\":1.7E9,\"b\":"
				   "true,\"f\":false,\"n\":null,"
				   "\"a\":[1,\"x\"],\"o\":{\"k\":\"v\"}}";
	_cleanup_json_ struct json *root = NULL;
	int64_t whole = 1;
	double number = 1;
	bool flag = false;

	(void)state;
	assert_int_equal(parse(text, &root, NULL), 0);
	assert_string_equal(json_text(json_member(root, "t")), "caf\xc3\xa9");
	assert_true(json_int64(json_member(root, "i"), &whole));
	assert_int_equal(whole, -7);
	assert_true(json_number(json_member(root, "i"), &number));
	assert_true(number == -7);
	assert_true(json_number(json_member(root, "d"), &number));
	assert_true(number == 1.7e9);
	assert_true(json_bool(json_member(root, "b"), &flag));
	assert_true(flag);
	assert_true(json_bool(json_member(root, "f"), &flag));
	assert_false(flag);
	assert_int_equal(json_count(json_member(root, "a")), 2);
	assert_string_equal(json_text(json_element(json_member(root, "a"), 1)), "x");
	assert_string_equal(json_text(json_member(json_member(root, "o"), "k")), "v");
}

static void test_readers_of_other_types(void **state)
{
	_cleanup_json_ struct json *root = NULL;
	int64_t whole = 1;
	double number = 1;
	bool flag = true;

	(void)state;
	assert_int_equal(
		parse("{\"t\":\"1\",\"d\":1.5,\"n\":null,\"a\":[]}", &root, NULL), 0);
	assert_null(json_text(root));
	assert_null(json_text(NULL));
	assert_null(json_text(json_member(root, "n")));
	assert_null(json_member(root, "missing"));
	assert_null(json_member(json_member(root, "a"), "t"));
	assert_null(json_member(NULL, "t"));
	assert_null(json_element(json_member(root, "a"), 0));
	assert_null(json_element(root, 0));
	assert_null(json_element(NULL, 0));
	assert_int_equal(json_count(root), 0);
	assert_int_equal(json_count(NULL), 0);
	assert_false(json_int64(json_member(root, "d"), &whole));
	assert_false(json_int64(json_member(root, "t"), &whole));
	assert_false(json_int64(NULL, &whole));
	assert_false(json_number(json_member(root, "t"), &number));
	assert_false(json_number(NULL, &number));
	assert_false(json_bool(json_member(root, "n"), &flag));
	assert_false(json_bool(NULL, &flag));
	assert_int_equal(whole, 1);
	assert_true(number == 1 && flag);
}

static void test_refuses(void **state)
{
	static const char *const rows[] = {
		"",
		" ",
		"hunter2",
		"{",
		"[1,]",
		"{\"a\":1,\"a\":2}",
		"{\"a\":\"hunter2}",
		"{\"hunter2\":1,\"hunter2\":2}",
		"[\"\xff\"]",
		"[1e400]",
		"[\"\\u0000\"]",
		"[] []",
		"\"text\"",
		"<xml/>",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct json *root = NULL;
		struct err err = ERR_INIT;

		assert_int_equal(parse(rows[i], &root, &err), -EBADMSG);
		assert_null(root);
		assert_null(strstr(err.text, "hunter2"));
	}
}

static void test_depth_bomb(void **state)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	struct json *root = NULL;

	(void)state;
	for (size_t i = 0; i < 100000; i++)
		buf_addc(&text, '[');
	assert_int_equal(parse(buf_text(&text), &root, NULL), -EBADMSG);
}

static void test_print(void **state)
{
	_cleanup_json_ struct json *root = json_new_object();
	_cleanup_buf_ struct buf out = BUF_INIT;
	struct json *list = json_new_array();

	(void)state;
	assert_int_equal(json_append(list, json_new_integer(1)), 0);
	assert_int_equal(json_append(list, json_new_text(NULL)), 0);
	assert_int_equal(json_set(root, "z", json_new_text("a\"\n")), 0);
	assert_int_equal(json_set(root, "a", list), 0);
	assert_int_equal(json_set(root, "m", json_new_bool(true)), 0);
	assert_int_equal(json_print(root, &out), 0);
	assert_string_equal(buf_text(&out),
		"{\n  \"z\": \"a\\\"\\n\",\n  \"a\": [\n    1,\n    null\n  ],\n"
		"  \"m\": true\n}\n");
}

static void test_makers_pass_failure_on(void **state)
{
	_cleanup_json_ struct json *root = json_new_object();

	(void)state;
	assert_int_equal(json_set(root, "k", NULL), -ENOMEM);
	assert_int_equal(json_append(root, json_new_integer(1)), -ENOMEM);
	assert_int_equal(json_set(NULL, "k", json_new_integer(1)), -ENOMEM);
	assert_null(json_unref(NULL));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_readers),
		cmocka_unit_test(test_readers_of_other_types),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_depth_bomb),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_makers_pass_failure_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
