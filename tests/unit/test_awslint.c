#include "text/awslint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ALL	      "(breaks: botocore, aws-c, rust, java, js, go)\n"
#define NOT_B	      "(breaks: aws-c, rust, java, js, go)\n"
#define REFERENCE     "(breaks: aws-c, rust, java)\n"
#define TEXT(literal) literal, sizeof(literal) - 1

#define AKIA   "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\n"
#define ASIA   "aws_access_key_id = ASIAIOSFODNN7EXAMPLE\n"
#define SECRET "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n"
#define TOKEN  "aws_session_token = t/1=\n"

struct row {
	const char *text;
	size_t len;
	const char *found;
};

static const struct row credentials_rows[] = {
	/* what all read alike */
	{ TEXT(""), "" },
	{ TEXT("# c\n\n[a]\n" ASIA SECRET TOKEN "\n; c\n[b.c/d@e]\n" AKIA SECRET), "" },
	{ TEXT("[a]\r\nk = v\r\n"), "" },
	{ TEXT("[a] # c\nk = a#b;c=\n"), "" },
	{ TEXT("[a]\ns3 =\n  x = 1\n"), "" },
	{ TEXT("[a]\naws_access_key_id = test\naws_secret_access_key = test\n"), "" },
	{ TEXT("[a]\ncredential_process = \"/a b\" \"c\"\n"), "" },
	/* files that botocore refuses */
	{ TEXT("\xef\xbb\xbf[a]\nk = v\n"),
		"f:1: begins with a byte order mark (breaks: botocore, aws-c, rust, "
		"java, go)\n" },
	{ TEXT("\xef\xbb\xbf"), "f:1: begins with a byte order mark (breaks: botocore, "
				"aws-c, rust, java, go)\n" },
	{ TEXT("[a]\nk = \xe9\n"),
		"f:2: is not UTF-8 text (breaks: botocore, rust, js)\n" },
	{ TEXT("k = v\n"), "f:1: stands before the first [section] (breaks: botocore, "
			   "aws-c, rust, java)\n" },
	{ TEXT("[a]\nwhat\n= v\n"),
		"f:2: is neither [section] nor key = value nor comment (breaks: "
		"botocore, aws-c, rust, java)\n"
		"f:3: is neither [section] nor key = value nor comment (breaks: "
		"botocore, aws-c, rust, java)\n" },
	{ TEXT("[a]\ns3 =\n  x\n"),
		"f:3: is no key = value, but stands under a key without a value "
		"(breaks: botocore, aws-c, rust, java)\n" },
	{ TEXT("[a]\nk = 1\n[b]\n[a]\nk = 2\nk = 3\n"),
		"f:4: begins the same section as line 1 (breaks: botocore)\n"
		"f:5: has the same key as line 2 (breaks: botocore)\n"
		"f:6: has the same key as line 5 (breaks: botocore)\n" },
	/* sections */
	{ TEXT("  [a]\n"), "f:1: is a section but indented " REFERENCE },
	{ TEXT("[ a ]\n"),
		"f:1: has blanks around the section's name (breaks: botocore, js)\n" },
	{ TEXT("[ ]\n"), "f:1: begins a section without a name " ALL },
	{ TEXT("[a]# c\n"),
		"f:1: needs a blank between `]' and the comment (breaks: js)\n" },
	{ TEXT("[a] x\n"), "f:1: has something behind the section's `]' (breaks: rust, "
			   "java, js, go)\n" },
	{ TEXT("[a] # [b]\n"), "f:1: has a second `]', where the name ends for some "
			       "(breaks: botocore)\n" },
	{ TEXT("[a#b]\n"), "f:1: has a comment's mark in the section's name (breaks: "
			   "aws-c, rust, java, go)\n" },
	{ TEXT("[DEFAULT]\nk = v\n"), "f:1: begins [DEFAULT], whose keys every profile "
				      "inherits (breaks: botocore)\n" },
	{ TEXT("[Default]\n"),
		"f:1: is not the profile `default': names are case-sensitive\n" },
	{ TEXT("[profile a]\n"),
		"f:1: has a prefix: in this file a profile is [NAME] " ALL },
	{ TEXT("[__proto__]\n"), "f:1: begins a section whose name spoils the whole "
				 "file (breaks: js)\n" },
	{ TEXT("[a!b]\n"), "f:1: has characters in the section's name that some do not "
			   "allow " REFERENCE },
	{ TEXT("[a b]\n"), "f:1: has characters in the section's name that some do not "
			   "allow " REFERENCE
			   "f:1: has a section's name of two words (breaks: js)\n" },
	{ TEXT("[a\nk = v\n"),
		"f:1: stands before the first [section] (breaks: botocore, aws-c, "
		"rust, java)\n"
		"f:1: begins a section but is none " ALL
		"f:2: stands before the first [section] (breaks: botocore, aws-c, "
		"rust, java)\n" },
	{ TEXT("[a]\n[b = c\n"), "f:2: begins a section but has no `]' " ALL },
	/* keys */
	{ TEXT("[a]\n  k = v\n"),
		"f:2: is a key but indented (breaks: aws-c, rust, java, go)\n" },
	{ TEXT("[a]\nk : v\n"),
		"f:2: has `:' where `=' should be (breaks: aws-c, rust, java, js)\n" },
	{ TEXT("[a]\nKey = v\n"), "f:2: has capitals in its key (breaks: aws-c, js)\n" },
	{ TEXT("[a]\nk # c = v\n"), "f:2: has a comment in its key " ALL },
	{ TEXT("[a]\nin valid = v\n"), "f:2: has characters in its key that some do not "
				       "allow " REFERENCE },
	{ TEXT("[a]\nk =\nj = v\n"), "f:2: has no value (breaks: js)\n" },
	{ TEXT("[a]\nk = 'v' # c\n"),
		"f:2: has quotes, which become part of the value (breaks: botocore, "
		"aws-c, rust, java, js)\n"
		"f:2: has a comment, which becomes part of the value (breaks: "
		"botocore)\n" },
	{ TEXT("[a]\nk = # c\n"), "f:2: has a comment, which becomes part of the value "
				  "(breaks: botocore)\n" },
	{ TEXT("[a]\ns3 =\n  x = 1\n  y = 2\n"), "f:4: is not the first nested key, and "
						 "some take only that (breaks: go)\n" },
	/* lines that continue another */
	{ TEXT("[a]\nk = v\n  [b]\n  j = 1\n  j: 1\n  w http://x\n"),
		"f:3: is a section but indented, so it is part of the value above "
		"(breaks: botocore, aws-c, rust, java)\n"
		"f:4: is indented, so it is part of the value above (breaks: "
		"botocore, aws-c, rust, java, go)\n"
		"f:5: is indented, so it is part of the value above " ALL
		"f:6: goes on with the value above (breaks: js)\n" },
	{ TEXT("[a]\n  # c\n"), "f:2: is a comment but indented " REFERENCE },
	{ TEXT("[a]\nk = v\0w\n"), "f:2: has a NUL character " ALL },
	/* lines are those of an editor */
	{ TEXT("[a]\rk : v\rj = v\nx : y\n"),
		"f:1: ends with a carriage return alone " NOT_B
		"f:1: has `:' where `=' should be (breaks: aws-c, rust, java, js)\n"
		"f:2: has `:' where `=' should be (breaks: aws-c, rust, java, js)\n" },
	/* credentials */
	{ TEXT("[a]\n" AKIA), "f:2: has no aws_secret_access_key beside it " ALL },
	{ TEXT("[a]\n" SECRET), "f:2: has no aws_access_key_id beside it " ALL },
	{ TEXT("[a]\n" ASIA SECRET),
		"f:2: is a temporary key without aws_session_token " ALL },
	{ TEXT("[a]\n" AKIA SECRET TOKEN),
		"f:4: is a token for a long-term key, which has none: the key id is in "
		"line 2 " ALL },
	{ TEXT("[a]\n" AKIA "aws_secret_access_key = short\n"),
		"f:3: is not 40 characters long, as secret keys are " ALL },
	{ TEXT("[a]\n" ASIA SECRET TOKEN "aws_security_token = old\n"),
		"f:5: is used although it is not the aws_session_token of line 4 "
		"(breaks: botocore)\n" },
	{ TEXT("[a]\n" ASIA SECRET TOKEN "aws_security_token = t/1=\n"), "" },
	{ TEXT("[a]\n" ASIA SECRET "aws_security_token = old\n"),
		"f:4: is an old name of aws_session_token, which is missing " NOT_B },
};

