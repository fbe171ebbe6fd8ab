/* name: the mapping is one to one, and refuses what no name has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fs/name.h"

static const struct {
	const char *name;
	const char *file;
} pairs[] = {
	{ "acme", "acme" },
	{ "123456789012_Admin", "123456789012_Admin" },
	{ "a b", "a b" },
	{ "a/b", "a%2Fb" },
	{ "100%", "100%25" },
	{ ".", "%2E" },
	{ "..", "%2E." },
	{ "...", "..." },
	{ "", "%" },
	{ "README", "%52EADME" },
	{ "accounts.tsv", "%61ccounts.tsv" },
	{ "error", "%65rror" },
	{ "paste", "%70aste" },
	{ ".git", "%2Egit" },
	{ "tab\there", "tab%09here" },
	{ "caf\xc3\xa9", "caf\xc3\xa9" },
	{ "\x7f", "%7F" },
};

static void test_pairs(void **state)
{
	char text[NAME_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		name_to_file(pairs[i].name, text);
		assert_string_equal(text, pairs[i].file);
		assert_true(name_from_file(pairs[i].file, text));
		assert_string_equal(text, pairs[i].name);
	}
}

static void test_refused(void **state)
{
	static const char *const files[] = { "%2f", "%41", "a%", "a%2", "%00", ".", "..",
		".git", "README", "a%zz", "%2Fa%2", "%%" };
	char text[NAME_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (name_from_file(files[i], text))
			fail_msg("`%s` was taken for a name", files[i]);
	}
}

static void test_round_trip_random(void **state)
{
	char name[NAME_SIZE], file[NAME_SIZE], back[NAME_SIZE];
	unsigned seed = 4711;

	(void)state;
	for (int round = 0; round < 200000; round++) {
		static const char odd[] = "%/.~A2F \x01";
		int len = rand_r(&seed) % 12;

		for (int i = 0; i < len; i++)
			name[i] = rand_r(&seed) % 2
					  ? odd[(size_t)rand_r(&seed) % (sizeof(odd) - 1)]
					  : (char)(1 + rand_r(&seed) % 255);
		name[len] = '\0';
		name_to_file(name, file);
		assert_null(strchr(file, '/'));
		assert_true(strcmp(file, ".") && strcmp(file, "..") && file[0]);
		if (name_is_cut(file))
			continue;
		assert_true(name_from_file(file, back));
		assert_string_equal(back, name);
	}
}

static void test_long(void **state)
{
	char one[400], other[400], file[NAME_SIZE], again[NAME_SIZE], back[NAME_SIZE];

	(void)state;
	memset(one, 'x', sizeof(one));
	one[255] = '\0';
	name_to_file(one, file);
	assert_string_equal(file, one);
	one[255] = 'x';
	one[256] = '\0';
	memcpy(other, one, sizeof(one));
	other[255] = 'y';
	name_to_file(one, file);
	name_to_file(other, again);
	assert_true(strlen(file) < NAME_SIZE);
	assert_true(name_is_cut(file));
	assert_string_not_equal(file, again);
	assert_false(name_from_file(file, back));
}

static void test_kinds(void **state)
{
	(void)state;
	assert_true(name_is_probe(".git"));
	assert_true(name_is_probe("._profile"));
	assert_false(name_is_probe("profile"));
}

/* What tools make beside `profile`, and what would only look like it. */
static void test_scratches(void **state)
{
	static const char *const scratches[] = { "sedAbC123", "profileaB3dE6", "XXaB3dE6",
		".profile.x3Yz01", "profile.lock", "tmpa1b2c3d4", "profile.tmp.123",
		"profile.gawk.aB3dE6",
		/* editors */
		".profile.swp", ".profile.swo", ".profile.swx", ".profile.swpx",
		".profile.saa", ".profile.un~", "profile~", "profile.~1~", "4913",
		".#profile", ".#-emacsaB3dE6", "#profile#" };
	static const char *const others[] = { "profile", "credentials", "status", "error",
		"notes", "", ".", "..", "profile.bak", "profile.orig", "profileab/de6",
		"profile-1.old", "profileaB3dE67", ".profile.sxa", "5000", "#profile" };
	static const char *const backups[] = { "profile~", "profile.~1~", "~" };
	static const char *const no_backups[] = { "profile", ".profile.swp",
		"profile.bak", "profileaB3dE6", "~profile", "#profile#", "" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(scratches); i++)
		if (!name_is_scratch(scratches[i]))
			fail_msg("`%s` is no scratch", scratches[i]);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (name_is_scratch(others[i]))
			fail_msg("`%s` is a scratch", others[i]);
	for (size_t i = 0; i < ARRAY_SIZE(backups); i++)
		if (!name_is_backup(backups[i]) || !name_is_scratch(backups[i]))
			fail_msg("`%s` is no backup", backups[i]);
	for (size_t i = 0; i < ARRAY_SIZE(no_backups); i++)
		if (name_is_backup(no_backups[i]))
			fail_msg("`%s` is a backup", no_backups[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_round_trip_random),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_scratches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
