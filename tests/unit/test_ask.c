/* core_ask() over a scripted transport: when AWS is asked, and what is kept.  The linker
 * puts the script in libcurl's place (--wrap). */
#include "acct/core.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/clock.h"
#include "support/clock_shift.h"
#include "support/fixture.h"
#include "support/home.h"

enum { TTL_MS = 30000, FAULT_MS = 5000 };

#define ONE                                               \
	"[p]\naws_access_key_id = ASIARZPUZDIKAAQWERTY\n" \
	"aws_secret_access_key = the-secret-key\naws_session_token = the-token\n"
#define OTHER                                             \
	"[p]\naws_access_key_id = ASIARZPUZDIKAAQWERTY\n" \
	"aws_secret_access_key = the-secret-key\naws_session_token = new-token\n"
#define IDENTITY                                                                   \
	"<GetCallerIdentityResponse><GetCallerIdentityResult>"                     \
	"<Arn>arn:aws:iam::123456789012:user/me</Arn><UserId>AIDAEXAMPLE</UserId>" \
	"<Account>123456789012</Account></GetCallerIdentityResult>"                \
	"</GetCallerIdentityResponse>"
#define BUCKETS                                                                   \
	"<ListAllMyBucketsResult><Buckets><Bucket><Name>one</Name><CreationDate>" \
	"2026-01-02T03:04:05.000Z</CreationDate></Bucket></Buckets>"              \
	"</ListAllMyBucketsResult>"

struct http *__wrap_http_curl_new(const struct http_settings *settings, struct err *err);

static struct http_script script;

struct http *__wrap_http_curl_new(const struct http_settings *settings, struct err *err)
{
	(void)settings;
	(void)err;
	return &script.http;
}

static const struct http_step good[] = {
	{ .when = "GetCallerIdentity", .body = IDENTITY, .again = true },
	{ .when = "\"Limit\"", .body = "{\"TableNames\": []}", .again = true },
	{ .body = BUCKETS, .again = true },
};

struct place {
	struct home home;
	struct core *core;
};

/* A core with that script whose answers are fresh for @ttl_ms. */
static void begin(
	struct place *place, const struct http_step *steps, size_t count, int64_t ttl_ms)
{
	const struct core_settings settings = {
		.credentials_path = place->home.credentials,
		.config_path = place->home.config,
		.ttl_ms = ttl_ms,
	};

	place->core = core_free(place->core);
	http_script_done(&script);
	http_script_init(&script, steps, count);
	assert_int_equal(core_new(&settings, &place->core, NULL), 0);
}

#define BEGIN(place, steps, ttl_ms) begin(place, steps, ARRAY_SIZE(steps), ttl_ms)

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

static int ask_of(
	struct place *place, const char *account, enum question question, struct err *err)
{
	const struct patience patience = { .deadline = clock_monotonic_ms() + 5000 };
	struct err own = ERR_INIT;
	int r = core_ask(place->core, account, question, &patience, err ? err : &own);

	assert_int_equal(r, -(err ? err : &own)->errnum);
	return r;
}

static int ask(struct place *place, struct err *err)
{
	return ask_of(place, "p", QUESTION_STATUS, err);
}

static enum status_state state_of(struct place *place)
{
	_cleanup_answer_ struct answer *answer =
		core_answer(place->core, "p", QUESTION_STATUS);

	assert_non_null(answer);
	return answer->status.state;
}

static void test_fresh(void **state)
{
	struct place *place = *state;

	BEGIN(place, good, TTL_MS);
	assert_null(core_answer(place->core, "p", QUESTION_STATUS));
	assert_false(core_is_fresh(place->core, "p", QUESTION_STATUS));
	for (int i = 0; i < 3; i++)
		assert_int_equal(ask(place, NULL), 0);
	assert_int_equal(script.seen_count, 1);
	assert_true(core_is_fresh(place->core, "p", QUESTION_STATUS));
	clock_forward(TTL_MS - 1000);
	assert_int_equal(ask(place, NULL), 0);
	assert_int_equal(script.seen_count, 1);
	clock_forward(1000);
	assert_false(core_is_fresh(place->core, "p", QUESTION_STATUS));
	/* too old, but there until the next one */
	assert_int_equal(state_of(place), STATUS_VALID);
	assert_int_equal(ask(place, NULL), 0);
	assert_int_equal(script.seen_count, 2);
}

