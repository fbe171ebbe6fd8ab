#include "acct/files.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/clock_shift.h"
#include "support/home.h"

/* A home and what reads it. */
struct place {
	struct home home;
	struct files *files;
};

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	struct err err = ERR_INIT;

	home_init(&place->home);
	place->files = files_new(place->home.credentials, place->home.config, &err);
	*state = place;
	return place->files ? 0 : -1;
}

static int teardown(void **state)
{
	struct place *place = *state;

	(void)files_free(place->files);
	home_done(&place->home);
	free(place);
	return 0;
}

static struct view *look(struct place *place)
{
	struct err err = ERR_INIT;
	struct view *view = NULL;

	if (files_view(place->files, &view, &err))
		fail_msg("files_view: %s", err.text);
	return view;
}

/* The profiles of the view of this moment, each with a blank behind it. */
static const char *profiles(struct place *place)
{
	static char text[256];
	_cleanup_view_ struct view *view = look(place);

	text[0] = '\0';
	for (size_t i = 0; i < view->profiles.count; i++) {
		assert_true(view_has(view, view->profiles.list[i]));
		(void)strcat(strcat(text, view->profiles.list[i]), " ");
	}
	return text;
}

static void test_missing(void **state)
{
	struct place *place = *state;
	_cleanup_view_ struct view *view = look(place);

	assert_int_equal(view->profiles.count, 0);
	assert_false(view_has(view, ""));
	assert_false(view_has(view, "default"));
	assert_false(view->credentials.version.exists);
	assert_false(view->config.version.exists);
	assert_int_equal(view->credentials.err.errnum, 0);
	assert_string_equal(
		files_credentials_path(place->files), place->home.credentials);
	assert_string_equal(files_config_path(place->files), place->home.config);
	/* also when the folder is not there */
	assert_int_equal(rmdir(place->home.folder), 0);
	assert_string_equal(profiles(place), "");
	assert_int_equal(mkdir(place->home.folder, 0700), 0);
}

static void test_both_files(void **state)
{
	struct place *place = *state;
	_cleanup_view_ struct view *view = NULL;

	home_replace(place->home.credentials, "[b]\nx = 1\n[a b]\n[b]\n[default]\n");
	home_replace(place->home.config,
		"[profile b]\ny = 2\n[profile c/d]\n[default]\n[sso-session s]\n"
		"[services t]\n[no profile]\n");
	assert_string_equal(profiles(place), "a b b c/d default ");
	view = look(place);
	assert_false(view_has(view, "s"));
	assert_false(view_has(view, "profile b"));
	assert_false(view_has(view, "a"));
	assert_true(view->credentials.text.secret);
	assert_int_equal(view->credentials.version.mode & 07777, 0600);
}

static void test_same_view_while_unchanged(void **state)
{
	struct place *place = *state;
	_cleanup_view_ struct view *one = NULL;
	_cleanup_view_ struct view *two = NULL;

	home_replace(place->home.credentials, "[a]\n");
	one = look(place);
	clock_forward(FILES_SETTLE_MS * 100);
	two = look(place);
	assert_ptr_equal(one, two);
}

static void test_change_is_seen_at_once(void **state)
{
	struct place *place = *state;
	_cleanup_view_ struct view *old = NULL;

	home_replace(place->home.credentials, "[a]\nkey = old\n");
	old = look(place);
	home_replace(place->home.credentials, "[b]\nkey = new\n");
	assert_string_equal(profiles(place), "b ");
	home_overwrite(place->home.credentials, "[b]\n[c]\n");
	assert_string_equal(profiles(place), "b c ");
	home_replace(place->home.config, "[profile d]\n");
	assert_string_equal(profiles(place), "b c d ");
	home_overwrite(place->home.config, "[profile d]\n[profile e]\n");
	assert_string_equal(profiles(place), "b c d e ");
	/* who holds the old one keeps it */
	assert_true(view_has(old, "a"));
	assert_memory_equal(buf_text(&old->credentials.text), "[a]\nkey = old\n", 14);
}

