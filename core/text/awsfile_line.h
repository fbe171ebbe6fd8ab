/* awsfile_line: the lines of an AWS file, for its reader and its editor.  Pure. */
#pragma once

#include <stddef.h>

#include "base/macro.h"
#include "base/slice.h"

struct awsfile_line {
	struct slice all;  /* with its line end */
	struct slice end;  /* LF, CRLF or CR; empty for a last line without one */
	struct slice text; /* without line end and outer blanks */
	size_t indent;	   /* characters before text */
};

/* Takes the first line off @rest; false when there is none. */
bool awsfile_line_next(struct slice *rest, struct awsfile_line *ret_line);

bool awsfile_line_is_blank(const struct awsfile_line *line);
bool awsfile_line_is_comment(const struct awsfile_line *line);

/* Without blanks (of any script) around; *ret_indent, unless NULL: how many stood before.
 */
struct slice awsfile_trim(struct slice text, size_t *ret_indent);