static void test_ttl_0(void **state)
{
	struct place *place = *state;

	BEGIN(place, good, 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(ask(place, NULL), 0);
	assert_int_equal(script.seen_count, 3);
	assert_false(core_is_fresh(place->core, "p", QUESTION_STATUS));
	assert_int_equal(state_of(place), STATUS_VALID);
}

/* What must make an answer old at once. */
static void test_what_would_be_sent_changes(void **state)
{
	struct place *place = *state;
	const struct patience patience = { .deadline = clock_monotonic_ms() + 5000 };
	static const char paste[] =
		"aws_access_key_id = ASIARZPUZDIKAAQWERTY\naws_secret_access_key = "
		"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\naws_session_token = t\n";
	size_t seen = 0;

	BEGIN(place, good, TTL_MS);
	for (int i = 0; i < 6; i++) {
		switch (i) {
		case 1: /* pasted here */
			assert_int_equal(core_store(place->core, "p",
						 (struct slice){ paste, strlen(paste) },
						 &patience, NULL),
				0);
			break;
		case 2: /* written by another tool */
			home_replace(place->home.credentials, ONE);
			break;
		case 3:
			home_replace(place->home.credentials, OTHER);
			break;
		case 4:
			home_replace(
				place->home.config, "[profile p]\nregion = eu-west-1\n");
			break;
		case 5:
			home_replace(place->home.config,
				"[profile p]\nregion = eu-west-1\nendpoint_url = "
				"http://127.0.0.1:5000\n");
			break;
		default:
			break;
		}
		assert_false(core_is_fresh(place->core, "p", QUESTION_STATUS));
		assert_int_equal(ask(place, NULL), 0);
		assert_int_equal(script.seen_count, ++seen);
		assert_true(core_is_fresh(place->core, "p", QUESTION_STATUS));
	}
	assert_string_equal(script.seen[3].origin.host, "sts.us-east-1.amazonaws.com");
	assert_string_equal(script.seen[4].origin.host, "sts.eu-west-1.amazonaws.com");
	assert_string_equal(script.seen[5].origin.host, "127.0.0.1");
	assert_string_equal(
		http_script_header(&script, 2, "X-Amz-Security-Token"), "the-token");
	assert_string_equal(
		http_script_header(&script, 3, "X-Amz-Security-Token"), "new-token");
	/* another profile's keys change nothing here */
	home_replace(place->home.credentials, OTHER "[q]\naws_access_key_id = x\n");
	assert_true(core_is_fresh(place->core, "p", QUESTION_STATUS));
}

static void test_passing_fault_is_kept_shortly(void **state)
{
	static const struct http_step steps[] = {
		{ .errnum = EPROTO },
		{ .errnum = EFBIG },
		{ .body = IDENTITY },
	};
	struct place *place = *state;
	struct err err = ERR_INIT;

	BEGIN(place, steps, TTL_MS);
	assert_int_equal(ask(place, &err), -EPROTO);
	assert_non_null(strstr(err.text, "GetCallerIdentity"));
	assert_int_equal(state_of(place), STATUS_UNREACHABLE);
	clock_forward(FAULT_MS - 1000);
	assert_true(core_is_fresh(place->core, "p", QUESTION_STATUS));
	err = (struct err)ERR_INIT;
	assert_int_equal(ask(place, &err), -EPROTO);
	assert_non_null(strstr(err.text, "GetCallerIdentity"));
	assert_int_equal(script.seen_count, 1);
	clock_forward(1000);
	assert_int_equal(ask(place, NULL), -EFBIG);
	assert_int_equal(script.seen_count, 2);
	clock_forward(FAULT_MS);
	assert_int_equal(ask(place, NULL), 0);
	assert_int_equal(state_of(place), STATUS_VALID);
}

/* A fault is never worth more than an answer. */
static void test_passing_fault_with_short_ttl(void **state)
{
	static const struct http_step steps[] = { { .errnum = EPROTO, .again = true } };
	struct place *place = *state;

	BEGIN(place, steps, FAULT_MS / 2);
	assert_int_equal(ask(place, NULL), -EPROTO);
	clock_forward(FAULT_MS / 2);
	assert_int_equal(ask(place, NULL), -EPROTO);
	assert_int_equal(script.seen_count, 2);
	BEGIN(place, steps, 0);
	assert_int_equal(ask(place, NULL), -EPROTO);
	assert_int_equal(ask(place, NULL), -EPROTO);
	assert_int_equal(script.seen_count, 2);
}

/* What only other credentials can change is as good as an answer. */
static void test_refusal_is_kept(void **state)
{
	static const struct {
		const char *code;
		int errnum;
		enum status_state state;
	} rows[] = {
		{ "ExpiredToken", EKEYEXPIRED, STATUS_EXPIRED },
		{ "InvalidClientTokenId", EKEYREJECTED, STATUS_INVALID },
		{ "AccessDenied", EACCES, STATUS_DENIED },
	};
	struct place *place = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char body[256];
		const struct http_step steps[] = {
			{ .status = 403, .body = body, .again = true }
		};

		(void)snprintf(body, sizeof(body),
			"<ErrorResponse><Error><Code>%s</Code><Message>no</Message>"
			"</Error></ErrorResponse>",
			rows[i].code);
		home_replace(place->home.credentials, ONE);
		BEGIN(place, steps, TTL_MS);
		assert_int_equal(ask(place, NULL), -rows[i].errnum);
		assert_int_equal(state_of(place), rows[i].state);
		clock_forward(TTL_MS - 1000);
		assert_int_equal(ask(place, NULL), -rows[i].errnum);
		assert_int_equal(script.seen_count, 1);
		/* until they come */
		home_replace(place->home.credentials, OTHER);
		assert_int_equal(ask(place, NULL), -rows[i].errnum);
		assert_int_equal(script.seen_count, 2);
		clock_forward(TTL_MS);
		assert_int_equal(ask(place, NULL), -rows[i].errnum);
		assert_int_equal(script.seen_count, 3);
	}
}

