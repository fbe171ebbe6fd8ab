#include "text/paste.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

#define TEXT(literal) literal, sizeof(literal) - 1

#define ID     "ASIAQNZGKIQY56JQ7WML"
#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define TOKEN  "IQoJb3JpZ2luX2VjEXAMPLE/+token=="
#define LONG   "AKIAIOSFODNN7EXAMPLE"
#define NBSP   "\xc2\xa0"
#define ZWSP   "\xe2\x80\x8b"
#define BOM    "\xef\xbb\xbf"

#define INI   "aws_access_key_id=" ID "\naws_secret_access_key=" SECRET "\n"
#define INI_T INI "aws_session_token=" TOKEN "\n"
#define TEST  "aws_access_key_id = test\naws_secret_access_key = test\n"

struct good {
	const char *text;
	size_t len;
	const char *header; /* NULL: none */
	const char *key_id, *secret, *token;
	const char *extras; /* name@line=<value> of each */
	int64_t expires;
};

static const struct good ini_rows[] = {
	/* the portal's Option 2, today and in 2021 */
	{ TEXT("[123456789012_Admin]\n" INI "aws_session_token=" TOKEN),
		"123456789012_Admin", ID, SECRET, TOKEN, "", 0 },
	{ TEXT("[123456789012_Admin]\naws_access_key_id = " ID
	       "\naws_secret_access_key = " SECRET "\naws_session_token = " TOKEN "\n"),
		"123456789012_Admin", ID, SECRET, TOKEN, "", 0 },
	{ TEXT(INI_T), NULL, ID, SECRET, TOKEN, "", 0 },
	{ TEXT("[other=name,x@y]\n" INI_T), "other=name,x@y", ID, SECRET, TOKEN, "", 0 },
	{ TEXT("\n\n[ a ] # mine\n\n" INI_T "\n"), "a", ID, SECRET, TOKEN, "", 0 },
	{ TEXT("[a];c\n" INI_T), "a", ID, SECRET, TOKEN, "", 0 },
	/* what browsers and editors do to it */
	{ TEXT(BOM "[a]\r\naws_access_key_id=" ID "\r\naws_secret_access_key=" SECRET
		   "\r\naws_session_token=" TOKEN "\r\n"),
		"a", ID, SECRET, TOKEN, "", 0 },
	{ TEXT(NBSP "[a]" NBSP "\raws_access_key_id" NBSP "=" NBSP ID ZWSP
		    "\raws_secret_access_key" ZWSP "=" SECRET
		    "\raws_session_token=" TOKEN),
		"a", ID, SECRET, TOKEN, "", 0 },
	{ TEXT("  [a]\n  # c\n\taws_access_key_id=" ID
	       "\n   aws_secret_access_key=" SECRET
	       "   \n; c\n    aws_session_token=" TOKEN),
		"a", ID, SECRET, TOKEN, "", 0 },
	{ TEXT("# \xc3\xa9\n[\xc3\xa9]\n" INI_T), "\xc3\xa9", ID, SECRET, TOKEN, "", 0 },
	{ TEXT("aws_access_key_id=\"" ID "\"\naws_secret_access_key='" SECRET
	       "'\naws_session_token: " TOKEN " # c\n"),
		NULL, ID, SECRET, TOKEN, "", 0 },
	{ TEXT("AWS_ACCESS_KEY_ID = " ID " ; c\nAws_Secret_Access_Key=" SECRET
	       "\naws_security_token=" TOKEN),
		NULL, ID, SECRET, TOKEN, "", 0 },
	{ TEXT(INI_T "aws_security_token=" TOKEN "\n" INI), NULL, ID, SECRET, TOKEN, "",
		0 },
	{ TEXT(INI_T "aws_security_token=\n"), NULL, ID, SECRET, TOKEN, "", 0 },
	/* long-term keys and emulators */
	{ TEXT("aws_access_key_id=" LONG "\naws_secret_access_key=" SECRET), NULL, LONG,
		SECRET, NULL, "", 0 },
	{ TEXT("aws_access_key_id=" LONG "\naws_secret_access_key=" SECRET
	       "\naws_session_token=" TOKEN),
		NULL, LONG, SECRET, TOKEN, "", 0 },
	{ TEXT("[x]\naws_session_token=\n" TEST), "x", "test", "test", NULL, "", 0 },
	{ TEXT("aws_access_key_id=min-io_1\naws_secret_access_key=a;b#c%=\n"), NULL,
		"min-io_1", "a;b#c%=", NULL, "", 0 },
	/* a section as it stands in the file */
	{ TEXT("[a]\nregion = eu-west-1 # c\n" TEST "Output=json\nmanager = awsume\n"),
		"a", "test", "test", NULL,
		"region@2=<eu-west-1 # c> output@5=<json> manager@6=<awsume>", 0 },
	{ TEXT("region=x\n" TEST "region=x\n"), NULL, "test", "test", NULL,
		"region@1=<x>", 0 },
	{ TEXT("[a]\n" TEST
	       "s3 =\n  aws_session_token = nested\n\n  # c\n  y\nk=\"q\"\n"),
		"a", "test", "test", NULL, "k@9=<\"q\">", 0 },
	{ TEXT("[a]\ncredential_process = a\n  b\n  c\n" TEST), "a", "test", "test", NULL,
		"", 0 },
	{ TEXT("[a]\nk = v\n  aws_access_key_id = test\n  aws_secret_access_key = "
	       "test\n"),
		"a", "test", "test", NULL, "k@2=<v>", 0 },
	{ TEXT("[a]\n" TEST "AWS_REGION=x\nMY_KEY = 1\nempty =\n"), "a", "test", "test",
		NULL, "my_key@5=<1>", 0 },
	{ TEXT("[a]\n" TEST "aws_account_id=1\n"), "a", "test", "test", NULL,
		"aws_account_id@4=<1>", 0 },
	/* expiry, as many tools write it */
	{ TEXT(TEST "x_security_token_expires = 2026-01-01T00:00:00Z\n"), NULL, "test",
		"test", NULL, "", 1767225600 },
	{ TEXT(TEST "expiration = 2026-01-01 00:00:00\n"), NULL, "test", "test", NULL, "",
		1767225600 },
	{ TEXT(TEST "aws_expiration=\"2026-01-01T00:00:00+00:00\"\n"), NULL, "test",
		"test", NULL, "", 1767225600 },
	{ TEXT(TEST "aws_session_expiration=2026-01-01T00:00:00Z\n"
		    "aws_credential_expiration=2025-12-31T23:59:59Z\n"),
		NULL, "test", "test", NULL, "", 1767225599 },
	{ TEXT(TEST "expiration = tomorrow\n"), NULL, "test", "test", NULL,
		"expiration@3=<tomorrow>", 0 },
};

