#include "text/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct slice text_of(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

static void characters_are_read(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		uint32_t c;
	} rows[] = {
		{ "a", 1, 'a' },
		{ "\xc3\xa9x", 2, 0xe9 },
		{ "\xe2\x80\x8b", 3, 0x200b },
		{ "\xf0\x9f\x98\x80", 4, 0x1f600 },
		{ "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
		{ "\xf4\x90\x80\x80", 0, 0 },
		{ "\xc0\x80", 0, 0 },
		{ "\xe0\x80\x80", 0, 0 },
		{ "\xed\xa0\x80", 0, 0 },
		{ "\x80", 0, 0 },
		{ "\xff", 0, 0 },
		{ "\xe2\x80", 0, 0 },
		{ "\xc3(", 0, 0 },
		{ "", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint32_t c = 0;

		assert_int_equal(utf8_first(text_of(rows[i].text), &c), rows[i].len);
		assert_int_equal(c, rows[i].c);
		assert_int_equal(utf8_is_valid(text_of(rows[i].text)),
			rows[i].len > 0 || !rows[i].text[0]);
	}
}

static void the_last_character_is_found(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} rows[] = {
		{ "ab", 1 },
		{ "a\xc2\xa0", 2 },
		{ "\xa0\xa0", 0 },
		{ "a\xa0", 0 },
		{ "x\xe3\x80\x80", 3 },
		{ "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint32_t c = 0;

		assert_int_equal(utf8_last(text_of(rows[i].text), &c), rows[i].len);
	}
}

/* Against the definition: some bytes behind make it a character. */
static void unfinished_is_what_can_be_finished(void **state)
{
	uint32_t c;

	(void)state;
	for (unsigned a = 0; a < 256; a++) {
		bool one = false;

		for (unsigned b = 0; b < 256; b++) {
			char text[] = { (char)a, (char)b, '\0', '\0' };
			bool two = false;

			if (utf8_first((struct slice){ text, 2 }, &c) == 2)
				one = true;
			for (unsigned d = 0x80; d < 0xc0; d++) {
				text[2] = (char)d;
				text[3] = '\x80';
				if (utf8_first((struct slice){ text, 4 }, &c) > 2)
					two = true;
			}
			assert_int_equal(
				utf8_is_unfinished((struct slice){ text, 2 }), two);
			one = one || two;
		}
		assert_int_equal(
			utf8_is_unfinished((struct slice){ (char[]){ (char)a }, 1 }),
			one);
	}
	assert_true(utf8_is_unfinished(text_of("\xf0\x9f\x98")));
	assert_false(utf8_is_unfinished(text_of("\xf0\x9f(")));
}

static void blanks_are_those_of_all_scripts(void **state)
{
	size_t count = 0;

	(void)state;
	for (uint32_t c = 0; c <= 0x10ffff; c++)
		count += utf8_is_blank(c);
	assert_int_equal(count, 29); /* as many as Python's str.isspace() knows */
	assert_true(utf8_is_blank(0xa0));
	assert_false(utf8_is_blank(0x200b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(characters_are_read),
		cmocka_unit_test(the_last_character_is_found),
		cmocka_unit_test(unfinished_is_what_can_be_finished),
		cmocka_unit_test(blanks_are_those_of_all_scripts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
