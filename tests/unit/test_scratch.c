#include "fs/scratch.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/clock_shift.h"

static int setup(void **state)
{
	*state = scratches_new(NULL);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	return scratches_free(*state) ? -1 : 0;
}

static int write_at(struct scratch *scratch, uint64_t offset, const char *text)
{
	return scratch_write(scratch, (struct slice){ text, strlen(text) }, offset);
}

static void check_text(struct scratch *scratch, const char *text, size_t len)
{
	_cleanup_buf_ struct buf out = BUF_INIT_SECRET;

	scratch_copy(scratch, &out);
	assert_int_equal(out.len, len);
	assert_memory_equal(buf_text(&out), text, len);
	assert_int_equal(scratch_size(scratch), len);
}

/* Makes one and leaves it to the table. */
static void make(struct scratches *all, const char *account, const char *name)
{
	struct scratch *scratch = NULL;

	assert_int_equal(scratches_make(all, account, name, &scratch), 0);
	(void)scratch_unref(scratch);
}

static bool is_there(struct scratches *all, const char *account, const char *name)
{
	struct scratch *scratch = scratches_find(all, account, name);

	(void)scratch_unref(scratch);
	return scratch != NULL;
}

static void test_text(void **state)
{
	struct scratch *scratch = NULL;

	assert_int_equal(scratches_make(*state, "p", "sedAbC123", &scratch), 0);
	check_text(scratch, "", 0);
	assert_int_equal(write_at(scratch, 0, "hello"), 0);
	assert_int_equal(write_at(scratch, 5, " world"), 0);
	assert_int_equal(write_at(scratch, 0, "J"), 0);
	check_text(scratch, "Jello world", 11);
	assert_int_equal(write_at(scratch, 13, "!"), 0);
	check_text(scratch, "Jello world\0\0!", 14);
	assert_int_equal(scratch_truncate(scratch, 5), 0);
	check_text(scratch, "Jello", 5);
	assert_int_equal(scratch_truncate(scratch, 7), 0);
	check_text(scratch, "Jello\0\0", 7);
	assert_int_equal(write_at(scratch, 3, ""), 0);
	check_text(scratch, "Jello\0\0", 7);
	assert_int_equal(scratch_truncate(scratch, 0), 0);
	check_text(scratch, "", 0);
	(void)scratch_unref(scratch);
}

