/* core_store() and core_paste(): whose the credentials are, and all blocks or none. */
#include "acct/core_impl.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "io/clock.h"
#include "support/home.h"

#define A "123456789012"
#define B "210987654321"
#define C "029608264753"
/* each key id has values of its own */
#define SECRET(id) id "/K7MDENG+bPxRfiCYEXA"
#define TOKEN(id)  "IQoJb3JpZ2luX2Vj" id "//token+/" id id id id "=="
#define ID	   "ASIARZPUZDIKAAQWERTY"
#define KEYS(id)                  \
	"aws_access_key_id = " id \
	"\naws_secret_access_key = " SECRET(id) "\naws_session_token = " TOKEN(id) "\n"
#define OLD_A  KEYS("ASIARZPUZDIKAAAAAAAA")
#define NEW_A  KEYS("ASIARZPUZDIKAAQWERTY")
#define NEW_A2 KEYS("ASIARZPUZDIKBBQWERTY")
#define NEW_B  KEYS("ASIATCH6YDSYQAQWERTY")
#define NEW_C  KEYS("ASIAQNZGKIQY56JQ7WML")
#define NEW_NO KEYS("ASIAIOSFODNN7EXAMPLE") /* tells no account */
#define ARN(id) \
	"arn:aws:sts::" id ":assumed-role/AWSReservedSSO_Admin_0123456789abcdef/jane"

struct place {
	struct home home;
	struct core *core;
};

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	struct core_settings settings = { .ttl_ms = 1000 };

	home_init(&place->home);
	settings.credentials_path = place->home.credentials;
	settings.config_path = place->home.config;
	*state = place;
	return core_new(&settings, &place->core, NULL);
}

static int teardown(void **state)
{
	struct place *place = *state;

	(void)core_free(place->core);
	home_done(&place->home);
	free(place);
	return 0;
}

/* What AWS said of a profile some time ago. */
static void remember(struct place *place, const char *profile, const char *arn)
{
	struct answer *answer = answer_new(QUESTION_STATUS);

	(void)snprintf(answer->status.identity.arn, sizeof(answer->status.identity.arn),
		"%s", arn);
	pthread_mutex_lock(&place->core->lock);
	core_account(place->core, profile)->identity = answer;
	pthread_mutex_unlock(&place->core->lock);
}

/* Writes to @profile, or to `paste' when it is NULL. */
static int give(
	struct place *place, const char *profile, const char *text, struct err *err)
{
	const struct patience patience = { .deadline = clock_monotonic_ms() + 5000 };
	const struct slice slice = { text, strlen(text) };

	return profile ? core_store(place->core, profile, slice, &patience, err)
		       : core_paste(place->core, slice, &patience, err);
}

/* Each row is given to a file with @before, and makes @after of it, or is refused with a
 * sentence and changes nothing. */
struct row {
	const char *what, *before, *config, *profile, *arn, *text, *after, *says;
};

static void run(struct place *place, const struct row *row)
{
	struct err err = ERR_INIT;
	int r;

	home_replace(place->home.credentials, row->before);
	home_replace(place->home.config, row->config ? row->config : "");
	if (row->arn)
		remember(place, "acme", row->arn);
	r = give(place, row->profile, row->text, &err);
	if (r != (row->after ? 0 : -EINVAL))
		fail_msg("%s: gave %d: %s", row->what, r, err.text);
	if (!home_holds(place->home.credentials, row->after ? row->after : row->before))
		fail_msg("%s", row->what);
	if (!r)
		return;
	if (!strstr(err.text, row->says) || err.errnum != EINVAL)
		fail_msg("%s: no \"%s\" in: %s", row->what, row->says, err.text);
	assert_null(strstr(err.text, "IQoJ"));
	assert_null(strstr(err.text, "ASIA"));
}

static void each(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		void *place = NULL;

		assert_int_equal(setup(&place), 0);
		run(place, &rows[i]);
		(void)teardown(&place);
	}
}

