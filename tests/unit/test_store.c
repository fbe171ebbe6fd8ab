/* core_store() from the pasted text to the bytes in the file. */
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
#include "io/file.h"
#include "support/home.h"

#define ID     "ASIARZPUZDIKAAQWERTY"
#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define TOKEN  "IQoJb3JpZ2luX2VjEXAMPLE//token+/=="
#define LONG   "AKIARZPUZDIKAAQWERTY"

/* The next token. */
#define ID_2	 "ASIARZPUZDIKBQWERTYU"
#define SECRET_2 "ZJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define TOKEN_2	 "IQoJb3JpZ2luX2VjANOTHER//token+/=="

/* What three different sets of values look like in the file. */
#define THREE                                                         \
	"aws_access_key_id = " ID "\naws_secret_access_key = " SECRET \
	"\naws_session_token = " TOKEN "\n"
#define TWO "aws_access_key_id = " LONG "\naws_secret_access_key = " SECRET_2 "\n"
#define STALE                                                                        \
	"aws_access_key_id = old\naws_secret_access_key = old\naws_session_token = " \
	"old\n"

struct place {
	struct home home;
	struct core *core;
};

/* Three values in the file's form. */
#define VALUES(id, secret, token)                                     \
	"aws_access_key_id = " id "\naws_secret_access_key = " secret \
	"\naws_session_token = " token "\n"

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

static int store(
	struct place *place, const char *account, const char *text, struct err *err)
{
	const struct patience patience = { .deadline = clock_monotonic_ms() + 5000 };

	return core_store(place->core, account, (struct slice){ text, strlen(text) },
		&patience, err);
}

static void must_store(struct place *place, const char *account, const char *text)
{
	struct err err = ERR_INIT;

	if (store(place, account, text, &err))
		fail_msg("%s\nwas refused: %s", text, err.text);
}

/* Refused with @errnum and a sentence with @says, without the secrets; the file stays. */
static void must_refuse(struct place *place, const char *account, const char *text,
	int errnum, const char *says)
{
	struct file_version before, after;
	struct err err = ERR_INIT;
	int r;

	assert_int_equal(file_look(place->home.credentials, &before, NULL), 0);
	r = store(place, account, text, &err);
	assert_int_equal(file_look(place->home.credentials, &after, NULL), 0);
	if (r != -errnum || err.errnum != errnum || !strstr(err.text, says) ||
		!strstr(err.text, "was not changed") || !file_same(&before, &after))
		fail_msg("%s\ngave %d: %s", text, r, err.text);
	assert_null(strstr(err.text, ID));
	assert_null(strstr(err.text, SECRET));
	assert_null(strstr(err.text, TOKEN));
}

/* Every form gives the same three lines. */
static void test_forms(void **state)
{
	static const char *const forms[] = {
		"[p]\n" THREE,
		"[another_name]\n" THREE,
		THREE,
		"[p]\naws_access_key_id=" ID "\naws_secret_access_key=" SECRET
		"\naws_session_token=" TOKEN,
		"[p]\r\naws_access_key_id = " ID "\r\naws_secret_access_key = " SECRET
		"\r\naws_session_token = " TOKEN "\r\n",
		"\n\xef\xbb\xbf\n# from the portal\n  aws_access_key_id =  " ID
		"\naws_secret_access_key\t=\t" SECRET "\naws_session_token = " TOKEN
		"  \n",
		"export AWS_ACCESS_KEY_ID=\"" ID
		"\"\nexport AWS_SECRET_ACCESS_KEY=\"" SECRET
		"\"\nexport AWS_SESSION_TOKEN=\"" TOKEN "\"\n",
		"export AWS_ACCESS_KEY_ID=" ID "\nexport AWS_SECRET_ACCESS_KEY=" SECRET
		"\nexport AWS_SESSION_TOKEN=" TOKEN,
		"SET AWS_ACCESS_KEY_ID=" ID "\r\nSET AWS_SECRET_ACCESS_KEY=" SECRET
		"\r\nSET AWS_SESSION_TOKEN=" TOKEN "\r\n",
		"$Env:AWS_ACCESS_KEY_ID=\"" ID "\"\n$Env:AWS_SECRET_ACCESS_KEY=\"" SECRET
		"\"\n$Env:AWS_SESSION_TOKEN=\"" TOKEN "\"\n",
		"AWS_ACCESS_KEY_ID=" ID "\nAWS_SECRET_ACCESS_KEY=" SECRET
		"\nAWS_SESSION_TOKEN=" TOKEN "\n",
		"aws_session_token = " TOKEN "\naws_secret_access_key = " SECRET
		"\naws_access_key_id = " ID "\n",
	};
	struct place *place = *state;

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		home_replace(place->home.credentials,
			"# mine\n[a]\nx=1\n\n[p]\n" STALE
			"region = eu-west-1\n\n[z]\ny =2\n");
		must_store(place, "p", forms[i]);
		if (!home_holds(place->home.credentials,
			    "# mine\n[a]\nx=1\n\n[p]\n" THREE
			    "region = eu-west-1\n\n[z]\ny =2\n"))
			fail_msg("form %zu", i);
	}
}

