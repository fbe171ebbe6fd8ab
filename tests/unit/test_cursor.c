/* cursor: offsets of readers of a file that forgets its beginning. */
#include "fs/cursor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/macro.h"

/* A file of @end bytes that has forgotten those before @oldest, as events_read() has it. */
struct file {
	uint64_t oldest, end;
};

/* Reads as a FUSE read does; gives the file's offset of what was read, and its size. */
static uint64_t read_at(struct cursor *cursor, const struct file *file, uint64_t offset,
	size_t size, size_t *ret_size)
{
	uint64_t found = cursor_find(cursor, offset);

	if (found < file->oldest)
		found = file->oldest;
	if (found >= file->end)
		size = 0;
	else if (size > file->end - found)
		size = (size_t)(file->end - found);
	cursor_move(cursor, offset, found, size);
	*ret_size = size;
	return found;
}

/* Reads on to the end, @step bytes at a time, and gets @from to the end without a gap. */
static uint64_t read_on(struct cursor *cursor, const struct file *file, uint64_t offset,
	size_t step, uint64_t from)
{
	size_t size;

	do {
		assert_int_equal(read_at(cursor, file, offset, step, &size), from);
		offset += size;
		from += size;
	} while (size);
	assert_int_equal(from, file->end);
	return offset;
}

static void test_nothing_forgotten(void **state)
{
	struct file file = { 0, 1000 };
	struct cursor cursor = { 0 };

	(void)state;
	assert_int_equal(read_on(&cursor, &file, 0, 64, 0), 1000);
	file.end = 1500;
	assert_int_equal(read_on(&cursor, &file, 1000, 64, 1000), 1500);
	(void)read_on(&cursor, &file, 200, 64, 200);
}

static void test_from_the_start(void **state)
{
	struct file file = { 5000, 9000 };
	struct cursor cursor = { 0 };
	uint64_t offset;

	(void)state;
	offset = read_on(&cursor, &file, 0, 100, 5000);
	assert_int_equal(offset, 4000);
	/* who follows goes on where it was */
	file.end = 9500;
	offset = read_on(&cursor, &file, offset, 100, 9000);
	assert_int_equal(offset, 4500);
	/* and starts anew when it likes to */
	(void)read_on(&cursor, &file, 0, 100, 5000);
}

/* A shell reads some bytes, takes a line of them and goes back behind it. */
static void test_going_back(void **state)
{
	struct file file = { 5000, 9000 };
	struct cursor cursor = { 0 };
	uint64_t offset = 0, wanted = 5000;
	size_t size;

	(void)state;
	while (wanted < file.end) {
		assert_int_equal(read_at(&cursor, &file, offset, 128, &size), wanted);
		offset += 50;
		wanted += 50;
	}
}

/* What it stood at was forgotten meanwhile. */
static void test_left_behind(void **state)
{
	struct file file = { 0, 4000 };
	struct cursor cursor = { 0 };
	size_t size;

	(void)state;
	assert_int_equal(read_at(&cursor, &file, 0, 1000, &size), 0);
	file = (struct file){ 3000, 7000 };
	assert_int_equal(read_at(&cursor, &file, 1000, 1000, &size), 3000);
	assert_int_equal(read_at(&cursor, &file, 2000, 1000, &size), 4000);
	file = (struct file){ 6000, 9000 };
	assert_int_equal(read_on(&cursor, &file, 3000, 1000, 6000), 6000);
}

/* tail looks at the end first, and goes back block by block. */
static void test_from_the_end(void **state)
{
	struct file file = { 5000, 9000 };
	struct cursor cursor = { 0 };
	size_t size;

	(void)state;
	assert_int_equal(read_at(&cursor, &file, 8192, 8192, &size), 8192);
	assert_int_equal(size, 808);
	assert_int_equal(read_at(&cursor, &file, 9000, 8192, &size), 9000);
	assert_int_equal(size, 0);
	/* before what is kept: the oldest, and everything from there on */
	(void)read_on(&cursor, &file, 0, 8192, 5000);
	/* an offset outside of that is the file's own */
	assert_int_equal(read_at(&cursor, &file, 8500, 100, &size), 8500);
	assert_int_equal(read_at(&cursor, &file, 9000, 100, &size), 9000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_forgotten),
		cmocka_unit_test(test_from_the_start),
		cmocka_unit_test(test_going_back),
		cmocka_unit_test(test_left_behind),
		cmocka_unit_test(test_from_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
