/* paste: credentials as people paste them -> struct creds.  Pure.
 *
 * Recognised are: the three options of the access portal for every shell; sections of a
 * credentials file; assignments of every shell, several in a line or a command behind;
 * `aws configure set`; .env files; fragments of YAML, JavaScript, Python and Terraform;
 * JSON documents of the AWS CLI, its tools and the metadata services; values alone, told
 * by their form; and the words `forget` and `force`.  CRLF, a byte order mark, no-break
 * and zero-width blanks, comments, blank lines, prompts and Markdown fences are no
 * obstacle, and a token that the terminal has wrapped is put together again.
 *
 * In a section all other keys are extras, but nested ones (`s3 =`) and those of several
 * lines are passed over.  Of environment variables other AWS_* ones are passed over, too,
 * and all others refused.
 *
 * The names are one table in paste_key.c, the forms of lines one in paste_statement.c,
 * prompts one in paste_prompt.c: a new form is a row. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/creds.h"
#include "base/err.h"
#include "base/slice.h"

enum {
	PASTE_LIMIT = 64 * 1024, /* bytes of one paste */
};

/* A key of a pasted section that is no credential (`region = eu-west-1`). */
struct paste_extra {
	char *name; /* lower case */
	char *value;
	size_t line; /* where it stood, from 1 */
};

struct paste {
	bool forget;   /* the text is the one word `forget` */
	bool force;    /* the first line is the one word `force`, the rest the paste */
	bool complete; /* all values that belong together are there */
	size_t line;   /* where it begins, from 1 */
	char *header;  /* the profile it names, or NULL */
	char *account; /* the 12 digits it tells, or NULL */
	char *role;    /* the permission set or role it tells, or NULL */
	struct creds creds; /* all that is there; nothing for forget */
	int64_t expires;    /* seconds since the epoch, or 0: the paste does not tell */
	struct paste_extra *extras;
	size_t extra_count;
};

#define PASTE_INIT              \
	{                       \
		.forget = false \
	}

/* Reads a whole paste of one profile.  @ret_paste is set on success only; paste_done() it.
 * -EINVAL: something in it is not part of any form (@err names line and reason), two
 * profiles in one text, two accounts that disagree, a control character.
 * -ENODATA: all lines are good but the credentials are not complete (yet): a value is
 * missing, or the token that an `ASIA` key needs.
 * -EFBIG: over PASTE_LIMIT.  No message ever quotes a value. */
int paste_parse(struct slice text, struct paste *ret_paste, struct err *err);

/* The same, but missing values are no failure: complete is false then, and creds hold
 * what there is.  For values that are pasted one at a time. */
int paste_parse_part(struct slice text, struct paste *ret_paste, struct err *err);

/* Reads a paste of any number of profiles, each complete.  A new one begins at a
 * `[header]`, at a value that differs from one there was, with a new JSON document and
 * at a shell's prompt with a command.  @ret_list, of one or more, is the caller's:
 * paste_list_free().  All or nothing; errors as above, with the profile where it is
 * known.  Only the first can have forget or force. */
int paste_parse_blocks(
	struct slice text, struct paste **ret_list, size_t *ret_count, struct err *err);

/* Judges the beginning of a paste of one profile that may go on: 0 as long as it can
 * still become a good one, otherwise -EINVAL (or -EFBIG) with the reason.  Complete lines
 * must be good lines; the last, unfinished one a possible beginning of a line. */
int paste_judge(struct slice begin, struct err *err);

/* The same for a paste of any number of profiles. */
int paste_judge_blocks(struct slice begin, struct err *err);

void paste_done(struct paste *paste); /* wipes; safe twice */
struct paste *paste_list_free(
	struct paste *list, size_t count); /* wipes; NULL-safe, returns NULL */

#define _cleanup_paste_ _cleanup_(paste_done)