static void test_change_of_mode_is_seen(void **state)
{
	struct place *place = *state;
	_cleanup_view_ struct view *view = NULL;

	home_replace(place->home.credentials, "[a]\n");
	view = look(place);
	view = view_unref(view);
	assert_int_equal(chmod(place->home.credentials, 0644), 0);
	view = look(place);
	assert_int_equal(view->credentials.version.mode & 07777, 0644);
}

/* The states in which other tools leave a file while they write it. */
static void test_half_written_waits(void **state)
{
	static const struct {
		bool config;
		const char *text;
		const char *then;
	} rows[] = {
		{ false, "", "c " },
		{ false, "\n# later\n", "c " },
		{ false, "[a]\naws_access_k", "a c " },
		{ true, "", "a b " },
		{ true, "[profile c]\nregi", "a b c " },
	};
	struct place *place = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *path =
			rows[i].config ? place->home.config : place->home.credentials;

		home_replace(place->home.credentials, "[a]\nx = 1\n[b]\nx = 1\n");
		home_replace(place->home.config, "[profile c]\nregion = eu-west-1\n");
		assert_string_equal(profiles(place), "a b c ");
		home_overwrite(path, rows[i].text);
		assert_string_equal(profiles(place), "a b c ");
		clock_forward(FILES_SETTLE_MS / 2);
		assert_string_equal(profiles(place), "a b c ");
		clock_forward(FILES_SETTLE_MS / 2);
		assert_string_equal(profiles(place), rows[i].then);
		/* and is not odd any more when it stays so */
		assert_string_equal(profiles(place), rows[i].then);
	}
}

static void test_half_written_then_whole(void **state)
{
	struct place *place = *state;

	home_replace(place->home.credentials, "[a]\n");
	assert_string_equal(profiles(place), "a ");
	home_overwrite(place->home.credentials, "");
	assert_string_equal(profiles(place), "a ");
	clock_forward(FILES_SETTLE_MS / 2);
	home_overwrite(place->home.credentials, "[b]\n");
	assert_string_equal(profiles(place), "b ");
	/* the next one has all its time again */
	clock_forward(FILES_SETTLE_MS / 2);
	home_overwrite(place->home.credentials, "");
	assert_string_equal(profiles(place), "b ");
	clock_forward(FILES_SETTLE_MS / 2);
	assert_string_equal(profiles(place), "b ");
	clock_forward(FILES_SETTLE_MS / 2);
	assert_string_equal(profiles(place), "");
}

static void test_removed_is_believed_at_once(void **state)
{
	struct place *place = *state;

	home_replace(place->home.credentials, "[a]\n");
	home_replace(place->home.config, "[profile c]\n");
	assert_string_equal(profiles(place), "a c ");
	assert_int_equal(unlink(place->home.credentials), 0);
	assert_string_equal(profiles(place), "c ");
	assert_int_equal(unlink(place->home.config), 0);
	assert_string_equal(profiles(place), "");
}

/* A link that leads to an empty file for a moment, and then to the very same version of
 * the file as before. */
static void test_half_written_then_as_before(void **state)
{
	struct place *place = *state;
	const char *link = place->home.credentials;
	char one[128], empty[128];

	(void)snprintf(one, sizeof(one), "%s/one", place->home.folder);
	(void)snprintf(empty, sizeof(empty), "%s/empty", place->home.folder);
	home_replace(one, "[a]\n");
	home_replace(empty, "");
	assert_int_equal(symlink(one, link), 0);
	assert_string_equal(profiles(place), "a ");
	assert_int_equal(unlink(link), 0);
	assert_int_equal(symlink(empty, link), 0);
	assert_string_equal(profiles(place), "a ");
	assert_int_equal(unlink(link), 0);
	assert_int_equal(symlink(one, link), 0);
	assert_string_equal(profiles(place), "a ");
	clock_forward(FILES_SETTLE_MS * 100);
	/* the next one has all its time */
	home_overwrite(one, "");
	assert_string_equal(profiles(place), "a ");
	clock_forward(FILES_SETTLE_MS);
	assert_string_equal(profiles(place), "");
}

