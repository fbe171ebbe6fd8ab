#include "fs/handle.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* What the rows of this test stand on. */
struct disk {
	char text[64];	    /* what show() gives */
	int show_error;	    /* or why it cannot */
	char stored[128];   /* the last text that store() was given */
	_Atomic int stores; /* how often */
	int store_error;    /* why it does not take it */
	_Atomic int judged;
	struct handle *write_meanwhile; /* store() writes to it */
};

static struct disk disk;

static int show(const struct at *at, struct shown *out, struct err *err)
{
	assert_string_equal(at->account, "p");
	if (disk.show_error)
		return err_set(err, disk.show_error, "cannot show");
	buf_adds(&out->text, disk.text);
	out->mtime.tv_sec = 4711;
	return 0;
}

/* Good texts are of small letters and end with a dot. */
static int judge(struct slice begin, struct err *err)
{
	disk.judged++;
	for (size_t i = 0; i < begin.len; i++)
		if ((begin.at[i] < 'a' || begin.at[i] > 'z') && begin.at[i] != '.')
			return err_set(err, EINVAL, "no letter: %zu", i);
	return 0;
}

static int store(const struct at *at, struct slice text, const struct patience *patience,
	struct err *err)
{
	int r = judge(text, err);

	assert_string_equal(at->account, "p");
	assert_int_equal(patience->deadline, 99);
	disk.stores++;
	if (disk.write_meanwhile) {
		assert_int_equal(handle_write(disk.write_meanwhile,
					 (struct slice){ "more.", 5 }, 0, NULL),
			0);
		disk.write_meanwhile = NULL;
	}
	if (r)
		return r;
	if (disk.store_error)
		return err_set(err, disk.store_error, "cannot store");
	if (!text.len || text.at[text.len - 1] != '.')
		return err_set(err, ENODATA, "not complete");
	(void)snprintf(disk.stored, sizeof(disk.stored), "%.*s", (int)text.len, text.at);
	return 0;
}

static const struct node judged = { .name = "judged",
	.mode = S_IFREG | 0600,
	.show = show,
	.store = store,
	.judge = judge };
static const struct node unjudged = {
	.name = "unjudged", .mode = S_IFREG | 0600, .show = show, .store = store
};

static int setup(void **state)
{
	(void)state;
	disk = (struct disk){ .text = "old text." };
	return 0;
}

static struct handle *open_row(const struct node *row, int flags)
{
	char account[] = "p";
	const struct at at = { .account = account };
	struct handle *handle = handle_new(row, &at, flags, 4712);

	assert_non_null(handle);
	/* the name is the handle's own */
	account[0] = 'x';
	return handle;
}

static int write_at(struct handle *handle, uint64_t offset, const char *text)
{
	struct err err = ERR_INIT;
	int r = handle_write(handle, (struct slice){ text, strlen(text) }, offset, &err);

	assert_int_equal(r, -err.errnum);
	return r;
}

static int commit(struct handle *handle)
{
	const struct patience patience = { .deadline = 99 };
	struct err err = ERR_INIT;
	int r = handle_commit(handle, &patience, &err);

	assert_int_equal(r, -err.errnum);
	assert_int_equal(r == 0, err.text[0] == '\0');
	return r;
}

static void check_text(struct handle *handle, const char *text)
{
	_cleanup_buf_ struct buf out = BUF_INIT;

	handle_read(handle, 0, 1000, &out);
	assert_string_equal(buf_text(&out), text);
	assert_int_equal(out.len, strlen(text));
}

static void check_stored(int stores, const char *text)
{
	assert_int_equal(disk.stores, stores);
	assert_string_equal(disk.stored, text);
}

static void test_getters(void **state)
{
	struct handle *handle = open_row(&judged, O_RDONLY);
	struct handle *root;

	(void)state;
	assert_ptr_equal(handle_row(handle), &judged);
	assert_string_equal(handle_at(handle)->account, "p");
	assert_int_equal(handle_opener(handle), 4712);
	assert_false(handle_is_dirty(handle));
	assert_null(handle_unref(handle));
	root = handle_new(&judged, &(struct at){ .account = NULL }, O_RDONLY, 0);
	assert_null(handle_at(root)->account);
	assert_null(handle_unref(root));
	assert_null(handle_unref(NULL));
}

