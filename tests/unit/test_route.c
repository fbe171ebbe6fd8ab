#include "acct/route.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define A      "123456789012"
#define B      "210987654321"
#define KEY_A  "ASIARZPUZDIKAAQWERTY"
#define KEY_B  "ASIATCH6YDSYQAQWERTY"
#define KEY_NO "ASIAIOSFODNN7EXAMPLE" /* tells no account */

enum { PROFILES = 4 };

static const struct {
	const char *what;
	struct {
		const char *name, *account, *role;
	} have[PROFILES];
	const char *key_id, *header, *account, *role; /* of the paste */
	const char *goes_to;			      /* NULL: refused */
	const char *says;
} rows[] = {
	{ "the header's profile, whatever else is known",
		{ { "acme", B, "" }, { "other", A, "Admin" } }, KEY_A, "acme", NULL, NULL,
		"acme", NULL },
	{ "also when it is a section of the config file", { { "acme", "", "" } }, KEY_A,
		"profile acme", NULL, NULL, "acme", NULL },
	{ "the one of that account and role",
		{ { "reader", A, "Reader" }, { "acme", A, "Admin" },
			{ "x", B, "Admin" } },
		KEY_A, A "_Admin", A, "Admin", "acme", NULL },
	{ "by an ARN without a header", { { "r", A, "Reader" }, { "acme", A, "Admin" } },
		KEY_NO, NULL, A, "Admin", "acme", NULL },
	{ "of a permission set's role by its ARN", { { "acme", A, "Admin" } }, KEY_A,
		NULL, A, "AWSReservedSSO_Admin_0123456789abcdef", "acme", NULL },
	{ "two of that account and role",
		{ { "one", A, "Admin" }, { "two", A, "Admin" } }, KEY_A, A "_Admin", A,
		"Admin", NULL, "`one', `two'" },
	{ "the only one of the account, its role not known",
		{ { "acme", A, "" }, { "x", B, "" } }, KEY_A, A "_Admin", A, "Admin",
		"acme", NULL },
	{ "the only one of the account, the paste's role not known",
		{ { "acme", A, "Admin" }, { "x", B, "" } }, KEY_A, NULL, NULL, NULL,
		"acme", NULL },
	{ "the only one of the account has another role", { { "acme", A, "Reader" } },
		KEY_A, A "_Admin", A, "Admin", A "_Admin", NULL },
	{ "several of the account, the paste's role not known",
		{ { "one", A, "Admin" }, { "two", A, "Reader" } }, KEY_A, NULL, NULL,
		NULL, NULL, "`one', `two'" },
	{ "several of the account, their roles not known",
		{ { "one", A, "" }, { "two", A, "" } }, KEY_A, A "_Admin", A, "Admin",
		NULL, "`one', `two'" },
	{ "several of the account, of one the role not known",
		{ { "one", A, "" }, { "two", A, "Reader" } }, KEY_A, A "_Admin", A,
		"Admin", NULL, "`one'" },
	{ "a name of one's own is a new profile", { { "acme", A, "" } }, KEY_A, "fresh",
		NULL, NULL, "fresh", NULL },
	{ "nobody knows the account: called like the portal's header", { { "x", B, "" } },
		KEY_A, A "_Admin", A, "Admin", A "_Admin", NULL },
	{ "nobody knows the account: called as the portal would", { { "x", B, "" } },
		KEY_A, NULL, A, "Admin", A "_Admin", NULL },
	{ "nobody knows the account, and no role", { { "x", B, "" } }, KEY_A, NULL, NULL,
		NULL, NULL, "ACCOUNT/profile" },
	{ "nothing is known", { { "x", "", "" } }, KEY_NO, NULL, NULL, NULL, NULL,
		"ACCOUNT/profile" },
	{ "an account that is not known is none", { { "x", "", "" } }, "test", NULL, NULL,
		NULL, NULL, "ACCOUNT/profile" },
	{ "no profile at all", { { NULL, NULL, NULL } }, KEY_A, "default", NULL, NULL,
		"default", NULL },
};

static void pastes_find_their_profile(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_paste_ struct paste paste = PASTE_INIT;
		struct route_profile list[PROFILES];
		_cleanup_free_ char *name = NULL;
		struct err err = ERR_INIT;
		size_t count = 0;
		int r;

		for (; count < PROFILES && rows[i].have[count].name; count++) {
			list[count] = (struct route_profile){
				.name = rows[i].have[count].name
			};
			(void)strcpy(
				list[count].owner.account, rows[i].have[count].account);
			(void)strcpy(list[count].owner.role, rows[i].have[count].role);
		}
		assert_int_equal(secret_set(&paste.creds.key_id, rows[i].key_id,
					 strlen(rows[i].key_id)),
			0);
		paste.header = rows[i].header ? strdup(rows[i].header) : NULL;
		paste.account = rows[i].account ? strdup(rows[i].account) : NULL;
		paste.role = rows[i].role ? strdup(rows[i].role) : NULL;
		r = route_choose(&paste, list, count, &name, &err);
		if (r != (rows[i].goes_to ? 0 : -EINVAL))
			fail_msg("%s: gave %d: %s %s", rows[i].what, r, err.text,
				name ? name : "");
		if (rows[i].goes_to && strcmp(name, rows[i].goes_to) != 0)
			fail_msg("%s: went to `%s'", rows[i].what, name);
		if (r && !strstr(err.text, rows[i].says))
			fail_msg("%s: said: %s", rows[i].what, err.text);
	}
}

/* Of many candidates a message names some and counts the rest. */
static void many_candidates(void **state)
{
	_cleanup_paste_ struct paste paste = PASTE_INIT;
	struct route_profile list[9];
	struct err err = ERR_INIT;
	char *name = NULL;

	(void)state;
	assert_int_equal(secret_set(&paste.creds.key_id, KEY_A, strlen(KEY_A)), 0);
	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		list[i] = (struct route_profile){ "p", { .account = A } };
	assert_int_equal(
		route_choose(&paste, list, ARRAY_SIZE(list), &name, &err), -EINVAL);
	assert_non_null(strstr(err.text, "`p', `p', `p', `p', `p' and 4 more"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pastes_find_their_profile),
		cmocka_unit_test(many_candidates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