static void only_the_account_of_the_profile(void **state)
{
	static const struct row rows[] = {
		{ "the same account", "[acme]\n" OLD_A, NULL, "acme", NULL, NEW_A,
			"[acme]\n" NEW_A, NULL },
		{ "another", "[acme]\n" OLD_A, NULL, "acme", NULL, NEW_B, NULL,
			"the key id in the paste is of account " B
			", but profile `acme' is of account " A
			", says the key id it has now" },
		{ "another, by force", "[acme]\n" OLD_A, NULL, "acme", NULL,
			"force\n" NEW_B, "[acme]\n" NEW_B, NULL },
		{ "another, by force, with a header and CRLF", "[acme]\n" OLD_A, NULL,
			"acme", NULL, "force\r\n[" B "_Admin]\r\n" NEW_B,
			"[acme]\n" NEW_B, NULL },
		{ "the word must come first", "[acme]\n" OLD_A, NULL, "acme", NULL,
			NEW_B "force\n", NULL, "" },
		{ "a key that tells nothing", "[acme]\n" OLD_A, NULL, "acme", NULL,
			NEW_NO, "[acme]\n" NEW_NO, NULL },
		{ "onto a key that tells nothing", "[acme]\n" NEW_NO, NULL, "acme", NULL,
			NEW_B, "[acme]\n" NEW_B, NULL },
		{ "the header of another", "[acme]\n" OLD_A, NULL, "acme", NULL,
			"[" B "_Admin]\n" NEW_NO, NULL,
			"the paste names account " B ", but" },
		{ "the header of another profile", "[acme]\n" OLD_A, NULL, "acme", NULL,
			"[other]\n" NEW_A, "[acme]\n" NEW_A, NULL },
		{ "header and key disagree", "[acme]\n", NULL, "acme", NULL,
			"[" B "_Admin]\n" NEW_A, NULL,
			"names account " B ", but its key id is of account " A },
		{ "what AWS said", "[acme]\n" NEW_NO, NULL, "acme", ARN(A), NEW_B, NULL,
			"says the last `status'" },
		{ "what AWS said of older keys", "[acme]\n" NEW_B, NULL, "acme", ARN(A),
			NEW_B, "[acme]\n" NEW_B, NULL },
		{ "the config file", "", "[profile acme]\nsso_account_id = " A "\n",
			"acme", NULL, NEW_B, NULL,
			"`sso_account_id' in the config file" },
		{ "the name", "[" A "_Admin]\nregion = x\n", NULL, A "_Admin", NULL,
			NEW_B, NULL, "says its name" },
		{ "the name, of a key that was of another", "[" A "_Admin]\n" NEW_B, NULL,
			A "_Admin", NULL, NEW_B, "[" A "_Admin]\n" NEW_B, NULL },
	};

	(void)state;
	each(rows, ARRAY_SIZE(rows));
}

static void blocks_find_their_profiles(void **state)
{
	static const struct row rows[] = {
		{ "by name", "[a]\n" OLD_A "\n[b]\nx = 1\n", NULL, NULL, NULL,
			"[a]\n" NEW_A, "[a]\n" NEW_A "\n[b]\nx = 1\n", NULL },
		{ "several, with CRLF and blank lines",
			"# mine\r\n[a]\r\n\r\n[b]\r\nx = 1\r\n", NULL, NULL, NULL,
			"[b]\r\naws_access_key_id=AKIARZPUZDIKAAQWERTY\r\n"
			"aws_secret_access_key=" SECRET(
				ID) "\r\n\r\n"
				    "[a]\r\naws_access_key_id=AKIARZPUZDIKBBQWERTY\r\n"
				    "aws_secret_access_key=" SECRET(ID) "\r\n",
			"# mine\r\n[a]\r\naws_access_key_id = AKIARZPUZDIKBBQWERTY\r\n"
			"aws_secret_access_key = " SECRET(
				ID) "\r\n\r\n[b]\r\n"
				    "aws_access_key_id = AKIARZPUZDIKAAQWERTY\r\n"
				    "aws_secret_access_key = " SECRET(ID) "\r\nx = 1\r\n",
			NULL },
		{ "by account and role, and a new one",
			"[acme]\n" OLD_A "[other]\n" KEYS("ASIARZPUZDIKAAAAAAAB"),
			"[profile other]\nsso_account_id = " A
			"\nsso_role_name = Reader\n",
			NULL, ARN(A), "[" A "_Reader]\n" NEW_A2 "\n[" A "_Admin]\n" NEW_A,
			"[acme]\n" NEW_A "[other]\n" NEW_A2, NULL },
		{ "a profile of the config file", "[a]\n" OLD_A,
			"[profile mine]\nsso_account_id = " B "\nsso_role_name = Admin\n",
			NULL, NULL, "[" B "_Admin]\n" NEW_B,
			"[a]\n" OLD_A "\n[mine]\n" NEW_B, NULL },
		{ "two new ones, into no file", "", NULL, NULL, NULL,
			"[" A "_Admin]\n" NEW_A "[" B "_Admin]\n" NEW_B,
			"[" A "_Admin]\n" NEW_A "\n[" B "_Admin]\n" NEW_B, NULL },
		{ "variables, by the key id", "[a]\n" OLD_A "[b]\n" NEW_B, NULL, NULL,
			NULL,
			"export AWS_ACCESS_KEY_ID=\"ASIARZPUZDIKAAQWERTY\"\n"
			"export AWS_SECRET_ACCESS_KEY=\"" SECRET(
				ID) "\"\n"
				    "export AWS_SESSION_TOKEN=\"" TOKEN(ID) "\"\n",
			"[a]\n" NEW_A "[b]\n" NEW_B, NULL },
		{ "force is for all of them", "[a]\n" OLD_A "[b]\n" NEW_B, NULL, NULL,
			NULL, "force\n[a]\n" NEW_C "[b]\n" NEW_A,
			"[a]\n" NEW_C "[b]\n" NEW_A, NULL },
	};

	(void)state;
	each(rows, ARRAY_SIZE(rows));
}