/* One moment's text to the end. */
static void test_read(void **state)
{
	static const struct {
		uint64_t offset;
		size_t size;
		const char *text;
	} rows[] = {
		{ 0, 9, "old text." },
		{ 0, 1000, "old text." },
		{ 0, SIZE_MAX, "old text." },
		{ 0, 0, "" },
		{ 4, 2, "te" },
		{ 8, SIZE_MAX, "." },
		{ 9, 1, "" },
		{ 10, 1, "" },
		{ UINT64_MAX, SIZE_MAX, "" },
	};
	struct handle *handle = open_row(&judged, O_RDONLY);
	struct slice text;

	(void)state;
	check_text(handle, "");
	assert_int_equal(handle_show(handle, NULL), 0);
	(void)strcpy(disk.text, "new text.");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_buf_ struct buf out = BUF_INIT;

		handle_read(handle, rows[i].offset, rows[i].size, &out);
		assert_string_equal(buf_text(&out), rows[i].text);
	}
	assert_true(handle_snapshot(handle, &text));
	assert_true(slice_is(text, "old text."));
	assert_int_equal(commit(handle), 0);
	check_stored(0, "");
	(void)handle_unref(handle);
}

static void test_show_fails(void **state)
{
	struct handle *handle = open_row(&judged, O_RDONLY);
	struct err err = ERR_INIT;

	(void)state;
	disk.show_error = EIO;
	assert_int_equal(handle_show(handle, &err), -EIO);
	assert_string_equal(err.text, "cannot show");
	check_text(handle, "");
	(void)handle_unref(handle);
}

/* `>`: a new text from nothing. */
static void test_truncate_write_commit(void **state)
{
	struct handle *handle = open_row(&judged, O_WRONLY | O_TRUNC);
	struct slice text;

	(void)state;
	assert_false(handle_is_dirty(handle));
	assert_int_equal(write_at(handle, 0, "new"), 0);
	assert_true(handle_is_dirty(handle));
	assert_false(handle_snapshot(handle, &text));
	assert_int_equal(write_at(handle, 3, "er."), 0);
	check_text(handle, "newer.");
	assert_int_equal(commit(handle), 0);
	check_stored(1, "newer.");
	assert_false(handle_is_dirty(handle));
	/* nothing new since */
	assert_int_equal(commit(handle), 0);
	check_stored(1, "newer.");
	(void)handle_unref(handle);
}

/* Every `>` of a shell truncates, and may fail before it writes. */
static void test_truncated_only_changes_nothing(void **state)
{
	struct handle *handle = open_row(&judged, O_WRONLY | O_TRUNC);

	(void)state;
	assert_int_equal(commit(handle), 0);
	assert_int_equal(handle_truncate(handle, 0, NULL), 0);
	assert_int_equal(commit(handle), 0);
	assert_false(handle_is_dirty(handle));
	assert_int_equal(write_at(handle, 0, ""), 0);
	assert_false(handle_is_dirty(handle));
	assert_int_equal(commit(handle), 0);
	check_stored(0, "");
	(void)handle_unref(handle);
}

/* O_TRUNC comes as a call of its own from some kernels and tools. */
static void test_truncate_of_open_handle(void **state)
{
	struct handle *handle = open_row(&judged, O_RDWR);

	(void)state;
	assert_int_equal(handle_show(handle, NULL), 0);
	assert_int_equal(handle_truncate(handle, 0, NULL), 0);
	check_text(handle, "");
	assert_int_equal(write_at(handle, 0, "new."), 0);
	assert_int_equal(commit(handle), 0);
	check_stored(1, "new.");
	/* and once more: editors that find a mistake */
	assert_int_equal(write_at(handle, 4, "junk."), 0);
	assert_int_equal(handle_truncate(handle, 0, NULL), 0);
	assert_false(handle_is_dirty(handle));
	assert_int_equal(write_at(handle, 0, "again."), 0);
	assert_int_equal(commit(handle), 0);
	check_stored(2, "again.");
	(void)handle_unref(handle);
}

