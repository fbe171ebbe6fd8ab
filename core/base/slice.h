/* slice: a piece of somebody else's text, not terminated. */
#pragma once

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/macro.h"

struct slice {
	const char *at;
	size_t len;
};

static inline bool slice_is(struct slice slice, const char *text)
{
	return strlen(text) == slice.len && memcmp(slice.at, text, slice.len) == 0;
}

/* The same, taking ASCII capitals for small letters. */
static inline bool slice_is_nocase(struct slice slice, const char *text)
{
	return strlen(text) == slice.len && strncasecmp(slice.at, text, slice.len) == 0;
}

/* A terminated copy the caller frees, or NULL. */
static inline char *slice_dup(struct slice slice)
{
	return strndup(slice.at ? slice.at : "", slice.len);
}