static struct view *look_at_credentials(struct place *place)
{
	struct view *view = NULL;

	assert_int_equal(files_credentials_view(place->files, &view, NULL), 0);
	return view;
}

/* Who only looks at the credentials file does not pay for the other one. */
static void test_credentials_alone(void **state)
{
	struct place *place = *state;
	_cleanup_view_ struct view *one = NULL;
	_cleanup_view_ struct view *two = NULL;

	home_replace(place->home.credentials, "[a]\n");
	home_replace(place->home.config, "[profile c]\n");
	one = look_at_credentials(place);
	home_replace(place->home.config, "[profile d]\n");
	two = look_at_credentials(place);
	assert_ptr_equal(one, two);
	two = view_unref(two);
	home_replace(place->home.credentials, "[b]\n");
	two = look_at_credentials(place);
	assert_true(view_has(two, "b") && view_has(two, "d"));
}

/* Nor does it keep the other one from settling. */
static void test_credentials_alone_while_config_settles(void **state)
{
	struct place *place = *state;
	_cleanup_view_ struct view *view = NULL;

	home_replace(place->home.credentials, "[a]\n");
	home_replace(place->home.config, "[profile c]\n");
	assert_string_equal(profiles(place), "a c ");
	home_overwrite(place->home.config, "");
	assert_string_equal(profiles(place), "a c ");
	clock_forward(FILES_SETTLE_MS / 2);
	view = look_at_credentials(place);
	assert_string_equal(profiles(place), "a c ");
	clock_forward(FILES_SETTLE_MS / 2);
	assert_string_equal(profiles(place), "a ");
}

static void test_broken_before_is_not_odd(void **state)
{
	struct place *place = *state;

	home_replace(place->home.credentials, "[a]\nno key\n");
	assert_string_equal(profiles(place), "a ");
	home_overwrite(place->home.credentials, "[b]\nno key either\n");
	assert_string_equal(profiles(place), "b ");
	home_overwrite(place->home.credentials, "[c]\n");
	assert_string_equal(profiles(place), "c ");
}

static void test_unreadable(void **state)
{
	struct place *place = *state;
	_cleanup_view_ struct view *view = NULL;

	/* root may read everything, but no folder */
	assert_int_equal(mkdir(place->home.credentials, 0700), 0);
	home_replace(place->home.config, "[profile c]\n");
	view = look(place);
	assert_int_equal(view->credentials.err.errnum, EISDIR);
	assert_non_null(strstr(view->credentials.err.text, place->home.credentials));
	assert_true(view->credentials.version.exists);
	assert_int_equal(view->credentials.text.len, 0);
	assert_true(view_has(view, "c"));
	view = view_unref(view);
	/* nothing is remembered of it */
	assert_int_equal(rmdir(place->home.credentials), 0);
	home_replace(place->home.credentials, "[a]\n");
	assert_string_equal(profiles(place), "a c ");
}

static void test_unreadable_later(void **state)
{
	struct place *place = *state;
	_cleanup_view_ struct view *view = NULL;

	home_replace(place->home.credentials, "[a]\n");
	assert_string_equal(profiles(place), "a ");
	/* larger than is read */
	assert_int_equal(truncate(place->home.credentials, AWSFILE_LIMIT + 1), 0);
	assert_string_equal(profiles(place), "a ");
	clock_forward(FILES_SETTLE_MS);
	/* its accounts are still there, to tell why they have no keys */
	assert_string_equal(profiles(place), "a ");
	view = look(place);
	assert_int_equal(view->credentials.err.errnum, EFBIG);
	home_replace(place->home.config, "[profile c]\n");
	assert_string_equal(profiles(place), "a c ");
	home_replace(place->home.credentials, "[b]\n");
	assert_string_equal(profiles(place), "b c ");
}