static void test_new_file(void **state)
{
	struct place *place = *state;
	struct file_version version;

	must_store(place, "p", THREE);
	assert_true(home_holds(place->home.credentials, "[p]\n" THREE));
	assert_int_equal(file_look(place->home.credentials, &version, NULL), 0);
	assert_int_equal(version.mode & 07777, 0600);
	assert_true(core_has(place->core, "p"));
	/* also where the folder is missing */
	assert_int_equal(unlink(place->home.credentials), 0);
	(void)unlink(place->home.config);
	must_store(place, "q r", TWO);
	assert_true(home_holds(place->home.credentials, "[q r]\n" TWO));
}

static void test_config_only_profile(void **state)
{
	struct place *place = *state;

	home_replace(place->home.config, "[profile p]\nregion = eu-west-1\n");
	home_replace(place->home.credentials, "[a]\nx = 1\n");
	must_store(place, "p", THREE);
	assert_true(home_holds(place->home.credentials, "[a]\nx = 1\n\n[p]\n" THREE));
	assert_true(home_holds(place->home.config, "[profile p]\nregion = eu-west-1\n"));
}

static void test_long_term_keys_drop_the_token(void **state)
{
	struct place *place = *state;

	home_replace(place->home.credentials,
		"[p]\n" STALE
		"aws_security_token = old\nexpires = 2015-08-30T12:36:00Z\n");
	must_store(place, "p", TWO);
	assert_true(home_holds(place->home.credentials, "[p]\n" TWO));
}

/* botocore prefers the older name: it must not keep an old token. */
static void test_security_token(void **state)
{
	struct place *place = *state;

	home_replace(place->home.credentials, "[p]\n" STALE "AWS_Security_Token = old\n");
	must_store(place, "p", THREE);
	assert_true(home_holds(place->home.credentials,
		"[p]\n" THREE "AWS_Security_Token = " TOKEN "\n"));
	/* and is not made where it was not */
	home_replace(place->home.credentials, "[p]\n" STALE);
	must_store(place, "p", THREE);
	assert_true(home_holds(place->home.credentials, "[p]\n" THREE));
}

static void test_expiry_keys(void **state)
{
	struct place *place = *state;

	home_replace(place->home.credentials,
		"[p]\n" STALE "aws_session_expiration = 2015-08-30T12:36:00Z\n"
		"aws_credential_expiration = 1\nAWS_Expiration = 1\nexpiration = 1\n"
		"expires = 1\nx_security_token_expires = 1\nregion = eu-west-1\n"
		"[q]\nexpires = 1\n");
	must_store(place, "p", THREE);
	assert_true(home_holds(place->home.credentials,
		"[p]\n" THREE "region = eu-west-1\n[q]\nexpires = 1\n"));
	/* one that the paste tells is kept, in one place */
	home_replace(place->home.credentials, "[p]\n" STALE "expires = 1\n");
	must_store(place, "p", THREE "aws_expiration = 2030-01-02T03:04:05+00:00\n");
	assert_true(home_holds(place->home.credentials,
		"[p]\n" THREE "x_security_token_expires = 2030-01-02T03:04:05Z\n"));
	home_replace(place->home.credentials,
		"[p]\n" STALE "x_security_token_expires = 2015-08-30T12:36:00Z\n");
	must_store(place, "p", THREE "expiration = 2030-01-02T03:04:05Z\n");
	assert_true(home_holds(place->home.credentials,
		"[p]\n" THREE "x_security_token_expires = 2030-01-02T03:04:05Z\n"));
}

