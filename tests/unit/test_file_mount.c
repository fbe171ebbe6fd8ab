/* Places where a file cannot simply be replaced: hard links, other owners, mounts. */
#include "file_fixture.h"

#include <sched.h>
#include <sys/mount.h>

enum {
	NOBODY = 65534,
	DISK = 64 << 10, /* of the small file systems */
};

static int say(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	size_t len = strlen(text);
	int r = fd >= 0 && write(fd, text, len) == (ssize_t)len ? 0 : -1;

	if (fd >= 0)
		(void)close(fd);
	return r;
}

/* Mounts of our own, which end with the process; root's rights, if need be, in a name
 * space. */
static bool can_mount(void)
{
	char users[64], groups[64];

	(void)snprintf(users, sizeof(users), "0 %d 1", (int)getuid());
	(void)snprintf(groups, sizeof(groups), "0 %d 1", (int)getgid());
	if (unshare(CLONE_NEWNS) && (unshare(CLONE_NEWUSER | CLONE_NEWNS) ||
					    say("/proc/self/setgroups", "deny") ||
					    say("/proc/self/gid_map", groups) ||
					    say("/proc/self/uid_map", users)))
		return false;
	return !mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

static char *long_text(size_t len)
{
	char *text = calloc(1, len + 1);

	if (text)
		memset(text, 'x', len);
	return text;
}

/* --- in place -------------------------------------------------------------------------
 */

static void hard_link_stays_one(void **state)
{
	static const char *const texts[] = { "longer than the old one", "short", "",
		"again" };
	ino_t inode;

	(void)state;
	assert_true(put("x", "the old"));
	assert_int_equal(chmod("x", 0644), 0);
	assert_int_equal(link("x", "other"), 0);
	inode = inode_of("x");
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		assert_int_equal(set("x", texts[i]), 0);
		assert_true(holds("x", texts[i]) && holds("other", texts[i]));
		assert_int_equal(inode_of("x"), inode);
		assert_int_equal(mode_of("x"), 0644);
		assert_true(is_tidy("."));
	}
}

/* --- rights ---------------------------------------------------------------------------
 */

/* As nobody, in the folder `d' of root's with nobody's file; without root: in our own
 * that we took our rights to away. */
static bool become_nobody(mode_t folder)
{
	if (mkdir("d", 0700) || !put("d/x", "old") || chmod(".", 0711))
		return false;
	if (geteuid())
		return !chmod("d", folder & 0555);
	return !chown("d/x", NOBODY, NOBODY) && !chmod("d", folder) && !setegid(NOBODY) &&
	       !seteuid(NOBODY);
}

static int in_a_folder_not_ours(mode_t folder)
{
	struct patience patience = { clock_monotonic_ms(), NULL };
	struct file_update update = { "d/x", LIMIT, set_text, (char[]){ "newer" },
		&patience };
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct file_version version;
	bool changed;
	ino_t inode;
	int fd;

	CHECK(become_nobody(folder));
	inode = inode_of("d/x");
	CHECK(set("d/x", "new text") == 0);
	CHECK(holds("d/x", "new text"));
	CHECK(inode_of("d/x") == inode);
	CHECK(set("d/y", "text") == -EACCES);
	CHECK(access("d/.acctfs.lock", F_OK));
	/* the file is its own lock */
	fd = open("d/x", O_RDWR | O_CLOEXEC);
	CHECK(fd >= 0 && fcntl(fd, F_OFD_SETLK, &whole) == 0);
	CHECK(file_update(&update, &version, &changed, NULL) == -ETIMEDOUT);
	CHECK(close(fd) == 0);
	CHECK(file_update(&update, &version, &changed, NULL) == 0);
	CHECK(chmod("d/x", 0400) == 0);
	CHECK(set("d/x", "no") == -EACCES);
	CHECK(holds("d/x", "newer"));
	CHECK(!getuid() || chmod("d", 0700) == 0);
	return 0;
}

static int in_a_folder_to_read(void)
{
	return in_a_folder_not_ours(0755);
}

static int in_a_folder_to_pass(void)
{
	return in_a_folder_not_ours(0711);
}

static void folder_that_is_not_ours(void **state)
{
	(void)state;
	run_in_child(in_a_folder_to_read, "root, or folders that bind");
}

static void folder_that_cannot_be_read(void **state)
{
	(void)state;
	run_in_child(in_a_folder_to_pass, "root, or folders that bind");
}

static int owner_kept(void)
{
	struct stat st;

	if (geteuid())
		return SKIPPED;
	/* by root, who may give files away */
	CHECK(put("x", "old"));
	CHECK(chown("x", NOBODY, 12345) == 0 && chmod("x", 0640) == 0);
	CHECK(set("x", "new") == 0);
	CHECK(stat("x", &st) == 0 && st.st_uid == NOBODY && st.st_gid == 12345);
	CHECK(mode_of("x") == 0640 && st.st_nlink == 1);
	/* by somebody who may not */
	CHECK(chown("x", 0, NOBODY) == 0 && chmod("x", 0660) == 0 &&
		chmod(".", 0777) == 0);
	CHECK(chmod(".acctfs.lock", 0666) == 0);
	CHECK(setegid(NOBODY) == 0 && seteuid(NOBODY) == 0);
	CHECK(set("x", "newer") == 0);
	CHECK(holds("x", "newer"));
	CHECK(stat("x", &st) == 0 && st.st_uid == 0 && st.st_gid == NOBODY);
	CHECK(mode_of("x") == 0660 && is_tidy("."));
	return 0;
}

static void owner_is_kept(void **state)
{
	(void)state;
	run_in_child(owner_kept, "root");
}