/* dd in pieces, a here-document by a slow writer: an incomplete text waits for more. */
static void test_incomplete_waits(void **state)
{
	struct handle *handle = open_row(&judged, O_WRONLY | O_TRUNC);

	(void)state;
	assert_int_equal(write_at(handle, 0, "one"), 0);
	assert_int_equal(commit(handle), -ENODATA);
	assert_true(handle_is_dirty(handle));
	assert_int_equal(commit(handle), -ENODATA);
	assert_int_equal(write_at(handle, 3, "two."), 0);
	assert_int_equal(commit(handle), 0);
	check_stored(3, "onetwo.");
	assert_false(handle_is_dirty(handle));
	(void)handle_unref(handle);
}

static void test_refused_at_once_and_for_good(void **state)
{
	struct handle *handle = open_row(&judged, O_WRONLY | O_TRUNC);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(write_at(handle, 0, "good"), 0);
	assert_int_equal(write_at(handle, 4, "BAD"), -EINVAL);
	/* for the flush to tell it */
	assert_true(handle_is_dirty(handle));
	/* a good one behind a refused one would store a text with a hole */
	assert_int_equal(
		handle_write(handle, (struct slice){ "fine.", 5 }, 4, &err), -EINVAL);
	assert_string_equal(err.text, "no letter: 4");
	assert_int_equal(commit(handle), -EINVAL);
	assert_int_equal(commit(handle), -EINVAL);
	check_stored(0, "");
	check_text(handle, "good");
	/* a new beginning */
	assert_int_equal(handle_truncate(handle, 0, NULL), 0);
	assert_false(handle_is_dirty(handle));
	assert_int_equal(commit(handle), 0);
	assert_int_equal(write_at(handle, 0, "fine."), 0);
	assert_int_equal(commit(handle), 0);
	check_stored(1, "fine.");
	(void)handle_unref(handle);
}

/* Judged is always the whole text so far. */
static void test_judged_is_the_beginning(void **state)
{
	struct handle *handle = open_row(&judged, O_WRONLY | O_TRUNC);

	(void)state;
	assert_int_equal(write_at(handle, 3, "abc"), -EINVAL);
	assert_int_equal(handle_truncate(handle, 0, NULL), 0);
	assert_int_equal(write_at(handle, 0, "abc"), 0);
	assert_int_equal(write_at(handle, 1, "d"), 0);
	check_text(handle, "adc");
	assert_int_equal(disk.judged, 3);
	(void)handle_unref(handle);
}

static void test_refused_by_the_store(void **state)
{
	struct handle *handle = open_row(&judged, O_WRONLY | O_TRUNC);

	(void)state;
	disk.store_error = ENOSPC;
	assert_int_equal(write_at(handle, 0, "new."), 0);
	assert_int_equal(commit(handle), -ENOSPC);
	assert_true(handle_is_dirty(handle));
	/* it may work the next time */
	disk.store_error = 0;
	assert_int_equal(commit(handle), 0);
	check_stored(2, "new.");
	(void)handle_unref(handle);
}

/* Writing without truncating begins with the old text; a half of it may look odd. */
static void test_patch(void **state)
{
	struct handle *handle = open_row(&judged, O_RDWR);

	(void)state;
	(void)strcpy(disk.text, "oldtext.");
	assert_int_equal(handle_show(handle, NULL), 0);
	/* the text of the moment it is written to counts */
	(void)strcpy(disk.text, "newtext.");
	assert_int_equal(write_at(handle, 0, "N"), 0);
	check_text(handle, "Newtext.");
	assert_int_equal(disk.judged, 0);
	/* judged when it is whole */
	assert_int_equal(commit(handle), -EINVAL);
	assert_true(handle_is_dirty(handle));
	assert_int_equal(write_at(handle, 0, "m"), 0);
	assert_int_equal(commit(handle), 0);
	check_stored(2, "mewtext.");
	/* behind the end */
	assert_int_equal(write_at(handle, 8, "x."), 0);
	assert_int_equal(commit(handle), 0);
	check_stored(3, "mewtext.x.");
	(void)handle_unref(handle);
}

static void test_patch_of_what_cannot_be_shown(void **state)
{
	struct handle *handle = open_row(&judged, O_WRONLY);

	(void)state;
	disk.show_error = EIO;
	assert_int_equal(write_at(handle, 0, "new."), -EIO);
	disk.show_error = 0;
	assert_int_equal(write_at(handle, 0, "new."), -EIO);
	assert_int_equal(commit(handle), -EIO);
	check_stored(0, "");
	(void)handle_unref(handle);
}

