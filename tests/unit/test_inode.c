#include "fs/inode.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Rows with one name have one hash. */
static const struct node one = { .name = "file", .mode = S_IFREG | 0400 };
static const struct node same = { .name = "file", .mode = S_IFREG | 0600 };
static const struct node third = { .name = "file", .mode = S_IFREG | 0644 };
static const struct node other = { .name = "other", .mode = S_IFREG | 0400 };
static const struct node folder = { .mode = S_IFDIR | 0700 };

static int setup(void **state)
{
	*state = inodes_new(NULL);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	return inodes_free(*state) ? -1 : 0;
}

static struct inode *look_up(
	struct inodes *inodes, const struct node *row, const char *account)
{
	struct inode *inode = inodes_look_up(inodes, row, account, NULL);

	assert_non_null(inode);
	assert_ptr_equal(inode->row, row);
	assert_ptr_equal(inodes_get(inodes, inode->number), inode);
	return inode;
}

static void test_root(void **state)
{
	struct inode *root = look_up(*state, &tree_root, NULL);

	assert_int_equal(root->number, INODE_ROOT);
	assert_null(root->account);
	/* is never forgotten */
	inodes_forget(*state, INODE_ROOT, UINT64_MAX);
	assert_ptr_equal(inodes_get(*state, INODE_ROOT), root);
	assert_ptr_equal(root->row, &tree_root);
	assert_null(inodes_get(*state, 0));
	assert_null(inodes_get(*state, 4711));
	inodes_forget(*state, 4711, 1);
	assert_null(inodes_free(NULL));
}

/* The same in every mount and after every start: backups and `find -inum` rely on it. */
static void test_numbers_are_stable(void **state)
{
	static const struct {
		const struct node *row;
		const char *account;
		uint64_t number;
	} rows[] = {
		{ &folder, "acme", 0x85898b707d316a76u },
		{ &one, "acme", 0x809aed76232cabfbu },
		{ &one, "", 0x076575f6837d8f15u },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t number = inode_number(rows[i].row, rows[i].account, NULL);

		if (number != rows[i].number)
			fail_msg("row %zu: 0x%llxu", i, (unsigned long long)number);
		assert_int_equal(
			look_up(*state, rows[i].row, rows[i].account)->number, number);
	}
	/* without an account or with an empty one is not the same place, but one hash */
	assert_int_equal(inode_number(&one, NULL, NULL), inode_number(&one, "", NULL));
	assert_true(look_up(*state, &one, NULL) != look_up(*state, &one, ""));
}

static void test_numbers_differ(void **state)
{
	static const char *const accounts[] = { "", "a", "b", "ab", "a/", "afile",
		"file" };
	static const struct node *const rows[] = { &one, &other, &folder };
	uint64_t seen[ARRAY_SIZE(accounts) * ARRAY_SIZE(rows)];
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(accounts); i++)
		for (size_t k = 0; k < ARRAY_SIZE(rows); k++) {
			uint64_t number = inode_number(rows[k], accounts[i], NULL);

			assert_true(number > INODE_ROOT);
			for (size_t n = 0; n < count; n++)
				assert_true(seen[n] != number);
			seen[count++] = number;
		}
}

static void test_forget_balance(void **state)
{
	struct inode *inode = look_up(*state, &one, "a");
	uint64_t number = inode->number;

	assert_ptr_equal(look_up(*state, &one, "a"), inode);
	assert_ptr_equal(look_up(*state, &one, "a"), inode);
	inodes_forget(*state, number, 2);
	assert_ptr_equal(inodes_get(*state, number), inode);
	(void)look_up(*state, &one, "a");
	inodes_forget(*state, number, 1);
	assert_ptr_equal(inodes_get(*state, number), inode);
	inodes_forget(*state, number, 1);
	assert_null(inodes_get(*state, number));
	/* and comes back under its number */
	assert_int_equal(look_up(*state, &one, "a")->number, number);
	inodes_forget(*state, number, 1);
	assert_null(inodes_get(*state, number));
}

static void test_forget_too_much(void **state)
{
	uint64_t number = look_up(*state, &one, "a")->number;

	inodes_forget(*state, number, 1000);
	assert_null(inodes_get(*state, number));
	inodes_forget(*state, number, 1);
}

static void test_names_are_copied(void **state)
{
	char account[] = "a";
	struct inode *inode = look_up(*state, &one, account);

	account[0] = 'b';
	assert_string_equal(inode->account, "a");
}