static void test_forget(void **state)
{
	struct place *place = *state;

	home_replace(place->home.credentials,
		"[a]\n" TWO "[p]\n" THREE "aws_security_token = x\nexpires = 1\n"
		"x_security_token_expires = 1\nregion = eu-west-1\n");
	must_store(place, "p", "forget\n");
	assert_true(home_holds(
		place->home.credentials, "[a]\n" TWO "[p]\nregion = eu-west-1\n"));
	/* again, or where there is nothing */
	must_store(place, "p", "forget");
	must_store(place, "nobody", " forget \r\n");
	assert_true(home_holds(
		place->home.credentials, "[a]\n" TWO "[p]\nregion = eu-west-1\n"));
	must_store(place, "a", "\nforget\n\n");
	assert_true(
		home_holds(place->home.credentials, "[a]\n[p]\nregion = eu-west-1\n"));
}

static void test_forget_makes_no_file(void **state)
{
	struct place *place = *state;

	must_store(place, "p", "forget\n");
	assert_int_equal(access(place->home.credentials, F_OK), -1);
}

static void test_same_again_changes_nothing(void **state)
{
	struct place *place = *state;
	struct file_version before, after;

	home_replace(place->home.credentials, "[p]\n" THREE);
	assert_int_equal(file_look(place->home.credentials, &before, NULL), 0);
	must_store(place, "p", "[p]\n" THREE);
	assert_int_equal(file_look(place->home.credentials, &after, NULL), 0);
	assert_true(file_same(&before, &after));
}

/* Other keys of the section: fine as the file has them, or when they are no settings. */
static void test_extras(void **state)
{
	struct place *place = *state;

	home_replace(place->home.credentials,
		"[p]\n" STALE "region = eu-west-1\ncli_pager =\ncli_history = on\n");
	must_store(place, "p", "[p]\n" THREE "region = eu-west-1\ncli_history = on\n");
	must_refuse(place, "p", "[p]\n" TWO "region = us-east-1\n", EINVAL, "`region'");
	must_refuse(place, "p", "[p]\n" TWO "cli_history = off\n", EINVAL, "line 4");
	must_refuse(place, "p", "[p]\n" TWO "cli_timestamp_format = iso\n", EINVAL,
		"credentials only");
	/* an edit that also changes credentials is refused as a whole */
	assert_true(home_holds(place->home.credentials,
		"[p]\n" THREE "region = eu-west-1\ncli_pager =\ncli_history = on\n"));
	/* what tools print beside the keys */
	must_store(place, "q",
		"[q]\n" TWO "output = json\naws_account_id = 1\nx_principal_arn = a\n"
		"region = eu-west-1\n");
	assert_true(home_holds(place->home.credentials,
		"[p]\n" THREE
		"region = eu-west-1\ncli_pager =\ncli_history = on\n\n[q]\n" TWO));
	/* another profile's keys do not count */
	must_refuse(
		place, "q", "[q]\n" THREE "cli_history = on\n", EINVAL, "`cli_history'");
}

static void test_refused_pastes(void **state)
{
	static const struct {
		const char *text;
		int errnum;
		const char *says;
	} rows[] = {
		{ "", ENODATA, "" },
		{ "\n\n# nothing\n", ENODATA, "" },
		{ "[p]\n", ENODATA, "" },
		{ "aws_access_key_id = " ID "\n", ENODATA, "" },
		{ "aws_access_key_id = " LONG "\naws_secret_access_key =\n", ENODATA,
			"" },
		{ "aws_access_key_id = " ID "\naws_secret_access_key = " SECRET "\n",
			EINVAL, "token" },
		{ "garbage\n", EINVAL, "line 1" },
		{ THREE "[q]\n" THREE, EINVAL, "line 4" },
		{ "[p]\n" THREE "[q]\n" TWO, EINVAL, "line 5" },
		{ "aws_access_key_id = " LONG "\naws_secret_access_key = short\n", EINVAL,
			"line 2" },
		{ "aws_access_key_id = AKIAshort\naws_secret_access_key = " SECRET "\n",
			EINVAL, "line 1" },
		{ THREE "forget\n", EINVAL, "line 4" },
		{ "forget it\n", EINVAL, "line 1" },
		{ THREE "\x01\n", EINVAL, "line 4" },
	};
	struct place *place = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		must_refuse(place, "p", rows[i].text, rows[i].errnum, rows[i].says);
		assert_int_equal(access(place->home.credentials, F_OK), -1);
	}
	home_replace(place->home.credentials, "[p]\n" STALE);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		must_refuse(place, "p", rows[i].text, rows[i].errnum, rows[i].says);
	assert_true(home_holds(place->home.credentials, "[p]\n" STALE));
}