/* Somebody once ran us as root here: the lock is root's. */
static int lock_of_another(void)
{
	if (geteuid())
		return SKIPPED;
	CHECK(put("x", "old") && set("x", "new") == 0);
	CHECK(chmod(".", 0777) == 0 && chown("x", NOBODY, NOBODY) == 0);
	CHECK(setegid(NOBODY) == 0 && seteuid(NOBODY) == 0);
	CHECK(set("x", "newer") == 0);
	CHECK(holds("x", "newer") && is_tidy("."));
	return 0;
}

static void lock_that_is_not_ours(void **state)
{
	(void)state;
	run_in_child(lock_of_another, "root");
}

/* --- mounts ---------------------------------------------------------------------------
 */

static int disk_full(void)
{
	static const char *const names[] = { "m/x", "m/linked" };
	_cleanup_free_ char *large = long_text(DISK - 3 * 4096);

	if (!can_mount())
		return SKIPPED;
	CHECK(mkdir("m", 0700) == 0);
	CHECK(mount("none", "m", "tmpfs", 0, "size=64k") == 0);
	CHECK(large && put("m/x", "old") && put("m/linked", "old") &&
		put("m/large", large));
	CHECK(link("m/linked", "m/other") == 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct file_version before, after;
		struct err err = ERR_INIT;
		bool changed;

		CHECK(file_look(names[i], &before, NULL) == 0);
		CHECK(update_with(names[i], set_text, large, &changed, &err) == -ENOSPC);
		CHECK(strstr(err.text, "the disk is full"));
		CHECK(holds(names[i], "old"));
		CHECK(file_look(names[i], &after, NULL) == 0 &&
			file_same(&before, &after));
		CHECK(is_tidy("m"));
	}
	return 0;
}

static void full_disk(void **state)
{
	(void)state;
	run_in_child(disk_full, "mounts");
}

static int no_more_files(void)
{
	if (!can_mount())
		return SKIPPED;
	CHECK(mkdir("m", 0700) == 0);
	CHECK(mount("none", "m", "tmpfs", 0, "nr_inodes=3") == 0);
	CHECK(put("m/x", "old"));
	CHECK(set("m/x", "old") == 0); /* the lock takes the last */
	CHECK(set("m/x", "new") == -ENOSPC);
	CHECK(holds("m/x", "old") && is_tidy("m"));
	return 0;
}

static void full_of_files(void **state)
{
	(void)state;
	run_in_child(no_more_files, "mounts");
}

static int read_only(void)
{
	if (!can_mount())
		return SKIPPED;
	CHECK(mkdir("m", 0700) == 0);
	CHECK(mount("none", "m", "tmpfs", 0, NULL) == 0);
	CHECK(put("m/x", "old"));
	CHECK(mount(NULL, "m", NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0);
	CHECK(set("m/x", "new") == -EROFS);
	CHECK(set("m/y", "new") == -EROFS);
	CHECK(set("m/d/y", "new") == -EROFS);
	CHECK(holds("m/x", "old"));
	return 0;
}

static void read_only_file_system(void **state)
{
	(void)state;
	run_in_child(read_only, "mounts");
}

/* docker run -v ~/.aws/credentials:/root/.aws/credentials */
static int file_mounted(void)
{
	ino_t inode;

	if (!can_mount())
		return SKIPPED;
	CHECK(put("outside", "the old text") && put("x", "below"));
	CHECK(mount("outside", "x", NULL, MS_BIND, NULL) == 0);
	inode = inode_of("outside");
	CHECK(set("x", "new") == 0);
	CHECK(holds("x", "new") && holds("outside", "new"));
	CHECK(set("x", "a longer text than that") == 0);
	CHECK(holds("outside", "a longer text than that"));
	CHECK(inode_of("outside") == inode && is_tidy("."));
	/* and :ro */
	CHECK(mount(NULL, "x", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) == 0);
	CHECK(set("x", "no") == -EROFS);
	CHECK(holds("outside", "a longer text than that") && is_tidy("."));
	CHECK(umount("x") == 0);
	CHECK(holds("x", "below"));
	return 0;
}

static void file_that_is_a_mount(void **state)
{
	(void)state;
	run_in_child(file_mounted, "mounts");
}

/* A container's: the first write makes other files of those below. */
static int overlay(void)
{
	if (!can_mount())
		return SKIPPED;
	CHECK(mkdir("m", 0700) == 0 && mkdir("top", 0700) == 0);
	CHECK(mount("none", "m", "tmpfs", 0, NULL) == 0);
	CHECK(mkdir("m/low", 0700) == 0 && mkdir("m/up", 0700) == 0 &&
		mkdir("m/work", 0700) == 0);
	CHECK(put("m/low/x", "old text") && put("m/low/linked", "old text"));
	CHECK(link("m/low/linked", "m/low/other") == 0);
	if (mount("none", "top", "overlay", 0,
		    "lowerdir=m/low,upperdir=m/up,workdir=m/work"))
		return SKIPPED;
	CHECK(set("top/x", "new") == 0 && holds("top/x", "new"));
	CHECK(set("top/linked", "new") == 0 && holds("top/linked", "new"));
	CHECK(holds("m/low/x", "old text") && holds("m/low/linked", "old text"));
	CHECK(is_tidy("top") && is_tidy("m/up"));
	return 0;
}

static void overlay_file_system(void **state)
{
	(void)state;
	run_in_child(overlay, "mounts of overlays");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
	const struct CMUnitTest tests[] = {
		TEST(hard_link_stays_one),
		TEST(folder_that_is_not_ours),
		TEST(folder_that_cannot_be_read),
		TEST(owner_is_kept),
		TEST(lock_that_is_not_ours),
		TEST(full_disk),
		TEST(full_of_files),
		TEST(read_only_file_system),
		TEST(file_that_is_a_mount),
		TEST(overlay_file_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
