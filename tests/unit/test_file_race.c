#include "file_fixture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>

enum { WRITERS = 4, ROUNDS = 25 };

struct writer {
	pthread_t thread;
	int r;
};

static int add_one(void *arg, const struct buf *old, struct buf *out, struct err *err)
{
	(void)arg, (void)err;
	buf_add(out, buf_text(old), old->len);
	buf_addc(out, '+');
	return 0;
}

static void *add_many(void *arg)
{
	struct writer *writer = arg;
	bool changed;

	for (int i = 0; i < ROUNDS && !writer->r; i++) {
		struct patience patience = { clock_monotonic_ms() + PATIENCE_MS, NULL };
		struct file_update update = { "x", LIMIT, add_one, NULL, &patience };
		struct file_version version;

		writer->r = file_update(&update, &version, &changed, NULL);
	}
	return NULL;
}

static void writers_of_ours_lose_nothing(void **state)
{
	struct writer writers[WRITERS] = { 0 };
	struct file_version version;

	(void)state;
	for (size_t i = 0; i < WRITERS; i++)
		assert_int_equal(
			pthread_create(&writers[i].thread, NULL, add_many, &writers[i]),
			0);
	for (size_t i = 0; i < WRITERS; i++) {
		assert_int_equal(pthread_join(writers[i].thread, NULL), 0);
		assert_int_equal(writers[i].r, 0);
	}
	assert_int_equal(file_look("x", &version, NULL), 0);
	assert_int_equal(version.size, WRITERS * ROUNDS);
	assert_true(is_tidy("."));
}

/* Another program that writes while we edit. */
struct meddler {
	int times;  /* how often it still meddles */
	int called; /* how often the edit was called */
	int how;    /* write over it, put another in its place, remove it, turn a link */
};

enum { OVERWRITE, REPLACE, REMOVE, RELINK, CHMOD };

static void *meddle(void *arg)
{
	static const char *const targets[] = { "x", "other" };
	const struct meddler *meddler = arg;
	char text[32];

	/* of one size, within one tick of the clock */
	(void)snprintf(text, sizeof(text), "theirs %2d ", meddler->times);
	switch (meddler->how) {
	case REMOVE:
		(void)unlink("x");
		break;
	case REPLACE:
		(void)put("theirs", text);
		(void)rename("theirs", "x");
		break;
	case RELINK:
		(void)put("other", text);
		(void)unlink("link");
		if (symlink(targets[meddler->times % 2], "link"))
			abort();
		break;
	case CHMOD:
		(void)chmod("x", meddler->times % 2 ? 0600 : 0640);
		break;
	default:
		(void)put("x", text);
	}
	return NULL;
}

static int add_while_meddled(
	void *arg, const struct buf *old, struct buf *out, struct err *err)
{
	struct meddler *meddler = arg;
	pthread_t thread;

	(void)err;
	meddler->called++;
	buf_add(out, buf_text(old), old->len);
	buf_adds(out, "ours");
	if (!meddler->times)
		return 0;
	if (pthread_create(&thread, NULL, meddle, meddler))
		return -EAGAIN;
	(void)pthread_join(thread, NULL);
	meddler->times--;
	return 0;
}

static void others_are_noticed(void **state)
{
	static const struct {
		int how;
		const char *path, *real, *text;
	} rows[] = {
		{ OVERWRITE, "x", "x", "theirs  1 ours" },
		{ REPLACE, "x", "x", "theirs  1 ours" },
		{ REMOVE, "x", "x", "ours" },
		{ RELINK, "link", "other", "theirs  1 ours" },
		{ CHMOD, "x", "x", "begun: 99 ours" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct meddler meddler = { .times = 1, .how = rows[i].how };
		bool changed;

		assert_true(put("x", "begun: 99 "));
		assert_int_equal(chmod("x", 0644), 0);
		(void)unlink("link");
		assert_int_equal(symlink("x", "link"), 0);
		assert_int_equal(update_with(rows[i].path, add_while_meddled, &meddler,
					 &changed, NULL),
			0);
		assert_int_equal(meddler.called, 2);
		assert_true(holds(rows[i].real, rows[i].text));
		if (rows[i].how == CHMOD)
			assert_int_equal(mode_of("x"), 0600);
		if (rows[i].how == RELINK)
			assert_true(holds("x", "begun: 99 "));
		assert_true(is_tidy("."));
	}
}

static void others_that_do_not_stop(void **state)
{
	struct meddler meddler = { .times = 1000 };
	struct err err = ERR_INIT;
	bool changed;

	(void)state;
	assert_true(put("x", "begun"));
	assert_int_equal(
		update_with("x", add_while_meddled, &meddler, &changed, &err), -ESTALE);
	assert_int_equal(meddler.called, 5);
	assert_true(holds("x", "theirs 996 "));
	assert_non_null(strstr(err.text, "another program keeps writing"));
	assert_true(is_tidy("."));
}

static void others_make_the_missing_file(void **state)
{
	struct meddler meddler = { .times = 1, .how = OVERWRITE };
	bool changed;

	(void)state;
	assert_int_equal(
		update_with("x", add_while_meddled, &meddler, &changed, NULL), 0);
	assert_int_equal(meddler.called, 2);
	assert_true(holds("x", "theirs  1 ours"));
}

/* Stands before the C library's: somebody writes between the last check and the exchange.
 */
static struct meddler *at_exchange;

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	if (at_exchange && at_exchange->times > 0) {
		(void)meddle(at_exchange);
		at_exchange->times--;
	}
	return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
}