/* Files that some reader would not read after us: told with the line, and left alone. */
static void test_refused_files(void **state)
{
	static const struct {
		const char *text;
		const char *says;
	} rows[] = {
		{ "[p]\n" STALE "[q]\n[p]\n", "line 6" },
		{ "[p]\n" STALE "aws_session_token = x\n", "line 5" },
		{ "[q]\n[q]\n", "line 2" },
		{ "x = 1\n[p]\n", "line 1" },
		{ "[p]\nx\n", "line 2" },
	};
	struct place *place = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		home_replace(place->home.credentials, rows[i].text);
		must_refuse(place, "p", THREE, EBADMSG, rows[i].says);
		must_refuse(place, "p", THREE, EBADMSG, place->home.credentials);
		assert_true(home_holds(place->home.credentials, rows[i].text));
	}
}

static void test_refused_names(void **state)
{
	static const char *const names[] = { "a]b", "a\nb", "a[b", "DEFAULT", "profile x",
		"" };
	struct place *place = *state;

	home_replace(place->home.credentials, "[p]\n" STALE);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		must_refuse(place, names[i], THREE, EINVAL, place->home.credentials);
}

static void test_refused_by_the_disk(void **state)
{
	struct place *place = *state;
	struct err err = ERR_INIT;

	assert_int_equal(mkdir(place->home.credentials, 0700), 0);
	assert_int_equal(store(place, "p", THREE, &err), -EISDIR);
	assert_non_null(strstr(err.text, "was not changed"));
	assert_int_equal(rmdir(place->home.credentials), 0);
}

static void test_limit(void **state)
{
	struct place *place = *state;
	_cleanup_buf_ struct buf text = BUF_INIT;

	buf_adds(&text, THREE);
	while (text.len <= 64 * 1024)
		buf_adds(&text, "# and so on\n");
	must_refuse(place, "p", buf_text(&text), EFBIG, "");
}

