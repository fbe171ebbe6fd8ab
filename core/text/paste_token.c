#include <errno.h>

#include "text/paste_scan.h"

enum {
	WRAP_MIN = 60, /* characters of a line a terminal cuts */
	WRAP_MAX = 400,
	BARE_TOKEN_MIN = 100,
};

#define BASE64 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

static int give_token(struct paste_scan *scan, struct slice text, bool bare, size_t line,
	struct err *err)
{
	if (bare && text.len < BARE_TOKEN_MIN)
		return err_set(err, EINVAL,
			"line %zu: this is too short for a session token; was it cut?",
			line);
	return paste_blocks_value(&scan->blocks, PASTE_TOKEN, text, line, err);
}

int paste_keep_token(struct paste_scan *scan, struct slice text, char quote, bool bare,
	const struct paste_cursor *cursor, struct err *err)
{
	struct paste_token *token = &scan->token;
	size_t width = (size_t)(cursor->end - scan->begin);

	if (!text.len || width < WRAP_MIN || width > WRAP_MAX) {
		if (quote)
			return paste_refuse(scan, "the closing quote is missing", err);
		return give_token(scan, text, bare, scan->line, err);
	}
	buf_clear(&token->text);
	buf_add(&token->text, text.at, text.len);
	if (buf_err(&token->text))
		return err_nomem(err);
	token->line = scan->line;
	token->quote = quote;
	token->bare = bare;
	token->width = token->current = width;
	return 0;
}

int paste_end_token(struct paste_scan *scan, struct err *err)
{
	struct paste_token *token = &scan->token;
	struct slice text = { buf_text(&token->text), token->text.len };
	size_t line = token->line;
	int r;

	if (!line)
		return 0;
	token->line = 0;
	if (token->quote)
		return err_set(err, ENODATA,
			"line %zu: the closing quote of the token is missing", line);
	r = give_token(scan, text, token->bare, line, err);
	buf_clear(&token->text);
	return r;
}

/* A value that is still missing can have the form of a token's part. */
static bool is_other_value(struct paste_scan *scan, struct slice line)
{
	enum paste_slot slot = paste_bare_slot(line);

	return scan->token.bare && slot < PASTE_TOKEN &&
	       !paste_blocks_last(&scan->blocks)->lines[slot];
}

static bool is_rest(struct paste_scan *scan, struct paste_cursor cursor)
{
	const struct paste_token *token = &scan->token;
	struct slice line = { cursor.at, 0 };

	if (token->current < WRAP_MIN || token->text.data[token->text.len - 1] == '=')
		return false;
	line.len = paste_take_span(&cursor, BASE64).len;
	for (int i = 0; i < 2 && paste_take_any(&cursor, "="); i++)
		line.len++;
	(void)paste_take_blanks(&cursor);
	return paste_is_end(&cursor) && line.len && line.len <= token->width &&
	       !is_other_value(scan, line);
}

static int add_part(struct paste_scan *scan, struct slice part,
	const struct paste_cursor *cursor, struct err *err)
{
	struct paste_token *token = &scan->token;

	token->current = (size_t)(cursor->end - scan->begin);
	buf_add(&token->text, part.at, part.len);
	if (buf_err(&token->text))
		return err_nomem(err);
	if (token->text.len > paste_slot_max(PASTE_TOKEN))
		return paste_refuse(scan, "the token is too long", err);
	return 0;
}

int paste_continue_token(
	struct paste_scan *scan, struct paste_cursor *cursor, struct err *err)
{
	struct paste_token *token = &scan->token;
	const char quote[] = { token->quote, '\0' };
	struct slice part;
	int r;

	if (!token->quote && is_rest(scan, *cursor)) {
		part = paste_take_span(cursor, BASE64 "=");
		(void)paste_take_blanks(cursor);
		return add_part(scan, part, cursor, err);
	}
	if (!token->quote) {
		r = paste_end_token(scan, err);
		return r ? r : PASTE_NOT_MINE;
	}
	part = paste_take_span(cursor, BASE64 "=_-");
	r = add_part(scan, part, cursor, err);
	if (r)
		return r;
	if (!paste_take_any(cursor, quote)) {
		if (paste_is_end(cursor) && part.len && token->current >= WRAP_MIN)
			return 0;
		return paste_refuse(
			scan, "the closing quote of the token is missing", err);
	}
	token->quote = '\0';
	r = paste_end_token(scan, err);
	return r ? r : paste_take_behind(scan, cursor, err);
}
