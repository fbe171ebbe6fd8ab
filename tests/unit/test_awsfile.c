#include "text/awsfile.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define TEXT(literal) literal, sizeof(literal) - 1

/* How botocore and the other SDKs differ over it; what our reader makes of it. */
struct row {
	const char *text;
	size_t len;
	bool refused;	  /* by botocore, for the whole file */
	const char *read; /* sections no SDK takes for a profile in parentheses */
};

static const struct row credentials_rows[] = {
	{ TEXT("[a]\nk = v\n"), false, "[a] k=<v>" },
	{ TEXT("[a]\nk = v # c\n"), false, "[a] k=<v # c>" },
	{ TEXT("[a]\nk = v ; c\n"), false, "[a] k=<v ; c>" },
	{ TEXT("[a]\nk = v#c\n"), false, "[a] k=<v#c>" },
	{ TEXT("[a]\nk = v\t# c\n"), false, "[a] k=<v\t# c>" },
	{ TEXT("[a]\nk = v\n  # c\nj = 1\n"), false, "[a] k=<v> j=<1>" },
	{ TEXT("[a]\n  # c\nk = v\n"), false, "[a] k=<v>" },
	{ TEXT("[a]\nk: v\n"), false, "[a] k=<v>" },
	{ TEXT("[a]\nk:x = v\n"), false, "[a] k=<x = v>" },
	{ TEXT("[a]\nK = v\n"), false, "[a] K=<v>" },
	{ TEXT("[a]\nk=1\nk=2\n"), true, "[a] k=<1> k=<2>" },
	{ TEXT("[a]\nK=1\nk=2\n"), true, "[a] K=<1> k=<2>" },
	{ TEXT("[a]\nk=1\n[a]\nj=2\n"), true, "[a] k=<1> [a] j=<2>" },
	{ TEXT("[a]\nk=1\n[a]\nk=2\n"), true, "[a] k=<1> [a] k=<2>" },
	{ TEXT("[Default]\nk=1\n[default]\nk=2\n"), false,
		"[Default] k=<1> [default] k=<2>" },
	{ TEXT("[DEFAULT]\nk=1\n[a]\nj=2\n"), false, "(DEFAULT) k=<1> [a] j=<2>" },
	{ TEXT("k=1\n[a]\nj=2\n"), true, "[a] j=<2>" },
	{ TEXT("[a]\nk\nj=2\n"), true, "[a] j=<2>" },
	{ TEXT("[a]\nk =\nj=2\n"), false, "[a] k=<> j=<2>" },
	{ TEXT("[a]\n= v\nj=2\n"), true, "[a] j=<2>" },
	{ TEXT("[a]\nk = v\n  w\n"), false, "[a] k=<v>" },
	{ TEXT("[a]\nk = v\n  j = 2\n"), false, "[a] k=<v>" },
	{ TEXT("[a]\n  k = v\n  j = 2\n"), false, "[a] k=<v> j=<2>" },
	{ TEXT("[a]\ns3 =\n  x = 3\n  y = 4\nj=1\n"), false,
		"[a] s3=<> s3.x=<3> s3.y=<4> j=<1>" },
	{ TEXT("[a] # c\nk=1\n"), false, "[a] k=<1>" },
	{ TEXT("[a]# c\nk=1\n"), false, "[a] k=<1>" },
	{ TEXT("[a] junk\nk=1\n"), false, "[a] k=<1>" },
	{ TEXT("[ a ]\nk=1\n"), false, "[a] k=<1>" },
	{ TEXT("  [a]\nk=1\n"), false, "[a] k=<1>" },
	{ TEXT("[z]\nj=1\n  [a]\nk=1\n"), false, "[z] j=<1> k=<1>" },
	{ TEXT("[a b]\nk=1\n"), false, "[a b] k=<1>" },
	{ TEXT("[profile a]\nk=1\n"), false, "(profile a) k=<1>" },
	{ TEXT("[\"a\"]\nk=1\n"), false, "[\"a\"] k=<1>" },
	{ TEXT("[a!b]\nk=1\n"), false, "[a!b] k=<1>" },
	{ TEXT("[a/b.c%d@e:f+g]\nk=1\n"), false, "[a/b.c%d@e:f+g] k=<1>" },
	{ TEXT("[123456789012_Admin]\nk=1\n"), false, "[123456789012_Admin] k=<1>" },
	{ TEXT("[a#b]\nk=1\n"), false, "[a#b] k=<1>" },
	{ TEXT("[a\nk=1\n"), true, "" },
	{ TEXT("[]\nk=1\n"), true, "" },
	{ TEXT("\xef\xbb\xbf[a]\nk=1\n"), true, "[a] k=<1>" },
	{ TEXT("[a]\r\nk = v\r\nj=2\r\n"), false, "[a] k=<v> j=<2>" },
	{ TEXT("[a]\rk = v\r"), false, "[a] k=<v>" },
	{ TEXT("[a]\nk = \"v\"\n"), false, "[a] k=<\"v\">" },
	{ TEXT("[a]\nk = 'v'\n"), false, "[a] k=<'v'>" },
	{ TEXT("[a]\nk = a/b+c==\n"), false, "[a] k=<a/b+c==>" },
	{ TEXT("[a]\nk = v"), false, "[a] k=<v>" },
	{ TEXT("[a]\nk = v\0w\n"), false, "[a] k=<v?w>" },
	{ TEXT("[a]\nk = \xe9\n"), true, "[a] k=<\xe9>" },
	{ TEXT("[a]\nin valid = 1\nk=2\n"), false, "[a] in valid=<1> k=<2>" },
	{ TEXT("[a]\ns3 =\n  x = 3\n\n  y = 4\n"), false, "[a] s3=<> s3.x=<3> s3.y=<4>" },
	{ TEXT("[z]\ngarbage\n[a]\nk=1\n"), true, "[z] [a] k=<1>" },
	{ TEXT("[__proto__]\nx=1\n[a]\nk=1\n"), false, "[__proto__] x=<1> [a] k=<1>" },
	/* and what the same rules make of rarer things */
	{ TEXT(""), false, "" },
	{ TEXT("\n \n# c\n"), false, "" },
	{ TEXT("[a]"), false, "[a]" },
	{ TEXT("[ ]\nk=1\n"), false, "() k=<1>" },
	{ TEXT("[a] # [b]\nk=1\n"), false, "(a] # [b) k=<1>" },
	{ TEXT("[a]\n[ a ]\n"), false, "[a] [a]" },
	{ TEXT("[DEFAULT]\n[DEFAULT]\nk=1\n"), false, "(DEFAULT) (DEFAULT) k=<1>" },
	{ TEXT("[DEFAULT]\nk=1\n[DEFAULT]\nk=1\n"), true,
		"(DEFAULT) k=<1> (DEFAULT) k=<1>" },
	{ TEXT("[a]\nk\0x=1\nk\0y=1\n"), false, "[a] k?x=<1> k?y=<1>" },
	{ TEXT("[a]\n\xc2\xa0k = v\xe3\x80\x80\n"), false, "[a] k=<v>" },
	{ TEXT("[a]\ns3 =\n\n  bad\n"), true, "[a] s3=<>" },
	{ TEXT("[a]\ns3 =\n  x=1\vbad\n"), true, "[a] s3=<> s3.x=<1\vbad>" },
	{ TEXT("[a]\ns3 =\n  x=1\xc2\x85y=1\n"), false, "[a] s3=<> s3.x=<1\xc2\x85y=1>" },
	{ TEXT("[a]\n  k = v\n j = 2\n   x\n"), false, "[a] k=<v> j=<2>" },
	{ TEXT("[a]\nx\n  y = 1\n"), true, "[a] y=<1>" },
};

