/* paste_line: one line of a paste after the other.  For paste.c.  Pure. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "text/paste.h"

enum paste_slot {
	PASTE_KEY_ID,
	PASTE_SECRET_KEY,
	PASTE_TOKEN,
	PASTE_SLOT_COUNT,
};

/* What the lines so far have told.  The slices point into the text that is scanned. */
struct paste_scan {
	size_t line; /* number of the last line, from 1 */
	size_t forget_line;
	struct slice header;
	size_t header_line;
	struct slice values[PASTE_SLOT_COUNT];
	size_t value_lines[PASTE_SLOT_COUNT]; /* 0: no such value yet */
	int64_t expires;
	struct paste_extra *extras;
	size_t extra_count;
	bool in_section; /* a header or a section's key was seen: any key may follow */
	/* what a deeper indented line would continue, and the indent of that */
	enum { BELOW_NOTHING, BELOW_EXTRA, BELOW_GROUP } below;
	size_t indent;
};

#define PASTE_SCAN_INIT                \
	{                              \
		.below = BELOW_NOTHING \
	}

/* Appends @text to @out with line ends made LF, odd blanks made blanks and invisible
 * characters left out.  @open: more may follow, the last character may be unfinished.
 * -EINVAL: a control character or no UTF-8. */
int paste_clean(struct slice text, bool open, struct buf *out, struct err *err);

/* Takes the next line, without its line end.  @open: more of it may follow, so it need
 * only be the beginning of a good line; no line may be scanned behind it.
 * -EINVAL: it is none. */
int paste_scan_line(
	struct paste_scan *scan, struct slice line, bool open, struct err *err);
void paste_scan_done(struct paste_scan *scan); /* wipes; safe twice */

/* What the slot's key is called in a credentials file. */
const char *paste_slot_name(enum paste_slot slot);

/* Wipes and frees. */
void paste_extra_done(struct paste_extra *extra);
