#include "file_fixture.h"

#include <sys/xattr.h>

static void look_tells_versions_apart(void **state)
{
	struct file_version a, b;

	(void)state;
	assert_int_equal(file_look("none", &a, NULL), 0);
	assert_false(a.exists);
	assert_int_equal(file_look("no/folder", &b, NULL), 0);
	assert_true(file_same(&a, &b));
	assert_true(put("x", "text"));
	assert_int_equal(file_look("x/below-a-file", &b, NULL), 0);
	assert_false(b.exists);
	assert_int_equal(file_look("x", &b, NULL), 0);
	assert_true(b.exists && b.size == 4 && S_ISREG(b.mode));
	assert_false(file_same(&a, &b));
	assert_int_equal(symlink("x", "link"), 0);
	assert_int_equal(file_look("link", &a, NULL), 0);
	assert_true(file_same(&a, &b));
	assert_int_equal(chmod("x", 0640), 0);
	assert_int_equal(file_look("x", &a, NULL), 0);
	assert_false(file_same(&a, &b));
}

static void look_and_read_fail_in_words(void **state)
{
	_cleanup_buf_ struct buf out = BUF_INIT;
	struct file_version version;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(symlink("loop", "loop"), 0);
	assert_int_equal(file_look("loop", &version, &err), -ELOOP);
	assert_non_null(strstr(err.text, "cannot look at `loop': "));
	assert_int_equal(file_read("loop", LIMIT, &out, &version, &err), -ELOOP);
	assert_string_equal(err.text, "cannot read `loop': Too many levels of symbolic "
				      "links: its links go round in a "
				      "circle, or into this mount: remove one");
}

static void read_appends(void **state)
{
	_cleanup_buf_ struct buf out = BUF_INIT_SECRET;
	struct file_version version, looked;

	(void)state;
	buf_adds(&out, "before ");
	assert_int_equal(file_read("none", LIMIT, &out, &version, NULL), 0);
	assert_false(version.exists);
	assert_string_equal(buf_text(&out), "before ");
	assert_true(put("x", "text"));
	assert_int_equal(file_read("x", 4, &out, &version, NULL), 0);
	assert_string_equal(buf_text(&out), "before text");
	assert_int_equal(file_look("x", &looked, NULL), 0);
	assert_true(file_same(&version, &looked));
	assert_true(put("x", ""));
	assert_int_equal(file_read("x", 0, &out, &version, NULL), 0);
	assert_true(version.exists);
	assert_int_equal(out.len, 11);
}

static void read_refuses(void **state)
{
	static const struct {
		const char *path;
		int r;
	} rows[] = {
		{ "large", -EFBIG },
		{ ".", -EISDIR },
		{ "pipe", -EINVAL },
		{ "/dev/zero", -EINVAL },
	};

	(void)state;
	assert_true(put("large", "12345"));
	assert_int_equal(mkfifo("pipe", 0600), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_buf_ struct buf out = BUF_INIT;
		struct file_version version;

		buf_adds(&out, "kept");
		assert_int_equal(
			file_read(rows[i].path, 4, &out, &version, NULL), rows[i].r);
		assert_string_equal(buf_text(&out), "kept");
	}
}

/* One that tells its size as 0, like those of /proc. */
static void read_does_not_trust_the_size(void **state)
{
	_cleanup_buf_ struct buf out = BUF_INIT;
	struct file_version version;

	(void)state;
	assert_int_equal(file_read("/proc/self/status", LIMIT, &out, &version, NULL), 0);
	assert_true(out.len > 100);
	buf_clear(&out);
	assert_int_equal(
		file_read("/proc/self/status", 10, &out, &version, NULL), -EFBIG);
	assert_int_equal(out.len, 0);
}

static void update_writes(void **state)
{
	bool changed = false;

	(void)state;
	assert_true(put("x", "old"));
	assert_int_equal(update_with("x", set_text, "new text", &changed, NULL), 0);
	assert_true(changed);
	assert_true(holds("x", "new text"));
	assert_int_equal(set("x", ""), 0);
	assert_true(holds("x", ""));
	assert_true(is_tidy("."));
	assert_int_equal(mode_of(".acctfs.lock"), 0600);
}