static void all_blocks_or_none(void **state)
{
	static const struct row rows[] = {
		{ "the second of another account", "[a]\n" OLD_A "[b]\n" NEW_B, NULL,
			NULL, NULL, "[a]\n" NEW_A "\n[b]\n" NEW_C, NULL,
			"line 6, [b]: the key id" },
		{ "the first of another account", "[a]\n" OLD_A "[b]\n" NEW_B, NULL, NULL,
			NULL, "[a]\n" NEW_C "[b]\n" NEW_B, NULL,
			"line 1, [a]: the key id" },
		{ "the last without a profile", "[a]\n" OLD_A, NULL, NULL, NULL,
			"[a]\n" NEW_A "[" C "_Admin]\n" NEW_C "[]\n" NEW_B, NULL,
			"line " },
		{ "one with a key of its own", "[a]\n" OLD_A "[b]\nregion = x\n", NULL,
			NULL, NULL, "[a]\n" NEW_A "[b]\n" NEW_B "region = y\n", NULL,
			"[b]: line 9: `profile' takes credentials only" },
		{ "two for one profile", "[a]\n" OLD_A, NULL, NULL, NULL,
			"[a]\n" NEW_A "[" A "_Admin]\n" NEW_A2, NULL,
			"line 5, [" A
			"_Admin]: the profile it is for gets those of another" },
		{ "a value between brackets", "[a]\n" OLD_A, NULL, NULL, NULL,
			"[a]\n" NEW_A "[ASIARZPUZDIKAAQWERTY]\n" NEW_A
			"[" SECRET(ID) "]\n" NEW_A "region = x\n[a]\n" NEW_A2,
			NULL, "line " },
		{ "of nobody knows whom", "[a]\n" OLD_A, NULL, NULL, NULL, NEW_B, NULL,
			"write it to ACCOUNT/profile" },
		{ "of one of two", "[a]\n" OLD_A "[b]\n" OLD_A, NULL, NULL, NULL, NEW_A,
			NULL, "`a', `b'" },
		{ "a name that no section can have", "[a]\n" OLD_A, NULL, NULL, NULL,
			"[sso-session x]\n" NEW_B, NULL, "" },
		{ "forget says of nobody", "[a]\n" OLD_A, NULL, NULL, NULL, "forget\n",
			NULL, "write `forget' to the `profile'" },
	};

	(void)state;
	each(rows, ARRAY_SIZE(rows));
}

static void into_a_broken_file(void **state)
{
	static const char before[] = "[a]\n" OLD_A "[a]\n" OLD_A;
	struct place *place = *state;
	struct err err = ERR_INIT;

	home_replace(place->home.credentials, before);
	assert_int_equal(give(place, NULL, "[b]\n" NEW_A, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "line 1, [b]: "));
	assert_true(home_holds(place->home.credentials, before));
}

static void force_and_forget_forget_whose_it_was(void **state)
{
	struct place *place = *state;
	struct err err = ERR_INIT;

	home_replace(place->home.credentials, "[acme]\n" NEW_NO);
	remember(place, "acme", ARN(A));
	assert_int_equal(give(place, "acme", "force\n" NEW_NO, &err), 0);
	assert_int_equal(give(place, "acme", NEW_B, &err), 0);
	remember(place, "acme", ARN(B));
	assert_int_equal(give(place, "acme", "forget\n", &err), 0);
	assert_int_equal(give(place, "acme", NEW_A, &err), 0);
	assert_true(home_holds(place->home.credentials, "[acme]\n" NEW_A));
}

