/* awslint_internal: what the files of awslint share.  Pure. */
#pragma once

#include "text/awsfile_line.h"
#include "text/awslint.h"

enum awslint_on {
	ON_HEADER = 1 << 0,
	ON_KEY = 1 << 1,    /* of a section */
	ON_NESTED = 1 << 2, /* under a key without a value */
	ON_MORE = 1 << 3,   /* continues the value above */
	ON_COMMENT = 1 << 4,
	ON_OTHER = 1 << 5, /* the reader notes it as a problem */
};

/* One line that is not blank, and what the reader took it for. */
struct awslint_place {
	const struct awsfile *file;
	enum awsfile_kind kind;
	enum awslint_on on;
	struct awsfile_line line;
	size_t number;
	const struct awsfile_section *section; /* it is in, or begins; may be NULL */
	const struct awsfile_key *key;	       /* ON_KEY, ON_NESTED: it */
};

/* Checks of one line: rows. */
void awslint_line(struct awslint *lint, const struct awslint_place *place);

/* Checks of the keys of one profile's section. */
void awslint_profile(struct awslint *lint, const struct awsfile *file,
	const struct awsfile_section *section);

/* Whether @at, in @text, is a comment's mark for SDKs that know comments behind values. */
static inline bool awslint_is_mark(struct slice text, const char *at)
{
	return (*at == '#' || *at == ';') && at > text.at &&
	       (at[-1] == ' ' || at[-1] == '\t');
}

/* Whether one of those may be in @text: most values are long and hold none. */
static inline bool awslint_may_have_mark(struct slice text)
{
	return memchr(text.at, '#', text.len) || memchr(text.at, ';', text.len);
}

struct slice awslint_uncomment(struct slice value);
bool awslint_is_quoted(struct slice value);
