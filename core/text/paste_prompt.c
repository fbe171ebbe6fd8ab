/* What stands before a command that was copied out of a terminal. */
#include "text/paste_scan.h"

enum {
	PROMPT_MAX = 200,
};

#define NAME "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

/* Signs that are a prompt by themselves. */
static const char *const signs[] = {
	"\xe2\x9d\xaf", /* U+276F */
	"\xc2\xbb",	/* U+00BB */
	"\xce\xbb",	/* U+03BB */
	"\xe2\x96\xb6", /* U+25B6 */
};

/* What may stand behind a sign that ends a prompt. */
static bool take_gap(struct paste_cursor *cursor)
{
	return paste_take_blanks(cursor) || paste_is_end(cursor);
}

/* Takes all up to one of @signs with a gap behind it. */
static bool take_to_sign(struct paste_cursor *cursor, const char *marks)
{
	const char *from = cursor->at;

	while (cursor->at - from < PROMPT_MAX && !paste_is_end(cursor) &&
		!paste_is_any(cursor, "=\"'{,")) {
		if (!paste_take_any(cursor, marks)) {
			cursor->at++;
			continue;
		}
		if (take_gap(cursor))
			return true;
	}
	return false;
}

/* `$ `, `% `, `> `, `>>> ` */
static bool take_sign(struct paste_cursor *cursor)
{
	if (!paste_take_any(cursor, "$%"))
		(void)paste_take_span(cursor, ">");
	return take_gap(cursor);
}

/* Signs of richer shells; the arrow has the folder and the branch behind it. */
static bool take_glyph(struct paste_cursor *cursor)
{
	for (size_t i = 0; i < ARRAY_SIZE(signs); i++)
		if (paste_take_word(cursor, signs[i]))
			return take_gap(cursor);
	if (!paste_take_word(cursor, "\xe2\x9e\x9c") ||
		!paste_take_blanks(cursor)) /* U+279C */
		return false;
	(void)paste_take_until(cursor, " ");
	if (!take_gap(cursor))
		return false;
	if (paste_take_word(cursor, "git:(")) {
		(void)paste_take_until(cursor, ")");
		(void)paste_take_any(cursor, ")");
		(void)paste_take_blanks(cursor);
	}
	if (paste_take_word(cursor, "\xe2\x9c\x97")) /* U+2717 */
		(void)paste_take_blanks(cursor);
	return true;
}

/* `PS C:\Users\jane> ` and `C:\Users\jane>` */
static bool take_windows(struct paste_cursor *cursor)
{
	if (!paste_take_word(cursor, "PS ") && !paste_take_word(cursor, "PS>")) {
		if (paste_take_span(cursor, NAME).len != 1)
			return false;
		if (!paste_take_word(cursor, ":\\"))
			return false;
	}
	if (cursor->at[-1] != '>') {
		(void)paste_take_until(cursor, "=\"'>");
		if (!paste_take_any(cursor, ">"))
			return false;
	}
	(void)paste_take_span(cursor, ">");
	(void)paste_take_blanks(cursor);
	return true;
}

/* `jane@host:~/src$ `, `host:~ jane$ `, `bash-5.1$ ` */
static bool take_posix(struct paste_cursor *cursor)
{
	if (paste_take_word(cursor, "bash-") || paste_take_word(cursor, "sh-"))
		return paste_take_span(cursor, "0123456789.").len &&
		       paste_take_any(cursor, "$#") && take_gap(cursor);
	if (!paste_take_span(cursor, NAME).len)
		return false;
	if (paste_take_any(cursor, "@"))
		return take_to_sign(cursor, "$#%>");
	if (paste_take_word(cursor, ":~") || paste_take_word(cursor, ":/"))
		return take_to_sign(cursor, "$%");
	return false;
}

/* `[jane@host ~]$ ` */
static bool take_brackets(struct paste_cursor *cursor)
{
	struct slice inside;

	if (!paste_take_any(cursor, "["))
		return false;
	inside = paste_take_until(cursor, "]=\"'");
	if (!inside.len || !memchr(inside.at, '@', inside.len) ||
		!memchr(inside.at, ' ', inside.len))
		return false;
	return paste_take_any(cursor, "]") && paste_take_any(cursor, "$#%") &&
	       take_gap(cursor);
}

bool paste_take_prompt(struct paste_cursor *cursor)
{
	static bool (*const rows[])(struct paste_cursor *) = {
		take_brackets,
		take_glyph,
		take_posix,
		take_sign,
		take_windows,
	};
	struct paste_cursor start = *cursor;

	if (paste_take_any(&start, "(")) { /* `(venv) ` */
		(void)paste_take_span(&start, NAME);
		if (!paste_take_any(&start, ")") || !paste_take_blanks(&start))
			start = *cursor;
	}
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct paste_cursor behind = start;

		if (rows[i](&behind)) {
			bool command = paste_peek(&start) != '>'; /* a mail's quote */

			*cursor = behind;
			return command;
		}
	}
	return false;
}