/* An answer to nobody says nothing of the account. */
static void test_interrupt_is_not_kept(void **state)
{
	struct place *place = *state;
	struct cancel cancel;
	const struct patience patience = {
		.deadline = clock_monotonic_ms() + 5000,
		.cancel = &cancel,
	};
	struct err err = ERR_INIT;

	BEGIN(place, good, TTL_MS);
	assert_int_equal(cancel_init(&cancel, NULL), 0);
	cancel_set(&cancel);
	assert_int_equal(
		core_ask(place->core, "p", QUESTION_STATUS, &patience, &err), -EINTR);
	assert_int_equal(err.errnum, EINTR);
	assert_null(core_answer(place->core, "p", QUESTION_STATUS));
	assert_false(core_is_fresh(place->core, "p", QUESTION_STATUS));
	assert_int_equal(ask(place, NULL), 0);
	assert_int_equal(script.seen_count, 2);
	/* the answer before stays */
	clock_forward(TTL_MS);
	assert_int_equal(
		core_ask(place->core, "p", QUESTION_STATUS, &patience, &err), -EINTR);
	assert_int_equal(state_of(place), STATUS_VALID);
	cancel_done(&cancel);
}

/* Nothing is sent for what cannot work. */
static void test_wrong_before_anything_is_sent(void **state)
{
	static const struct {
		const char *credentials;
		const char *config;
		int errnum;
		enum status_state state;
		const char *says;
	} rows[] = {
		{ "[p]\n", "", ENOKEY, STATUS_MISSING, "no credentials" },
		{ "", "[profile p]\nsso_session = s\n", ENOKEY, STATUS_MISSING, "SSO" },
		{ "[p]\naws_access_key_id = k\n", "", EINVAL, STATUS_MISCONFIGURED,
			"one half" },
		{ ONE, "[profile p]\nregion = a.b\n", EINVAL, STATUS_MISCONFIGURED,
			"a.b" },
		{ ONE, "[profile p]\nendpoint_url = ftp://x\n", EINVAL,
			STATUS_MISCONFIGURED, "endpoint_url" },
		{ ONE, "[profile p]\nendpoint_url = http://example.org\n", EINVAL,
			STATUS_MISCONFIGURED, "http" },
		/* the more important of two */
		{ "[p]\n", "[profile p]\nregion = a.b\n", ENOKEY, STATUS_MISSING,
			"no credentials" },
	};
	struct place *place = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err err = ERR_INIT;

		home_replace(place->home.credentials, rows[i].credentials);
		home_replace(place->home.config, rows[i].config);
		BEGIN(place, good, TTL_MS);
		assert_int_equal(ask(place, &err), -rows[i].errnum);
		if (!strstr(err.text, rows[i].says))
			fail_msg("row %zu: %s", i, err.text);
		assert_int_equal(state_of(place), rows[i].state);
		assert_int_equal(ask_of(place, "p", QUESTION_S3, NULL), -rows[i].errnum);
		assert_int_equal(
			ask_of(place, "p", QUESTION_DYNAMODB, NULL), -rows[i].errnum);
		assert_int_equal(script.seen_count, 0);
	}
	/* what is mended is seen at once */
	home_replace(place->home.credentials, ONE);
	home_replace(place->home.config, "[default]\n");
	assert_int_equal(ask(place, NULL), 0);
}

