#include "text/keyid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void accounts_are_decoded(void **state)
{
	static const struct {
		const char *key_id;
		const char *account; /* NULL: it carries none */
	} rows[] = {
		{ "ASIAQNZGKIQY56JQ7WML", "029608264753" },
		{ "AKIAQNZGKIQY56JQ7WML", "029608264753" },
		{ "AKIAQAAAAAAAAAAAAAAA", "000000000000" },
		{ "ASIARZPUZDIKAAAAAAAA", "123456789012" },
		{ "ASIA6RVFFB77QAAAAAAA", "999999999999" },
		{ "AKIAIOSFODNN7EXAMPLE", NULL },
		{ "AROAQNZGKIQY56JQ7WML", NULL },
		{ "ASIAQNZGKIQY56JQ7WM", NULL },
		{ "ASIAQNZGKIQY56JQ7WMLL", NULL },
		{ "ASIAQNZG1IQY56JQ7WML", NULL },
		{ "ASIA77777777777777ML", NULL },
		{ "asiaqnzgkiqy56jq7wml", NULL },
		{ "test", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char account[KEYID_ACCOUNT_SIZE] = "none";
		bool carries = keyid_account(rows[i].key_id, account);

		assert_int_equal(carries, rows[i].account != NULL);
		assert_string_equal(account, carries ? rows[i].account : "none");
	}
}

static void forms_are_told(void **state)
{
	char longest[130];

	(void)state;
	assert_true(keyid_is_valid("AKIAIOSFODNN7EXAMPLE"));
	assert_true(keyid_is_valid("0123456789ABCDEF"));
	assert_false(keyid_is_valid("0123456789ABCDE"));
	assert_false(keyid_is_valid("AKIAIOSFODNN7EXAMPLe"));
	assert_false(keyid_is_valid("AKIAIOSFODNN7EXAMPL "));
	assert_false(keyid_is_valid(""));
	memset(longest, 'A', sizeof(longest));
	longest[128] = '\0';
	assert_true(keyid_is_valid(longest));
	longest[128] = 'A';
	longest[129] = '\0';
	assert_false(keyid_is_valid(longest));
	assert_true(keyid_is_aws("ASIAIOSFODNN7EXAMPLE"));
	assert_true(keyid_is_aws("AKIAIOSFODNN7EXAMPLE"));
	assert_false(keyid_is_aws("LSIAIOSFODNN7EXAMPLE"));
	assert_false(keyid_is_aws("AKIA"));
	assert_false(keyid_is_aws("test"));
	assert_true(keyid_is_temporary("ASIAIOSFODNN7EXAMPLE"));
	assert_false(keyid_is_temporary("AKIAIOSFODNN7EXAMPLE"));
	assert_false(keyid_is_temporary("ASI"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accounts_are_decoded),
		cmocka_unit_test(forms_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