static void test_link_stays(void **state)
{
	struct place *place = *state;
	char real[128];
	struct stat st;

	(void)snprintf(real, sizeof(real), "%s/dotfiles", place->home.folder);
	home_replace(real, "[p]\n" STALE);
	assert_int_equal(symlink("dotfiles", place->home.credentials), 0);
	must_store(place, "p", THREE);
	assert_int_equal(lstat(place->home.credentials, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_true(home_holds(real, "[p]\n" THREE));
}

static void check_profile(struct place *place, const char *account, const char *text)
{
	_cleanup_buf_ struct buf out = BUF_INIT_SECRET;
	struct timespec mtime = { .tv_sec = -1 };
	struct stat st;

	assert_int_equal(core_profile(place->core, account, &out, &mtime, NULL), 0);
	assert_string_equal(buf_text(&out), text);
	assert_int_equal(stat(place->home.credentials, &st), 0);
	assert_int_equal(mtime.tv_sec, st.st_mtim.tv_sec);
	assert_int_equal(mtime.tv_nsec, st.st_mtim.tv_nsec);
}

/* What is written is what is read, at once. */
static void test_profile(void **state)
{
	struct place *place = *state;

	home_replace(place->home.config, "[profile c]\nregion = eu-west-1\n");
	home_replace(place->home.credentials, "[a]\n# c\nx = 1\n\n[p]\r\n" STALE);
	check_profile(place, "a", "[a]\n# c\nx = 1\n\n");
	check_profile(place, "p", "[p]\r\n" STALE);
	check_profile(place, "c", "");
	check_profile(place, "nobody", "");
	must_store(place, "a", THREE);
	check_profile(place, "a", "[a]\n" THREE "# c\nx = 1\n\n");
}

static void test_profile_unreadable(void **state)
{
	struct place *place = *state;
	_cleanup_buf_ struct buf out = BUF_INIT;
	struct timespec mtime = { .tv_sec = 0 };
	struct err err = ERR_INIT;

	assert_int_equal(mkdir(place->home.credentials, 0700), 0);
	assert_int_equal(core_profile(place->core, "p", &out, &mtime, &err), -EISDIR);
	assert_int_equal(rmdir(place->home.credentials), 0);
}

static void test_accounts(void **state)
{
	struct place *place = *state;
	struct names names = NAMES_INIT;

	assert_int_equal(core_accounts(place->core, &names, NULL), 0);
	assert_int_equal(names.count, 0);
	names_done(&names);
	home_replace(place->home.config, "[profile c]\n[default]\n");
	home_replace(place->home.credentials, "[a]\n[c]\n");
	assert_int_equal(core_accounts(place->core, &names, NULL), 0);
	assert_int_equal(names.count, 3);
	assert_true(names_has(&names, "a") && names_has(&names, "c") &&
		    names_has(&names, "default"));
	names_done(&names);
	assert_true(core_has(place->core, "c"));
	assert_false(core_has(place->core, "b"));
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

/* An editor's or a script's patch of the old text that has only changed a part of it. */
static void half_of_a_new_triple_is_refused(void **state)
{
	struct place *place = *state;

	must_store(place, "a", "[a]\n" VALUES(ID, SECRET, TOKEN));
	must_refuse(place, "a", VALUES(ID_2, SECRET, TOKEN), EINVAL,
		"`aws_secret_access_key' is the one before");
	must_refuse(place, "a", VALUES(ID_2, SECRET_2, TOKEN), EINVAL,
		"`aws_session_token' is the one before");
	must_refuse(place, "a", VALUES(ID_2, SECRET, TOKEN_2), EINVAL,
		"`aws_secret_access_key' is the one before");
	/* the same once more, a corrected value, and all new are whole */
	must_store(place, "a", VALUES(ID, SECRET, TOKEN));
	must_store(place, "a", VALUES(ID, SECRET, TOKEN_2));
	must_store(place, "a", VALUES(ID_2, SECRET_2, TOKEN));
	/* an emulator takes anything */
	must_store(place, "e", "aws_access_key_id=one\naws_secret_access_key=test\n");
	must_store(place, "e", "aws_access_key_id=two\naws_secret_access_key=test\n");
}

#define OTHERS "[one]\n" TWO "[two]\n" TWO

static void *write_the_rest(void *arg)
{
	struct place *place = arg;

	(void)usleep(300000);
	home_overwrite(place->home.credentials, OTHERS);
	return NULL;
}

/* Another tool has emptied the file and will write it: what it writes stays. */
static void waits_for_a_file_that_is_just_written(void **state)
{
	struct place *place = *state;
	pthread_t thread;

	home_replace(place->home.credentials, OTHERS);
	assert_true(core_has(place->core, "one"));
	home_overwrite(place->home.credentials, "");
	assert_int_equal(pthread_create(&thread, NULL, write_the_rest, place), 0);
	must_store(place, "one", VALUES(ID, SECRET, TOKEN));
	(void)pthread_join(thread, NULL);
	assert_true(home_holds(place->home.credentials, "[one]\n" THREE "[two]\n" TWO));
	/* one that stays empty is meant so */
	home_overwrite(place->home.credentials, "");
	must_store(place, "one", VALUES(ID, SECRET, TOKEN));
	assert_true(home_holds(place->home.credentials, "[one]\n" THREE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_forms),
		CASE(test_new_file),
		CASE(test_config_only_profile),
		CASE(test_long_term_keys_drop_the_token),
		CASE(test_security_token),
		CASE(test_expiry_keys),
		CASE(test_forget),
		CASE(test_forget_makes_no_file),
		CASE(test_same_again_changes_nothing),
		CASE(test_extras),
		CASE(test_refused_pastes),
		CASE(test_refused_files),
		CASE(test_refused_names),
		CASE(test_refused_by_the_disk),
		CASE(test_limit),
		CASE(test_link_stays),
		CASE(test_profile),
		CASE(test_profile_unreadable),
		CASE(test_accounts),
		CASE(half_of_a_new_triple_is_refused),
		CASE(waits_for_a_file_that_is_just_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