static void test_no_such_profile(void **state)
{
	struct place *place = *state;
	struct err err = ERR_INIT;

	BEGIN(place, good, TTL_MS);
	assert_int_equal(ask_of(place, "nobody", QUESTION_STATUS, &err), -ENOENT);
	assert_non_null(strstr(err.text, "`nobody'"));
	assert_int_equal(script.seen_count, 0);
}

/* The kind of question makes the host and the memory. */
static void test_questions(void **state)
{
	struct place *place = *state;
	_cleanup_answer_ struct answer *buckets = NULL;
	_cleanup_answer_ struct answer *tables = NULL;

	home_replace(place->home.config, "[profile p]\nregion = eu-west-1\n");
	BEGIN(place, good, TTL_MS);
	assert_int_equal(ask_of(place, "p", QUESTION_S3, NULL), 0);
	assert_int_equal(ask_of(place, "p", QUESTION_DYNAMODB, NULL), 0);
	assert_int_equal(ask_of(place, "p", QUESTION_S3, NULL), 0);
	assert_int_equal(ask_of(place, "p", QUESTION_DYNAMODB, NULL), 0);
	assert_int_equal(script.seen_count, 2);
	assert_string_equal(script.seen[0].origin.host, "s3.eu-west-1.amazonaws.com");
	assert_string_equal(
		script.seen[1].origin.host, "dynamodb.eu-west-1.amazonaws.com");
	assert_false(core_is_fresh(place->core, "p", QUESTION_STATUS));
	buckets = core_answer(place->core, "p", QUESTION_S3);
	assert_int_equal(buckets->buckets.count, 1);
	assert_string_equal(buckets->buckets.list[0].name, "one");
	tables = core_answer(place->core, "p", QUESTION_DYNAMODB);
	assert_int_equal(tables->tables.count, 0);
	assert_int_equal(ask_of(place, "p", QUESTION_NONE, NULL), -EINVAL);
}

/* Who holds an answer keeps it. */
static void test_answer_stays_with_its_holder(void **state)
{
	struct place *place = *state;
	_cleanup_answer_ struct answer *old = NULL;
	_cleanup_answer_ struct answer *again = NULL;

	BEGIN(place, good, TTL_MS);
	assert_int_equal(ask_of(place, "p", QUESTION_S3, NULL), 0);
	old = core_answer(place->core, "p", QUESTION_S3);
	clock_forward(TTL_MS);
	assert_int_equal(ask_of(place, "p", QUESTION_S3, NULL), 0);
	again = core_answer(place->core, "p", QUESTION_S3);
	assert_ptr_not_equal(old, again);
	place->core = core_free(place->core);
	assert_string_equal(old->buckets.list[0].name, "one");
	assert_string_equal(again->buckets.list[0].name, "one");
}

static void test_status(void **state)
{
	struct place *place = *state;
	_cleanup_answer_ struct answer *answer = NULL;
	_cleanup_buf_ struct buf text = BUF_INIT;
	const struct status *status;

	home_replace(place->home.config, "[profile p]\nsso_session = s\n");
	BEGIN(place, good, TTL_MS);
	assert_int_equal(ask(place, NULL), 0);
	answer = core_answer(place->core, "p", QUESTION_STATUS);
	status = &answer->status;
	assert_string_equal(status->profile, "p");
	assert_string_equal(status->identity.account, "123456789012");
	assert_string_equal(status->source_path, place->home.credentials);
	assert_string_equal(status->session.key_tail, "ERTY");
	assert_int_equal(status->latency_ms, 7);
	assert_true(status->checked - clock_now() <= 0 && status->checked > 1000000000);
	assert_non_null(strstr(buf_text(&status->warnings), "sso_ keys"));
	/* the keys stay behind */
	assert_false(secret_is_set(&status->session.creds.key_id));
	assert_false(secret_is_set(&status->session.creds.secret_key));
	assert_false(secret_is_set(&status->session.creds.token));
	status_print(status, &text);
	assert_null(strstr(buf_text(&text), "the-secret"));
	assert_null(strstr(buf_text(&text), "the-token"));
	assert_null(strstr(buf_text(&text), "ASIA"));
}

