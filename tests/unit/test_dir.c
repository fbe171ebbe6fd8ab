#include "fs/dir.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* A directory of two files of its own and one for each of some names. */
static const char *const listed[] = { "plain", "a/b", "", "README", ".git", "two words" };
static char long_name[300];
static int list_error;
static int lists;

static int list(const struct at *at, struct names *ret_names, struct err *err)
{
	assert_null(at->account);
	lists++;
	if (list_error)
		return err_set(err, list_error, "cannot list");
	for (size_t i = 0; i < ARRAY_SIZE(listed); i++)
		assert_int_equal(names_add(ret_names, listed[i]), 0);
	assert_int_equal(names_add(ret_names, long_name), 0);
	return 0;
}

static bool has(const struct at *at, const char *name)
{
	assert_null(at->account);
	for (size_t i = 0; i < ARRAY_SIZE(listed); i++)
		if (strcmp(listed[i], name) == 0)
			return true;
	return false;
}

static const struct node files[] = {
	{ .name = "profile", .mode = S_IFREG | 0600 },
	{ .name = "status", .mode = S_IFREG | 0444 },
	{ .mode = 0 },
};
static const struct node rows[] = {
	{ .name = "README", .mode = S_IFREG | 0444 },
	{ .mode = S_IFDIR | 0700, .list = list, .has = has, .rows = files },
	{ .name = "events", .mode = S_IFREG | 0444 },
	{ .mode = 0 },
};
static const struct node root = { .name = "", .mode = S_IFDIR | 0700, .rows = rows };
static const struct at at_root = { .account = NULL };

static int setup(void **state)
{
	(void)state;
	memset(long_name, 'x', sizeof(long_name) - 1);
	list_error = lists = 0;
	return 0;
}

static const struct dir_entry *entry_of(const struct dir *dir, const char *file)
{
	const struct dir_entry *found = NULL;

	for (size_t i = 0; i < dir->count; i++)
		if (strcmp(dir->entries[i].file, file) == 0) {
			/* each name once */
			assert_null(found);
			found = &dir->entries[i];
		}
	assert_non_null(found);
	if (!found)
		abort(); /* the compiler does not know that the line above returns only then */
	return found;
}

static void test_read(void **state)
{
	static const struct {
		const char *file;
		const struct node *row;
		const char *account;
	} wanted[] = {
		{ ".", &root, NULL },
		{ "..", &tree_root, NULL },
		{ "README", &rows[0], NULL },
		{ "events", &rows[2], NULL },
		{ "plain", &rows[1], "plain" },
		{ "a%2Fb", &rows[1], "a/b" },
		{ "%", &rows[1], "" },
		{ "%52EADME", &rows[1], "README" },
		{ "%2Egit", &rows[1], ".git" },
		{ "two words", &rows[1], "two words" },
	};
	struct dir *dir = NULL;

	(void)state;
	assert_int_equal(dir_read(&root, &at_root, &dir, NULL), 0);
	assert_int_equal(dir->count, ARRAY_SIZE(wanted) + 1);
	assert_int_equal(lists, 1);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		const struct dir_entry *entry = entry_of(dir, wanted[i].file);

		assert_ptr_equal(entry->row, wanted[i].row);
		if (wanted[i].account)
			assert_string_equal(entry->account, wanted[i].account);
		else
			assert_null(entry->account);
		assert_int_equal(entry->is_dot, i < 2);
	}
	assert_true(name_is_cut(dir->entries[dir->count - 1].file));
	assert_string_equal(dir->entries[dir->count - 1].account, long_name);
	assert_null(dir_free(dir));
	assert_null(dir_free(NULL));
}

static void test_read_below(void **state)
{
	static const struct at at = { .account = "acme" };
	struct dir *dir = NULL;

	(void)state;
	assert_int_equal(dir_read(&rows[1], &at, &dir, NULL), 0);
	assert_int_equal(dir->count, 4);
	assert_string_equal(entry_of(dir, ".")->account, "acme");
	assert_null(entry_of(dir, "..")->account);
	assert_string_equal(entry_of(dir, "profile")->account, "acme");
	assert_ptr_equal(entry_of(dir, "status")->row, &files[1]);
	assert_int_equal(lists, 0);
	(void)dir_free(dir);
}

static void test_read_fails(void **state)
{
	struct dir *dir = (struct dir *)&list_error;
	struct err err = ERR_INIT;

	(void)state;
	list_error = EIO;
	assert_int_equal(dir_read(&root, &at_root, &dir, &err), -EIO);
	assert_string_equal(err.text, "cannot list");
	assert_ptr_equal(dir, &list_error);
}

