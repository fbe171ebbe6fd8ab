/* core_lint(): what the two files show together, and their modes. */
#include "acct/core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "support/home.h"

#define ALL	"(breaks: botocore, aws-c, rust, java, js, go)\n"
#define SSO	"(breaks: botocore, rust, java)\n"
#define SECRET	"aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n"
#define KEYS	"aws_access_key_id = AKIAIOSFODNN7EXAMPLE\n" SECRET
#define OTHER	"aws_access_key_id = AKIAIOSFODNN7EXAMPLF\n" SECRET
#define P	"[profile p]\n"
#define NOWHERE "is a region that no partition has\n"
#define CIRCLE	"goes round in a circle of profiles " ALL

struct row {
	const char *credentials;
	const char *config;
	const char *found; /* with `A' for the path of the one, `B' of the other */
};

static const struct row rows[] = {
	{ "[p]\n" KEYS, P "region = eu-west-1\n", "" },
	/* regions */
	{ "[p]\nregion = us-east1\n" KEYS, "", "A:2: " NOWHERE },
	{ "[p]\n" KEYS, P "region = eu-west-1 # c\n",
		"B:2: has a comment, which becomes part of the value (breaks: "
		"botocore)\n" },
	{ "", "[sso-session s]\nsso_region = europe\n", "B:2: " NOWHERE },
	/* sections that are not there */
	{ "", P "sso_session = s\nsso_account_id = 1\n",
		"B:2: names a section that the config file does not have " ALL },
	{ "", P "sso_session = s\n[sso-session s]\nsso_region = eu-west-1\n", "" },
	{ "[p]\n" KEYS "services = s\n", "[services t]\n",
		"A:4: names a section that the config file does not have " ALL },
	/* profiles that are not there */
	{ "", P "role_arn = r\nsource_profile = q\n",
		"B:3: names a profile that neither file has " ALL },
	{ "[q]\n" KEYS, P "role_arn = r\nsource_profile = q\n", "" },
	{ "[p]\n" KEYS, P "role_arn = r\nsource_profile = p\n", "" },
	{ "", P "role_arn = r\nsource_profile = p\n",
		"B:3: names its own profile, which has no keys " ALL },
	{ "",
		P "role_arn = r\nsource_profile = q\n"
		  "[profile q]\nrole_arn = r\nsource_profile = o\n"
		  "[profile o]\nrole_arn = r\nsource_profile = p\n",
		"B:3: " CIRCLE "B:6: " CIRCLE "B:9: " CIRCLE },
	/* into a circle, but not part of it */
	{ "",
		P "role_arn = r\nsource_profile = q\n"
		  "[profile q]\nrole_arn = r\nsource_profile = o\n"
		  "[profile o]\nrole_arn = r\nsource_profile = q\n",
		"B:6: " CIRCLE "B:9: " CIRCLE },
	{ "", P "role_arn = r\n",
		"B:2: has no source_profile or credential_source beside it (breaks: "
		"botocore, aws-c, rust, java)\n" },
	{ "", P "role_arn = r\nweb_identity_token_file = f\n", "" },
	/* what goes before keys */
	{ "[p]\n" KEYS, P "sso_account_id = 1\nsso_role_name = r\n",
		"B:2: makes some sign in with SSO and ignore the profile's keys " SSO },
	{ "[p]\nsso_start_url = u\n", P KEYS,
		"A:2: makes some sign in with SSO and ignore the profile's keys " SSO },
	{ "[p]\n" KEYS, P "role_arn = r\nweb_identity_token_file = f\n",
		"B:3: makes some take a web identity and ignore the profile's "
		"keys " SSO },
	{ "[p]\n" KEYS "[q]\n" OTHER, P "role_arn = r\nsource_profile = q\n",
		"B:3: makes all use that profile and ignore this one's keys " ALL },
	{ "[p]\n" KEYS, P "role_arn = r\ncredential_source = Environment\n",
		"B:3: makes some assume a role and ignore the profile's keys (breaks: "
		"botocore, aws-c, rust, java, js)\n" },
	{ "[p]\n" KEYS, P "credential_process = c\nlogin_session = l\n",
		"B:2: makes some run the process and ignore the profile's keys (breaks: "
		"java)\n"
		"B:3: makes some use the console's login and ignore the profile's keys "
		"(breaks: rust)\n" },
	/* and what leads nowhere */
	{ "[q]\n" KEYS, "[default]\nregion = eu-west-1\n" P "region = eu-west-1\n",
		"B:3: begins a profile that has no credentials in either file\n" },
	/* the same keys */
	{ "[a]\n" KEYS "[b]\n" OTHER "[c]\n" KEYS "[d]\n" KEYS, "",
		"A:7: begins a profile with the same key id as the one of line 1\n"
		"A:10: begins a profile with the same key id as the one of line 7\n" },
	{ "[a]\naws_access_key_id = test\naws_secret_access_key = t\n"
	  "[b]\naws_access_key_id = test\naws_secret_access_key = t\n",
		"", "" },
};

static void expand(const char *from, const struct home *home, struct buf *to)
{
	bool begins = true;

	for (; *from; from++) {
		if (begins && (*from == 'A' || *from == 'B'))
			buf_adds(to, *from == 'A' ? home->credentials : home->config);
		else
			buf_addc(to, *from);
		begins = *from == '\n';
	}
}

/* What core_lint() says of the files in @home is @found. */
static void check(const struct home *home, const char *found)
{
	const struct core_settings settings = {
		.credentials_path = home->credentials,
		.config_path = home->config,
	};
	_cleanup_buf_ struct buf out = BUF_INIT, wanted = BUF_INIT;
	struct timespec changed = { .tv_sec = 0 };
	struct core *core = NULL;

	assert_int_equal(core_new(&settings, &core, NULL), 0);
	assert_int_equal(core_lint(core, &out, &changed, NULL), 0);
	expand(found, home, &wanted);
	assert_string_equal(buf_text(&out), buf_text(&wanted));
	(void)core_free(core);
}

static void both_files_are_looked_at(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct home home;

		home_init(&home);
		home_replace(home.credentials, rows[i].credentials);
		home_replace(home.config, rows[i].config);
		check(&home, rows[i].found);
		home_done(&home);
	}
}

static void modes_are_looked_at(void **state)
{
	struct home home;

	(void)state;
	home_init(&home);
	check(&home, "");
	home_replace(home.credentials, "[p]\n" KEYS);
	home_replace(home.config, "[default]\n");
	assert_int_equal(chmod(home.config, 0644), 0);
	check(&home, "");
	assert_int_equal(chmod(home.credentials, 0640), 0);
	check(&home, "A:1: is in a file that others may read: chmod 600 it\n");
	assert_int_equal(chmod(home.credentials, 0622), 0);
	assert_int_equal(chmod(home.config, 0664), 0);
	check(&home, "A:1: is in a file that others may change: chmod 600 it\n"
		     "B:1: is in a file that others may change: chmod 600 it\n");
	assert_int_equal(chmod(home.credentials, 0600), 0);
	assert_int_equal(chmod(home.config, 0644), 0);
	home_overwrite(home.config, "[profile q]\n" OTHER);
	check(&home, "B:1: is in a file that others may read: chmod 600 it\n");
	assert_int_equal(chmod(home.config, 0600), 0);
	assert_int_equal(chmod(home.folder, 0770), 0);
	check(&home, "A:1: is in a folder that others may write to: chmod go-w it\n"
		     "B:1: is in a folder that others may write to: chmod go-w it\n");
	home_done(&home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_files_are_looked_at),
		cmocka_unit_test(modes_are_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