static void test_status_from_config(void **state)
{
	struct place *place = *state;
	_cleanup_answer_ struct answer *answer = NULL;

	home_replace(place->home.credentials, "");
	home_replace(place->home.config,
		"[profile p]\naws_access_key_id = k\naws_secret_access_key = s\n");
	BEGIN(place, good, TTL_MS);
	assert_int_equal(ask(place, NULL), 0);
	answer = core_answer(place->core, "p", QUESTION_STATUS);
	assert_string_equal(answer->status.source_path, place->home.config);
}

/* A clock that is off is corrected for, and told. */
static void test_skew_is_told(void **state)
{
	static const struct {
		int64_t off;
		const char *says;
	} rows[] = { { 7200, "behind" }, { -7200, "ahead" } };
	struct place *place = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct http_step steps[] = {
			{ .status = 403,
				.date = true,
				.date_off = rows[i].off,
				.body = "<ErrorResponse><Error><Code>RequestTimeTooSkewed"
					"</Code></Error></ErrorResponse>" },
			{ .body = IDENTITY, .again = true },
		};
		_cleanup_answer_ struct answer *answer = NULL;

		BEGIN(place, steps, TTL_MS);
		assert_int_equal(ask(place, NULL), 0);
		assert_int_equal(script.seen_count, 2);
		answer = core_answer(place->core, "p", QUESTION_STATUS);
		assert_int_equal(answer->status.state, STATUS_VALID);
		assert_non_null(strstr(buf_text(&answer->status.warnings), rows[i].says));
		assert_non_null(strstr(buf_text(&answer->status.warnings), " seconds"));
	}
}

enum { THREADS = 8 };

struct asking {
	struct core *core;
	char account[16];
	enum question question;
	int wrong;
};

static void *ask_often(void *arg)
{
	struct asking *asking = arg;

	for (int i = 0; i < 50; i++) {
		const struct patience patience = { .deadline =
							   clock_monotonic_ms() + 5000 };
		_cleanup_answer_ struct answer *answer = NULL;
		struct err err = ERR_INIT;

		if (core_ask(asking->core, asking->account, asking->question, &patience,
			    &err))
			asking->wrong++;
		(void)core_is_fresh(asking->core, asking->account, asking->question);
		answer = core_answer(asking->core, asking->account, asking->question);
		if (!answer || answer->question != asking->question)
			asking->wrong++;
		core_note_error(asking->core, asking->account, &err);
	}
	return NULL;
}

static void test_threads(void **state)
{
	struct place *place = *state;
	_cleanup_buf_ struct buf text = BUF_INIT;
	struct asking askings[THREADS];
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		buf_addf(&text,
			"[p%d]\naws_access_key_id = k\naws_secret_access_key = s\n",
			i / 2);
	home_replace(place->home.credentials, buf_text(&text));
	/* so that not each is answered by the script, which keeps all */
	BEGIN(place, good, 1);
	for (int i = 0; i < THREADS; i++) {
		askings[i] = (struct asking){ .core = place->core,
			.question = i % 2 ? QUESTION_S3 : QUESTION_STATUS };
		(void)snprintf(
			askings[i].account, sizeof(askings[i].account), "p%d", i / 2);
		assert_int_equal(
			pthread_create(&threads[i], NULL, ask_often, &askings[i]), 0);
	}
	for (int i = 0; i < THREADS; i++)
		(void)pthread_join(threads[i], NULL);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(askings[i].wrong, 0);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_fresh),
		CASE(test_ttl_0),
		CASE(test_what_would_be_sent_changes),
		CASE(test_passing_fault_is_kept_shortly),
		CASE(test_passing_fault_with_short_ttl),
		CASE(test_refusal_is_kept),
		CASE(test_interrupt_is_not_kept),
		CASE(test_wrong_before_anything_is_sent),
		CASE(test_no_such_profile),
		CASE(test_questions),
		CASE(test_answer_stays_with_its_holder),
		CASE(test_status),
		CASE(test_status_from_config),
		CASE(test_skew_is_told),
		CASE(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