static const struct row config_rows[] = {
	{ TEXT("[default]\nk = v\n[profile a]\nk = v\n[sso-session s]\nk = v\n"
	       "[services t]\nk = v\n[plugins]\nk = v\n"),
		"" },
	{ TEXT("[a]\n"),
		"f:1: is not read: in this file a profile is [profile NAME] " ALL },
	{ TEXT("[Profile a]\n[profilea]\n[profile a b]\n[DEFAULT]\n"),
		"f:1: is not read: in this file a profile is [profile NAME] " ALL
		"f:2: is not read: in this file a profile is [profile NAME] " ALL
		"f:3: is not read: in this file a profile is [profile NAME] " ALL
		"f:4: begins [DEFAULT], whose keys every profile inherits (breaks: "
		"botocore)\n"
		"f:4: is not read: in this file a profile is [profile NAME] " ALL },
	{ TEXT("[profile \"a\"]\n"), "f:1: has quotes around the section's name "
				     "(breaks: aws-c, rust, java, go)\n" },
	{ TEXT("[profile  a]\n"), "f:1: has more than one blank before the section's "
				  "name (breaks: js)\n" },
	{ TEXT("[profile a!]\n"),
		"f:1: has characters in the section's name that some do not "
		"allow " REFERENCE "f:1: has characters in the section's name that some "
		"do not allow (breaks: js, go)\n" },
	{ TEXT("[default]\nk = v\n[profile default]\nk = v\n"),
		"f:1: is passed over for the [profile default] of line 3 " ALL },
	{ TEXT("[profile a]\n[profile\ta]\n"),
		"f:2: begins the same profile in another spelling as line 1 (breaks: "
		"botocore, js)\n" },
};

