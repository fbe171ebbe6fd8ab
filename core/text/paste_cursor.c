#include "text/paste_cursor.h"

char paste_peek(struct paste_cursor *cursor)
{
	if (cursor->at < cursor->end)
		return *cursor->at;
	*cursor->met_end = true;
	return '\0';
}

char paste_peek_second(struct paste_cursor *cursor)
{
	struct paste_cursor next = *cursor;

	if (!paste_peek(&next))
		return '\0';
	next.at++;
	return paste_peek(&next);
}

bool paste_is_end(struct paste_cursor *cursor)
{
	return !paste_peek(cursor);
}

bool paste_is_any(struct paste_cursor *cursor, const char *chars)
{
	char c = paste_peek(cursor);

	return c && strchr(chars, c);
}

bool paste_take_any(struct paste_cursor *cursor, const char *chars)
{
	if (!paste_is_any(cursor, chars))
		return false;
	cursor->at++;
	return true;
}

bool paste_take_word(struct paste_cursor *cursor, const char *word)
{
	size_t len = strlen(word);
	size_t have = (size_t)(cursor->end - cursor->at);
	size_t same = have < len ? have : len;

	if (same && strncasecmp(cursor->at, word, same) != 0)
		return false;
	if (same < len) {
		*cursor->met_end = true;
		return false;
	}
	cursor->at += len;
	return true;
}

struct slice paste_take_span(struct paste_cursor *cursor, const char *chars)
{
	struct slice span = { cursor->at, 0 };

	while (paste_take_any(cursor, chars))
		span.len++;
	return span;
}

struct slice paste_take_until(struct paste_cursor *cursor, const char *chars)
{
	struct slice span = { cursor->at, 0 };

	while (!paste_is_end(cursor) && !paste_is_any(cursor, chars)) {
		cursor->at++;
		span.len++;
	}
	return span;
}

bool paste_take_blanks(struct paste_cursor *cursor)
{
	return paste_take_span(cursor, " ").len > 0;
}

struct slice paste_take_rest(struct paste_cursor *cursor)
{
	struct slice rest = { cursor->at, (size_t)(cursor->end - cursor->at) };

	cursor->at = cursor->end;
	*cursor->met_end = true;
	while (rest.len && rest.at[rest.len - 1] == ' ')
		rest.len--;
	return rest;
}
