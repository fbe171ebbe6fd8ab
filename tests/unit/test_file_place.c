#include "file_fixture.h"

#include <pthread.h>

/* --- links and folders ----------------------------------------------------------------
 */

static void links_are_kept(void **state)
{
	/* link, its text, the real file */
	static const struct {
		const char *link, *text, *real;
	} rows[] = {
		{ "relative", "dir/real", "dir/real" },
		{ "dir/up", "../real", "real" },
		{ "dir/same", "real", "dir/real" },
		{ "chain", "dir/up", "real" },
		{ "by-folder", "folder/real", "dir/real" },
		{ "by-folder-up", "folder/../real", "real" },
	};

	(void)state;
	assert_int_equal(mkdir("dir", 0700), 0);
	assert_int_equal(symlink("dir", "folder"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(symlink(rows[i].text, rows[i].link), 0);
		/* to a file that is not there yet, then to one that is */
		assert_int_equal(set(rows[i].link, "first"), 0);
		assert_true(holds(rows[i].real, "first"));
		assert_int_equal(set(rows[i].link, "second"), 0);
		assert_true(holds(rows[i].real, "second"));
		assert_true(mode_of(rows[i].link) == 0777);
		assert_int_equal(unlink(rows[i].real), 0);
	}
	assert_true(is_tidy(".") && is_tidy("dir"));
	/* the lock is where the real file is */
	assert_int_equal(access("dir/.acctfs.lock", F_OK), 0);
}

static void absolute_links_are_kept(void **state)
{
	_cleanup_free_ char *target = NULL;

	assert_true(asprintf(&target, "%s/dir/sub/real", (const char *)*state) > 0);
	assert_int_equal(symlink(target, "link"), 0);
	assert_int_equal(set("link", "text"), 0);
	assert_true(holds("dir/sub/real", "text"));
	assert_int_equal(mode_of("dir"), 0700);
	assert_int_equal(mode_of("dir/sub"), 0700);
}

static void places_that_cannot_be(void **state)
{
	static const struct {
		const char *path;
		int r;
	} rows[] = {
		{ "loop", -ELOOP },
		{ "ring", -ELOOP },
		{ "", -ENOENT },
		{ ".", -EISDIR },
		{ "dir", -EISDIR },
		{ "dir/", -EISDIR },
		{ "dir/..", -EISDIR },
		{ "new/", -EISDIR },
		{ "file/below", -ENOTDIR },
		{ "file/further/below", -ENOTDIR },
		{ "nowhere/x", -ENOENT },
		{ "pipe", -EINVAL },
	};

	(void)state;
	assert_int_equal(mkdir("dir", 0700), 0);
	assert_true(put("file", "old"));
	assert_int_equal(mkfifo("pipe", 0600), 0);
	assert_int_equal(symlink("loop", "loop"), 0);
	assert_int_equal(symlink("dir/ring", "ring"), 0);
	assert_int_equal(symlink("../ring", "dir/ring"), 0);
	assert_int_equal(symlink("not/there", "nowhere"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err err = ERR_INIT;
		bool changed;

		assert_int_equal(
			update_with(rows[i].path, set_text, "new", &changed, &err),
			rows[i].r);
		assert_int_equal(err.errnum, -rows[i].r);
		assert_ptr_equal(strstr(err.text, "cannot write `"), err.text);
	}
	assert_true(holds("file", "old") && is_tidy("."));
	assert_int_equal(access("not", F_OK), -1);
}

static void missing_folders_are_made(void **state)
{
	(void)state;
	assert_int_equal(set("a/b//c/../d/x", "text"), 0);
	assert_true(holds("a/b/d/x", "text"));
	assert_int_equal(set("a/b//c/x", "text"), 0);
	assert_true(holds("a/b/c/x", "text"));
	assert_int_equal(mode_of("a"), 0700);
	assert_int_equal(mode_of("a/b/c"), 0700);
	assert_int_equal(mode_of("a/b/c/x"), 0600);
}

/* --- what a killed writer left --------------------------------------------------------
 */

static void stale_files_are_removed(void **state)
{
	static const struct {
		const char *name;
		bool ours;
	} rows[] = {
		{ ".x.acctfs.abc234", true },
		{ ".x.acctfs.aaaaaa", true },
		{ ".x.acctfs.ABC234", false },
		{ ".x.acctfs.abc2345", false },
		{ ".x.acctfs.abc23", false },
		{ ".y.acctfs.abc234", false },
		{ "x.acctfs.abc234", false },
		{ ".xx.acctfs.abc234", false },
	};

	(void)state;
	assert_true(put("x", "old"));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_true(put(rows[i].name, "secret"));
	/* also when there is nothing to write */
	assert_int_equal(set("x", "old"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(access(rows[i].name, F_OK), rows[i].ours ? -1 : 0);
}

/* --- the lock
 * --------------------------------------------------------------------------- */

static int lock_file(const char *path)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &whole), 0);
	return fd;
}

static int update_within(int64_t ms, const struct cancel *cancel, struct err *err)
{
	struct patience patience = { clock_monotonic_ms() + ms, cancel };
	struct file_update update = { "x", LIMIT, set_text, (char[]){ "new" },
		&patience };
	struct file_version version;
	bool changed;

	return file_update(&update, &version, &changed, err);
}

static void lock_has_a_deadline(void **state)
{
	struct err err = ERR_INIT;
	int64_t start, took;
	int fd;

	(void)state;
	assert_true(put("x", "old"));
	fd = lock_file(".acctfs.lock");
	start = clock_monotonic_ms();
	assert_int_equal(update_within(120, NULL, &err), -ETIMEDOUT);
	took = clock_monotonic_ms() - start;
	assert_true(took >= 90 && took < 5000);
	assert_non_null(strstr(err.text, "another acctfs is writing"));
	assert_true(holds("x", "old"));
	(void)close(fd);
	/* with no time at all it still takes a free lock */
	assert_int_equal(update_within(0, NULL, NULL), 0);
	assert_true(holds("x", "new"));
}

struct helper {
	pthread_t thread;
	struct cancel cancel;
	int fd;
	int r;
};

static void *cancel_later(void *arg)
{
	struct helper *helper = arg;

	(void)usleep(50000);
	cancel_set(&helper->cancel);
	return NULL;
}

static void lock_wait_can_be_cancelled(void **state)
{
	struct helper helper;
	int fd;

	(void)state;
	assert_true(put("x", "old"));
	assert_int_equal(cancel_init(&helper.cancel, NULL), 0);
	fd = lock_file(".acctfs.lock");
	assert_int_equal(pthread_create(&helper.thread, NULL, cancel_later, &helper), 0);
	assert_int_equal(update_within(PATIENCE_MS, &helper.cancel, NULL), -EINTR);
	assert_int_equal(pthread_join(helper.thread, NULL), 0);
	assert_true(holds("x", "old"));
	(void)close(fd);
	cancel_done(&helper.cancel);
}

static void *unlock_later(void *arg)
{
	struct helper *helper = arg;

	(void)usleep(50000);
	(void)close(helper->fd);
	return NULL;
}

static void lock_is_waited_for(void **state)
{
	struct helper helper;

	(void)state;
	helper.fd = lock_file(".acctfs.lock");
	assert_int_equal(pthread_create(&helper.thread, NULL, unlock_later, &helper), 0);
	assert_int_equal(update_within(PATIENCE_MS, NULL, NULL), 0);
	assert_int_equal(pthread_join(helper.thread, NULL), 0);
	assert_true(holds("x", "new"));
}

/* The lock that was waited for is gone: another one must be taken. */
static void *replace_lock_later(void *arg)
{
	struct helper *helper = arg;
	int next;

	(void)usleep(50000);
	(void)unlink(".acctfs.lock");
	next = lock_file(".acctfs.lock");
	(void)close(helper->fd);
	(void)usleep(50000);
	helper->r = holds("x", "old") ? 0 : -EINVAL;
	(void)close(next);
	return NULL;
}

static void lock_that_was_replaced(void **state)
{
	struct helper helper;

	(void)state;
	assert_true(put("x", "old"));
	helper.fd = lock_file(".acctfs.lock");
	assert_int_equal(
		pthread_create(&helper.thread, NULL, replace_lock_later, &helper), 0);
	assert_int_equal(update_within(PATIENCE_MS, NULL, NULL), 0);
	assert_int_equal(pthread_join(helper.thread, NULL), 0);
	assert_int_equal(helper.r, 0);
	assert_true(holds("x", "new"));
}

/* A link in the lock's place is not followed: the file itself is locked. */
static void lock_that_is_a_link(void **state)
{
	int fd;

	(void)state;
	assert_true(put("x", "old"));
	assert_int_equal(symlink("elsewhere", ".acctfs.lock"), 0);
	fd = lock_file("x");
	assert_int_equal(update_within(50, NULL, NULL), -ETIMEDOUT);
	(void)close(fd);
	assert_int_equal(update_within(PATIENCE_MS, NULL, NULL), 0);
	assert_true(holds("x", "new"));
	assert_int_equal(access("elsewhere", F_OK), -1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
	const struct CMUnitTest tests[] = {
		TEST(links_are_kept),
		TEST(absolute_links_are_kept),
		TEST(places_that_cannot_be),
		TEST(missing_folders_are_made),
		TEST(stale_files_are_removed),
		TEST(lock_has_a_deadline),
		TEST(lock_wait_can_be_cancelled),
		TEST(lock_is_waited_for),
		TEST(lock_that_was_replaced),
		TEST(lock_that_is_a_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
