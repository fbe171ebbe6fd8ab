/* tree: what a file or a directory of the mount is: a row of a constant table.
 *
 * ops.c looks rows up and calls what they point to; it never mentions a file by name. */
#pragma once

#include <sys/stat.h>
#include <time.h>

#include "acct/core.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/names.h"
#include "base/slice.h"

/* Where a row stands: the names bound on the way to it. */
struct at {
	struct core *core;
	const char *account; /* NULL in the root */
};

/* A file's whole text, as of one moment. */
struct shown {
	struct buf text;
	struct timespec mtime; /* stays the same as long as the text does */
};

#define SHOWN_INIT                      \
	{                               \
		.text = BUF_INIT_SECRET \
	}

/* Files whose text only grows: what happened (events). */
enum stream_kind {
	STREAM_NONE,
	STREAM_LOG,  /* ends where the text ends now */
	STREAM_WAIT, /* each read waits for the next line */
};

struct node {
	const char *name; /* NULL: every name that list() gives, and only those */
	mode_t mode;	  /* type and permissions */

	/* Directories. */
	const struct node *rows; /* what is in it, ended by a row without mode */
	int (*list)(const struct at *at, struct names *ret_names, struct err *err);
	bool (*has)(const struct at *at, const char *name);

	/* Files: the text.  It never waits: of a row with a question it is made from the
	 * last answer, and empty while there is none.  NULL: the file only takes text. */
	int (*show)(const struct at *at, struct shown *out, struct err *err);

	/* What must be asked over the network before the file can be opened; nothing else
	 * decides whether a row does. */
	enum question question;
	bool shows_failure; /* opening works when the question fails: the text says why */

	/* Files that take text: the whole text once it is complete, durably; -ENODATA
	 * when more must come.  judge() refuses a beginning that cannot become good. */
	int (*store)(const struct at *at, struct slice text,
		const struct patience *patience, struct err *err);
	int (*judge)(struct slice begin, struct err *err);

	enum stream_kind stream; /* such a file has none of the functions */
	bool unlisted; /* not in listings: who searches all files would wait in it */
};

extern const struct node tree_root;

/* A file that is only a tool's new text for a file beside it; never listed. */
extern const struct node tree_scratch;

/* The row of @dir called @name, of any kind but the lists; NULL: none. */
const struct node *tree_row(const struct node *dir, const char *name);

/* The row of @dir that stands for listed names, or NULL. */
const struct node *tree_each(const struct node *dir);
