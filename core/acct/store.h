/* store: which lines of a profile's section change for a paste.  Pure. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "text/paste.h"

struct store {
	const char *profile;
	const char *path; /* of the credentials file, for messages */
	const struct paste *paste;
};

/* Replaces @ret_text by what @text, the credentials file, becomes.  -EINVAL: other keys in
 * the paste are not what the file has; and awsfile_edit()'s. */
int store_edit(const struct store *store, struct slice text, struct buf *ret_text,
	struct err *err);