static const struct good env_rows[] = {
	{ TEXT("export AWS_ACCESS_KEY_ID=\"" ID
	       "\"\nexport AWS_SECRET_ACCESS_KEY=\"" SECRET
	       "\"\nexport AWS_SESSION_TOKEN=\"" TOKEN "\"\n"),
		NULL, ID, SECRET, TOKEN, "", 0 },
	{ TEXT("SET AWS_ACCESS_KEY_ID=" ID "\r\nSET AWS_SECRET_ACCESS_KEY=" SECRET
	       "\r\nSET AWS_SESSION_TOKEN=" TOKEN "\r\n"),
		NULL, ID, SECRET, TOKEN, "", 0 },
	{ TEXT("$Env:AWS_ACCESS_KEY_ID=\"" ID "\"\n$Env:AWS_SECRET_ACCESS_KEY=\"" SECRET
	       "\"\n$Env:AWS_SESSION_TOKEN=\"" TOKEN "\""),
		NULL, ID, SECRET, TOKEN, "", 0 },
	{ TEXT("$env:AWS_ACCESS_KEY_ID = '" ID "';\n$env:AWS_SECRET_ACCESS_KEY = '" SECRET
	       "' ;\n$env:AWS_SESSION_TOKEN='" TOKEN "'; # c\n"),
		NULL, ID, SECRET, TOKEN, "", 0 },
	{ TEXT("AWS_ACCESS_KEY_ID=" ID "\nAWS_SECRET_ACCESS_KEY=\"" SECRET
	       "\"\nAWS_SECURITY_TOKEN=" TOKEN "\nAWS_SESSION_TOKEN=" TOKEN "\n"),
		NULL, ID, SECRET, TOKEN, "", 0 },
	{ TEXT("$ export AWS_ACCESS_KEY_ID=" ID
	       ";\n$   export  AWS_SECRET_ACCESS_KEY=" SECRET
	       "\n> set AWS_SESSION_TOKEN=" TOKEN "\n$\n"),
		NULL, ID, SECRET, TOKEN, "", 0 },
	{ TEXT("declare -x AWS_ACCESS_KEY_ID=\"test\"\n"
	       "declare -x AWS_SECRET_ACCESS_KEY=\"test\"\n"),
		NULL, "test", "test", NULL, "", 0 },
	{ TEXT("export AWS_ACCESS_KEY_ID=test\nexport AWS_SECRET_ACCESS_KEY=test\n"
	       "export AWS_SESSION_TOKEN=\"\"\nexport AWS_REGION=eu-west-1\n"
	       "export AWS_DEFAULT_REGION=\"eu-west-1\"\nexport SAML2AWS_PROFILE=x\n"
	       "export AWS_CREDENTIAL_EXPIRATION=2026-01-01T00:00:00Z;\n"
	       "AWS_SESSION_EXPIRATION=never\n# Run this to configure your shell:\n"),
		NULL, "test", "test", NULL, "", 1767225600 },
};

