/* Paths: opened as open(2) does, but never into what is forbidden: /proc here. */
#include "file_fixture.h"

#include "io/path.h"

static void forbid_proc(void)
{
	struct stat st;

	assert_int_equal(stat("/proc", &st), 0);
	path_forbid(st.st_dev);
}

/* Gives what reading it begins with, or the errno. */
static int open_and_close(const char *path, int flags)
{
	int fd = path_open(path, flags);

	if (fd >= 0)
		assert_int_equal(close(fd), 0);
	return fd < 0 ? fd : 0;
}

static void opens_what_open_does(void **state)
{
	static const struct {
		const char *path;
		int flags;
	} rows[] = {
		{ "file", O_RDONLY },
		{ "./file", O_RDONLY },
		{ "folder/../file", O_PATH },
		{ "folder//", O_RDONLY | O_DIRECTORY },
		{ "link", O_RDONLY },
		{ "link", O_PATH | O_NOFOLLOW },
		{ "link", O_RDONLY | O_NOFOLLOW },
		{ "folder/up", O_RDONLY },
		{ "missing", O_RDONLY },
		{ "missing/file", O_RDONLY },
		{ "file/below", O_RDONLY },
		{ "dangling", O_RDONLY },
		{ "circle", O_RDONLY },
		{ "file", O_RDONLY | O_DIRECTORY },
		{ "", O_RDONLY },
		{ ".", O_PATH },
		{ "/", O_PATH },
		{ "/dev/null", O_RDONLY }, /* over a mount, where /dev is one */
		{ "/dev/../dev/null", O_RDONLY },
		{ "null", O_RDONLY },
	};

	(void)state;
	assert_true(put("file", "text"));
	assert_int_equal(mkdir("folder", 0700), 0);
	assert_int_equal(symlink("file", "link"), 0);
	assert_int_equal(symlink("../link", "folder/up"), 0);
	assert_int_equal(symlink("nothing", "dangling"), 0);
	assert_int_equal(symlink("circle", "circle"), 0);
	assert_int_equal(symlink("/dev/null", "null"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int fd = open(rows[i].path, rows[i].flags | O_CLOEXEC);
		int want = fd < 0 ? -errno : 0;

		if (fd >= 0)
			(void)close(fd);
		if (open_and_close(rows[i].path, rows[i].flags) != want)
			fail_msg("%s with flags %x", rows[i].path,
				(unsigned)rows[i].flags);
	}
}

static void never_enters_what_is_forbidden(void **state)
{
	static const char *const paths[] = { "/proc", "/proc/", "/proc/self/status",
		"/proc/../proc/version", "to-file", "to-folder/version", "by/version",
		"chain", "out/../proc/version" };
	const char *name;

	(void)state;
	assert_int_equal(symlink("/proc/version", "to-file"), 0);
	assert_int_equal(symlink("/proc", "to-folder"), 0);
	assert_int_equal(symlink("to-folder", "by"), 0);
	assert_int_equal(symlink("by/version", "chain"), 0);
	assert_int_equal(symlink("/dev", "out"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		assert_int_equal(open_and_close(paths[i], O_PATH), 0);
	forbid_proc();
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		if (open_and_close(paths[i], O_PATH) != -ELOOP)
			fail_msg("%s was entered", paths[i]);
	assert_int_equal(path_open_folder("to-folder/version", O_PATH, &name), -ELOOP);
	assert_int_equal(open_and_close("/dev/null", O_RDONLY), 0);
	path_forbid(0);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		assert_int_equal(open_and_close(paths[i], O_PATH), 0);
}

static void folder_and_name(void **state)
{
	static const struct {
		const char *path;
		const char *folder;
		const char *name;
	} rows[] = {
		{ "file", ".", "file" },
		{ "/file", "/", "file" },
		{ "a/b", "a", "b" },
		{ "a/", "a", "" },
	};
	const char *name;

	(void)state;
	assert_int_equal(mkdir("a", 0700), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct stat want, got;
		int fd = path_open_folder(rows[i].path, O_PATH, &name);

		assert_true(fd >= 0);
		assert_string_equal(name, rows[i].name);
		assert_int_equal(stat(rows[i].folder, &want), 0);
		assert_int_equal(fstat(fd, &got), 0);
		assert_int_equal(got.st_ino, want.st_ino);
		(void)close(fd);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			opens_what_open_does, folder_setup, folder_teardown),
		cmocka_unit_test_setup_teardown(
			never_enters_what_is_forbidden, folder_setup, folder_teardown),
		cmocka_unit_test_setup_teardown(
			folder_and_name, folder_setup, folder_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
