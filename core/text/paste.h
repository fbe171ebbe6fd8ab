/* paste: credentials as people paste them -> struct creds.  Pure.
 *
 * Recognised now: the access portal's Option 2 (a credentials file section, blanks or
 * none around `=`, header present or not), Option 1 for every shell (`export K="V"`,
 * `set K=V`, `$Env:K="V"`, plain `K=V`), behind a prompt or not, and the word `forget`.
 * CRLF, a byte order mark, no-break and zero-width blanks, comments and blank lines are
 * no obstacle.
 *
 * In a section all other keys are extras, but nested ones (`s3 =`) and those of several
 * lines are passed over.  Of environment variables other AWS_* ones are passed over, too,
 * and all others refused.
 *
 * The line forms are one table in paste_line.c: a new form is a row. */
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
	bool forget;	    /* the text is the one word `forget` */
	char *header;	    /* the name in `[...]`, or NULL */
	struct creds creds; /* complete, unless forget */
	int64_t expires;    /* seconds since the epoch, or 0: the paste does not tell */
	struct paste_extra *extras;
	size_t extra_count;
};

#define PASTE_INIT              \
	{                       \
		.forget = false \
	}

/* Reads a whole paste.  @ret_paste is set on success only; paste_done() it.
 * -EINVAL: something in it is not part of any form (@err names line and reason), two
 * profiles in one text, a control character, an `ASIA` key without token, an `AKIA` key
 * with one is taken without complaint as long as both are well-formed.
 * -ENODATA: all lines are good but the credentials are not complete (yet).
 * -EFBIG: over PASTE_LIMIT.  No message ever quotes a value. */
int paste_parse(struct slice text, struct paste *ret_paste, struct err *err);

/* Judges the beginning of a paste that may go on: 0 as long as it can still become a good
 * one, otherwise -EINVAL (or -EFBIG) with the reason.  Complete lines must be good lines;
 * the last, unfinished one must be a possible beginning of a line. */
int paste_judge(struct slice begin, struct err *err);

void paste_done(struct paste *paste); /* wipes; safe twice */

#define _cleanup_paste_ _cleanup_(paste_done)
