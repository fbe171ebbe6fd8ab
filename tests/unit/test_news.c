/* news: what stores, answers and files tell, as lines of events; over a scripted transport
 * in libcurl's place (--wrap). */
#include "acct/core.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "acct/files.h"
#include "io/clock.h"
#include "support/clock_shift.h"
#include "support/fixture.h"
#include "support/home.h"
#include "text/time.h"

enum { TTL_MS = 30000, STAMP = 24 };

#define TRIPLE(id, secret, token)                                     \
	"aws_access_key_id = " id "\naws_secret_access_key = " secret \
	"\naws_session_token = " token "\n"
#define KEYS(id, token) TRIPLE(id, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token)
#define ANOTHER		"wJalrXUtnFEMI/K7MDENG+bPxRfiCYANOTHERKEY"
#define NEWS		TRIPLE("ASIARZPUZDIKAAQWNEWS", ANOTHER, FRESH)
#define TOKEN		"IQoJb3JpZ2luX2VjEXAMPLE//token+/=="
#define FRESH		"IQoJb3JpZ2luX2VjEXAMPLE//fresh+/=="
#define ID		"ASIARZPUZDIKAAQWERTY"
#define ONE		"[p]\n" KEYS(ID, TOKEN)

#define IDENTITY                                                                   \
	"<GetCallerIdentityResponse><GetCallerIdentityResult>"                     \
	"<Arn>arn:aws:iam::123456789012:user/me</Arn><UserId>AIDAEXAMPLE</UserId>" \
	"<Account>123456789012</Account></GetCallerIdentityResult>"                \
	"</GetCallerIdentityResponse>"
#define REFUSED(code)                                                                \
	"<ErrorResponse><Error><Type>Sender</Type><Code>" code "</Code><Message>No " \
	"more of " ID "</Message></Error></ErrorResponse>"

struct http *__wrap_http_curl_new(const struct http_settings *settings, struct err *err);

static struct http_script script;

struct http *__wrap_http_curl_new(const struct http_settings *settings, struct err *err)
{
	(void)settings;
	(void)err;
	return &script.http;
}

struct place {
	struct home home;
	struct core *core;
	uint64_t offset;
};

static void begin(struct place *place, const struct http_step *steps, size_t count)
{
	static const int64_t warnings[] = { 3600, 300 };
	const struct core_settings settings = {
		.credentials_path = place->home.credentials,
		.config_path = place->home.config,
		.ttl_ms = TTL_MS,
		.warnings = warnings,
		.warning_count = ARRAY_SIZE(warnings),
	};

	http_script_done(&script);
	http_script_init(&script, steps, count);
	assert_int_equal(core_new(&settings, &place->core, NULL), 0);
}

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	home_init(&place->home);
	home_replace(place->home.credentials, ONE);
	http_script_init(&script, NULL, 0);
	*state = place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;
	size_t unexpected = script.unexpected;

	(void)core_free(place->core);
	http_script_done(&script);
	home_done(&place->home);
	free(place);
	return unexpected ? -1 : 0;
}

/* The next line behind its time; "" when there is none. */
static const char *next(struct place *place)
{
	static char text[EVENTS_LINE + 1];
	_cleanup_buf_ struct buf line = BUF_INIT;

	events_read_line(core_events(place->core), &place->offset, sizeof(text), &line);
	place->offset += line.len;
	if (line.len == 0)
		return "";
	assert_int_equal(line.data[line.len - 1], '\n');
	assert_true(line.len > STAMP && line.len <= EVENTS_LINE);
	assert_null(strstr(line.data, ID));
	assert_null(strstr(line.data, "wJalrXUtnFEMI"));
	assert_null(strstr(line.data, "IQoJb3Jp"));
	(void)snprintf(text, sizeof(text), "%.*s", (int)(line.len - STAMP - 2),
		line.data + STAMP + 1);
	return text;
}