/* The characters of a secret are compared without taking them out. */
static void assert_secret(const struct secret *got, const char *wanted)
{
	_cleanup_secret_ struct secret secret = SECRET_INIT;

	assert_int_equal(secret_is_set(got), wanted != NULL);
	if (!wanted)
		return;
	assert_int_equal(secret_set(&secret, wanted, strlen(wanted)), 0);
	assert_true(secret_equal(got, &secret));
}

static void good_check(const struct good *row)
{
	_cleanup_paste_ struct paste paste = PASTE_INIT;
	_cleanup_buf_ struct buf extras = BUF_INIT;
	struct err err = ERR_INIT;

	if (paste_parse((struct slice){ row->text, row->len }, &paste, &err))
		fail_msg("%s\n%s", row->text, err.text);
	assert_false(paste.forget);
	assert_int_equal(paste.header != NULL, row->header != NULL);
	if (row->header)
		assert_string_equal(paste.header, row->header);
	assert_secret(&paste.creds.key_id, row->key_id);
	assert_secret(&paste.creds.secret_key, row->secret);
	assert_secret(&paste.creds.token, row->token);
	assert_int_equal(paste.expires, row->expires);
	for (size_t i = 0; i < paste.extra_count; i++)
		buf_addf(&extras, "%s%s@%zu=<%s>", i ? " " : "", paste.extras[i].name,
			paste.extras[i].line, paste.extras[i].value);
	assert_string_equal(buf_text(&extras), row->extras);
}

static void sections_are_taken(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ini_rows); i++)
		good_check(&ini_rows[i]);
}

static void variables_are_taken(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(env_rows); i++)
		good_check(&env_rows[i]);
}

