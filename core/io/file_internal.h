/* What the file_*.c share; nobody else includes it. */
#pragma once

#include <stddef.h>
#include <sys/stat.h>

#include "base/err.h"
#include "io/cancel.h"
#include "io/file.h"

/* One sentence for a person: cannot @verb `path': why: what to do.  Returns -errnum. */
int file_fail(struct err *err, int errnum, const char *verb, const char *path);

/* Gives the file @to the owner, group, mode, access list and extended attributes of
 * @from, whose stat is @st.  Where one cannot be had the access gets narrower, never
 * wider.  0 or -errno; -EPERM when the owner or mode cannot be kept. */
int file_copy_meta(int from, const struct stat *st, int to);

/* place: where a file really is, and the lock that keeps our other writers away. */
struct place {
	int dir;       /* the folder of the real file */
	bool syncable; /* the folder can be listed and synced, not only passed through */
	char *name;    /* of the real file, in dir */
	char *prefix;  /* of its temporary files */
	int lock;
	bool exclusive; /* lock is the folder's lock, which every writer that can takes */
};

#define PLACE_INIT                    \
	{                             \
		.dir = -1, .lock = -1 \
	}

/* Follows links from @path to the real file, makes missing folders.  0 or -errno. */
int place_open(struct place *place, const char *path);
void place_done(struct place *place); /* also unlocks; safe twice */

/* Locks, waiting no longer than @patience.  0 or -errno. */
int place_lock(struct place *place, const struct patience *patience);

/* Removes the temporary files of writers that were killed.  Only when locked. */
void place_sweep(const struct place *place);

/* Makes an empty temporary file, 0600, and opens it for writing: its descriptor or
 * -errno. The caller frees the name and removes the file with place_drop(). */
int place_temp(const struct place *place, char **ret_name);
void place_drop(const struct place *place, const char *name);

#define _cleanup_place_ _cleanup_(place_done)
