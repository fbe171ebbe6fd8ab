/* awsfile: ~/.aws/credentials and ~/.aws/config as lines: a reader as tolerant as all
 * SDKs' readers together, and an editor that changes only the lines it must.
 *
 * Everything here is pure.  The reader borrows the text, which must outlive it; it copies
 * no secret.  Memory is bounded by the text's size; text over AWSFILE_LIMIT is refused.
 */
#pragma once

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

enum {
	AWSFILE_LIMIT = 16 * 1024 * 1024,
	AWSFILE_PROBLEMS = 1000, /* noted of one file */
};

enum awsfile_kind {
	AWSFILE_CREDENTIALS, /* [name] is a profile */
	AWSFILE_CONFIG, /* [profile name], [default], [sso-session n], [services n] */
};

enum awsfile_type {
	AWSFILE_PROFILE,
	AWSFILE_SSO_SESSION,
	AWSFILE_SERVICES,
	AWSFILE_OTHER, /* one the SDKs do not read as one of the above, or not alike: such
			* as `[profile x]` in a credentials file, or `[DEFAULT]` */
};

struct awsfile_key {
	struct slice name;  /* as it stands: compare with slice_is_nocase() */
	struct slice value; /* of its own line, trimmed; inline comments are part of it */
	struct slice lines; /* all of its lines, with continuations and line ends; with
			     * indented comments too: some SDKs take them for such */
	size_t line;	    /* number of its first line, from 1 */
	size_t parent;	    /* index of the key this one is nested under, or SIZE_MAX */
};

struct awsfile_section {
	enum awsfile_type type;
	char *name;	     /* what users call it: no prefix, blanks or quotes around */
	struct slice header; /* what stands between the brackets, blanks included */
	struct slice text;   /* header line up to the next header, or the end */
	size_t line;	     /* number of its header, from 1 */
	size_t first_key;    /* in keys[] */
	size_t key_count;    /* nested ones too */
};

/* What botocore, the strictest widespread reader, refuses a whole file for. */
enum awsfile_fault {
	AWSFILE_BAD_UTF8,
	AWSFILE_MARK,	      /* a byte order mark */
	AWSFILE_NO_KEY,	      /* a line that is nothing */
	AWSFILE_NO_SECTION,   /* a key before any section */
	AWSFILE_NOT_NESTED,   /* under a key without a value, but no key = value */
	AWSFILE_SAME_KEY,     /* as in line `before` */
	AWSFILE_SAME_SECTION, /* as in line `before` */
	AWSFILE_FAULTS,
};

struct awsfile_problem {
	enum awsfile_fault fault;
	size_t line;
	size_t before; /* 0: of no matter */
};

struct awsfile {
	struct slice text;
	struct awsfile_section *sections;
	size_t section_count;
	size_t *order;		  /* the sections by type and name, for awsfile_find() */
	struct awsfile_key *keys; /* in the order of the file */
	size_t key_count;
	size_t line_count;
	struct awsfile_problem problem;	  /* the first one */
	size_t problem_line;		  /* its line, or 0: there is none */
	struct awsfile_problem *problems; /* AWSFILE_PROBLEMS of them at most */
	size_t problem_count;
	bool more_problems;
};

#define AWSFILE_INIT               \
	{                          \
		.section_count = 0 \
	}

/* Reads @text.  A file that some SDK refuses is still read; awsfile_check() tells of it.
 * -EFBIG, -ENOMEM.  The caller calls awsfile_done(). */
int awsfile_parse(
	struct awsfile *file, enum awsfile_kind kind, struct slice text, struct err *err);
void awsfile_done(struct awsfile *file); /* safe twice */

/* 0, or -EBADMSG and "line N: what" for the first problem. */
int awsfile_check(const struct awsfile *file, struct err *err);

/* What a line with that fault does.  Where `before` matters its number is to follow. */
const char *awsfile_fault_text(enum awsfile_fault fault);

/* The first section of that type and name, or NULL.  In AWSFILE_CONFIG [default] and
 * [profile default] are both profile "default"; the prefixed one wins. */
const struct awsfile_section *awsfile_find(
	const struct awsfile *file, enum awsfile_type type, const char *name);

/* The value of @name (any case) in all sections of that type and name, the last one
 * winning as SDKs do; false and *ret_value untouched when it is in none or empty. */
bool awsfile_get(const struct awsfile *file, enum awsfile_type type, const char *section,
	const char *name, struct slice *ret_value);

/* The value of `name` nested under `group =` (services sections: group "s3", name
 * "endpoint_url"). */
bool awsfile_get_nested(const struct awsfile *file, enum awsfile_type type,
	const char *section, const char *group, const char *name,
	struct slice *ret_value);

struct awsfile_change {
	const char *key;   /* lower case */
	const char *value; /* NULL: remove the key */
};

/* Replaces @ret_text by what @text becomes when the section of profile @name in a
 * credentials file has these values; it is wiped like a secret from then on.  Lines that
 * need no change keep every byte; a replaced line keeps its spelling of the key, its
 * blanks around the separator and its line end, but no inline comment and no
 * continuation; comments indented below a removed key stay, without the indent; new keys
 * follow the last of the credentials' own keys (aws_access_key_id and its like) or else
 * the header; a missing section is added at the end.  A key that stands already with that
 * value changes nothing.
 *
 * -EBADMSG: the file is one that awsfile_check() refuses, or holds the section twice
 * (line in @err), unless there is nothing to change; or has lines in it that only
 * botocore takes for a part of a value: an indented `[name]`, or an indented other key that
 * would go with an old value.  -EINVAL: a name, key or value that
 * the safe subset of the format cannot hold (control characters, line ends, empty, `]`,
 * outer blanks, what some SDKs take for an inline comment), or a key twice.  -EFBIG,
 * -ENOMEM. */
int awsfile_edit(struct slice text, const char *name,
	const struct awsfile_change *changes, size_t count, struct buf *ret_text,
	struct err *err);

#define _cleanup_awsfile_ _cleanup_(awsfile_done)