static void forget_is_a_word_alone(void **state)
{
	static const struct {
		const char *text;
		int result;
	} rows[] = {
		{ "forget", 0 },
		{ "forget\n", 0 },
		{ "\r\n  forget \t\r\n\r\n", 0 },
		{ "# c\nforget", 0 },
		{ "forge", -EINVAL },
		{ "forget it", -EINVAL },
		{ "forget\nforget", -EINVAL },
		{ "forget\n" TEST, -EINVAL },
		{ TEST "forget\n", -EINVAL },
		{ "[a]\nforget\n", -EINVAL },
		{ "forget\n[a]\n", -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_paste_ struct paste paste = PASTE_INIT;
		struct slice text = { rows[i].text, strlen(rows[i].text) };

		assert_int_equal(paste_parse(text, &paste, NULL), rows[i].result);
		assert_int_equal(paste.forget, !rows[i].result);
	}
}

/* Bad lines: the message names the line and holds nothing of it. */
static const struct {
	const char *text;
	size_t len;
	const char *says;
} bad_rows[] = {
	{ TEXT("garbage\n"), "line 1: " },
	{ TEXT("[a]\ngarbage\n"), "line 2: " },
	{ TEXT("garbage = 1\n"), "line 1: " },
	{ TEXT("export GARBAGE=1\n"), "line 1: " },
	{ TEXT("GARBAGE=1\n"), "line 1: " },
	{ TEXT("export aws_access_key_id: test\n"), "line 1: " },
	{ TEXT("# c\n\n= garbage\n"), "line 3: " },
	{ TEXT("[a\n"), "line 1: the `]'" },
	{ TEXT("[]\n"), "line 1: " },
	{ TEXT("[ ]\n"), "line 1: " },
	{ TEXT("[a[b]\n"), "line 1: " },
	{ TEXT("[a] garbage\n"), "line 1: " },
	{ TEXT("[a]\n" TEST "[b]\n" TEST), "line 4: a second profile" },
	{ TEXT("[a]\n[a]\n"), "line 2: a second profile" },
	{ TEXT(TEST "[b]\n"), "line 3: a profile begins" },
	{ TEXT("aws_access_key_id=garb\x1b[A\n"), "line 1: has a control" },
	{ TEXT("\n#\0\n"), "line 2: has a control" },
	{ TEXT("# \xc2\x85\n"), "line 1: has a control" },
	{ TEXT("# \xff\n"), "line 1: is not UTF-8" },
	{ TEXT("# \xe2\x80"), "line 1: is not UTF-8" },
	{ TEXT("aws_access_key_id=gar bage\n"), "line 1: there is something" },
	{ TEXT("aws_access_key_id=\"garbage\n"), "line 1: " },
	{ TEXT("export AWS_ACCESS_KEY_ID=garbage; rm\n"), "line 1: " },
	{ TEXT("aws_access_key_id=ga/rbage\n"), "line 1: this is no `aws_acc" },
	{ TEXT("aws_access_key_id=ga\n"), "line 1: this is no access" },
	{ TEXT("aws_access_key_id=AKIAgarbage12345\n"), "line 1: this is no access" },
	{ TEXT("aws_access_key_id=ASIA1234567\n"), "line 1: this is no access" },
	{ TEXT("aws_secret_access_key=gar\"bage\n"), "line 1: this is no `aws_sec" },
	{ TEXT("aws_session_token=garb%age\n"), "line 1: this is no `aws_ses" },
	{ TEXT(TEST "aws_access_key_id = garbage\n"), "line 3: another `aws_acc" },
	{ TEXT(INI_T "aws_security_token=garbage\n"), "line 4: another `aws_ses" },
	{ TEXT("[a]\nk=garbage\nk=1\n"), "line 3: the same key" },
	{ TEXT("aws_access_key_id=" LONG "\naws_secret_access_key=garbage\n"),
		"line 2: a secret access key of AWS has 40" },
	{ TEXT("aws_secret_access_key=" SECRET "=\naws_access_key_id=" LONG "\n"),
		"line 1: a secret access key of AWS has 40" },
};

#define DOC(more) \
	"{\"AccessKeyId\":\"" ID "\",\"SecretAccessKey\":\"" SECRET "\"" more "}"

static const struct {
	const char *text;
	const char *says;
} bad_documents[] = {
	{ "\n{\"garbage\": 1}\n", "line 2: the document" },
	{ "{\n\"a\": garb}\n",
		"line 1: the document that begins here: not JSON we read: line 2" },
	{ "\n\n{\"a\": \"\n\"\n, garb}\n",
		"line 3: the document that begins here: not JSON we read: line 5" },
	{ "{\"AccessKeyId\": \"garb age\"}", "line 1: this is no `aws_acc" },
	{ DOC(",\"Token\":\"garb%\""), "line 1: this is no `aws_ses" },
	{ DOC(",\"Token\":\"a\",\"SessionToken\":\"b\""), "line 1: another `aws_ses" },
	{ DOC("") " garbage", "line 1: there is something behind the doc" },
	{ DOC(",\"AccountId\":\"123456789012\",\"arn\":\"arn:aws:sts::210987654321:"
	      "assumed-role/R/s\""),
		"line 1: this tells of another AWS account" },
	{ "[123456789012_A]\n" INI_T "aws_account_id = 210987654321\n",
		"line 5: this tells of another AWS account" },
	{ DOC(",\"profile\":{\"name\":\"a\\u001bgarb\"}"), "line 1: this is no name" },
	{ "aws configure set profile.a.aws_access_key_id " ID "\n"
	  "aws configure set profile.b.aws_secret_access_key " SECRET "\n",
		"line 2: a second profile" },
	{ "export AWS_SESSION_TOKEN=\"" SECRET SECRET "\ngarb age\"\n",
		"line 2: the closing" },
	{ SECRET SECRET "\n\n", "line 1: this is too short" },
	/* a value that goes on is not cut */
	{ "AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=a|garb\n",
		"line 1: there is something" },
	{ "AWS_ACCESS_KEY_ID=test\nAWS_SECRET_ACCESS_KEY=a;garb\n",
		"line 2: there is something" },
	{ "aws_access_key_id=test\naws_session_token=a;garb\n",
		"line 2: there is something" },
	/* an end is found */
	{ "aws_x: {/garb\n", "line 1: there is something" },
};

static void bad_documents_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad_documents); i++) {
		_cleanup_paste_ struct paste paste = PASTE_INIT;
		struct slice text = { bad_documents[i].text,
			strlen(bad_documents[i].text) };
		struct err err = ERR_INIT;

		if (paste_parse(text, &paste, &err) != -EINVAL ||
			strstr(err.text, bad_documents[i].says) != err.text)
			fail_msg("%s\n%s", text.at, err.text);
		assert_null(strstr(err.text, "garb"));
		assert_null(strstr(err.text, ID));
		assert_int_equal(paste_parse_part(text, &paste, NULL), -EINVAL);
	}
}