static const struct row config_rows[] = {
	{ TEXT("[profile a]\nk=1\n"), false, "[a] k=<1>" },
	{ TEXT("[a]\nk=1\n"), false, "(a) k=<1>" },
	{ TEXT("[default]\nk=1\n"), false, "[default] k=<1>" },
	{ TEXT("[profile \"a b\"]\nk=1\n"), false, "[a b] k=<1>" },
	{ TEXT("[profile \"a\"]\nk=1\n"), false, "[a] k=<1>" },
	{ TEXT("[profile 'a']\nk=1\n"), false, "[a] k=<1>" },
	{ TEXT("[profile a b]\nk=1\n"), false, "(profile a b) k=<1>" },
	{ TEXT("[profile\ta]\nk=1\n"), false, "[a] k=<1>" },
	{ TEXT("[profile  a]\nk=1\n"), false, "[a] k=<1>" },
	{ TEXT("[ profile a ]\nk=1\n"), false, "[a] k=<1>" },
	{ TEXT("[profilea]\nk=1\n"), false, "(profilea) k=<1>" },
	{ TEXT("[Profile a]\nk=1\n"), false, "(Profile a) k=<1>" },
	{ TEXT("[profile a]\ns3 =\n  x = 3\n  y = 4\nk=1\n"), false,
		"[a] s3=<> s3.x=<3> s3.y=<4> k=<1>" },
	{ TEXT("[profile a]\ns3 =\n  invalid\nk=1\n"), true, "[a] s3=<> k=<1>" },
	{ TEXT("[sso-session s]\nk=1\n"), false, "{s} k=<1>" },
	{ TEXT("[services s]\ns3 =\n  x = 3\n"), false, "<s> s3=<> s3.x=<3>" },
	{ TEXT("[plugins]\nk=1\n"), false, "(plugins) k=<1>" },
	{ TEXT("[profile]\nk=1\n"), false, "(profile) k=<1>" },
	{ TEXT("[profile \"a]\nk=1\n"), false, "(profile \"a) k=<1>" },
	{ TEXT("[profile \"\"]\nk=1\n"), false, "(profile \"\") k=<1>" },
};

