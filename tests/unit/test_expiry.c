/* expiry: what is said of tokens that end, and when, by a clock of its own. */
#include "acct/expiry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/macro.h"

enum { MINUTE = 60, HOUR = 3600 };

static const int64_t warnings[] = { 60 * MINUTE, 15 * MINUTE, 5 * MINUTE };
static const int64_t start = 1790000000;

struct scene {
	struct expiry *expiry;
	uint64_t reading;
	int64_t now;
	char said[512]; /* since last looked at */
};

static void tell(void *arg, const struct expiry_news *news)
{
	struct scene *scene = arg;
	size_t len = strlen(scene->said);

	assert_int_equal(news->expired, news->left <= 0);
	assert_int_equal(news->expires, scene->now + news->left);
	(void)snprintf(scene->said + len, sizeof(scene->said) - len, "%s%s:%s%s:%d",
		len ? " " : "", news->profile, news->key_tail,
		news->estimated ? ":estimated" : "", (int)(news->left / MINUTE));
}

static int setup(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	scene->now = start;
	scene->expiry = expiry_new(warnings, ARRAY_SIZE(warnings), tell, scene);
	*state = scene;
	return scene->expiry ? 0 : -1;
}

static int teardown(void **state)
{
	struct scene *scene = *state;

	(void)expiry_free(scene->expiry);
	free(scene);
	return 0;
}

/* The files have that one token, which ends @expires from the start on (0: no telling). */
static void see(struct scene *scene, uint64_t fingerprint, int64_t expires)
{
	const struct expiry_token token = {
		.profile = "p",
		.fingerprint = fingerprint,
		.key_tail = "TAIL",
		.temporary = true,
		.expires = expires ? start + expires : 0,
	};

	assert_int_equal(
		expiry_see(scene->expiry, &token, 1, ++scene->reading, scene->now), 0);
}

/* The clock is at the start and @at; then @wanted is said, and no more. */
static void at(struct scene *scene, int64_t at, const char *wanted)
{
	scene->now = start + at;
	scene->said[0] = '\0';
	expiry_run(scene->expiry, scene->now);
	assert_string_equal(scene->said, wanted);
	scene->said[0] = '\0';
	expiry_run(scene->expiry, scene->now);
	assert_string_equal(scene->said, "");
}

/* The timer is set to the start and @at. */
static void waits(struct scene *scene, int64_t at)
{
	assert_int_equal(expiry_next(scene->expiry) - start, at);
}

static void test_known(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(expiry_next(scene->expiry), 0);
	see(scene, 1, 8 * HOUR);
	at(scene, 0, "");
	waits(scene, 7 * HOUR);
	at(scene, 7 * HOUR - 1, "");
	at(scene, 7 * HOUR, "p:TAIL:60");
	waits(scene, 8 * HOUR - 15 * MINUTE);
	at(scene, 8 * HOUR - 15 * MINUTE, "p:TAIL:15");
	waits(scene, 8 * HOUR - 5 * MINUTE);
	at(scene, 8 * HOUR - 5 * MINUTE, "p:TAIL:5");
	waits(scene, 8 * HOUR);
	at(scene, 8 * HOUR - 1, "");
	at(scene, 8 * HOUR, "p:TAIL:0");
	/* nothing more but a clock that is set */
	assert_true(expiry_next(scene->expiry) > start + 365 * 24 * HOUR);
	at(scene, 80 * HOUR, "");
}

/* A look at the files that finds the same token is no news, one that finds another is. */
static void test_seen_again(void **state)
{
	struct scene *scene = *state;

	see(scene, 1, 2 * HOUR);
	at(scene, 1 * HOUR, "p:TAIL:60");
	see(scene, 1, 2 * HOUR);
	at(scene, 1 * HOUR, "");
	see(scene, 2, 12 * HOUR);
	at(scene, 1 * HOUR, "");
	waits(scene, 11 * HOUR);
	at(scene, 2 * HOUR, "");
	at(scene, 11 * HOUR, "p:TAIL:60");
	/* the same keys with another end */
	see(scene, 2, 24 * HOUR);
	waits(scene, 23 * HOUR);
	/* an older look that comes late changes nothing */
	scene->reading -= 2;
	see(scene, 3, 11 * HOUR + 20 * MINUTE);
	waits(scene, 23 * HOUR);
}

/* What is over when a token is first seen is not said, but for the last warning. */
static void test_late(void **state)
{
	static const struct {
		int64_t left;
		const char *said;
	} rows[] = {
		{ 61 * MINUTE, "" },
		{ 59 * MINUTE, "" },
		{ 15 * MINUTE, "" },
		{ 6 * MINUTE, "" },
		{ 5 * MINUTE, "p:TAIL:5" },
		{ 2 * MINUTE, "p:TAIL:2" },
		{ -1, "" },
		{ -9 * HOUR, "" },
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		scene->now = start;
		see(scene, i + 1, rows[i].left);
		at(scene, 0, rows[i].said);
	}
}

