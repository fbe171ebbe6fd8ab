/* watch: every way a file changes is told, and nothing keeps it from ending. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/watch.h"

enum { SOON_MS = 3000 };

struct scene {
	char folder[64];
	char path[96];
	struct watch *watch;
	int stop_fd;
};

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int begin(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	const char *paths[1];

	assert_non_null(scene);
	(void)strcpy(scene->folder, "/tmp/watch-XXXXXX");
	assert_non_null(mkdtemp(scene->folder));
	(void)snprintf(scene->path, sizeof(scene->path), "%s/file", scene->folder);
	put(scene->path, "one");
	paths[0] = scene->path;
	assert_int_equal(watch_new(paths, 1, &scene->watch, NULL), 0);
	scene->stop_fd = eventfd(0, EFD_CLOEXEC);
	/* the first wait sets the watches up; nothing happens meanwhile */
	assert_int_equal(watch_wait(scene->watch, scene->stop_fd, 20), WATCH_TIME);
	*state = scene;
	return 0;
}

static int end(void **state)
{
	struct scene *scene = *state;
	char command[128];

	(void)watch_free(scene->watch);
	(void)close(scene->stop_fd);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", scene->folder);
	assert_int_equal(system(command), 0);
	free(scene);
	return 0;
}

static void assert_told(struct scene *scene)
{
	assert_int_equal(
		watch_wait(scene->watch, scene->stop_fd, SOON_MS), WATCH_CHANGED);
	/* what came with it */
	while (watch_wait(scene->watch, scene->stop_fd, 50) == WATCH_CHANGED)
		continue;
}

static void test_in_place(void **state)
{
	struct scene *scene = *state;

	put(scene->path, "two");
	assert_told(scene);
}

static void test_renamed_over(void **state)
{
	struct scene *scene = *state;
	char other[112];

	(void)snprintf(other, sizeof(other), "%s.new", scene->path);
	put(other, "two");
	assert_told(scene);
	assert_int_equal(rename(other, scene->path), 0);
	assert_told(scene);
}

static void test_removed_and_made(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(unlink(scene->path), 0);
	assert_told(scene);
	put(scene->path, "again");
	assert_told(scene);
}

static void test_mode(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(chmod(scene->path, 0640), 0);
	assert_told(scene);
}

static void test_behind_a_link(void **state)
{
	struct scene *scene = *state;
	char folder[96], real[128];

	(void)snprintf(folder, sizeof(folder), "%s/real", scene->folder);
	(void)snprintf(real, sizeof(real), "%s/file", folder);
	assert_int_equal(mkdir(folder, 0700), 0);
	put(real, "one");
	assert_int_equal(unlink(scene->path), 0);
	assert_int_equal(symlink("real/file", scene->path), 0);
	assert_told(scene);
	put(real, "two");
	assert_told(scene);
}

static void test_missing_folder_is_looked_at(void **state)
{
	struct scene *scene = *state;
	const char *paths[] = { "/nonexistent-folder/file" };
	struct watch *watch;

	assert_int_equal(watch_new(paths, 1, &watch, NULL), 0);
	assert_int_equal(watch_wait(watch, scene->stop_fd, 20), WATCH_TIME);
	(void)watch_free(watch);
}

static void test_stop(void **state)
{
	struct scene *scene = *state;
	uint64_t one = 1;

	put(scene->path, "two");
	assert_int_equal(write(scene->stop_fd, &one, sizeof(one)), sizeof(one));
	assert_int_equal(watch_wait(scene->watch, scene->stop_fd, -1), WATCH_STOP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_in_place, begin, end),
		cmocka_unit_test_setup_teardown(test_renamed_over, begin, end),
		cmocka_unit_test_setup_teardown(test_removed_and_made, begin, end),
		cmocka_unit_test_setup_teardown(test_mode, begin, end),
		cmocka_unit_test_setup_teardown(test_behind_a_link, begin, end),
		cmocka_unit_test_setup_teardown(
			test_missing_folder_is_looked_at, begin, end),
		cmocka_unit_test_setup_teardown(test_stop, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