static void check(struct place *place, const char *wanted)
{
	assert_string_equal(next(place), wanted);
	if (wanted[0])
		assert_string_equal(next(place), "");
}

static int store(struct place *place, const char *text)
{
	const struct patience patience = { .deadline = clock_monotonic_ms() + 5000 };
	struct err err = ERR_INIT;

	return core_store(
		place->core, "p", (struct slice){ text, strlen(text) }, &patience, &err);
}

static int ask(struct place *place, enum question question)
{
	const struct patience patience = { .deadline = clock_monotonic_ms() + 5000 };
	struct err err = ERR_INIT;

	/* what was answered before is too old */
	clock_forward(TTL_MS + 1000);
	return core_ask(place->core, "p", question, &patience, &err);
}

static void look(struct place *place)
{
	(void)core_has(place->core, "p");
}

static void test_written(void **state)
{
	struct place *place = *state;

	begin(place, NULL, 0);
	assert_int_equal(store(place, NEWS), 0);
	check(place, "p written key=NEWS profile=p");
	/* the same again changes nothing */
	assert_int_equal(store(place, NEWS), 0);
	check(place, "");
	assert_int_equal(store(place, TRIPLE("ASIARZPUZDIKAAQWNEWS", ANOTHER,
					      TOKEN) "x_security_token_expires = "
						     "2099-01-02T03:04:05Z\n"),
		0);
	check(place, "p written key=NEWS expires=2099-01-02T03:04:05Z profile=p");
	assert_int_equal(store(place, "forget"), 0);
	check(place, "p written forgotten=yes profile=p");
	assert_int_equal(store(place, "forget"), 0);
	assert_int_equal(store(place, "aws_access_key_id = x"), -EINVAL);
	check(place, "");
}

static void test_answers(void **state)
{
	static const struct http_step steps[] = {
		{ .body = IDENTITY },
		{ .body = IDENTITY },
		{ .status = 403, .body = REFUSED("ExpiredToken") },
		{ .status = 403, .body = REFUSED("ExpiredToken") },
		{ .status = 403, .body = REFUSED("InvalidClientTokenId") },
		{ .body = IDENTITY },
		{ .body = IDENTITY },
		{ .status = 403, .body = REFUSED("ExpiredToken") },
		{ .status = 403, .body = REFUSED("ExpiredToken") },
	};
	struct place *place = *state;
	const char *line;

	begin(place, steps, ARRAY_SIZE(steps));
	for (int i = 0; i < 2; i++)
		assert_int_equal(ask(place, QUESTION_STATUS), 0);
	check(place, "p valid key=ERTY arn=arn:aws:iam::123456789012:user/me");
	for (int i = 0; i < 2; i++)
		assert_int_equal(ask(place, QUESTION_STATUS), -EKEYEXPIRED);
	line = next(place);
	assert_ptr_equal(
		strstr(line, "p expired key=ERTY code=ExpiredToken error="), line);
	check(place, "");
	assert_int_equal(ask(place, QUESTION_STATUS), -EKEYREJECTED);
	line = next(place);
	assert_ptr_equal(strstr(line, "p invalid key=ERTY state=invalid "
				      "code=InvalidClientTokenId error="),
		line);
	assert_int_equal(ask(place, QUESTION_STATUS), 0);
	check(place, "p valid key=ERTY arn=arn:aws:iam::123456789012:user/me");
	/* as good as the last ones, but others */
	assert_int_equal(store(place, NEWS), 0);
	check(place, "p written key=NEWS profile=p");
	assert_int_equal(ask(place, QUESTION_STATUS), 0);
	check(place, "p valid key=NEWS arn=arn:aws:iam::123456789012:user/me");
	/* any request proves that a token has expired, the first of them counts */
	assert_int_equal(ask(place, QUESTION_S3), -EKEYEXPIRED);
	line = next(place);
	assert_ptr_equal(strstr(line, "p expired key=NEWS code=ExpiredToken"), line);
	assert_int_equal(ask(place, QUESTION_STATUS), -EKEYEXPIRED);
	check(place, "");
}