static void parts_come_one_at_a_time(void **state)
{
	static const struct {
		const char *text;
		const char *key_id, *secret, *token;
		bool complete, force;
	} rows[] = {
		{ "", NULL, NULL, NULL, false, false },
		{ ID "\n", ID, NULL, NULL, false, false },
		{ "AWS Secret access key\n" SECRET, NULL, SECRET, NULL, false, false },
		{ SECRET SECRET SECRET "\n", NULL, NULL, SECRET SECRET SECRET, false,
			false },
		{ INI, ID, SECRET, NULL, false, false },
		{ INI_T, ID, SECRET, TOKEN, true, false },
		{ LONG "\n" SECRET, LONG, SECRET, NULL, true, false },
		{ "force\r\n" ID, ID, NULL, NULL, false, true },
		{ "aws_session_token=" TOKEN, NULL, NULL, TOKEN, false, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_paste_ struct paste paste = PASTE_INIT;
		struct slice text = { rows[i].text, strlen(rows[i].text) };

		assert_int_equal(paste_parse_part(text, &paste, NULL), 0);
		assert_secret(&paste.creds.key_id, rows[i].key_id);
		assert_secret(&paste.creds.secret_key, rows[i].secret);
		assert_secret(&paste.creds.token, rows[i].token);
		assert_int_equal(paste.complete, rows[i].complete);
		assert_int_equal(paste.force, rows[i].force);
		paste_done(&paste);
		assert_int_equal(
			paste_parse(text, &paste, NULL), rows[i].complete ? 0 : -ENODATA);
	}
}

/* One bad block, and none is taken; the message says which. */
static void blocks_are_all_or_nothing(void **state)
{
	static const struct {
		const char *text;
		int result;
		const char *says;
	} rows[] = {
		{ "", -ENODATA, "`aws_access_key_id' is missing" },
		{ "[a]\n" INI_T "[b]\n", -ENODATA,
			"profile `b': the profile in line 5: " },
		{ "[a]\n" INI "[b]\n" TEST, -EINVAL,
			"profile `a': the profile in line 1: line 2: a key id" },
		{ "[a]\n" TEST "\n[b]\n" TEST "garb age\n", -EINVAL,
			"profile `b': line 8: this is no line" },
		{ "[a]\n" TEST "[" LONG "]\ngarb age\n", -EINVAL, "line 5: this is no" },
		{ "[a]\n" TEST "[b]\naws_access_key_id=x/\n", -EINVAL,
			"profile `b': line 5: this is no `aws" },
		{ DOC(",\"Token\":\"x\"") "\n" DOC(""), -ENODATA,
			"the profile in line 2: line 2: a key id" },
		{ "forget\n[a]\n" TEST, -EINVAL, "line 2: `forget'" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct slice text = { rows[i].text, strlen(rows[i].text) };
		struct paste *list = NULL;
		size_t count = 0;
		struct err err = ERR_INIT;

		assert_int_equal(
			paste_parse_blocks(text, &list, &count, &err), rows[i].result);
		if (strstr(err.text, rows[i].says) != err.text)
			fail_msg("%s\n%s", text.at, err.text);
		assert_null(list);
		assert_null(strstr(err.text, "garb"));
		assert_null(strstr(err.text, ID));
		assert_null(strstr(err.text, LONG));
		assert_int_equal(paste_judge_blocks(text, NULL),
			rows[i].result == -ENODATA ? 0 : -EINVAL);
	}
}

static void bad_texts_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad_rows); i++) {
		_cleanup_paste_ struct paste paste = PASTE_INIT;
		struct slice text = { bad_rows[i].text, bad_rows[i].len };
		struct err err = ERR_INIT;

		if (paste_parse(text, &paste, &err) != -EINVAL ||
			strstr(err.text, bad_rows[i].says) != err.text)
			fail_msg("%s\n%s", bad_rows[i].text, err.text);
		assert_null(strstr(err.text, "garb"));
		assert_null(strstr(err.text, TOKEN));
		assert_null(strstr(err.text, ID));
		assert_null(paste.header);
		assert_int_equal(paste_parse(text, &paste, NULL), -EINVAL);
	}
}

