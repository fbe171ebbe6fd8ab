/* What the test_file*.c share: a folder of its own for each test, and plain looks at it.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "io/cancel.h"
#include "io/clock.h"
#include "io/file.h"

enum {
	LIMIT = 1 << 16,
	PATIENCE_MS = 20000,
};

static inline int remove_one(const char *path, const struct stat *st _unused_,
	int kind _unused_, struct FTW *at)
{
	(void)at;
	return remove(path);
}

/* The tests run in the folder, so that their paths are short. */
static inline int folder_setup(void **state)
{
	char name[] = "/tmp/test_file.XXXXXX";

	if (!mkdtemp(name) || chdir(name))
		return -1;
	*state = strdup(name);
	return *state ? 0 : -1;
}

static inline int folder_teardown(void **state)
{
	int r = chdir("/") || nftw(*state, remove_one, 8, FTW_DEPTH | FTW_PHYS);

	free(*state);
	return r;
}

static inline bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	size_t len = strlen(text);
	bool ok = fd >= 0 && write(fd, text, len) == (ssize_t)len;

	if (fd >= 0)
		(void)close(fd);
	return ok;
}

static inline bool holds(const char *path, const char *text)
{
	_cleanup_buf_ struct buf is = BUF_INIT;
	struct file_version version;

	return !file_read(path, LIMIT, &is, &version, NULL) && version.exists &&
	       strcmp(buf_text(&is), text) == 0;
}

static inline unsigned mode_of(const char *path)
{
	struct stat st;

	return lstat(path, &st) ? 0 : st.st_mode & 07777;
}

static inline ino_t inode_of(const char *path)
{
	struct stat st;

	return lstat(path, &st) ? 0 : st.st_ino;
}

/* Whether a folder has no temporary file of an update. */
static inline bool is_tidy(const char *folder)
{
	DIR *list = opendir(folder);
	const struct dirent *entry;
	bool tidy = true;

	while (list && (entry = readdir(list)))
		if (strstr(entry->d_name, ".acctfs.") &&
			strcmp(entry->d_name, ".acctfs.lock") != 0)
			tidy = false;
	if (list)
		(void)closedir(list);
	return list && tidy;
}

static inline int set_text(
	void *arg, const struct buf *old, struct buf *out, struct err *err)
{
	(void)old, (void)err;
	buf_adds(out, arg);
	return 0;
}

static inline int update_with(const char *path, file_edit_fn *edit, const void *arg,
	bool *ret_changed, struct err *err)
{
	struct patience patience = { .deadline = clock_monotonic_ms() + PATIENCE_MS };
	struct file_update update = {
		.path = path,
		.limit = LIMIT,
		.edit = edit,
		.arg = (void *)(uintptr_t)arg,
		.patience = &patience,
	};
	struct file_version version, there;
	int r = file_update(&update, &version, ret_changed, err);

	/* what it says it left is what is there */
	if (!r && (file_look(path, &there, NULL) || !file_same(&version, &there)))
		return -ECANCELED;
	return r;
}

/* Makes @text the text of the file: 0 or -errno. */
static inline int set(const char *path, const char *text)
{
	bool changed;

	return update_with(path, set_text, text, &changed, NULL);
}

/* In a process of its own, which may mount, drop its rights or be killed: 0, the number
 * of the line that failed, or SKIPPED. */
enum { SKIPPED = -1 };

static inline int in_child(int (*body)(void))
{
	int pipes[2], line = -2, status;
	pid_t pid;

	if (pipe(pipes))
		return -3;
	pid = fork();
	if (pid == 0) {
		line = body();
		_exit(write(pipes[1], &line, sizeof(line)) != sizeof(line));
	}
	(void)close(pipes[1]);
	if (read(pipes[0], &line, sizeof(line)) != sizeof(line))
		line = -4;
	(void)close(pipes[0]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		return -5;
	return line;
}

#define CHECK(condition)                 \
	do {                             \
		if (!(condition))        \
			return __LINE__; \
	} while (0)

static inline void run_in_child(int (*body)(void), const char *needs)
{
	int line = in_child(body);

	if (line == SKIPPED) {
		print_message("skipped: needs %s\n", needs);
		skip();
	}
	assert_int_equal(line, 0);
}
