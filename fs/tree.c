/* THE TABLE: reading it top down is reading `ls -R`. */
#include "fs/tree.h"

#include <string.h>

#include "fs/show.h"

/* A file whose text is known here. */
#define SHOW(file, bits, show_fn)                                     \
	{                                                             \
		.name = file, .mode = S_IFREG | bits, .show = show_fn \
	}

/* A file that AWS is asked for when it is opened, and fails with the question. */
#define ASK(file, bits, what, show_fn)                                                  \
	{                                                                               \
		.name = file, .mode = S_IFREG | bits, .show = show_fn, .question = what \
	}

/* The same, but it always opens and tells of a failure in its text. */
#define TELL(file, bits, what, show_fn)                                                  \
	{                                                                                \
		.name = file, .mode = S_IFREG | bits, .show = show_fn, .question = what, \
		.shows_failure = true                                                    \
	}

/* A file that also takes text, when it is complete. */
#define STORE(file, bits, show_fn, judge_fn, store_fn)                 \
	{                                                              \
		.name = file, .mode = S_IFREG | bits, .show = show_fn, \
		.judge = judge_fn, .store = store_fn                   \
	}

/* A file that only takes text. */
#define TAKE(file, bits, judge_fn, store_fn)                             \
	{                                                                \
		.name = file, .mode = S_IFREG | bits, .judge = judge_fn, \
		.store = store_fn                                        \
	}

/* A file that grows while it is open. */
#define GROWS(file, bits, what)                                      \
	{                                                            \
		.name = file, .mode = S_IFREG | bits, .stream = what \
	}

/* The same, for reads that wait; not listed. */
#define WAIT(file, bits, what)                                                         \
	{                                                                              \
		.name = file, .mode = S_IFREG | bits, .stream = what, .unlisted = true \
	}

/* A directory for every name of a list. */
#define EACH(bits, list_fn, has_fn, table)                                            \
	{                                                                             \
		.mode = S_IFDIR | bits, .list = list_fn, .has = has_fn, .rows = table \
	}

#define END               \
	{                 \
		.mode = 0 \
	}

/* clang-format off */
static const struct node account[] = {
	STORE("profile",	0600, profile_show, profile_judge, profile_store),
	TELL("status",		0444, QUESTION_STATUS,	 status_show),
	TELL("status.json",	0444, QUESTION_STATUS,	 status_json_show),
	ASK("whoami",		0444, QUESTION_STATUS,	 whoami_show),
	SHOW("error",		0444, error_show),
	ASK("s3.tsv",		0444, QUESTION_S3,	 buckets_tsv_show),
	ASK("s3.json",		0444, QUESTION_S3,	 buckets_json_show),
	ASK("dynamodb.tsv",	0444, QUESTION_DYNAMODB, tables_tsv_show),
	ASK("dynamodb.json",	0444, QUESTION_DYNAMODB, tables_json_show),
	END
};

static const struct node root[] = {
	SHOW("README",		0444, readme_show),
	SHOW("accounts.tsv",	0444, accounts_show),
	SHOW("lint",		0444, lint_show),
	TAKE("paste",		0200, paste_judge_all, paste_store),
	SHOW("error",		0444, error_show),
	GROWS("events",		0444, STREAM_LOG),
	WAIT(".events.wait",	0444, STREAM_WAIT),
	EACH(			0700, account_list, account_has, account),
	END
};
/* clang-format on */

const struct node tree_root = { .name = "", .mode = S_IFDIR | 0700, .rows = root };
const struct node tree_scratch = { .name = "", .mode = S_IFREG | 0600 };

const struct node *tree_row(const struct node *dir, const char *name)
{
	for (const struct node *row = dir->rows; row && row->mode; row++)
		if (row->name && strcmp(row->name, name) == 0)
			return row;
	return NULL;
}

const struct node *tree_each(const struct node *dir)
{
	for (const struct node *row = dir->rows; row && row->mode; row++)
		if (!row->name)
			return row;
	return NULL;
}
