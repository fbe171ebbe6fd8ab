/* awslint: what in one AWS file will surprise some SDK, line by line.  Pure.
 *
 * Findings say nothing of what the file holds but numbers of lines: no value, key or name
 * of the user's is ever quoted, since any of them may be a secret in the wrong place. */
#pragma once

#include <stddef.h>

#include "base/buf.h"
#include "text/awsfile.h"

enum {
	AWSLINT_LIMIT = 1000, /* findings of one file */
};

/* Who reads something else than what was meant, or nothing at all. */
enum awslint_sdk {
	AWSLINT_BOTOCORE = 1 << 0, /* and the AWS CLI */
	AWSLINT_C = 1 << 1,
	AWSLINT_RUST = 1 << 2,
	AWSLINT_JAVA = 1 << 3,
	AWSLINT_JS = 1 << 4,
	AWSLINT_GO = 1 << 5,
	AWSLINT_NOBODY = 0,
	AWSLINT_REFERENCE = AWSLINT_C | AWSLINT_RUST | AWSLINT_JAVA,
	AWSLINT_ALL = (1 << 6) - 1,
};

struct awslint_finding {
	size_t line;
	unsigned breaks;
	const char *text; /* static */
	size_t other;	  /* a line's number to stand behind the text; 0: none */
	size_t order;	  /* among those of one line */
};

struct awslint {
	struct awslint_finding *list; /* in no order until printed */
	size_t count;
	bool more;   /* some had no room */
	bool failed; /* out of memory */
};

#define AWSLINT_INIT       \
	{                  \
		.count = 0 \
	}
void awslint_done(struct awslint *lint); /* safe twice */

void awslint_add(struct awslint *lint, size_t line, unsigned breaks, const char *text,
	size_t other);

/* Adds what the lines of the file show by themselves. */
void awslint_check(
	struct awslint *lint, enum awsfile_kind kind, const struct awsfile *file);

/* Appends a line for each finding, `path:line: text (breaks: botocore, go)`, in the order of
 * lines.  They are counted as editors do: a CR alone ends none.  0 or -ENOMEM. */
int awslint_print(struct awslint *lint, const struct awsfile *file, const char *path,
	struct buf *out);

/* The key of that name (any case), not nested, in this one section: the last, or NULL. */
const struct awsfile_key *awslint_key(const struct awsfile *file,
	const struct awsfile_section *section, const char *name);

/* A value without quotes and comments around it, which only some SDKs take off. */
struct slice awslint_value(struct slice value);

#define _cleanup_awslint_ _cleanup_(awslint_done)