static void test_limit_of_one(void **state)
{
	static char most[SCRATCH_SIZE + 1];
	static const struct {
		uint64_t offset;
		size_t len;
	} rows[] = {
		{ 0, SCRATCH_SIZE + 1 },
		{ 1, SCRATCH_SIZE },
		{ SCRATCH_SIZE, 1 },
		{ SCRATCH_SIZE + 1, 0 },
		{ UINT64_MAX, 1 },
		{ UINT64_MAX, 0 },
	};
	struct scratch *scratch = NULL;

	memset(most, 'x', sizeof(most));
	assert_int_equal(scratches_make(*state, "p", "n", &scratch), 0);
	assert_int_equal(write_at(scratch, 0, "old"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(
			scratch_write(scratch, (struct slice){ most, rows[i].len },
				rows[i].offset),
			-EFBIG);
		check_text(scratch, "old", 3);
	}
	assert_int_equal(scratch_truncate(scratch, SCRATCH_SIZE + 1), -EFBIG);
	assert_int_equal(scratch_truncate(scratch, UINT64_MAX), -EFBIG);
	check_text(scratch, "old", 3);
	assert_int_equal(
		scratch_write(scratch, (struct slice){ most, SCRATCH_SIZE }, 0), 0);
	check_text(scratch, most, SCRATCH_SIZE);
	(void)scratch_unref(scratch);
}

static void test_names(void **state)
{
	struct scratch *scratch = NULL, *same;

	assert_int_equal(scratches_make(*state, "p", "n", &scratch), 0);
	assert_int_equal(scratches_make(*state, "p", "n", &same), -EEXIST);
	same = scratches_find(*state, "p", "n");
	assert_ptr_equal(same, scratch);
	(void)scratch_unref(same);
	assert_false(is_there(*state, "p", "N"));
	assert_false(is_there(*state, "q", "n"));
	make(*state, "q", "n");
	make(*state, "p", "m");
	assert_int_equal(scratches_remove(*state, "p", "n"), 0);
	assert_int_equal(scratches_remove(*state, "p", "n"), -ENOENT);
	assert_int_equal(scratches_remove(*state, "x", "m"), -ENOENT);
	assert_false(is_there(*state, "p", "n"));
	assert_true(is_there(*state, "q", "n"));
	assert_true(is_there(*state, "p", "m"));
	/* who has it open still writes */
	assert_int_equal(write_at(scratch, 0, "x"), 0);
	(void)scratch_unref(scratch);
	assert_null(scratch_ref(NULL));
	assert_null(scratch_unref(NULL));
	assert_null(scratches_free(NULL));
}

/* A number is never that of another text, also after it is gone. */
static void test_numbers(void **state)
{
	struct scratch *one = NULL, *two = NULL;
	uint64_t number;

	assert_int_equal(scratches_make(*state, "p", "n", &one), 0);
	number = scratch_number(one);
	(void)scratch_unref(one);
	assert_int_equal(scratches_remove(*state, "p", "n"), 0);
	assert_int_equal(scratches_make(*state, "p", "n", &two), 0);
	assert_true(scratch_number(two) != number);
	(void)scratch_unref(two);
}

static void test_rename(void **state)
{
	struct scratch *scratch = NULL, *other = NULL, *found;

	assert_int_equal(scratches_make(*state, "p", "one", &scratch), 0);
	assert_int_equal(scratches_make(*state, "p", "two", &other), 0);
	make(*state, "q", "three");
	assert_int_equal(scratches_rename(*state, "p", "none", "two"), -ENOENT);
	assert_int_equal(scratches_rename(*state, "q", "one", "two"), -ENOENT);
	assert_int_equal(scratches_rename(*state, "p", "one", "one"), 0);
	assert_true(is_there(*state, "p", "one"));
	assert_int_equal(scratches_rename(*state, "p", "one", "three"), 0);
	assert_false(is_there(*state, "p", "one"));
	assert_true(is_there(*state, "p", "three"));
	/* over one that has the name */
	assert_int_equal(scratches_rename(*state, "p", "three", "two"), 0);
	found = scratches_find(*state, "p", "two");
	assert_ptr_equal(found, scratch);
	(void)scratch_unref(found);
	assert_false(is_there(*state, "p", "three"));
	assert_int_equal(scratches_remove(*state, "p", "two"), 0);
	assert_int_equal(scratches_remove(*state, "p", "two"), -ENOENT);
	assert_true(is_there(*state, "q", "three"));
	(void)scratch_unref(scratch);
	(void)scratch_unref(other);
}

static void touch_all_but(struct scratches *all, const char *one, const char *other)
{
	char name[16];

	for (int i = 0; i < SCRATCH_COUNT; i++) {
		struct scratch *scratch;

		(void)snprintf(name, sizeof(name), "n%d", i);
		if (strcmp(name, one) == 0 || strcmp(name, other) == 0)
			continue;
		scratch = scratches_find(all, i % 2 ? "p" : "q", name);
		if (scratch)
			assert_int_equal(scratch_truncate(scratch, 0), 0);
		(void)scratch_unref(scratch);
	}
}

static void test_limit_of_all(void **state)
{
	struct scratch *scratch = NULL, *opened;
	char name[16];

	for (int i = 0; i < SCRATCH_COUNT; i++) {
		(void)snprintf(name, sizeof(name), "n%d", i);
		make(*state, i % 2 ? "p" : "q", name);
	}
	assert_int_equal(scratches_make(*state, "p", "more", &scratch), -EDQUOT);
	assert_null(scratch);
	assert_int_equal(scratches_make(*state, "q", "n0", &scratch), -EEXIST);
	assert_int_equal(scratches_remove(*state, "q", "n0"), 0);
	make(*state, "p", "more");
	assert_int_equal(scratches_make(*state, "p", "and more", &scratch), -EDQUOT);
	/* the one that was left longest ago makes room, but not one that is open */
	opened = scratches_find(*state, "p", "n1");
	assert_int_equal(scratch_open(opened), 0);
	clock_forward(SCRATCH_LEAST_MS + 1);
	touch_all_but(*state, "n1", "n7");
	assert_int_equal(scratches_rename(*state, "p", "more", "last"), 0);
	clock_forward(SCRATCH_LEAST_MS + 1);
	make(*state, "p", "instead of n7");
	assert_true(is_there(*state, "p", "n1"));
	assert_false(is_there(*state, "p", "n7"));
	assert_true(is_there(*state, "q", "n8"));
	scratch_close(opened);
	(void)scratch_unref(opened);
	assert_int_equal(scratches_remove(*state, "p", "instead of n7"), 0);
	make(*state, "p", "more again");
	/* those that were left behind make room */
	clock_forward(SCRATCH_KEEP_MS + 1);
	make(*state, "p", "and more");
	assert_false(is_there(*state, "p", "more again"));
}

static void test_expire(void **state)
{
	struct scratch *written = NULL, *cut = NULL;

	make(*state, "p", "left");
	make(*state, "p", "renamed");
	assert_int_equal(scratches_make(*state, "p", "written", &written), 0);
	assert_int_equal(scratches_make(*state, "p", "cut", &cut), 0);
	clock_forward(SCRATCH_KEEP_MS - 1000);
	scratches_expire(*state);
	assert_true(is_there(*state, "p", "left"));
	assert_int_equal(write_at(written, 0, "x"), 0);
	assert_int_equal(scratch_truncate(cut, 0), 0);
	assert_int_equal(scratches_rename(*state, "p", "renamed", "new"), 0);
	clock_forward(1001);
	scratches_expire(*state);
	assert_false(is_there(*state, "p", "left"));
	assert_true(is_there(*state, "p", "written"));
	assert_true(is_there(*state, "p", "cut"));
	assert_true(is_there(*state, "p", "new"));
	clock_forward(SCRATCH_KEEP_MS);
	scratches_expire(*state);
	assert_false(is_there(*state, "p", "written"));
	/* whoever still knows it, as the kernel does, finds nothing */
	check_text(written, "", 0);
	assert_int_equal(scratch_open(written), -ESTALE);
	(void)scratch_unref(written);
	(void)scratch_unref(cut);
}

/* The swap file of an editor that is left open for long. */
static void test_open(void **state)
{
	struct scratch *swap = NULL;

	assert_int_equal(scratches_make(*state, "p", ".profile.swp", &swap), 0);
	assert_int_equal(scratch_open(swap), 0);
	assert_int_equal(scratch_open(swap), 0);
	assert_int_equal(write_at(swap, 0, "x"), 0);
	for (int i = 0; i < 10; i++) {
		clock_forward(10 * SCRATCH_KEEP_MS);
		scratches_expire(*state);
		assert_true(is_there(*state, "p", ".profile.swp"));
		check_text(swap, "x", 1);
		if (i == 5)
			scratch_close(swap);
	}
	scratch_close(swap);
	scratches_expire(*state);
	/* a minute begins with the close */
	assert_true(is_there(*state, "p", ".profile.swp"));
	clock_forward(SCRATCH_KEEP_MS + 1);
	scratches_expire(*state);
	assert_false(is_there(*state, "p", ".profile.swp"));
	check_text(swap, "", 0);
	(void)scratch_unref(swap);
}

/* Removed, or replaced by another, while it is open: the text stays until the close. */
static void test_drop_open(void **state)
{
	struct scratch *removed = NULL, *replaced = NULL, *closed = NULL;

	assert_int_equal(scratches_make(*state, "p", "removed", &removed), 0);
	assert_int_equal(scratches_make(*state, "p", "replaced", &replaced), 0);
	assert_int_equal(scratches_make(*state, "p", "closed", &closed), 0);
	assert_int_equal(scratch_open(removed), 0);
	assert_int_equal(scratch_open(replaced), 0);
	assert_int_equal(write_at(removed, 0, "one"), 0);
	assert_int_equal(write_at(replaced, 0, "two"), 0);
	assert_int_equal(write_at(closed, 0, "three"), 0);
	make(*state, "p", "other");
	assert_int_equal(scratches_remove(*state, "p", "removed"), 0);
	assert_int_equal(scratches_remove(*state, "p", "closed"), 0);
	assert_int_equal(scratches_rename(*state, "p", "other", "replaced"), 0);
	check_text(closed, "", 0);
	check_text(removed, "one", 3);
	check_text(replaced, "two", 3);
	assert_int_equal(scratch_open(removed), -ESTALE);
	assert_int_equal(write_at(removed, 3, "!"), 0);
	check_text(removed, "one!", 4);
	scratch_close(removed);
	scratch_close(replaced);
	check_text(removed, "", 0);
	check_text(replaced, "", 0);
	(void)scratch_unref(removed);
	(void)scratch_unref(replaced);
	(void)scratch_unref(closed);
}

static void *use_often(void *arg)
{
	struct scratches *all = arg;

	for (int i = 0; i < 1000; i++) {
		struct scratch *scratch = NULL;
		_cleanup_buf_ struct buf out = BUF_INIT_SECRET;

		if (scratches_make(all, "p", i % 2 ? "one" : "two", &scratch))
			scratch = scratches_find(all, "p", "one");
		if (scratch) {
			(void)write_at(scratch, (uint64_t)(i % 7), "text");
			scratch_copy(scratch, &out);
			(void)scratch_size(scratch);
			if (scratch_open(scratch) == 0)
				scratch_close(scratch);
			(void)scratch_unref(scratch);
		}
		if (i % 3 == 0)
			(void)scratches_rename(all, "p", "two", "one");
		if (i % 5 == 0)
			(void)scratches_remove(all, "p", "one");
		scratches_expire(all);
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
	(void)scratches_remove(*state, "p", "one");
	(void)scratches_remove(*state, "p", "two");
	/* no place was lost */
	for (int i = 0; i < SCRATCH_COUNT; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "n%d", i);
		make(*state, "p", name);
	}
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_text),
		CASE(test_limit_of_one),
		CASE(test_names),
		CASE(test_numbers),
		CASE(test_rename),
		CASE(test_limit_of_all),
		CASE(test_expire),
		CASE(test_open),
		CASE(test_drop_open),
		CASE(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
