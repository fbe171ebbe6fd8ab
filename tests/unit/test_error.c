/* core_note_error() and core_error(): what an account's `error` file tells. */
#include "acct/core.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "io/clock.h"
#include "support/clock_shift.h"
#include "text/time.h"

static int setup(void **state)
{
	const struct core_settings settings = {
		.credentials_path = "/nowhere/credentials",
		.config_path = "/nowhere/config",
	};

	return core_new(&settings, (struct core **)state, NULL);
}

static int teardown(void **state)
{
	(void)core_free(*state);
	return 0;
}

static bool note(struct core *core, const char *account, int errnum, const char *text)
{
	struct err err = ERR_INIT;

	(void)err_set(&err, errnum, "%s", text);
	return core_note_error(core, account, &err);
}

/* The account's error without its time, checked to be @when. */
static void check(struct core *core, const char *account, int64_t when, const char *text)
{
	_cleanup_buf_ struct buf out = BUF_INIT;
	_cleanup_buf_ struct buf wanted = BUF_INIT;
	char printed[TIME_SIZE];
	int64_t time = 0;

	core_error(core, account, &out, &time);
	time_print(time, printed);
	buf_addf(&wanted, "%s %s\n", printed, text);
	assert_string_equal(buf_text(&out), buf_text(&wanted));
	assert_true(time >= when && time <= when + 5);
}

static void test_none(void **state)
{
	_cleanup_buf_ struct buf out = BUF_INIT;
	int64_t time = 4711;

	core_error(*state, "p", &out, &time);
	assert_int_equal(out.len, 0);
	assert_int_equal(time, 4711);
}

static void test_last_one_counts(void **state)
{
	int64_t first = clock_now();

	note(*state, "p", EIO, "one");
	check(*state, "p", first, "one");
	clock_forward(60000);
	note(*state, "p", EIO, "two");
	check(*state, "p", first + 60, "two");
	/* and is added to what is there */
	clock_forward(60000);
	note(*state, "q", EIO, "three");
	check(*state, "p", first + 60, "two");
	check(*state, "q", first + 120, "three");
}

/* The time is that of the last one; whether it is news depends on what came in between. */
static void test_same_one_again(void **state)
{
	int64_t first = clock_now();

	core_note_success(*state, "p");
	assert_true(note(*state, "p", EIO, "one"));
	clock_forward(60000);
	assert_false(note(*state, "p", EIO, "one"));
	check(*state, "p", first + 60, "one");
	assert_true(note(*state, "p", EIO, "two"));
	assert_true(note(*state, "p", EIO, "one"));
	assert_false(note(*state, "p", EIO, "one"));
	core_note_success(*state, "q");
	assert_false(note(*state, "p", EIO, "one"));
	core_note_success(*state, "p");
	check(*state, "p", first + 60, "one");
	assert_true(note(*state, "p", EIO, "one"));
}

static void test_long_text(void **state)
{
	char text[2 * ERR_TEXT_SIZE];
	struct err err = ERR_INIT;

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	(void)err_set(&err, EIO, "%s", text);
	core_note_error(*state, "p", &err);
	check(*state, "p", clock_now(), err.text);
}

static void *note_often(void *arg)
{
	char account[16];

	for (int i = 0; i < 500; i++) {
		_cleanup_buf_ struct buf out = BUF_INIT;
		int64_t time;

		(void)snprintf(account, sizeof(account), "p%d", i % 50);
		note(arg, account, EIO, i % 3 ? "one" : "another");
		core_error(arg, account, &out, &time);
	}
	return NULL;
}

static void test_threads(void **state)
{
	pthread_t threads[4];

	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, note_often, *state), 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		(void)pthread_join(threads[i], NULL);
	check(*state, "p49", clock_now() - 5, "one");
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_none),
		CASE(test_last_one_counts),
		CASE(test_same_one_again),
		CASE(test_long_text),
		CASE(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
