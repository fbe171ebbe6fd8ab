#include "acct/session.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define KEY    "aws_access_key_id = "
#define SECRET "aws_secret_access_key = "
#define TOKEN  "aws_session_token = "
#define PAIR   KEY "AKIAFIRST00000000001\n" SECRET "first-secret\n"
#define OTHER  KEY "AKIAOTHER00000000002\n" SECRET "other-secret\n"

static void part_init(struct files_part *part, enum awsfile_kind kind, const char *text)
{
	part->text = (struct buf)BUF_INIT_SECRET;
	part->version.exists = text != NULL;
	part->version.mode = S_IFREG | 0600;
	buf_adds(&part->text, text ? text : "");
	assert_int_equal(
		awsfile_parse(&part->file, kind,
			(struct slice){ buf_text(&part->text), part->text.len }, NULL),
		0);
}

/* A view of these two texts; NULL: no such file. */
static struct view *view_of(const char *credentials, const char *config)
{
	struct view *view = calloc(1, sizeof(*view));

	assert_non_null(view);
	atomic_init(&view->references, 1);
	part_init(&view->credentials, AWSFILE_CREDENTIALS, credentials);
	part_init(&view->config, AWSFILE_CONFIG, config);
	return view;
}

static void test_sources(void **state)
{
	static const struct {
		const char *credentials;
		const char *config;
		const char *key_id;
		const char *secret_key;
		const char *token;
		enum session_source source;
	} rows[] = {
		{ "[p]\n" PAIR, NULL, "AKIAFIRST00000000001", "first-secret", "",
			SESSION_CREDENTIALS_FILE },
		{ "[p]\n" PAIR TOKEN "t/1=\n", NULL, "AKIAFIRST00000000001",
			"first-secret", "t/1=", SESSION_CREDENTIALS_FILE },
		/* the credentials file goes before the config file, whole */
		{ "[p]\n" PAIR, "[profile p]\n" OTHER TOKEN "other-token\n",
			"AKIAFIRST00000000001", "first-secret", "",
			SESSION_CREDENTIALS_FILE },
		{ NULL, "[profile p]\n" OTHER TOKEN "other-token\n",
			"AKIAOTHER00000000002", "other-secret", "other-token",
			SESSION_CONFIG_FILE },
		{ "[q]\n" PAIR, "[profile p]\n" OTHER, "AKIAOTHER00000000002",
			"other-secret", "", SESSION_CONFIG_FILE },
		/* a section without keys, or with empty ones, has no half of a pair */
		{ "[p]\nregion = eu-west-1\n", "[profile p]\n" OTHER,
			"AKIAOTHER00000000002", "other-secret", "", SESSION_CONFIG_FILE },
		{ "[p]\n" KEY "\n" SECRET "\n", "[profile p]\n" OTHER,
			"AKIAOTHER00000000002", "other-secret", "", SESSION_CONFIG_FILE },
		/* a token alone does not make credentials, and is left where it is */
		{ "[p]\n" TOKEN "first-token\n", "[profile p]\n" OTHER,
			"AKIAOTHER00000000002", "other-secret", "", SESSION_CONFIG_FILE },
		/* the older name of the token */
		{ "[p]\n" PAIR "aws_security_token = old\n", NULL, "AKIAFIRST00000000001",
			"first-secret", "old", SESSION_CREDENTIALS_FILE },
		{ "[p]\n" PAIR "aws_security_token = old\n" TOKEN "new\n", NULL,
			"AKIAFIRST00000000001", "first-secret", "new",
			SESSION_CREDENTIALS_FILE },
		{ "[p]\nAWS_ACCESS_KEY_ID=k\nAws_Secret_Access_Key=s\n", NULL, "k", "s",
			"", SESSION_CREDENTIALS_FILE },
		/* comments behind values */
		{ "[p]\n" KEY "k # one\n" SECRET "s#t;u ; two\n" TOKEN "t\t# three\n",
			NULL, "k", "s#t;u", "t", SESSION_CREDENTIALS_FILE },
		{ "[p]\n" KEY "k  \t ;\n" SECRET "s\t;;\n" TOKEN " t  \n", NULL, "k", "s",
			"t", SESSION_CREDENTIALS_FILE },
		/* the last one counts, as for SDKs */
		{ "[p]\n" PAIR "[p]\n" OTHER, NULL, "AKIAOTHER00000000002",
			"other-secret", "", SESSION_CREDENTIALS_FILE },
		{ "[p]\r\n" KEY "k\r\n" SECRET "s\r\n", NULL, "k", "s", "",
			SESSION_CREDENTIALS_FILE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_view_ struct view *view =
			view_of(rows[i].credentials, rows[i].config);
		_cleanup_session_ struct session session = SESSION_INIT;
		struct err err = ERR_INIT;

		if (session_find(view, "p", &session, &err))
			fail_msg("row %zu: %s", i, err.text);
		assert_string_equal(secret_text(&session.creds.key_id), rows[i].key_id);
		assert_string_equal(
			secret_text(&session.creds.secret_key), rows[i].secret_key);
		assert_string_equal(secret_text(&session.creds.token), rows[i].token);
		assert_int_equal(session.source, rows[i].source);
	}
}

static void test_none(void **state)
{
	static const struct {
		const char *credentials;
		const char *config;
		int errnum;
		const char *says;
	} rows[] = {
		{ NULL, NULL, ENOKEY, "has no credentials" },
		{ "", "", ENOKEY, "has no credentials" },
		{ "[q]\n" PAIR, "[profile q]\n" OTHER, ENOKEY, "has no credentials" },
		{ "[p]\nregion = x\n", NULL, ENOKEY, "has no credentials" },
		{ NULL, "[profile p]\nsso_session = s\n", ENOKEY, "an SSO session" },
		{ NULL, "[profile p]\nsso_start_url = s\n", ENOKEY, "an SSO start URL" },
		{ NULL, "[profile p]\nrole_arn = s\n", ENOKEY, "a role to assume" },
		{ NULL, "[profile p]\ncredential_process = s\n", ENOKEY,
			"a credential process" },
		{ NULL, "[profile p]\nlogin_session = s\n", ENOKEY, "a console login" },
		{ "[p]\n" KEY "k\n", NULL, EINVAL, "the credentials file" },
		{ "[p]\n" SECRET "s\n", NULL, EINVAL, "one half" },
		{ "[p]\n" KEY "k\n" SECRET "\n", NULL, EINVAL, "the credentials file" },
		{ NULL, "[profile p]\n" KEY "k\n", EINVAL, "the config file" },
		/* halves of two files are no pair */
		{ "[p]\n" KEY "k\n", "[profile p]\n" SECRET "s\n", EINVAL,
			"the credentials file" },
		{ "[p]\n" KEY "k\n", "[profile p]\n" OTHER, EINVAL,
			"the credentials file" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_view_ struct view *view =
			view_of(rows[i].credentials, rows[i].config);
		_cleanup_session_ struct session session = { .expires = 4711 };
		struct err err = ERR_INIT;
		int r = session_find(view, "p", &session, &err);

		if (r != -rows[i].errnum || err.errnum != rows[i].errnum ||
			!strstr(err.text, rows[i].says) || !strstr(err.text, "`p'") ||
			!strstr(err.text, "paste "))
			fail_msg("row %zu: %d: %s", i, r, err.text);
		assert_int_equal(session.expires, 4711);
		assert_false(secret_is_set(&session.creds.key_id));
	}
}

static void test_unreadable(void **state)
{
	_cleanup_view_ struct view *view = view_of("[p]\n" PAIR, "[profile p]\n" OTHER);
	_cleanup_session_ struct session session = SESSION_INIT;
	struct err err = ERR_INIT;

	(void)state;
	/* the second file does not matter when the first one has them */
	(void)err_set(&view->config.err, EACCES, "no access to config");
	assert_int_equal(session_find(view, "p", &session, &err), 0);
	(void)err_set(&view->credentials.err, EIO, "cannot read credentials");
	assert_int_equal(session_find(view, "p", &session, &err), -EIO);
	assert_string_equal(err.text, "cannot read credentials");
	view->credentials.err.errnum = 0;
	assert_int_equal(session_find(view, "q", &session, &err), -EACCES);
	assert_string_equal(err.text, "no access to config");
}

static void test_key_is_described(void **state)
{
	static const struct {
		const char *key_id;
		const char *tail;
		const char *account;
	} rows[] = {
		{ "ASIARZPUZDIKAAQWERTY", "ERTY", "123456789012" },
		{ "ASIAQNZGKIQYQAQWERTY", "ERTY", "029608264753" },
		{ "AKIAIOSFODNN7EXAMPLE", "MPLE", "" },
		{ "test", "", "" },
		{ "1234567", "", "" },
		{ "12345678", "5678", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_buf_ struct buf text = BUF_INIT;
		_cleanup_view_ struct view *view = NULL;
		_cleanup_session_ struct session session = SESSION_INIT;

		buf_addf(&text, "[p]\n" KEY "%s\n" SECRET "s\n", rows[i].key_id);
		view = view_of(buf_text(&text), NULL);
		assert_int_equal(session_find(view, "p", &session, NULL), 0);
		assert_string_equal(session.key_tail, rows[i].tail);
		assert_string_equal(session.key_account, rows[i].account);
	}
}

static void test_expiry(void **state)
{
	static const struct {
		const char *lines;
		int64_t expires;
	} rows[] = {
		{ "", 0 },
		{ "expiration = 2015-08-30T12:36:00Z # soon\n", 1440938160 },
		{ "Expiration = 2015-08-30T14:36:00+02:00\n", 1440938160 },
		{ "expiration = never\n", 0 },
		{ "expiration = \n", 0 },
		/* in the order of the table, the first that is a time */
		{ "expires = 1\nx_security_token_expires = 2\n", 2 },
		{ "expires = 1\nx_security_token_expires = later\n", 1 },
		{ "expires = 1\nx_security_token_expires = later\nexpiration = 3\n", 3 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_buf_ struct buf text = BUF_INIT;
		_cleanup_view_ struct view *view = NULL;
		_cleanup_session_ struct session session = SESSION_INIT;

		buf_addf(&text, "[p]\n" PAIR "%s", rows[i].lines);
		/* a time in the file that does not give the keys means nothing */
		view = view_of(buf_text(&text), "[profile p]\nexpires = 99\n");
		assert_int_equal(session_find(view, "p", &session, NULL), 0);
		assert_int_equal(session.expires, rows[i].expires);
	}
}

static void test_every_expiry_key(void **state)
{
	size_t count = 0;

	(void)state;
	for (; session_expiry_keys[count]; count++) {
		_cleanup_buf_ struct buf text = BUF_INIT;
		_cleanup_view_ struct view *view = NULL;
		_cleanup_session_ struct session session = SESSION_INIT;

		buf_addf(&text, "[profile p]\n" PAIR "%s = 1440938160\n",
			session_expiry_keys[count]);
		view = view_of("[p]\nexpires = 99\n", buf_text(&text));
		assert_int_equal(session_find(view, "p", &session, NULL), 0);
		assert_int_equal(session.expires, 1440938160);
	}
	assert_int_equal(count, 6);
}

/* What one warning says, or NULL: there is none. */
struct warning {
	const char *profile;
	const char *credentials;
	const char *config;
	mode_t mode;
	const char *says;
};

#define P      "[p]\n" PAIR
#define NAMED  "123456789012_Admin"
#define OF(id) "[" NAMED "]\n" KEY id "\n" SECRET "first-secret\n"

static const struct warning warnings[] = {
	{ "p", P, NULL, 0600, NULL },
	{ "p", P, "[profile p]\nregion = eu-west-1\n", 0400, NULL },
	{ "p", P, "[profile p]\nsso_account_id = 1\n", 0600, "sso_ keys" },
	{ "p", P, "[profile p]\nsso_role_name = 1\n", 0600, "sso_ keys" },
	{ "p", P, "[profile p]\nsso_session = 1\n", 0600, "sso_ keys" },
	{ "p", P, "[profile p]\nsso_start_url = 1\n", 0600, "sso_ keys" },
	{ "p", P, "[profile q]\nsso_start_url = 1\n[sso-session p]\nsso_region = x\n",
		0600, NULL },
	{ "p", P, "[profile p]\nrole_arn = 1\n", 0600, "role_arn" },
	{ "p", P "role_arn = 1\n", NULL, 0600, "role_arn" },
	{ "p", P, "[profile p]\ncredential_process = 1\n", 0600, "credential_process" },
	{ "p", P "aws_security_token = t\n", NULL, 0600, "aws_security_token" },
	{ "p", P TOKEN "t\naws_security_token = u\n", NULL, 0600, "aws_security_token" },
	{ "p", P TOKEN "t\naws_security_token = tt\n", NULL, 0600, "aws_security_token" },
	{ "p", P TOKEN "t\naws_security_token = t\n", NULL, 0600, NULL },
	{ "p", P, NULL, 0640, "mode 0640" },
	{ "p", P, NULL, 0604, "mode 0604" },
	{ "p", P, NULL, 0620, "mode 0620" },
	{ "p", P, NULL, 0610, "mode 0610" },
	{ "p", P, NULL, 0700, NULL },
	{ NAMED, OF("ASIARZPUZDIKAAQWERTY"), NULL, 0600, NULL },
	{ NAMED, OF("ASIAQNZGKIQYQAQWERTY"), NULL, 0600, "account 029608264753, not to" },
	{ NAMED, OF("AKIAIOSFODNN7EXAMPLE"), NULL, 0600, NULL },
	{ "p", P "[p]\n", NULL, 0600, "cannot read the credentials file: line 4" },
	{ "p", P, "[profile p]\nx\n", 0600, "cannot read the config file: line 2" },
};

static void test_warnings(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(warnings); i++) {
		const struct warning *row = &warnings[i];
		_cleanup_view_ struct view *view = view_of(row->credentials, row->config);
		_cleanup_session_ struct session session = SESSION_INIT;
		_cleanup_buf_ struct buf text = BUF_INIT;

		view->credentials.version.mode = S_IFREG | row->mode;
		assert_int_equal(session_find(view, row->profile, &session, NULL), 0);
		session_warn(view, row->profile, &session, &text);
		if (!row->says && text.len)
			fail_msg("row %zu: %s", i, buf_text(&text));
		if (!row->says)
			continue;
		/* one sentence, and no other */
		if (!strstr(buf_text(&text), row->says) ||
			strchr(buf_text(&text), '\n') != text.data + text.len - 1)
			fail_msg("row %zu: %s", i, buf_text(&text));
		assert_null(strstr(buf_text(&text), "first-secret"));
		assert_null(strstr(buf_text(&text), "FIRST0000"));
	}
}

/* Names that only look like the portal's. */
static void test_account_of_other_names(void **state)
{
	static const char *const names[] = { "123456789012", "123456789012-Admin",
		"12345678901_Admin", "1234567890123_Admin", "Admin_123456789012" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_buf_ struct buf in = BUF_INIT;
		_cleanup_buf_ struct buf text = BUF_INIT;
		_cleanup_view_ struct view *view = NULL;
		_cleanup_session_ struct session session = SESSION_INIT;

		buf_addf(&in, "[%s]\n" KEY "ASIAQNZGKIQYQAQWERTY\n" SECRET "s\n",
			names[i]);
		view = view_of(buf_text(&in), NULL);
		assert_int_equal(session_find(view, names[i], &session, NULL), 0);
		session_warn(view, names[i], &session, &text);
		assert_string_equal(buf_text(&text), "");
	}
}

static void test_all_warnings_at_once(void **state)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	_cleanup_view_ struct view *view = view_of(OF("ASIAQNZGKIQYQAQWERTY") TOKEN
		"t\naws_security_token = u\nrole_arn = r\n=\n",
		"[profile " NAMED "]\nsso_session = s\ncredential_process = p\n=\n");
	_cleanup_session_ struct session session = SESSION_INIT;
	size_t lines = 0;

	(void)state;
	view->credentials.version.mode = 0666;
	assert_int_equal(session_find(view, NAMED, &session, NULL), 0);
	session_warn(view, NAMED, &session, &text);
	for (const char *at = buf_text(&text); (at = strchr(at, '\n')); at++)
		lines++;
	assert_int_equal(lines, 8);
}

/* A file that is not there has no mode. */
static void test_warnings_without_file(void **state)
{
	_cleanup_view_ struct view *view = view_of(NULL, "[profile p]\n" PAIR);
	_cleanup_session_ struct session session = SESSION_INIT;
	_cleanup_buf_ struct buf text = BUF_INIT;

	(void)state;
	view->credentials.version.mode = 0777;
	assert_int_equal(session_find(view, "p", &session, NULL), 0);
	session_warn(view, "p", &session, &text);
	assert_string_equal(buf_text(&text), "");
}

static void test_done_wipes(void **state)
{
	_cleanup_view_ struct view *view = view_of("[p]\n" PAIR TOKEN "t\n", NULL);
	struct session session = SESSION_INIT;

	(void)state;
	assert_int_equal(session_find(view, "p", &session, NULL), 0);
	/* into one that is filled */
	assert_int_equal(session_find(view, "p", &session, NULL), 0);
	session_done(&session);
	assert_false(secret_is_set(&session.creds.key_id));
	assert_false(secret_is_set(&session.creds.secret_key));
	assert_false(secret_is_set(&session.creds.token));
	session_done(&session);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sources),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_key_is_described),
		cmocka_unit_test(test_expiry),
		cmocka_unit_test(test_every_expiry_key),
		cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_account_of_other_names),
		cmocka_unit_test(test_all_warnings_at_once),
		cmocka_unit_test(test_warnings_without_file),
		cmocka_unit_test(test_done_wipes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