static void print_slice(struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		buf_addc(out, text.at[i] ? text.at[i] : '?');
}

static void print_section(struct buf *out, const struct awsfile *file,
	const struct awsfile_section *section)
{
	static const char *const brackets[] = {
		[AWSFILE_PROFILE] = "[]",
		[AWSFILE_SSO_SESSION] = "{}",
		[AWSFILE_SERVICES] = "<>",
		[AWSFILE_OTHER] = "()",
	};

	buf_addf(out, "%s%c%s%c", out->len ? " " : "", brackets[section->type][0],
		section->name, brackets[section->type][1]);
	for (size_t i = 0; i < section->key_count; i++) {
		const struct awsfile_key *key = &file->keys[section->first_key + i];

		buf_addc(out, ' ');
		if (key->parent != SIZE_MAX) {
			print_slice(out, file->keys[key->parent].name);
			buf_addc(out, '.');
		}
		print_slice(out, key->name);
		buf_adds(out, "=<");
		print_slice(out, key->value);
		buf_addc(out, '>');
	}
}

static void row_check(const struct row *row, enum awsfile_kind kind)
{
	_cleanup_awsfile_ struct awsfile file = AWSFILE_INIT;
	_cleanup_buf_ struct buf read = BUF_INIT;
	struct err err = ERR_INIT;

	assert_int_equal(
		awsfile_parse(&file, kind, (struct slice){ row->text, row->len }, &err),
		0);
	for (size_t i = 0; i < file.section_count; i++)
		print_section(&read, &file, &file.sections[i]);
	assert_string_equal(buf_text(&read), row->read);
	if (awsfile_check(&file, &err) != (row->refused ? -EBADMSG : 0))
		fail_msg("%s: %s", row->text, err.text);
	if (row->refused)
		assert_memory_equal(err.text, "line ", 5);
}

static void files_are_read_as_the_sdks_do(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(credentials_rows); i++)
		row_check(&credentials_rows[i], AWSFILE_CREDENTIALS);
	for (size_t i = 0; i < ARRAY_SIZE(config_rows); i++)
		row_check(&config_rows[i], AWSFILE_CONFIG);
}

