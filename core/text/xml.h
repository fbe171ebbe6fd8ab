/* xml: AWS's XML answers, read with expat and bounded: no DTD, no entities of its own,
 * and limits on depth, attributes and text, since the sender may be hostile.  Pure. */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/slice.h"

enum {
	XML_DEPTH_LIMIT = 16,
	XML_ATTRIBUTE_LIMIT = 16,
	XML_TEXT_LIMIT = 8 * 1024, /* bytes of one element's text */
};

/* Where the reader is: path[0] is the root element, path[depth - 1] the current one, all
 * local names (what stands before a `:` is dropped). */
struct xml_at {
	const char *path[XML_DEPTH_LIMIT];
	size_t depth;
};

struct xml_reader {
	/* An element begins.  0, or -errno to stop. May be NULL. */
	int (*begin)(void *arg, const struct xml_at *at, struct err *err);
	/* An element ends; @text is its own text, blanks around trimmed, terminated. */
	int (*end)(void *arg, const struct xml_at *at, const char *text, struct err *err);
};

/* Reads a whole document.  -EBADMSG: not well-formed, empty or over a limit; or what a
 * callback returned. */
int xml_read(
	struct slice text, const struct xml_reader *reader, void *arg, struct err *err);

/* Whether the current element is called @name and its parent @parent (NULL: any). */
bool xml_is(const struct xml_at *at, const char *parent, const char *name);
