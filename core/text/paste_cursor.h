/* paste_cursor: reads one line of a paste from left to right, and knows when it met the
 * end of a text that may go on.  For paste_*.c.  Pure.
 *
 * Whoever decides by anything behind the cursor looks through these functions: they set
 * *met_end when the answer could be another one with more text.  So a refusal before the
 * end was met holds for every text that begins like this one, and one behind it for none. */
#pragma once

#include "base/slice.h"

struct paste_cursor {
	const char *at, *end;
	bool *met_end;
};

/* The next character, or '\0' at the end. */
char paste_peek(struct paste_cursor *cursor);

/* The character after that, or '\0'. */
char paste_peek_second(struct paste_cursor *cursor);

bool paste_is_end(struct paste_cursor *cursor);

/* Whether the next character is one of @chars. */
bool paste_is_any(struct paste_cursor *cursor, const char *chars);

/* Takes a character of @chars, if there is one. */
bool paste_take_any(struct paste_cursor *cursor, const char *chars);

/* Takes @word, in any case, if it stands there; nothing otherwise. */
bool paste_take_word(struct paste_cursor *cursor, const char *word);

/* Takes as many of @chars as there are. */
struct slice paste_take_span(struct paste_cursor *cursor, const char *chars);

/* Takes all up to one of @chars, or to the end. */
struct slice paste_take_until(struct paste_cursor *cursor, const char *chars);

/* Takes blanks; whether there were any. */
bool paste_take_blanks(struct paste_cursor *cursor);

/* Takes all there is, without blanks at its end. */
struct slice paste_take_rest(struct paste_cursor *cursor);