static void incomplete_text_is_no_bare_value(void **state)
{
	static const char *const texts[] = { "", "\n\n",
		"aws_access_key_id = ASIARZPUZDIKAAQWERTY\n",
		"[acme]\naws_secret_access_key = " SECRET(ID) "\n",
		"export AWS_SESSION_TOKEN=\"" TOKEN(ID) "\"\n" };
	struct place *place = *state;

	home_replace(place->home.credentials, "[acme]\n" OLD_A);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(give(place, "acme", texts[i], &err), -ENODATA);
		assert_int_equal(give(place, NULL, texts[i], &err), -ENODATA);
	}
	assert_true(home_holds(place->home.credentials, "[acme]\n" OLD_A));
}

/* What the account's `error` says, without its time. */
static void error_says(struct place *place, const char *profile, const char *says)
{
	_cleanup_buf_ struct buf out = BUF_INIT;
	int64_t when;

	core_error(place->core, profile, &out, &when);
	if (!strstr(buf_text(&out), says) || (!says[0] && out.len))
		fail_msg("no \"%s\" in: %s", says, buf_text(&out));
}

static void bare_values_wait_for_each_other(void **state)
{
	static const char before[] = "[acme]\n" OLD_A "[b]\n";
	struct place *place = *state;
	struct err err = ERR_INIT;

	home_replace(place->home.credentials, before);
	assert_int_equal(give(place, "acme", ID "\n", &err), 0);
	error_says(place, "acme", "1 of 3 values taken, the secret access key and the");
	assert_int_equal(give(place, "acme", TOKEN(ID) "\r\n", &err), 0);
	error_says(
		place, "acme", "2 of 3 values taken, the secret access key is missing");
	assert_true(home_holds(place->home.credentials, before));
	/* another account's are its own */
	assert_int_equal(give(place, "b", SECRET(ID), &err), 0);
	error_says(place, "b", "1 of 3");
	assert_int_equal(give(place, "acme", SECRET(ID), &err), 0);
	assert_true(home_holds(place->home.credentials, "[acme]\n" NEW_A "[b]\n"));
	error_says(place, "acme", "");
	/* a whole paste ends the waiting */
	assert_int_equal(give(place, "b", "[b]\n" NEW_A2, &err), 0);
	error_says(place, "b", "");
	assert_false(
		secret_is_set(&core_account(place->core, "b")->pending.creds.secret_key));
}

static void bare_values_of_another_account(void **state)
{
	struct place *place = *state;
	struct err err = ERR_INIT;

	home_replace(place->home.credentials, "[acme]\n" NEW_B);
	assert_int_equal(give(place, "acme", ID, &err), 0);
	assert_int_equal(give(place, "acme", SECRET(ID), &err), 0);
	assert_int_equal(give(place, "acme", TOKEN(ID), &err), -EINVAL);
	assert_non_null(strstr(err.text, "of account " A));
	assert_true(home_holds(place->home.credentials, "[acme]\n" NEW_B));
	assert_int_equal(give(place, "acme", "force\n" TOKEN(ID), &err), 0);
	assert_true(home_holds(place->home.credentials, "[acme]\n" NEW_A));
}

static void bare_values_are_wiped_in_time(void **state)
{
	struct place *place = *state;
	struct err err = ERR_INIT;
	struct pending *pending;

	assert_int_equal(give(place, "acme", ID, &err), 0);
	pending = &core_account(place->core, "acme")->pending;
	core_tidy(place->core);
	assert_true(secret_is_set(&pending->creds.key_id));
	pending->until = clock_monotonic_ms();
	core_tidy(place->core);
	assert_false(secret_is_set(&pending->creds.key_id));
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_account_of_the_profile),
		cmocka_unit_test(blocks_find_their_profiles),
		cmocka_unit_test(all_blocks_or_none),
		CASE(into_a_broken_file),
		CASE(force_and_forget_forget_whose_it_was),
		CASE(bare_values_are_wiped_in_time),
		CASE(bare_values_of_another_account),
		CASE(bare_values_wait_for_each_other),
		CASE(incomplete_text_is_no_bare_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
