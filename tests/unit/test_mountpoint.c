/* What needs no mount; stale and living mounts have e2e cases. */
#include "fs/mountpoint.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/home.h"

/* Some folders, files and links, and we are among them. */
struct place {
	struct home home;
	char *real; /* of home.folder */
	char *before;
};

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	home_init(&place->home);
	place->real = realpath(place->home.folder, NULL);
	place->before = getcwd(NULL, 0);
	*state = place;
	if (chdir(place->home.folder))
		return -1;
	home_replace("file", "");
	return mkdir("mnt", 0700) || mkdir("mntx", 0700) || mkdir("mnt/sub", 0700) ||
	       symlink("mnt", "link") || symlink("nowhere", "dangling") ||
	       symlink("mnt/new", "into") || symlink("loop", "loop");
}

static int teardown(void **state)
{
	struct place *place = *state;
	int r = chdir(place->before);

	home_done(&place->home);
	free(place->real);
	free(place->before);
	free(place);
	return r;
}

static void test_prepare(void **state)
{
	static const char *const paths[] = { "mnt", "./mnt/", "mnt/.", "mntx/../mnt",
		"link", "link/", "mnt///" };
	struct place *place = *state;
	char wanted[128];

	(void)snprintf(wanted, sizeof(wanted), "%s/mnt", place->real);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		_cleanup_free_ char *real = NULL;
		struct err err = ERR_INIT;

		if (mountpoint_prepare(paths[i], &real, &err))
			fail_msg("%s: %s", paths[i], err.text);
		assert_string_equal(real, wanted);
	}
}

static void test_prepare_refused(void **state)
{
	static const struct {
		const char *path;
		int errnum;
		const char *says;
	} rows[] = {
		{ "none", ENOENT, "mkdir -p none" },
		{ "dangling", ENOENT, "mkdir -p dangling" },
		{ "none/none", ENOENT, "none/none" },
		{ "file", ENOTDIR, "not a directory" },
		{ "file/x", ENOTDIR, "file/x" },
		{ "", ENOENT, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *real = NULL;
		struct err err = ERR_INIT;
		int r = mountpoint_prepare(rows[i].path, &real, &err);

		if (r != -rows[i].errnum || err.errnum != rows[i].errnum ||
			!strstr(err.text, rows[i].says))
			fail_msg("`%s': %d: %s", rows[i].path, r, err.text);
		assert_null(real);
	}
}

static void test_holds(void **state)
{
	static const struct {
		const char *path;
		bool inside;
	} rows[] = {
		{ "mnt", true },
		{ "mnt/", true },
		{ "mnt/sub", true },
		{ "mnt/sub/credentials", true },
		{ "mnt/credentials", true },
		{ "link/credentials", true },
		{ "mntx/../mnt/credentials", true },
		{ "link", true },
		{ ".", false },
		{ "credentials", false },
		{ "mntx", false },
		{ "mntx/credentials", false },
		{ "mnt/../credentials", false },
		{ "file", false },
		{ "file/x", false },
		{ "/", false },
		{ "/none", false },
		/* what does not exist yet may come to exist */
		{ "mnt/none/credentials", true },
		{ "mnt/none/none/none/credentials", true },
		{ "link/none/credentials", true },
		{ "none/none/credentials", false },
		/* and be written through a link */
		{ "into", true },
		{ "into/none/credentials", true },
		{ "dangling", false },
		{ "loop", false },
		{ "loop/x", false },
		{ "", false },
	};
	struct place *place = *state;
	char folder[128], path[256];

	(void)snprintf(folder, sizeof(folder), "%s/mnt", place->real);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (mountpoint_holds(folder, rows[i].path) != rows[i].inside)
			fail_msg("`%s' should be %sside", rows[i].path,
				rows[i].inside ? "in" : "out");
		if (!rows[i].path[0] || rows[i].path[0] == '/')
			continue;
		(void)snprintf(
			path, sizeof(path), "%s/%s", place->home.folder, rows[i].path);
		assert_int_equal(mountpoint_holds(folder, path), rows[i].inside);
	}
}

/* Over everything. */
static void test_root_holds(void **state)
{
	(void)state;
	assert_true(mountpoint_holds("/", "/"));
	assert_true(mountpoint_holds("/", "/etc/passwd"));
	assert_true(mountpoint_holds("/", "mnt/sub"));
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_prepare),
		CASE(test_prepare_refused),
		CASE(test_holds),
		CASE(test_root_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
