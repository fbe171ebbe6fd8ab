/* Values of assignments, and what may stand behind them. */
#include <errno.h>

#include "text/paste_scan.h"

#define ALPHANUMERIC "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* What a shell takes for a part of a word. */
static const char shell_chars[] = ALPHANUMERIC "!#$%*+,-./:=?@[]^_{}~";

static int refuse_value(
	const struct paste_scan *scan, enum paste_slot slot, struct err *err)
{
	return err_set(err, EINVAL,
		"line %zu: this is no `%s': it is too long or has a character that none "
		"can have",
		scan->line, paste_slot_name(slot));
}

/* Commas and the like that a list has behind its values. */
static struct slice without_comma(
	const struct paste_scan *scan, enum paste_slot slot, struct slice value)
{
	struct slice less = { value.at, value.len ? value.len - 1 : 0 };

	if (slot != PASTE_SECRET_KEY || !value.len || !strchr(",;", value.at[less.len]))
		return value;
	return scan->fragment || paste_is_aws_secret(less) ? less : value;
}

static struct slice take_chars(struct paste_cursor *cursor, const char *chars, size_t max)
{
	struct slice value = { cursor->at, 0 };

	while (value.len <= max && paste_take_any(cursor, chars))
		value.len++;
	return value;
}

static int take_quoted(struct paste_scan *scan, struct paste_cursor *cursor,
	enum paste_slot slot, char quote, struct slice *ret_value, struct err *err)
{
	const char quotes[] = { quote, '\0' };
	struct slice value =
		take_chars(cursor, paste_slot_chars(slot), paste_slot_max(slot));

	if (value.len > paste_slot_max(slot))
		return refuse_value(scan, slot, err);
	if (paste_take_any(cursor, quotes)) {
		*ret_value = value;
		return 0;
	}
	if (!paste_is_end(cursor))
		return refuse_value(scan, slot, err);
	*ret_value = (struct slice){ "", 0 };
	if (slot == PASTE_TOKEN)
		return paste_keep_token(scan, value, quote, false, cursor, err);
	return paste_refuse(scan, "the closing quote is missing", err);
}

static int take_plain(struct paste_scan *scan, struct paste_cursor *cursor,
	enum paste_slot slot, struct slice *ret_value, struct err *err)
{
	bool shell = scan->last.command && slot == PASTE_SECRET_KEY;
	struct slice value = take_chars(cursor,
		shell ? shell_chars : paste_slot_chars(slot), paste_slot_max(slot));

	if (value.len > paste_slot_max(slot))
		return refuse_value(scan, slot, err);
	if (slot == PASTE_TOKEN && paste_is_end(cursor)) {
		*ret_value = (struct slice){ "", 0 };
		return paste_keep_token(scan, value, '\0', false, cursor, err);
	}
	if (!paste_is_end(cursor) && !paste_is_any(cursor, " ;,&|\\})]"))
		return refuse_value(scan, slot, err);
	*ret_value = without_comma(scan, slot, value);
	return 0;
}

int paste_take_value(struct paste_scan *scan, struct paste_cursor *cursor,
	enum paste_slot slot, char quote, struct slice *ret_value, struct err *err)
{
	if (!quote && paste_is_any(cursor, "\"'"))
		quote = *cursor->at++;
	return quote ? take_quoted(scan, cursor, slot, quote, ret_value, err)
		     : take_plain(scan, cursor, slot, ret_value, err);
}

void paste_pass_value(struct paste_cursor *cursor, char quote)
{
	if (!quote && paste_is_any(cursor, "\"'"))
		quote = *cursor->at++;
	if (quote) {
		const char quotes[] = { quote, '\0' };

		(void)paste_take_until(cursor, quotes);
		(void)paste_take_any(cursor, quotes);
	} else {
		(void)paste_take_until(cursor, " ;,&|");
	}
}

/* A time may have a blank in it. */
bool paste_take_expiry(struct paste_scan *scan, struct paste_cursor *cursor, char quote)
{
	struct paste_cursor line = *cursor;
	struct slice text;

	if (quote || paste_is_any(&line, "\"'")) {
		paste_pass_value(&line, quote);
		text = (struct slice){ cursor->at + !quote,
			(size_t)(line.at - cursor->at) - (quote ? 0 : 1) };
		text.len -= text.len ? 1 : 0; /* the closing quote */
	} else {
		text = paste_take_until(&line, ";&,");
		while (text.len && text.at[text.len - 1] == ' ')
			text.len--;
	}
	if (!paste_blocks_expires(&scan->blocks, text)) {
		line = *cursor;
		text = paste_take_until(&line, " ;&,");
		if (!paste_blocks_expires(&scan->blocks, text))
			return false;
	}
	*cursor = line;
	return true;
}

/* Ends a line that goes on in the next one. */
static bool take_continuation(struct paste_cursor *cursor)
{
	struct paste_cursor line = *cursor;

	if (!paste_take_any(&line, "\\`^"))
		return false;
	(void)paste_take_blanks(&line);
	if (!paste_is_end(&line))
		return false;
	*cursor = line;
	return true;
}

/* Variables are set for a command. */
bool paste_may_be_command(struct paste_scan *scan)
{
	const struct paste_block *block = paste_blocks_last(&scan->blocks);

	return scan->last.command && block->lines[PASTE_KEY_ID] &&
	       block->lines[PASTE_SECRET_KEY];
}

/* What stands behind values and is no assignment. */
static int take_other(
	struct paste_scan *scan, struct slice marks, bool glued, struct err *err)
{
	bool semicolon = marks.len && marks.at[0] == ';';

	/* `a;b' is rather one value than two things */
	if (glued && !strchr("\"'", marks.at[-1]))
		return paste_refuse(scan, "there is something behind the value", err);
	if (scan->last.passed || (semicolon && !scan->last.word))
		return 0; /* a comment */
	if (paste_may_be_command(scan))
		return 0;
	return paste_refuse(scan, "there is something behind the value", err);
}

int paste_take_behind(
	struct paste_scan *scan, struct paste_cursor *cursor, struct err *err)
{
	for (;;) {
		struct paste_cursor next;
		struct slice marks;
		bool gap = paste_take_blanks(cursor), blanks;
		int r;

		if (paste_is_end(cursor) || paste_is_any(cursor, "#"))
			return 0;
		next = *cursor;
		if (paste_take_word(&next, "//"))
			return 0;
		if (take_continuation(cursor)) {
			scan->continued = true;
			return 0;
		}
		marks = paste_take_span(cursor, scan->fragment ? ";,&|})]" : ";,&|");
		if (!marks.len && !gap && !scan->last.opened)
			return paste_refuse(
				scan, "there is something behind the value", err);
		scan->last.opened = false; /* or this would not end */
		blanks = paste_take_blanks(cursor);
		if (paste_is_end(cursor)) {
			scan->continued = marks.len && strchr("&|", marks.at[0]);
			return 0;
		}
		if (paste_is_any(cursor, "#\\`^/")) /* once more, these alone */
			continue;
		next = *cursor;
		r = paste_take_statement(scan, &next, false, 0, err);
		if (r == PASTE_NOT_MINE)
			return take_other(scan, marks, marks.len && !gap && !blanks, err);
		if (r)
			return r;
		*cursor = next;
	}
}