static void the_first_problem_is_named(void **state)
{
	static const struct {
		const char *text;
		size_t line;
		const char *says;
	} rows[] = {
		{ "[a]\nk=1\n\n[a]\nj\n", 4, "begins the same section as line 1" },
		{ "[a]\nk=1\n# c\nK=1\nj\n", 4, "has the same key as line 2" },
		{ "[b]\nx=1\n[a]\nk=1\nj\nk=1\n", 5, "neither" },
		{ "\n\nsecret=1\n", 3, "before the first [section]" },
		{ "\xef\xbb\xbf[a]\nx\n", 1, "byte order mark" },
		{ "[a]\r\rk=\xff\r", 3, "UTF-8" },
		{ "[a]\ns3 =\n x=1\n y\n", 4, "under a key without a value" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_awsfile_ struct awsfile file = AWSFILE_INIT;
		struct err err = ERR_INIT;
		char line[32];

		assert_int_equal(
			awsfile_parse(&file, AWSFILE_CREDENTIALS,
				(struct slice){ rows[i].text, strlen(rows[i].text) },
				&err),
			0);
		assert_int_equal(awsfile_check(&file, &err), -EBADMSG);
		assert_int_equal(awsfile_check(&file, NULL), -EBADMSG);
		assert_int_equal(file.problem_line, rows[i].line);
		(void)snprintf(line, sizeof(line), "line %zu: ", rows[i].line);
		assert_ptr_equal(strstr(err.text, line), err.text);
		assert_non_null(strstr(err.text, rows[i].says));
		assert_null(strstr(err.text, "secret"));
	}
}

static const char config[] = "[default]\n"
			     "region = one\n"
			     "only = default\n"
			     "[profile a]\n"
			     "Region = two\n"
			     "empty =\n"
			     "services = s\n"
			     "[services s]\n"
			     "s3 =\n"
			     "  endpoint_url = http://x\n"
			     "DynamoDB =\n"
			     "  endpoint_url = http://y\n"
			     "  endpoint_url = http://z\n"
			     "endpoint_url = outside\n"
			     "[profile a]\n"
			     "region = three\n"
			     "[profile default]\n"
			     "region = four\n";

static void values_are_found(void **state)
{
	static const struct {
		enum awsfile_type type;
		const char *section, *group, *name;
		const char *value; /* NULL: not there */
	} rows[] = {
		{ AWSFILE_PROFILE, "a", NULL, "region", "three" },
		{ AWSFILE_PROFILE, "a", NULL, "services", "s" },
		{ AWSFILE_PROFILE, "a", NULL, "empty", NULL },
		{ AWSFILE_PROFILE, "a", NULL, "absent", NULL },
		{ AWSFILE_PROFILE, "A", NULL, "region", NULL },
		{ AWSFILE_PROFILE, "s", NULL, "endpoint_url", NULL },
		{ AWSFILE_PROFILE, "default", NULL, "region", "four" },
		{ AWSFILE_PROFILE, "default", NULL, "only", NULL },
		{ AWSFILE_SERVICES, "s", NULL, "endpoint_url", "outside" },
		{ AWSFILE_SERVICES, "s", "s3", "endpoint_url", "http://x" },
		{ AWSFILE_SERVICES, "s", "dynamodb", "endpoint_url", "http://z" },
		{ AWSFILE_SERVICES, "s", "sts", "endpoint_url", NULL },
		{ AWSFILE_SSO_SESSION, "s", "s3", "endpoint_url", NULL },
	};
	_cleanup_awsfile_ struct awsfile file = AWSFILE_INIT;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(awsfile_parse(&file, AWSFILE_CONFIG,
				 (struct slice){ TEXT(config) }, &err),
		0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		static const struct slice untouched = { "-", 1 };
		struct slice value = untouched;
		bool found =
			rows[i].group
				? awsfile_get_nested(&file, rows[i].type, rows[i].section,
					  rows[i].group, rows[i].name, &value)
				: awsfile_get(&file, rows[i].type, rows[i].section,
					  rows[i].name, &value);

		assert_int_equal(found, rows[i].value != NULL);
		assert_true(slice_is(value, found ? rows[i].value : "-"));
	}
	assert_int_equal(awsfile_find(&file, AWSFILE_PROFILE, "a")->line, 4);
	assert_int_equal(awsfile_find(&file, AWSFILE_PROFILE, "default")->line, 17);
	assert_int_equal(awsfile_find(&file, AWSFILE_SERVICES, "s")->line, 8);
	assert_null(awsfile_find(&file, AWSFILE_PROFILE, "nobody"));
	assert_int_equal(file.line_count, 18);
}

static void lines_and_sections_are_whole(void **state)
{
	static const char text[] =
		"top\n[a]\r\nk = v\n  w\n\n  x\n  # c\n\n# d\n[b]\nj=1";
	_cleanup_awsfile_ struct awsfile file = AWSFILE_INIT;

	(void)state;
	assert_int_equal(awsfile_parse(&file, AWSFILE_CREDENTIALS,
				 (struct slice){ TEXT(text) }, NULL),
		0);
	assert_int_equal(file.section_count, 2);
	assert_true(slice_is(
		file.sections[0].text, "[a]\r\nk = v\n  w\n\n  x\n  # c\n\n# d\n"));
	assert_true(slice_is(file.sections[1].text, "[b]\nj=1"));
	assert_true(slice_is(file.keys[0].lines, "k = v\n  w\n\n  x\n  # c\n"));
	assert_true(slice_is(file.keys[1].lines, "j=1"));
	assert_int_equal(file.keys[1].line, 11);
	awsfile_done(&file);
	awsfile_done(&file);
}

static void too_much_is_refused(void **state)
{
	_cleanup_free_ char *text = malloc(AWSFILE_LIMIT + 1);
	_cleanup_awsfile_ struct awsfile file = AWSFILE_INIT;
	struct err err = ERR_INIT;

	(void)state;
	assert_non_null(text);
	memset(text, '\n', AWSFILE_LIMIT + 1);
	assert_int_equal(awsfile_parse(&file, AWSFILE_CREDENTIALS,
				 (struct slice){ text, AWSFILE_LIMIT + 1 }, &err),
		-EFBIG);
	assert_null(file.sections);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_read_as_the_sdks_do),
		cmocka_unit_test(the_first_problem_is_named),
		cmocka_unit_test(values_are_found),
		cmocka_unit_test(lines_and_sections_are_whole),
		cmocka_unit_test(too_much_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