/* A machine that slept hears of the end, or of the last of the warnings it missed. */
static void test_sleep(void **state)
{
	struct scene *scene = *state;

	see(scene, 1, 8 * HOUR);
	at(scene, 8 * HOUR - 10 * MINUTE, "p:TAIL:10");
	at(scene, 9 * HOUR, "p:TAIL:-60");
	see(scene, 2, 20 * HOUR);
	at(scene, 30 * HOUR, "p:TAIL:-600");
}

/* A clock that was set back makes it all to come again. */
static void test_clock_set_back(void **state)
{
	struct scene *scene = *state;

	see(scene, 1, 8 * HOUR);
	at(scene, 100 * HOUR, "p:TAIL:-5520");
	at(scene, 1 * HOUR, "");
	waits(scene, 7 * HOUR);
	at(scene, 7 * HOUR, "p:TAIL:60");
	at(scene, 6 * HOUR, "");
	at(scene, 7 * HOUR, "p:TAIL:60");
}

static void test_proved(void **state)
{
	struct scene *scene = *state;

	see(scene, 1, 8 * HOUR);
	at(scene, 7 * HOUR, "p:TAIL:60");
	/* of other credentials it says nothing */
	expiry_prove(scene->expiry, "p", 2, true, scene->now);
	expiry_prove(scene->expiry, "q", 1, true, scene->now);
	waits(scene, 8 * HOUR - 15 * MINUTE);
	/* revoked: there is nothing more to wait for */
	expiry_prove(scene->expiry, "p", 1, true, scene->now);
	assert_int_equal(expiry_next(scene->expiry), 0);
	at(scene, 9 * HOUR, "");
	at(scene, 1 * HOUR, "");
}

/* Keys without a token do not end, whatever stands beside them. */
static void test_lasting(void **state)
{
	struct scene *scene = *state;
	const struct expiry_token token = { .profile = "p", .expires = start + HOUR };

	assert_int_equal(expiry_see(scene->expiry, &token, 1, 1, start), 0);
	assert_int_equal(expiry_next(scene->expiry), 0);
	at(scene, 2 * HOUR, "");
}

/* One token was seen to come and to end: the next will live as long. */
static void test_estimate(void **state)
{
	struct scene *scene = *state;

	see(scene, 1, 0);
	/* it was there before: nobody can tell how old it was */
	expiry_prove(scene->expiry, "p", 1, true, start + HOUR);
	scene->now = start + HOUR;
	see(scene, 2, 0);
	assert_int_equal(expiry_next(scene->expiry), 0);
	expiry_prove(scene->expiry, "p", 2, false, start + 2 * HOUR);
	expiry_prove(scene->expiry, "p", 2, true, start + 5 * HOUR);
	/* told again it is no older */
	expiry_prove(scene->expiry, "p", 2, true, start + 50 * HOUR);
	assert_int_equal(expiry_next(scene->expiry), 0);
	scene->now = start + 100 * HOUR;
	see(scene, 3, 0);
	waits(scene, 103 * HOUR);
	at(scene, 103 * HOUR, "p:TAIL:estimated:60");
	at(scene, 104 * HOUR - 4 * MINUTE, "p:TAIL:estimated:4");
	/* that it has ended is only guessed */
	at(scene, 105 * HOUR, "");
	/* and it has not */
	expiry_prove(scene->expiry, "p", 3, false, start + 105 * HOUR);
	assert_int_equal(expiry_next(scene->expiry), 0);
	scene->now = start + 106 * HOUR;
	see(scene, 4, 0);
	assert_int_equal(expiry_next(scene->expiry), 0);
	/* a known end beats all guesses */
	see(scene, 4, 110 * HOUR);
	waits(scene, 109 * HOUR);
	at(scene, 109 * HOUR, "p:TAIL:60");
}

/* Profiles come and go beside each other. */
static void test_many(void **state)
{
	struct scene *scene = *state;
	struct expiry_token tokens[] = {
		{ "a", 1, "AAAA", true, start + 3 * HOUR },
		{ "b", 2, "BBBB", true, start + 2 * HOUR },
		{ "c", 3, "CCCC", true, start + 2 * HOUR },
	};

	assert_int_equal(expiry_see(scene->expiry, tokens, 3, 1, start), 0);
	waits(scene, HOUR);
	at(scene, HOUR, "b:BBBB:60 c:CCCC:60");
	assert_int_equal(expiry_see(scene->expiry, tokens, 2, 2, scene->now), 0);
	at(scene, 2 * HOUR, "a:AAAA:60 b:BBBB:0");
	assert_int_equal(expiry_see(scene->expiry, NULL, 0, 3, scene->now), 0);
	assert_int_equal(expiry_next(scene->expiry), 0);
}

static void test_no_warnings(void **state)
{
	struct scene *scene = *state;

	(void)expiry_free(scene->expiry);
	scene->expiry = expiry_new(NULL, 0, tell, scene);
	see(scene, 1, HOUR);
	waits(scene, HOUR);
	at(scene, HOUR - 1, "");
	at(scene, HOUR, "p:TAIL:0");
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_known),
		CASE(test_seen_again),
		CASE(test_late),
		CASE(test_sleep),
		CASE(test_clock_set_back),
		CASE(test_proved),
		CASE(test_lasting),
		CASE(test_estimate),
		CASE(test_many),
		CASE(test_no_warnings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