/* No answer, or one that says nothing of the credentials, is no news and is forgotten. */
static void test_no_answer(void **state)
{
	static const struct http_step steps[] = {
		{ .body = IDENTITY },
		{ .status = 400, .body = "what?" },
		{ .body = IDENTITY },
	};
	struct place *place = *state;

	begin(place, steps, ARRAY_SIZE(steps));
	assert_int_equal(ask(place, QUESTION_STATUS), 0);
	check(place, "p valid key=ERTY arn=arn:aws:iam::123456789012:user/me");
	assert_true(ask(place, QUESTION_STATUS) < 0);
	check(place, "");
	assert_int_equal(ask(place, QUESTION_STATUS), 0);
	check(place, "");
}

static void test_broken(void **state)
{
	struct place *place = *state;
	char wanted[512];

	begin(place, NULL, 0);
	look(place);
	check(place, "");
	home_replace(place->home.credentials, ONE "nonsense\n");
	/* perhaps it is just being written */
	look(place);
	check(place, "");
	home_replace(place->home.credentials, ONE "[q]\n");
	look(place);
	clock_forward(FILES_SETTLE_MS + 1);
	look(place);
	check(place, "");
	home_replace(place->home.credentials, ONE "nonsense\n");
	look(place);
	clock_forward(FILES_SETTLE_MS + 1);
	look(place);
	(void)snprintf(wanted, sizeof(wanted),
		"- broken file=%s error=line%%205:", place->home.credentials);
	assert_int_equal(strncmp(next(place), wanted, strlen(wanted)), 0);
	home_replace(place->home.credentials, ONE "more nonsense\n");
	look(place);
	check(place, "");
	home_replace(place->home.credentials, ONE);
	look(place);
	(void)snprintf(
		wanted, sizeof(wanted), "- repaired file=%s", place->home.credentials);
	check(place, wanted);
	/* of the config file the same */
	home_replace(place->home.config, "[profile p]\nregion = x\nregion = y\n");
	look(place);
	(void)snprintf(
		wanted, sizeof(wanted), "- broken file=%s error=", place->home.config);
	assert_int_equal(strncmp(next(place), wanted, strlen(wanted)), 0);
	check(place, "");
}

/* The next line, within ten seconds. */
static const char *await(struct place *place)
{
	for (int i = 0; i < 1000; i++) {
		const char *line = next(place);

		if (line[0])
			return line;
		(void)usleep(10000);
	}
	return "";
}

/* The real clock: the warning that is due at once, then the end, by themselves; and a
 * request that proves the same is no news. */
static void test_timer(void **state)
{
	static const struct http_step steps[] = {
		{ .status = 403, .body = REFUSED("ExpiredToken") },
	};
	struct place *place = *state;
	char expires[TIME_SIZE], wanted[128], text[512];
	int64_t end = clock_now() + 2;

	time_print(end, expires);
	(void)snprintf(
		text, sizeof(text), "%sx_security_token_expires = %s\n", ONE, expires);
	home_replace(place->home.credentials, text);
	begin(place, steps, ARRAY_SIZE(steps));
	look(place);
	(void)snprintf(wanted, sizeof(wanted), "p expiring minutes=1 expires=%s key=ERTY",
		expires);
	assert_string_equal(await(place), wanted);
	(void)snprintf(wanted, sizeof(wanted), "p expired expires=%s key=ERTY", expires);
	assert_string_equal(await(place), wanted);
	assert_in_range(clock_now(), end, end + 5);
	assert_int_equal(ask(place, QUESTION_STATUS), -EKEYEXPIRED);
	check(place, "");
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		/* first: the clock is the real one until another case moves it */
		CASE(test_timer),
		CASE(test_written),
		CASE(test_answers),
		CASE(test_no_answer),
		CASE(test_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