static void incomplete_texts_are_told(void **state)
{
	static const struct {
		const char *text;
		const char *says;
	} rows[] = {
		{ "", "`aws_access_key_id'" },
		{ "\n# c\n", "`aws_access_key_id'" },
		{ "[a]\n", "`aws_access_key_id'" },
		{ "aws_secret_access_key=" SECRET, "`aws_access_key_id'" },
		{ "[a]\naws_access_key_id=" ID "\n", "`aws_secret_access_key'" },
		{ "aws_access_key_id=\naws_secret_access_key=\n", "`aws_access_key_id'" },
		{ INI, "line 1: a key id with `ASIA'" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_paste_ struct paste paste = PASTE_INIT;
		struct slice text = { rows[i].text, strlen(rows[i].text) };
		struct err err = ERR_INIT;

		assert_int_equal(paste_parse(text, &paste, &err), -ENODATA);
		assert_non_null(strstr(err.text, rows[i].says));
		assert_int_equal(paste_judge(text, NULL), 0);
	}
}

static void long_texts_are_refused(void **state)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	_cleanup_paste_ struct paste paste = PASTE_INIT;

	(void)state;
	buf_adds(&text, TEST "aws_session_token=");
	for (size_t i = 0; i < 16 * 1024; i++)
		buf_addc(&text, 'x');
	assert_int_equal(
		paste_parse((struct slice){ text.data, text.len }, &paste, NULL), 0);
	assert_int_equal(paste.creds.token.len, 16 * 1024);
	paste_done(&paste);
	paste_done(&paste);
	buf_addc(&text, 'x');
	assert_int_equal(
		paste_judge((struct slice){ text.data, text.len }, NULL), -EINVAL);
	buf_clear(&text);
	while (text.len <= PASTE_LIMIT)
		buf_adds(&text, "# comment\n");
	assert_int_equal(
		paste_parse((struct slice){ text.data, text.len }, &paste, NULL), -EFBIG);
	assert_int_equal(
		paste_judge((struct slice){ text.data, text.len }, NULL), -EFBIG);
	buf_clear(&text);
	buf_adds(&text, "[a]\n");
	for (int i = 0; i < 1000; i++)
		buf_addf(&text, "k%d=v\n", i);
	assert_int_equal(paste_parse((struct slice){ text.data, text.len }, &paste, NULL),
		-EINVAL);
}