/* Two things with one hash stay two things. */
static void test_collision(void **state)
{
	struct inode *a = look_up(*state, &one, "a");
	struct inode *b = look_up(*state, &same, "a");
	struct inode *c = look_up(*state, &third, "a");

	assert_int_equal(inode_number(&one, "a", NULL), inode_number(&same, "a", NULL));
	assert_true(a->number != b->number && b->number != c->number &&
		    a->number != c->number);
	assert_ptr_equal(look_up(*state, &one, "a"), a);
	assert_ptr_equal(look_up(*state, &same, "a"), b);
	assert_ptr_equal(look_up(*state, &third, "a"), c);
	inodes_forget(*state, c->number, 2);
	inodes_forget(*state, b->number, 1);
	assert_ptr_equal(look_up(*state, &same, "a"), b);
	inodes_forget(*state, b->number, 2);
	assert_ptr_equal(look_up(*state, &one, "a"), a);
	assert_ptr_equal(inodes_get(*state, a->number), a);
}

static void test_scratch(void **state)
{
	struct scratches *scratches = scratches_new(NULL);
	struct scratch *first = NULL, *second = NULL;
	struct inode *a, *b;
	_cleanup_buf_ struct buf text = BUF_INIT;

	assert_int_equal(scratches_make(scratches, "a", "n", &first), 0);
	a = inodes_look_up(*state, &tree_scratch, "a", first);
	assert_int_equal(a->number, inode_number(&tree_scratch, "a", first));
	assert_ptr_equal(inodes_look_up(*state, &tree_scratch, "a", first), a);
	/* another text of that name is another file */
	assert_int_equal(scratches_remove(scratches, "a", "n"), 0);
	assert_int_equal(scratches_make(scratches, "a", "n", &second), 0);
	b = inodes_look_up(*state, &tree_scratch, "a", second);
	assert_ptr_not_equal(a, b);
	assert_true(a->number != b->number);
	/* an inode keeps its text alive */
	assert_int_equal(scratch_write(first, (struct slice){ "x", 1 }, 0), 0);
	(void)scratch_unref(first);
	(void)scratch_unref(second);
	(void)scratches_free(scratches);
	scratch_copy(a->scratch, &text);
	assert_string_equal(buf_text(&text), "x");
	inodes_forget(*state, a->number, 2);
	assert_ptr_equal(inodes_get(*state, b->number), b);
}

/* Many more than there are slots at first. */
static void test_growth(void **state)
{
	enum { COUNT = 20000 };
	static struct inode *all[COUNT];
	char account[16];

	for (int i = 0; i < COUNT; i++) {
		(void)snprintf(account, sizeof(account), "a%d", i);
		all[i] = look_up(*state, &one, account);
	}
	for (int i = 0; i < COUNT; i++) {
		(void)snprintf(account, sizeof(account), "a%d", i);
		assert_ptr_equal(look_up(*state, &one, account), all[i]);
		assert_string_equal(all[i]->account, account);
	}
	for (int i = 0; i < COUNT; i += 2) {
		uint64_t number = all[i]->number;

		inodes_forget(*state, number, 2);
		assert_null(inodes_get(*state, number));
		assert_ptr_equal(inodes_get(*state, all[i + 1]->number), all[i + 1]);
	}
}

static void *use_often(void *arg)
{
	struct inodes *inodes = arg;
	char account[16];

	for (int i = 0; i < 5000; i++) {
		struct inode *inode;

		(void)snprintf(account, sizeof(account), "a%d", i % 700);
		inode = inodes_look_up(inodes, i % 2 ? &one : &same, account, NULL);
		if (!inode || strcmp(inode->account, account) != 0 ||
			inodes_get(inodes, inode->number) != inode)
			abort();
		inodes_forget(inodes, inode->number, 1);
	}
	return NULL;
}

static void test_threads(void **state)
{
	pthread_t threads[4];

	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, use_often, *state), 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		(void)pthread_join(threads[i], NULL);
	assert_null(inodes_get(*state, inode_number(&one, "a1", NULL)));
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_root),
		CASE(test_numbers_are_stable),
		CASE(test_numbers_differ),
		CASE(test_forget_balance),
		CASE(test_forget_too_much),
		CASE(test_names_are_copied),
		CASE(test_collision),
		CASE(test_scratch),
		CASE(test_growth),
		CASE(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
