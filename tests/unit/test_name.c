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
	assert_true(name_is_swap(".profile.swp"));
	assert_true(name_is_swap(".profile.swx"));
	assert_true(name_is_swap("profile~"));
	assert_true(name_is_swap(".#profile"));
	assert_true(name_is_swap("#profile#"));
	assert_true(name_is_swap("4913"));
	assert_false(name_is_swap("profile"));
	assert_true(name_is_scratch("sedAbC123"));
	assert_true(name_is_scratch(".profile.x3Yz01"));
	assert_true(name_is_scratch("profile.lock"));
	assert_false(name_is_scratch("credentials"));
	assert_false(name_is_scratch("profile"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_round_trip_random),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
