#include "acct/owner.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define A      "123456789012"
#define B      "210987654321"
#define KEY_A  "ASIARZPUZDIKAAQWERTY"
#define KEY_B  "ASIATCH6YDSYQAQWERTY"
#define KEY_NO "ASIAIOSFODNN7EXAMPLE" /* tells no account */
#define ARN_A  "arn:aws:sts::" A ":assumed-role/AWSReservedSSO_Admin_0123456789abcdef/jane"

static void names_are_taken_apart(void **state)
{
	static const struct {
		const char *name, *account, *role; /* NULL: it is none of the portal's */
	} rows[] = {
		{ A "_Admin", A, "Admin" },
		{ A "_Power_User+=,.@-1", A, "Power_User+=,.@-1" },
		{ A "_", NULL, NULL },
		{ A, NULL, NULL },
		{ A "-Admin", NULL, NULL },
		{ A "0_Admin", NULL, NULL },
		{ "12345678901_Admin", NULL, NULL },
		{ "12345678901x_Admin", NULL, NULL },
		{ A "_two words", NULL, NULL },
		{ A "_a234567890123456789012345678901234567890123456789012345678901234",
			A,
			"a23456789012345678901234567890123456789012345678901234567890123"
			"4" },
		{ A "_a2345678901234567890123456789012345678901234567890123456789012345",
			NULL, NULL },
		{ "acme", NULL, NULL },
		{ "", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct owner owner = { .account = "" };
		bool is = owner_from_name(rows[i].name, &owner);

		if (is != (rows[i].account != NULL))
			fail_msg("`%s' gave %d", rows[i].name, is);
		assert_string_equal(owner.account, is ? rows[i].account : "");
		assert_string_equal(owner.role, is ? rows[i].role : "");
	}
}

static void arns_are_taken_apart(void **state)
{
	static const struct {
		const char *arn, *account, *role;
	} rows[] = {
		{ ARN_A, A, "Admin" },
		{ "arn:aws-us-gov:sts::" B
		  ":assumed-role/AWSReservedSSO_A_B_0123456789abcdef/x",
			B, "A_B" },
		{ "arn:aws:sts::" A ":assumed-role/Deploy/ci", A, "Deploy" },
		{ "arn:aws:sts::" A
		  ":assumed-role/AWSReservedSSO_Admin_0123456789ABCDEF/x",
			A, "AWSReservedSSO_Admin_0123456789ABCDEF" },
		{ "arn:aws:sts::" A ":assumed-role/AWSReservedSSO__0123456789abcdef/x", A,
			"AWSReservedSSO__0123456789abcdef" },
		{ "arn:aws:sts::" A ":assumed-role/AWSReservedSSO_/x", A,
			"AWSReservedSSO_" },
		{ "arn:aws:sts::" A ":assumed-role/", A, "" },
		{ "arn:aws:iam::" A ":user/ops", A, "" },
		{ "arn:aws:iam::" A ":root", A, "" },
		{ "arn:aws:iam::12:root", NULL, NULL },
		{ "arn:aws:s3:::bucket", NULL, NULL },
		{ "arn:aws:iam:", NULL, NULL },
		{ "arn:", NULL, NULL },
		{ "", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct owner owner = { .account = "" };
		bool is = owner_from_arn(rows[i].arn, &owner);

		if (is != (rows[i].account != NULL))
			fail_msg("`%s' gave %d", rows[i].arn, is);
		assert_string_equal(owner.account, is ? rows[i].account : "");
		assert_string_equal(owner.role, is ? rows[i].role : "");
	}
}

/* Each source alone, and which wins. */
static void a_profile_is_known_by_the_first_that_tells(void **state)
{
	static const struct {
		const char *name, *key_id, *arn, *config, *account, *role;
	} rows[] = {
		{ "p", "", NULL, "", "", "" },
		{ "p", KEY_NO, NULL, "", "", "" },
		{ "p", "test", NULL, "", "", "" },
		{ "p", KEY_A, NULL, "", A, "" },
		{ "p", KEY_A " ; mine", NULL, "", A, "" },
		{ "p", KEY_NO, ARN_A, "", A, "Admin" },
		{ "p", "", NULL, "sso_account_id = " A "\nsso_role_name = Admin\n", A,
			"Admin" },
		{ "p", "", NULL,
			"sso_account_id = " A " # c\nsso_role_name = Admin ; c\n", A,
			"Admin" },
		{ "p", "", NULL, "sso_account_id = acme\nsso_role_name = Admin\n", "",
			"" },
		{ "p", "", NULL, "aws_access_key_id = " KEY_A "\n", A, "" },
		{ A "_Admin", "", NULL, "", A, "Admin" },
		/* the keys in use win, and the rest tells the role only of that account */
		{ A "_Admin", KEY_B, NULL, "", B, "" },
		{ A "_Admin", KEY_A, NULL, "", A, "Admin" },
		{ "p", KEY_B, ARN_A, "", B, "" },
		{ "p", KEY_A, ARN_A, "sso_account_id = " A "\nsso_role_name = Other\n", A,
			"Admin" },
		{ "p", KEY_B, ARN_A, "sso_account_id = " B "\nsso_role_name = Other\n", B,
			"Other" },
		{ B "_Reader", KEY_NO, ARN_A, "", A, "Admin" },
		{ B "_Reader", KEY_NO, NULL, "sso_account_id = " A "\n", A, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_awsfile_ struct awsfile credentials = AWSFILE_INIT;
		_cleanup_awsfile_ struct awsfile config = AWSFILE_INIT;
		const struct owner_sources sources = { &credentials, &config };
		struct sts_identity identity = { .account = "" };
		struct owner owner;
		char texts[2][512];

		(void)snprintf(texts[0], sizeof(texts[0]),
			"[%s]\naws_access_key_id = %s\n", rows[i].name, rows[i].key_id);
		(void)snprintf(texts[1], sizeof(texts[1]), "[profile %s]\n%s",
			rows[i].name, rows[i].config);
		if (!rows[i].key_id[0])
			texts[0][0] = '\0';
		assert_int_equal(
			awsfile_parse(&credentials, AWSFILE_CREDENTIALS,
				(struct slice){ texts[0], strlen(texts[0]) }, NULL),
			0);
		assert_int_equal(
			awsfile_parse(&config, AWSFILE_CONFIG,
				(struct slice){ texts[1], strlen(texts[1]) }, NULL),
			0);
		if (rows[i].arn)
			(void)strcpy(identity.arn, rows[i].arn);
		owner_of_profile(
			&sources, rows[i].name, rows[i].arn ? &identity : NULL, &owner);
		if (strcmp(owner.account, rows[i].account) != 0 ||
			strcmp(owner.role, rows[i].role) != 0)
			fail_msg("row %zu: account `%s', role `%s'", i, owner.account,
				owner.role);
		assert_int_equal(owner.source[0] != '\0', owner.account[0] != '\0');
	}
}

static void make(struct paste *paste, const char *key_id, const char *header)
{
	struct owner owner;

	*paste = (struct paste)PASTE_INIT;
	assert_int_equal(secret_set(&paste->creds.key_id, key_id, strlen(key_id)), 0);
	if (!header)
		return;
	paste->header = strdup(header);
	if (owner_from_name(header, &owner)) {
		paste->account = strdup(owner.account);
		paste->role = strdup(owner.role);
	}
}

static void another_account_is_refused(void **state)
{
	static const struct {
		const char *key_id, *header, *have;
		bool fine;
	} rows[] = {
		{ KEY_A, NULL, A, true },
		{ KEY_A, NULL, "", true },
		{ KEY_B, NULL, A, false },
		{ KEY_B, "acme", A, false },
		{ KEY_A, "acme", A, true },
		{ KEY_A, A "_Reader", A, true },
		{ KEY_A, A "_Reader", B, false },
		{ KEY_A, B "_Reader", A, false },
		{ KEY_A, B "_Reader", "", false },
		{ KEY_NO, B "_Reader", A, false },
		{ KEY_NO, A "_Reader", A, true },
		{ KEY_NO, NULL, A, true },
		{ "test", NULL, A, true },
		{ "test", "000000000000", A, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct owner have = { .source = "its name" };
		struct err err = ERR_INIT;
		struct paste paste;
		int r;

		(void)strcpy(have.account, rows[i].have);
		make(&paste, rows[i].key_id, rows[i].header);
		r = owner_check(&paste, "acme", &have, &err);
		if (r != (rows[i].fine ? 0 : -EINVAL))
			fail_msg("row %zu gave %d: %s", i, r, err.text);
		if (r) {
			assert_non_null(strstr(err.text, "`force'"));
			assert_null(strstr(err.text, rows[i].key_id));
		}
		paste.force = true;
		assert_int_equal(owner_check(&paste, "acme", &have, &err), 0);
		paste_done(&paste);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_taken_apart),
		cmocka_unit_test(arns_are_taken_apart),
		cmocka_unit_test(a_profile_is_known_by_the_first_that_tells),
		cmocka_unit_test(another_account_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