static void others_are_noticed_after_the_check(void **state)
{
	static const struct {
		int how;
		const char *text;
	} rows[] = {
		{ OVERWRITE, "theirs  1 ours" },
		{ REPLACE, "theirs  1 ours" },
		{ REMOVE, "ours" },
		{ CHMOD, "begun: 99 ours" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct meddler meddler = { .times = 1, .how = rows[i].how };
		struct meddler idle = { .times = 0 };
		bool changed;
		int r;

		assert_true(put("x", "begun: 99 "));
		assert_int_equal(chmod("x", 0644), 0);
		at_exchange = &meddler;
		r = update_with("x", add_while_meddled, &idle, &changed, NULL);
		at_exchange = NULL;
		assert_int_equal(r, 0);
		assert_int_equal(idle.called, 2);
		assert_true(holds("x", rows[i].text));
		assert_true(is_tidy("."));
	}
}

/* One that appears at that moment is not replaced either. */
static void others_make_the_missing_file_late(void **state)
{
	struct meddler meddler = { .times = 1, .how = OVERWRITE };
	struct meddler idle = { .times = 0 };
	bool changed;
	int r;

	(void)state;
	at_exchange = &meddler;
	r = update_with("x", add_while_meddled, &idle, &changed, NULL);
	at_exchange = NULL;
	assert_int_equal(r, 0);
	assert_true(holds("x", "theirs  1 ours"));
	assert_true(is_tidy("."));
}

enum { SHORT = 100, LONG = 3000 };

struct reader {
	pthread_t thread;
	atomic_bool stop;
	bool torn;  /* saw what is neither all of one text nor all of the other */
	bool empty; /* saw nothing */
};

static void *read_on(void *arg)
{
	struct reader *reader = arg;

	while (!atomic_load(&reader->stop)) {
		int fd = open("x", O_RDONLY | O_CLOEXEC);
		char text[LONG + 1];
		ssize_t n = fd < 0 ? -1 : pread(fd, text, sizeof(text), 0);

		if (n <= 0)
			reader->empty = true;
		else if (n != (text[0] == 's' ? SHORT : LONG))
			reader->torn = true;
		if (fd >= 0)
			(void)close(fd);
	}
	return NULL;
}

static void write_under_reader(struct reader *reader)
{
	char shorter[SHORT + 1] = "", longer[LONG + 1] = "";

	memset(shorter, 's', SHORT);
	memset(longer, 'l', LONG);
	assert_true(put("x", shorter));
	assert_int_equal(pthread_create(&reader->thread, NULL, read_on, reader), 0);
	for (int i = 0; i < ROUNDS; i++)
		assert_int_equal(set("x", i % 2 ? shorter : longer), 0);
	atomic_store(&reader->stop, true);
	assert_int_equal(pthread_join(reader->thread, NULL), 0);
}

static void readers_see_no_half(void **state)
{
	struct reader reader = { 0 };

	(void)state;
	write_under_reader(&reader);
	assert_false(reader.torn || reader.empty);
}

static void readers_see_no_emptiness_in_place(void **state)
{
	struct reader reader = { 0 };

	(void)state;
	assert_true(put("x", "begun"));
	assert_int_equal(link("x", "other"), 0);
	write_under_reader(&reader);
	assert_false(reader.empty);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
	const struct CMUnitTest tests[] = {
		TEST(writers_of_ours_lose_nothing),
		TEST(others_are_noticed),
		TEST(others_that_do_not_stop),
		TEST(others_make_the_missing_file),
		TEST(others_are_noticed_after_the_check),
		TEST(others_make_the_missing_file_late),
		TEST(readers_see_no_half),
		TEST(readers_see_no_emptiness_in_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