static void test_truncate_to_a_part(void **state)
{
	struct handle *handle = open_row(&judged, O_RDWR);
	struct err err = ERR_INIT;

	(void)state;
	(void)strcpy(disk.text, "abc.def.");
	assert_int_equal(handle_truncate(handle, 4, NULL), 0);
	check_text(handle, "abc.");
	/* not written, so not stored */
	assert_int_equal(commit(handle), 0);
	check_stored(0, "");
	assert_int_equal(handle_truncate(handle, 5, &err), -EINVAL);
	check_text(handle, "abc.");
	assert_int_equal(handle_truncate(handle, 4, NULL), 0);
	assert_int_equal(write_at(handle, 0, "x"), 0);
	assert_int_equal(commit(handle), 0);
	check_stored(1, "xbc.");
	/* what was written before counts when it is cut */
	assert_int_equal(write_at(handle, 4, "more."), 0);
	assert_int_equal(handle_truncate(handle, 4, NULL), 0);
	assert_int_equal(commit(handle), 0);
	check_stored(2, "xbc.");
	(void)handle_unref(handle);
}

/* `>>`: what is appended is judged by itself, and the offset does not count. */
static void test_append(void **state)
{
	struct handle *handle = open_row(&judged, O_WRONLY | O_APPEND);

	(void)state;
	assert_int_equal(write_at(handle, 9, "ab"), 0);
	assert_int_equal(write_at(handle, 0, "c."), 0);
	assert_int_equal(commit(handle), 0);
	check_stored(1, "abc.");
	assert_int_equal(write_at(handle, 0, "D"), -EINVAL);
	(void)handle_unref(handle);
}

static void test_limits(void **state)
{
	static char most[HANDLE_LIMIT + 1];
	struct handle *handle = open_row(&unjudged, O_WRONLY | O_TRUNC);
	static const struct {
		uint64_t offset;
		size_t len;
	} rows[] = {
		{ 0, HANDLE_LIMIT + 1 },
		{ 1, HANDLE_LIMIT },
		{ HANDLE_LIMIT, 1 },
		{ HANDLE_LIMIT + 1, 1 },
		{ UINT64_MAX, 1 },
		{ UINT64_MAX - 1, 2 },
	};

	(void)state;
	memset(most, 'x', sizeof(most));
	assert_int_equal(
		handle_write(handle, (struct slice){ most, HANDLE_LIMIT }, 0, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(handle_truncate(handle, 0, NULL), 0);
		assert_int_equal(write_at(handle, 0, "a."), 0);
		assert_int_equal(handle_write(handle, (struct slice){ most, rows[i].len },
					 rows[i].offset, &(struct err)ERR_INIT),
			-EFBIG);
		/* nothing of a text that lost a piece is stored */
		assert_int_equal(commit(handle), -EFBIG);
	}
	check_stored(0, "");
	(void)handle_unref(handle);
}

static void test_hole_is_zeros(void **state)
{
	struct handle *handle = open_row(&unjudged, O_WRONLY | O_TRUNC);
	_cleanup_buf_ struct buf out = BUF_INIT;

	(void)state;
	assert_int_equal(write_at(handle, 200, "a"), 0);
	handle_read(handle, 0, 1000, &out);
	assert_int_equal(out.len, 201);
	for (size_t i = 0; i < 200; i++)
		assert_int_equal(out.data[i], 0);
	(void)handle_unref(handle);
}

/* What comes while a text is being stored is not lost. */
static void test_write_during_commit(void **state)
{
	struct handle *handle = open_row(&judged, O_WRONLY | O_TRUNC);

	(void)state;
	assert_int_equal(write_at(handle, 0, "one."), 0);
	disk.write_meanwhile = handle;
	assert_int_equal(commit(handle), 0);
	check_stored(1, "one.");
	assert_true(handle_is_dirty(handle));
	assert_int_equal(commit(handle), 0);
	check_stored(2, "more.");
	assert_false(handle_is_dirty(handle));
	(void)handle_unref(handle);
}

/* A text is pending until it is taken or somebody knows that it is not. */
static void test_pending(void **state)
{
	struct handle *handle = open_row(&judged, O_WRONLY | O_TRUNC);

	(void)state;
	assert_false(handle_is_pending(handle));
	assert_int_equal(write_at(handle, 0, "one"), 0);
	assert_true(handle_is_pending(handle));
	/* not complete: there may be nobody to tell */
	assert_int_equal(commit(handle), -ENODATA);
	assert_true(handle_is_pending(handle));
	assert_int_equal(write_at(handle, 3, "."), 0);
	disk.store_error = ENOSPC;
	assert_int_equal(commit(handle), -ENOSPC);
	assert_false(handle_is_pending(handle));
	assert_true(handle_is_dirty(handle));
	/* a new text is a new matter */
	assert_int_equal(write_at(handle, 4, "two."), 0);
	assert_true(handle_is_pending(handle));
	disk.store_error = 0;
	assert_int_equal(commit(handle), 0);
	assert_false(handle_is_pending(handle));
	check_stored(3, "one.two.");
	/* who wrote it knows */
	assert_int_equal(write_at(handle, 0, "BAD"), -EINVAL);
	assert_false(handle_is_pending(handle));
	assert_true(handle_is_dirty(handle));
	(void)handle_unref(handle);
}

static void test_references(void **state)
{
	struct handle *handle = open_row(&judged, O_RDONLY);
	struct slice text;

	(void)state;
	assert_int_equal(handle_show(handle, NULL), 0);
	assert_true(handle_snapshot(handle, &text));
	assert_ptr_equal(handle_ref(handle), handle);
	assert_null(handle_unref(handle));
	/* a reply that still points into it */
	assert_true(slice_is(text, "old text."));
	assert_null(handle_unref(handle));
}

enum { ROUNDS = 2000 };

static void *write_often(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		_cleanup_buf_ struct buf out = BUF_INIT;

		if (i % 100 == 0)
			(void)handle_truncate(arg, 0, NULL);
		(void)handle_write(
			arg, (struct slice){ "text.", 5 }, (i % 10) * 5u, NULL);
		handle_read(arg, 0, 100, &out);
	}
	return NULL;
}