static void test_find(void **state)
{
	static const struct {
		const char *file;
		const struct node *row;
		const char *name;
	} found[] = {
		{ "README", &rows[0], "" },
		{ "events", &rows[2], "" },
		{ "plain", &rows[1], "plain" },
		{ "a%2Fb", &rows[1], "a/b" },
		{ "%", &rows[1], "" },
		{ "%52EADME", &rows[1], "README" },
		{ "%2Egit", &rows[1], ".git" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(found); i++) {
		_cleanup_free_ char *name = NULL;

		assert_ptr_equal(dir_find(&root, &at_root, found[i].file, &name, NULL),
			found[i].row);
		assert_string_equal(name, found[i].name);
	}
	/* which needs no list: look-ups are many */
	assert_int_equal(lists, 0);
}

static void test_find_none(void **state)
{
	static const char *const files_none[] = { "", "a", "a%2fb", "%70lain", "PLAIN",
		".git", "%2egit", ".", "..", "readme", "profile", "a/b", "%%" };
	_cleanup_free_ char *name = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files_none); i++) {
		struct err err = ERR_INIT;

		assert_null(dir_find(&root, &at_root, files_none[i], &name, &err));
		assert_int_equal(err.errnum, ENOENT);
		assert_non_null(strstr(err.text, files_none[i]));
		assert_null(name);
	}
	/* where no names are listed */
	assert_null(dir_find(&rows[1], &at_root, "plain", &name, NULL));
}

static void test_find_cut(void **state)
{
	_cleanup_free_ char *name = NULL;
	_cleanup_free_ char *none = NULL;
	char file[NAME_SIZE];
	struct err err = ERR_INIT;

	(void)state;
	name_to_file(long_name, file);
	assert_ptr_equal(dir_find(&root, &at_root, file, &name, NULL), &rows[1]);
	assert_string_equal(name, long_name);
	file[NAME_SIZE - 2] = file[NAME_SIZE - 2] == '0' ? '1' : '0';
	assert_null(dir_find(&root, &at_root, file, &none, &err));
	assert_int_equal(err.errnum, ENOENT);
	list_error = EIO;
	name_to_file(long_name, file);
	assert_null(dir_find(&root, &at_root, file, &none, NULL));
}

static void test_find_below(void **state)
{
	static const struct at at = { .account = "acme" };
	_cleanup_free_ char *name = NULL;

	(void)state;
	assert_ptr_equal(dir_find(&rows[1], &at, "status", &name, NULL), &files[1]);
	assert_string_equal(name, "");
}

/* What every row of the real tree must have, so that no callback is missing. */
static void check_rows(const struct node *dir)
{
	size_t lists_of_names = 0;

	for (const struct node *row = dir->rows; row->mode; row++) {
		assert_true(S_ISDIR(row->mode) || S_ISREG(row->mode));
		if (!row->name) {
			assert_true(row->list && row->has && S_ISDIR(row->mode));
			lists_of_names++;
		} else {
			assert_ptr_equal(tree_row(dir, row->name), row);
			assert_false(name_is_probe(row->name));
			assert_false(name_is_scratch(row->name));
		}
		if (S_ISDIR(row->mode)) {
			check_rows(row);
			continue;
		}
		assert_int_equal(row->show != NULL || row->stream != STREAM_NONE,
			(row->mode & 0400) != 0);
		assert_int_equal(row->store != NULL, (row->mode & 0200) != 0);
		assert_true(row->question < QUESTION_COUNT);
		if (row->shows_failure)
			assert_true(row->question != QUESTION_NONE);
	}
	assert_true(lists_of_names <= 1);
	assert_int_equal(tree_each(dir) != NULL, lists_of_names);
	assert_null(tree_row(dir, ""));
	assert_null(tree_row(dir, "no such row"));
}

static void test_tree(void **state)
{
	(void)state;
	assert_true(S_ISDIR(tree_root.mode));
	check_rows(&tree_root);
	/* no account can take a file's name in the root */
	for (const struct node *row = tree_root.rows; row->mode; row++)
		if (row->name) {
			char file[NAME_SIZE];

			name_to_file(row->name, file);
			assert_string_not_equal(file, row->name);
		}
}

#define CASE(fn) cmocka_unit_test_setup(fn, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_read),
		CASE(test_read_below),
		CASE(test_read_fails),
		CASE(test_find),
		CASE(test_find_none),
		CASE(test_find_cut),
		CASE(test_find_below),
		CASE(test_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