static void check_row(const struct row *row, enum awsfile_kind kind)
{
	_cleanup_awsfile_ struct awsfile file = AWSFILE_INIT;
	_cleanup_awslint_ struct awslint lint = AWSLINT_INIT;
	_cleanup_buf_ struct buf out = BUF_INIT;

	assert_int_equal(
		awsfile_parse(&file, kind, (struct slice){ row->text, row->len }, NULL),
		0);
	awslint_check(&lint, kind, &file);
	assert_int_equal(awslint_print(&lint, &file, "f", &out), 0);
	if (strcmp(buf_text(&out), row->found) != 0)
		fail_msg("%s\ngives:\n%swanted:\n%s", row->text, buf_text(&out),
			row->found);
}

static void each_check_finds_its_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(credentials_rows); i++)
		check_row(&credentials_rows[i], AWSFILE_CREDENTIALS);
	for (size_t i = 0; i < ARRAY_SIZE(config_rows); i++)
		check_row(&config_rows[i], AWSFILE_CONFIG);
}

/* Lines of text in @out. */
static size_t count_lines(const struct buf *out)
{
	size_t count = 0;

	for (size_t i = 0; i < out->len; i++)
		count += out->data[i] == '\n';
	return count;
}

static void too_many_are_cut(void **state)
{
	static const char *const lines[] = { "what\n", "k : v\n", "[a]\nk : v\n" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		_cleanup_buf_ struct buf text = BUF_INIT, out = BUF_INIT;
		_cleanup_awsfile_ struct awsfile file = AWSFILE_INIT;
		_cleanup_awslint_ struct awslint lint = AWSLINT_INIT;

		buf_adds(&text, "[a]\n");
		for (size_t k = 0; k <= AWSLINT_LIMIT; k++)
			buf_adds(&text, lines[i]);
		assert_int_equal(awsfile_parse(&file, AWSFILE_CREDENTIALS,
					 (struct slice){ text.data, text.len }, NULL),
			0);
		awslint_check(&lint, AWSFILE_CREDENTIALS, &file);
		assert_int_equal(awslint_print(&lint, &file, "f", &out), 0);
		assert_int_equal(count_lines(&out), AWSLINT_LIMIT + 1);
		assert_non_null(strstr(buf_text(&out), "there is more"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_check_finds_its_line),
		cmocka_unit_test(too_many_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
