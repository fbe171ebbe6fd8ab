/* files: the two AWS files as they stand, read again when they changed.
 *
 * A view is one immutable reading of both, counted: whoever holds it may look at it
 * without a lock.  Its texts hold secrets and are wiped with the last reference.  Any
 * thread. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/names.h"
#include "io/file.h"
#include "text/awsfile.h"

/* One of the two files in a view. */
struct files_part {
	struct file_version version;
	struct buf text;
	struct awsfile file;
	struct err
		err; /* why it could not be read; errnum 0: it could, or is not there */
};

struct view {
	atomic_uint references;
	uint64_t number; /* counts readings, from 1 */
	struct files_part credentials;
	struct files_part config;
	struct names profiles; /* every profile of the two, once, sorted */
	const char **sorted;   /* the same, sorted, for view_has() */
};

struct files;

struct files *files_new(
	const char *credentials_path, const char *config_path, struct err *err);
struct files *files_free(struct files *files); /* NULL-safe, returns NULL */

/* Calls @seen with every view that becomes the newest one, without a lock: two threads may
 * be in it at once, and the older view come later.  Call before threads. */
typedef void files_seen_fn(void *arg, const struct view *view);
void files_observe(struct files *files, files_seen_fn *seen, void *arg);

/* The files as they are now; drop it with view_unref().  A file that is empty or broken
 * for less than FILES_SETTLE_MS counts as one that another tool is just writing: the
 * view before is given. */
enum {
	FILES_SETTLE_MS = 2000,
};
int files_view(struct files *files, struct view **ret_view, struct err *err);

/* The same for who only looks at the credentials file: the config file may be older. */
int files_credentials_view(struct files *files, struct view **ret_view, struct err *err);

struct view *view_unref(struct view *view); /* NULL-safe, returns NULL */
bool view_has(const struct view *view, const char *profile);

/* When one of the two files changed last, its mode included. */
struct timespec view_time(const struct view *view);

const char *files_credentials_path(const struct files *files);
const char *files_config_path(const struct files *files);

static inline void cleanup_view(struct view **view)
{
	*view = view_unref(*view);
}
#define _cleanup_view_ _cleanup_(cleanup_view)
