#include "text/paste_scan.h"

#include <errno.h>

int paste_refuse(const struct paste_scan *scan, const char *why, struct err *err)
{
	return err_set(err, EINVAL, "line %zu: %s", scan->line, why);
}

/* What was refused at the open end of the text may still become good. */
static bool may_be_good(const struct paste_scan *scan, int r)
{
	return (r == -EINVAL || r == -ENODATA) && scan->met_end;
}

int paste_scan_text(
	struct paste_scan *scan, struct slice text, bool open, struct err *err)
{
	struct err why = ERR_INIT;
	struct paste_cursor cursor = { text.at, text.at, &scan->met_end };

	scan->end = text.at + text.len;
	while (cursor.at < scan->end) {
		const char *end =
			memchr(cursor.at, '\n', (size_t)(scan->end - cursor.at));
		int r;

		cursor.end = end ? end : scan->end;
		scan->begin = cursor.at;
		scan->met_end = false;
		scan->line++;
		r = paste_take_line(scan, &cursor, &why);
		if (r && open && cursor.end == scan->end && may_be_good(scan, r))
			return 0;
		if (r) {
			if (err)
				*err = why;
			return r;
		}
		cursor.at = cursor.end + (cursor.end < scan->end ? 1 : 0);
	}
	return 0;
}

int paste_scan_finish(struct paste_scan *scan, struct err *err)
{
	int r = paste_end_token(scan, err);

	return r ? r : paste_blocks_finish(&scan->blocks, err);
}

void paste_scan_done(struct paste_scan *scan)
{
	paste_blocks_done(&scan->blocks);
	buf_done(&scan->token.text);
	*scan = (struct paste_scan)PASTE_SCAN_INIT;
}
