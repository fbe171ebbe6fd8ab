/* scratch: a file that a tool makes beside the real one: its new text, to be renamed over
 * it, as of `sed -i` and git, or an editor's swap and backup files.
 *
 * Only in memory, wiped at the end, never listed, few and small, and gone a minute after
 * the tool left it.  Any thread. */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

enum {
	SCRATCH_COUNT = 32,	   /* at once */
	SCRATCH_SIZE = 256 * 1024, /* bytes each */
	SCRATCH_KEEP_MS = 60000,   /* after it was last touched, if it is not open */
	SCRATCH_LEAST_MS = 1000,   /* even when there are too many */
};

struct scratch; /* one text, counted */

struct scratch *scratch_ref(struct scratch *scratch);	/* NULL-safe, returns @scratch */
struct scratch *scratch_unref(struct scratch *scratch); /* NULL-safe, returns NULL */
uint64_t scratch_number(const struct scratch *scratch);

/* While it is open it stays in the table, and keeps its text when it is dropped from it.
 * -ESTALE: it was dropped before. */
int scratch_open(struct scratch *scratch);
void scratch_close(struct scratch *scratch);

int scratch_write(struct scratch *scratch, struct slice data, uint64_t offset);
int scratch_truncate(struct scratch *scratch, uint64_t size);
uint64_t scratch_size(struct scratch *scratch);
void scratch_copy(struct scratch *scratch, struct buf *out); /* appends the whole text */

struct scratches; /* all of a mount, by account and name */

struct scratches *scratches_new(struct err *err);
struct scratches *scratches_free(struct scratches *scratches); /* returns NULL */

/* Makes an empty one, in the place of the one that was left longest ago if need be.
 * -EEXIST, -EDQUOT (too many in use), -ENOMEM.  The caller drops it. */
int scratches_make(struct scratches *scratches, const char *account, const char *name,
	struct scratch **ret_scratch);

/* NULL: there is none.  The caller drops it. */
struct scratch *scratches_find(
	struct scratches *scratches, const char *account, const char *name);

/* 0 or -ENOENT. */
int scratches_remove(struct scratches *scratches, const char *account, const char *name);

/* Gives it another name, replacing one that has it.  0, -ENOENT or -ENOMEM. */
int scratches_rename(struct scratches *scratches, const char *account, const char *name,
	const char *new_name);

/* Drops those that nobody has open or touched for SCRATCH_KEEP_MS: call now and then. */
void scratches_expire(struct scratches *scratches);