static void test_view_outlives_files(void **state)
{
	struct place *place = *state;
	_cleanup_view_ struct view *view = NULL;

	home_replace(place->home.credentials, "[a]\nkey = value\n");
	view = look(place);
	place->files = files_free(place->files);
	assert_true(view_has(view, "a"));
	assert_null(files_free(NULL));
	assert_null(view_unref(NULL));
}

static void test_many_profiles(void **state)
{
	enum { COUNT = 2000 };
	struct place *place = *state;
	_cleanup_buf_ struct buf text = BUF_INIT;
	_cleanup_view_ struct view *view = NULL;
	char name[32];

	for (int i = 0; i < COUNT; i++)
		buf_addf(&text, "[p%d]\n", i * 7919 % COUNT);
	home_replace(place->home.credentials, buf_text(&text));
	view = look(place);
	assert_int_equal(view->profiles.count, COUNT);
	for (int i = 0; i < COUNT; i++) {
		(void)snprintf(name, sizeof(name), "p%d", i);
		assert_true(view_has(view, name));
	}
	assert_false(view_has(view, "p2000"));
}

enum { READERS = 4, ROUNDS = 300 };

struct reading {
	struct place *place;
	_Atomic bool *done;
	unsigned long wrong;
	unsigned long views;
};

/* Every view is one of the two texts, whole. */
static void *read_views(void *arg)
{
	struct reading *reading = arg;

	while (!*reading->done) {
		_cleanup_view_ struct view *view = NULL;
		struct slice value;
		bool odd, even;

		if (files_view(reading->place->files, &view, NULL)) {
			reading->wrong++;
			continue;
		}
		odd = view_has(view, "odd");
		even = view_has(view, "even");
		if (odd == even || !view_has(view, "both") ||
			!awsfile_get(&view->credentials.file, AWSFILE_PROFILE, "both",
				"key", &value) ||
			!slice_is(value, odd ? "1" : "22"))
			reading->wrong++;
		reading->views++;
	}
	return NULL;
}

static void test_threads(void **state)
{
	struct place *place = *state;
	struct reading readings[READERS];
	pthread_t threads[READERS];
	_Atomic bool done = false;

	home_replace(place->home.credentials, "[odd]\n[both]\nkey = 1\n");
	for (size_t i = 0; i < READERS; i++) {
		readings[i] = (struct reading){ .place = place, .done = &done };
		assert_int_equal(
			pthread_create(&threads[i], NULL, read_views, &readings[i]), 0);
	}
	for (int i = 0; i < ROUNDS; i++)
		home_replace(
			place->home.credentials, i % 2 ? "[odd]\n[both]\nkey = 1\n"
						       : "[both]\nkey = 22\n[even]\n");
	done = true;
	for (size_t i = 0; i < READERS; i++)
		(void)pthread_join(threads[i], NULL);
	for (size_t i = 0; i < READERS; i++)
		assert_int_equal(readings[i].wrong, 0);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_missing),
		CASE(test_both_files),
		CASE(test_same_view_while_unchanged),
		CASE(test_change_is_seen_at_once),
		CASE(test_change_of_mode_is_seen),
		CASE(test_half_written_waits),
		CASE(test_half_written_then_whole),
		CASE(test_removed_is_believed_at_once),
		CASE(test_half_written_then_as_before),
		CASE(test_credentials_alone),
		CASE(test_credentials_alone_while_config_settles),
		CASE(test_broken_before_is_not_odd),
		CASE(test_unreadable),
		CASE(test_unreadable_later),
		CASE(test_view_outlives_files),
		CASE(test_many_profiles),
		CASE(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