static void update_without_a_change(void **state)
{
	struct stat before, after;
	bool changed = true;

	(void)state;
	assert_true(put("x", "same"));
	assert_int_equal(stat("x", &before), 0);
	assert_int_equal(update_with("x", set_text, "same", &changed, NULL), 0);
	assert_false(changed);
	assert_int_equal(stat("x", &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_memory_equal(&before.st_mtim, &after.st_mtim, sizeof(before.st_mtim));
	assert_memory_equal(&before.st_ctim, &after.st_ctim, sizeof(before.st_ctim));
	/* nothing is not made of nothing */
	changed = true;
	assert_int_equal(update_with("none", set_text, "", &changed, NULL), 0);
	assert_false(changed);
	assert_int_equal(access("none", F_OK), -1);
}

static void update_keeps_the_mode(void **state)
{
	static const mode_t modes[] = { 0600, 0400, 0640, 0644, 0666, 0700, 0777 };
	mode_t mask;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		assert_true(put("x", "old"));
		assert_int_equal(chmod("x", modes[i]), 0);
		assert_int_equal(set("x", "new"), 0);
		assert_int_equal(mode_of("x"), modes[i]);
		assert_int_equal(unlink("x"), 0);
	}
	/* no mask of the caller's makes a new one wider or unusable */
	mask = umask(0);
	assert_int_equal(set("x", "new"), 0);
	assert_int_equal(mode_of("x"), 0600);
	(void)umask(0277);
	assert_int_equal(set("y", "new"), 0);
	assert_int_equal(mode_of("y"), 0600);
	(void)umask(mask);
	assert_int_equal(chmod("x", 04755), 0);
	assert_int_equal(set("x", "newer"), 0);
	assert_int_equal(mode_of("x"), 0755);
}

static void update_keeps_attributes(void **state)
{
	char value[64];

	(void)state;
	assert_true(put("x", "old"));
	if (setxattr("x", "user.acctfs.test", "kept", 4, 0)) {
		print_message("skipped: no extended attributes here\n");
		skip();
	}
	assert_int_equal(set("x", "new"), 0);
	assert_int_equal(getxattr("x", "user.acctfs.test", value, sizeof(value)), 4);
	assert_memory_equal(value, "kept", 4);
}

struct acl_entry {
	uint16_t tag, bits;
	int32_t id;
};

struct acl {
	uint32_t version;
	struct acl_entry entries[5];
};

/* a user beside the owner may read, the owning group may not: 0640 says otherwise */
static const struct acl acl = { 2,
	{ { 1, 6, -1 }, { 2, 4, 12345 }, { 4, 0, -1 }, { 16, 4, -1 }, { 32, 0, -1 } } };

static void update_keeps_the_access_list(void **state)
{
	struct acl is;

	(void)state;
	assert_true(put("x", "old"));
	if (setxattr("x", "system.posix_acl_access", &acl, sizeof(acl), 0)) {
		print_message("skipped: no access lists here\n");
		skip();
	}
	assert_int_equal(mode_of("x"), 0640);
	assert_int_equal(set("x", "new"), 0);
	assert_int_equal(mode_of("x"), 0640);
	assert_int_equal(
		getxattr("x", "system.posix_acl_access", &is, sizeof(is)), sizeof(acl));
	assert_memory_equal(&is, &acl, sizeof(acl));
}

/* What the folder gives to new files is not given to ours. */
static void update_takes_no_access_list_of_the_folder(void **state)
{
	char value[64];

	(void)state;
	assert_true(put("x", "old"));
	assert_int_equal(chmod("x", 0640), 0);
	if (setxattr(".", "system.posix_acl_default", &acl, sizeof(acl), 0)) {
		print_message("skipped: no access lists here\n");
		skip();
	}
	assert_int_equal(set("x", "new"), 0);
	assert_int_equal(mode_of("x"), 0640);
	assert_int_equal(
		getxattr("x", "system.posix_acl_access", value, sizeof(value)), -1);
	assert_int_equal(errno, ENODATA);
	/* a new one has it, and 0600 makes it grant nothing */
	assert_int_equal(set("y", "new"), 0);
	assert_int_equal(mode_of("y"), 0600);
}

static int append(void *arg, const struct buf *old, struct buf *out, struct err *err)
{
	(void)err;
	buf_add(out, buf_text(old), old->len);
	buf_adds(out, arg);
	return 0;
}

static int give_up(void *arg, const struct buf *old, struct buf *out, struct err *err)
{
	(void)old;
	buf_adds(out, "half a text");
	return err_set(err, *(const int *)arg, "this is why");
}

static int never_called(
	void *arg, const struct buf *old, struct buf *out, struct err *err)
{
	(void)old, (void)out, (void)err;
	*(bool *)arg = true;
	return 0;
}

static void update_edits_the_old_text(void **state)
{
	bool changed;

	(void)state;
	assert_true(put("x", "one "));
	assert_int_equal(update_with("x", append, "two", &changed, NULL), 0);
	assert_true(holds("x", "one two"));
}

static void update_that_gives_up(void **state)
{
	static const int errnums[] = { EINVAL, EEXIST, ESTALE, EACCES };
	ino_t inode;

	(void)state;
	assert_true(put("x", "old"));
	inode = inode_of("x");
	for (size_t i = 0; i < ARRAY_SIZE(errnums); i++) {
		struct err err = ERR_INIT;
		bool changed = true;

		assert_int_equal(update_with("x", give_up, &errnums[i], &changed, &err),
			-errnums[i]);
		assert_string_equal(err.text, "this is why");
		assert_true(changed); /* untouched */
		assert_int_equal(inode_of("x"), inode);
		assert_true(holds("x", "old") && is_tidy("."));
	}
}

static void update_has_limits(void **state)
{
	_cleanup_free_ char *large = calloc(1, LIMIT + 2);
	bool changed, called = false;
	struct err err = ERR_INIT;

	(void)state;
	assert_non_null(large);
	memset(large, 'x', LIMIT + 1);
	assert_true(put("x", "old"));
	assert_int_equal(update_with("x", set_text, large, &changed, &err), -EFBIG);
	assert_non_null(strstr(err.text, "cannot write `x': "));
	assert_true(holds("x", "old") && is_tidy("."));
	large[LIMIT] = '\0';
	assert_int_equal(set("x", large), 0);
	assert_true(holds("x", large));
	large[LIMIT] = 'x';
	assert_true(put("x", large));
	assert_int_equal(update_with("x", never_called, &called, &changed, NULL), -EFBIG);
	assert_false(called);
	assert_int_equal(access("x", F_OK), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
	const struct CMUnitTest tests[] = {
		TEST(look_tells_versions_apart),
		TEST(look_and_read_fail_in_words),
		TEST(read_appends),
		TEST(read_refuses),
		TEST(read_does_not_trust_the_size),
		TEST(update_writes),
		TEST(update_without_a_change),
		TEST(update_keeps_the_mode),
		TEST(update_keeps_attributes),
		TEST(update_keeps_the_access_list),
		TEST(update_takes_no_access_list_of_the_folder),
		TEST(update_edits_the_old_text),
		TEST(update_that_gives_up),
		TEST(update_has_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