static void beginnings_are_judged(void **state)
{
	static const struct {
		const char *text;
		int result;
	} rows[] = {
		{ "", 0 },
		{ "exp", 0 },
		{ "export", 0 },
		{ "export ", 0 },
		{ "export AWS", 0 },
		{ "export AWS_ACCESS_KEY_ID=\"ASI", 0 },
		{ "[12345", 0 },
		{ "[12345] ", 0 },
		{ "aws_acc", 0 },
		{ "AWS_ACC", 0 },
		{ "$", 0 },
		{ "$E", 0 },
		{ "$ ex", 0 },
		{ "SE", 0 },
		{ "fo", 0 },
		{ "reg", 0 },
		{ "# anything", 0 },
		{ "[a]\ngarbage", 0 },
		{ "[a]\ns3 =\n   any thing", 0 },
		{ "aws_access_key_id=AKIA", 0 },
		{ "\xef\xbb", 0 },
		{ "[a\xe2\x80", 0 },
		{ "garb", 0 }, /* of a secret key */
		{ "garb_", 0 },
		{ "{", 0 },
		{ "garbage\n", -EINVAL },
		{ "gar|bage", -EINVAL },
		{ "<garbage", -EINVAL },
		{ "export\n", -EINVAL },
		{ "export GAR=b", -EINVAL },
		{ "export GAR BAGE", -EINVAL },
		{ "expo\n", -EINVAL },
		{ "[12345\n", -EINVAL },
		{ "[a] g", -EINVAL },
		{ "[a]\nfo\n", -EINVAL },
		{ "[a]\n[b]", -EINVAL },
		{ "[a]\ntwo words", -EINVAL },
		{ "aws_access_key_id=AKIA\n", -EINVAL },
		{ "aws_access_key_id=a b", -EINVAL },
		{ "aws_access_key_id=a\x01", -EINVAL },
		{ "aws_session_token=a b\n", -EINVAL },
		{ "\x1b[200~[a]", -EINVAL },
		{ "forget\nf", -EINVAL },
		{ "\xef\xbb(", -EINVAL },
		{ "{\"a\": 1}", -EINVAL },
		{ "{\"a\": 1]}", -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct slice text = { rows[i].text, strlen(rows[i].text) };
		struct err err = ERR_INIT;

		if (paste_judge(text, &err) != rows[i].result)
			fail_msg("`%s': %s", rows[i].text, err.text);
		assert_int_equal(err.text[0] != '\0', rows[i].result != 0);
	}
}

static void beginnings_of_good_texts_are_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ini_rows) + ARRAY_SIZE(env_rows); i++) {
		const struct good *row = i < ARRAY_SIZE(ini_rows)
						 ? &ini_rows[i]
						 : &env_rows[i - ARRAY_SIZE(ini_rows)];
		struct err err = ERR_INIT;

		for (size_t len = 0; len <= row->len; len++)
			if (paste_judge((struct slice){ row->text, len }, &err))
				fail_msg("%.*s\n%s", (int)len, row->text, err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections_are_taken),
		cmocka_unit_test(variables_are_taken),
		cmocka_unit_test(forget_is_a_word_alone),
		cmocka_unit_test(bad_texts_are_refused),
		cmocka_unit_test(bad_documents_are_refused),
		cmocka_unit_test(parts_come_one_at_a_time),
		cmocka_unit_test(blocks_are_all_or_nothing),
		cmocka_unit_test(incomplete_texts_are_told),
		cmocka_unit_test(long_texts_are_refused),
		cmocka_unit_test(beginnings_are_judged),
		cmocka_unit_test(beginnings_of_good_texts_are_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