static int store_quietly(const struct at *at, struct slice text,
	const struct patience *patience, struct err *err)
{
	(void)at;
	(void)text;
	(void)patience;
	(void)err;
	disk.stores++;
	return 0;
}

static void *commit_often(void *arg)
{
	const struct patience patience = { .deadline = 99 };

	for (int i = 0; i < ROUNDS; i++) {
		struct err err;

		if (handle_is_dirty(arg))
			(void)handle_commit(arg, &patience, &err);
	}
	return NULL;
}

static void test_threads(void **state)
{
	static const struct node row = {
		.name = "r", .mode = S_IFREG | 0600, .show = show, .store = store_quietly
	};
	struct handle *handle = open_row(&row, O_RDWR | O_TRUNC);
	void *(*const mains[])(
		void *) = { write_often, write_often, commit_often, commit_often };
	pthread_t threads[ARRAY_SIZE(mains)];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mains); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, mains[i], handle), 0);
	for (size_t i = 0; i < ARRAY_SIZE(mains); i++)
		(void)pthread_join(threads[i], NULL);
	assert_int_equal(commit(handle), 0);
	assert_true(disk.stores > 0);
	assert_false(handle_is_dirty(handle));
	(void)handle_unref(handle);
}

#define CASE(fn) cmocka_unit_test_setup(fn, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_getters),
		CASE(test_read),
		CASE(test_show_fails),
		CASE(test_truncate_write_commit),
		CASE(test_truncated_only_changes_nothing),
		CASE(test_truncate_of_open_handle),
		CASE(test_incomplete_waits),
		CASE(test_refused_at_once_and_for_good),
		CASE(test_judged_is_the_beginning),
		CASE(test_refused_by_the_store),
		CASE(test_patch),
		CASE(test_patch_of_what_cannot_be_shown),
		CASE(test_truncate_to_a_part),
		CASE(test_append),
		CASE(test_limits),
		CASE(test_hole_is_zeros),
		CASE(test_write_during_commit),
		CASE(test_pending),
		CASE(test_references),
		CASE(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
