#include "text/time.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct row {
	const char *text;
	int64_t time; /* -1: refused */
};

typedef int parse_fn(struct slice text, int64_t *ret_time);

static void check(parse_fn *parse, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct slice text = { rows[i].text, strlen(rows[i].text) };
		int64_t time = -1;
		int r = parse(text, &time);

		if (time != rows[i].time || r != (rows[i].time == -1 ? -EINVAL : 0))
			fail_msg("`%s': %d, %lld", rows[i].text, r, (long long)time);
	}
}

static void test_parse(void **state)
{
	static const struct row rows[] = {
		{ "2015-08-30T12:36:00Z", 1440938160 },
		{ "2015-08-30t12:36:00z", 1440938160 },
		{ "2015-08-30T12:36:00.000Z", 1440938160 },
		{ "2015-08-30T12:36:00.999999999Z", 1440938160 },
		{ "2015-08-30T12:36:00,5Z", 1440938160 },
		{ "2015-08-30T12:36:00UTC", 1440938160 },
		{ "2015-08-30T12:36:00+00:00", 1440938160 },
		{ "2015-08-30T12:36:00+0000", 1440938160 },
		{ "2015-08-30T12:36:00-00", 1440938160 },
		{ "2015-08-30T14:36:00+02:00", 1440938160 },
		{ "2015-08-30T07:06:00-0530", 1440938160 },
		{ "2015-08-30T12:36:00", 1440938160 },
		{ "2015-08-30 12:36:00", 1440938160 },
		{ "2015-08-30 12:36:00 UTC", 1440938160 },
		{ "2015-08-30 12:36:00 +0000 UTC", 1440938160 },
		{ "2015-08-30 12:36:00.123 +0000 UTC", 1440938160 },
		{ " 2015-08-30T12:36:00Z\n", 1440938160 },
		{ "1440938160", 1440938160 },
		{ "1440938160.75", 1440938160 },
		{ "1440938160123", 1440938160 },
		{ "0", 0 },
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2000-02-29T00:00:00Z", 951782400 },
		{ "2016-12-31T23:59:60Z", 1483228800 },
		{ "9999-12-31T23:59:59Z", 253402300799 },
		{ "0000-01-01T00:00:00Z", -62167219200 },
		{ "", -1 },
		{ " ", -1 },
		{ "never", -1 },
		{ "-1", -1 },
		{ "1440938160.", -1 },
		{ "14409381601234", -1 },
		{ "1e9", -1 },
		{ "2015-08-30", -1 },
		{ "2015-08-30T12:36", -1 },
		{ "2015-08-30T12:36:00.Z", -1 },
		{ "2015-08-30T12:36:00ZZ", -1 },
		{ "2015-08-30T12:36:00CET", -1 },
		{ "2015-08-30T12:36:00+2", -1 },
		{ "2015-08-30T12:36:00+24:00", -1 },
		{ "2015-08-30T12:36:00+02:60", -1 },
		{ "2015-08-30T24:00:00Z", -1 },
		{ "2015-08-30T12:60:00Z", -1 },
		{ "2015-08-30T12:36:61Z", -1 },
		{ "2015-02-29T00:00:00Z", -1 },
		{ "1900-02-29T00:00:00Z", -1 },
		{ "2015-04-31T00:00:00Z", -1 },
		{ "2015-00-01T00:00:00Z", -1 },
		{ "2015-13-01T00:00:00Z", -1 },
		{ "2015-01-00T00:00:00Z", -1 },
		{ "15-08-30T12:36:00Z", -1 },
		{ "20150830T123600Z", -1 },
	};

	(void)state;
	check(time_parse, rows, ARRAY_SIZE(rows));
}

static void test_parse_http(void **state)
{
	static const struct row rows[] = {
		{ "Sun, 06 Nov 1994 08:49:37 GMT", 784111777 },
		{ "Thu, 01 Jan 1970 00:00:00 GMT", 0 },
		{ "Sun, 06 Nov 1994 08:49:37", -1 },
		{ "Sun, 06 Nov 1994 08:49:37 UTC", -1 },
		{ "Sun, 6 Nov 1994 08:49:37 GMT", -1 },
		{ "Sunday, 06-Nov-94 08:49:37 GMT", -1 },
		{ "Sun Nov  6 08:49:37 1994", -1 },
		{ "Sun, 31 Nov 1994 08:49:37 GMT", -1 },
		{ "Sun, 06 Nev 1994 08:49:37 GMT", -1 },
		{ "Xxx, 06 Nov 1994 08:49:37 GMT", -1 },
		{ "Sun,", -1 },
		{ "Sun, 06 No", -1 },
		{ "", -1 },
	};

	(void)state;
	check(time_parse_http, rows, ARRAY_SIZE(rows));
}

static void test_parse_amz(void **state)
{
	static const struct row rows[] = {
		{ "20150830T123600Z", 1440938160 },
		{ "19700101T000000Z", 0 },
		{ "20150830T123600", -1 },
		{ "20150830T123600Z ", -1 },
		{ "20150832T123600Z", -1 },
		{ "2015-08-30T12:36:00Z", -1 },
		{ "", -1 },
	};

	(void)state;
	check(time_parse_amz, rows, ARRAY_SIZE(rows));
}

static void test_print(void **state)
{
	static const struct {
		int64_t time;
		const char *text, *amz;
	} rows[] = {
		{ 1440938160, "2015-08-30T12:36:00Z", "20150830T123600Z" },
		{ 0, "1970-01-01T00:00:00Z", "19700101T000000Z" },
		{ -1, "1969-12-31T23:59:59Z", "19691231T235959Z" },
		{ 951782400, "2000-02-29T00:00:00Z", "20000229T000000Z" },
		{ INT64_MAX, "9999-12-31T23:59:59Z", "99991231T235959Z" },
		{ INT64_MIN, "0000-01-01T00:00:00Z", "00000101T000000Z" },
	};
	char text[TIME_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		time_print(rows[i].time, text);
		assert_string_equal(text, rows[i].text);
		time_print_amz(rows[i].time, text);
		assert_string_equal(text, rows[i].amz);
	}
}

/* All the years that four digits can say, there and back. */
static void test_round_trip(void **state)
{
	(void)state;
	for (int64_t time = -62167219200; time <= 253402300799;
		time += 8 * 86400 + 3607) {
		char text[TIME_SIZE];
		int64_t back = 0;

		time_print(time, text);
		assert_int_equal(
			time_parse((struct slice){ text, strlen(text) }, &back), 0);
		assert_int_equal(back, time);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_http),
		cmocka_unit_test(test_parse_amz),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
