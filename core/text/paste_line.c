#include <errno.h>

#include "text/paste_scan.h"

/* Lines that tell nothing begin with one of these. */
static const char *const comments[] = { "#", "//", ";", "```", "rem ", "~~~" };

/* What the portal, its extensions and `aws configure` write before a bare value. */
static const struct {
	const char *text;
	enum paste_slot slot; /* PASTE_SLOT_COUNT: of no interest */
} labels[] = {
	{ "access key id", PASTE_KEY_ID },
	{ "aws access key id", PASTE_KEY_ID },
	{ "aws secret access key", PASTE_SECRET_KEY },
	{ "aws session token", PASTE_TOKEN },
	{ "default output format", PASTE_SLOT_COUNT },
	{ "default region name", PASTE_SLOT_COUNT },
	{ "secret access key", PASTE_SECRET_KEY },
	{ "session token", PASTE_TOKEN },
};

#define BASE64	   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
#define NAME_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./%@+-"

static bool is_comment(struct paste_cursor cursor)
{
	for (size_t i = 0; i < ARRAY_SIZE(comments); i++)
		if (paste_take_word(&cursor, comments[i]))
			return true;
	return false;
}

/* A line indented deeper than an extra key continues it: what has several lines is left
 * alone, only its name would be known here.  But a credential is one however indented. */
static bool continues_extra(
	struct paste_scan *scan, struct paste_cursor cursor, size_t indent)
{
	struct slice name;
	bool loose = false;

	if (scan->below == BELOW_NOTHING || indent <= scan->indent)
		return false;
	if (scan->below == BELOW_GROUP)
		return true;
	(void)paste_take_any(&cursor, "\"'");
	name = paste_take_span(&cursor, NAME_CHARS);
	(void)paste_is_end(&cursor);
	if (paste_key_kind(name, &loose) <= PASTE_KIND_TOKEN &&
		(!loose || !paste_blocks_in_file(&scan->blocks)))
		return false;
	paste_blocks_drop_extra(&scan->blocks);
	scan->below = BELOW_GROUP;
	return true;
}

static struct slice trim(struct slice text)
{
	while (text.len && text.at[0] == ' ') {
		text.at++;
		text.len--;
	}
	while (text.len && text.at[text.len - 1] == ' ')
		text.len--;
	return text;
}

static int take_header(
	struct paste_scan *scan, struct paste_cursor *cursor, struct err *err)
{
	struct slice name;
	int r;

	if (!scan->blocks.many && !paste_block_is_empty(paste_blocks_last(&scan->blocks)))
		return paste_blocks_header(
			&scan->blocks, (struct slice){ "", 0 }, scan->line, err);
	cursor->at++;
	name = paste_take_until(cursor, "]");
	if (!paste_take_any(cursor, "]"))
		return paste_refuse(scan, "the `]' is missing", err);
	name = trim(name);
	if (!name.len || memchr(name.at, '[', name.len))
		return paste_refuse(scan, "this is no name of a profile", err);
	r = paste_blocks_header(&scan->blocks, name, scan->line, err);
	if (r)
		return r;
	scan->below = BELOW_NOTHING;
	scan->fragment = false;
	(void)paste_take_blanks(cursor);
	if (!paste_is_end(cursor) && !paste_is_any(cursor, "#;"))
		return paste_refuse(scan, "there is something behind the `]'", err);
	return 0;
}

/* The word alone on a line. */
static bool is_word_alone(struct paste_cursor cursor, const char *word)
{
	struct paste_cursor copy = cursor;

	if (!paste_take_word(&copy, word) || memcmp(cursor.at, word, strlen(word)) != 0)
		return false;
	(void)paste_take_blanks(&copy);
	return paste_is_end(&copy);
}

static bool take_word_line(struct paste_scan *scan, const struct paste_cursor *cursor)
{
	struct paste_block *block = paste_blocks_last(&scan->blocks);

	if (!paste_block_is_empty(block) || scan->blocks.count)
		return false;
	if (!scan->force && is_word_alone(*cursor, "force")) {
		scan->force = true;
		return true;
	}
	if (!is_word_alone(*cursor, "forget"))
		return false;
	block->paste.forget = true;
	block->paste.line = scan->line;
	return true;
}

/* `AWS Access Key Id`, with the value behind it (`[None]:`) or in the next line. */
static int take_label(
	struct paste_scan *scan, struct paste_cursor *cursor, struct err *err)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(labels) && !paste_take_word(cursor, labels[i].text))
		i++;
	if (i == ARRAY_SIZE(labels))
		return PASTE_NOT_MINE;
	(void)paste_take_blanks(cursor);
	if (labels[i].slot == PASTE_SLOT_COUNT)
		return paste_is_any(cursor, "[:") || paste_is_end(cursor)
			       ? 0
			       : PASTE_NOT_MINE;
	if (paste_take_any(cursor, "[")) {
		(void)paste_take_until(cursor, "]");
		if (!paste_take_any(cursor, "]"))
			return paste_refuse(scan, "the `]' is missing", err);
		(void)paste_take_blanks(cursor);
	}
	if (paste_is_end(cursor))
		return 0;
	if (!paste_take_any(cursor, ":="))
		return PASTE_NOT_MINE;
	(void)paste_take_blanks(cursor);
	if (paste_is_end(cursor))
		return 0;
	return paste_take_labelled(scan, cursor, labels[i].slot, err);
}

/* A value without a name, told by its form. */
static int take_bare(
	struct paste_scan *scan, struct paste_cursor *cursor, struct err *err)
{
	struct paste_cursor line = *cursor;
	struct slice value = paste_take_span(&line, BASE64);
	enum paste_slot slot;

	(void)paste_take_blanks(&line);
	if (!value.len || !paste_is_end(&line))
		return PASTE_NOT_MINE;
	slot = paste_bare_slot(value);
	if (slot == PASTE_SLOT_COUNT)
		return PASTE_NOT_MINE;
	if (slot == PASTE_TOKEN && value.len > paste_slot_max(slot))
		return paste_refuse(scan, "the token is too long", err);
	*cursor = line;
	if (slot == PASTE_TOKEN)
		return paste_keep_token(scan, value, '\0', true, cursor, err);
	return paste_blocks_value(&scan->blocks, slot, value, scan->line, err);
}

/* A command whose output is the rest, as `$ aws sts get-session-token`. */
static bool is_command(struct paste_cursor cursor)
{
	struct slice word = paste_take_span(&cursor, NAME_CHARS);

	return word.len && (paste_is_any(&cursor, " ") || paste_is_end(&cursor));
}

static int take_text(struct paste_scan *scan, struct paste_cursor *cursor, bool prompt,
	size_t indent, struct err *err)
{
	bool file = paste_blocks_in_file(&scan->blocks);
	struct paste_cursor line = *cursor;
	int r = PASTE_NOT_MINE;

	if (take_word_line(scan, cursor))
		return 0;
	if (!file)
		r = take_label(scan, &line, err);
	if (r == PASTE_NOT_MINE && !file)
		r = take_bare(scan, cursor, err);
	if (r == PASTE_NOT_MINE)
		r = paste_take_statements(scan, cursor, indent, err);
	if (r == PASTE_NOT_MINE && prompt && is_command(*cursor)) {
		paste_blocks_group(&scan->blocks);
		return 0;
	}
	if (r == PASTE_NOT_MINE)
		return paste_refuse(scan, "this is no line of credentials", err);
	return r;
}

static int take_documents(
	struct paste_scan *scan, struct paste_cursor *cursor, struct err *err)
{
	int r = paste_take_json(scan, cursor, err);

	if (r)
		return r;
	while (!r && !paste_is_end(cursor) && !is_comment(*cursor))
		r = paste_take_json(scan, cursor, err);
	if (r == PASTE_NOT_MINE)
		return paste_refuse(scan, "there is something behind the document", err);
	return r;
}

int paste_take_line(struct paste_scan *scan, struct paste_cursor *cursor, struct err *err)
{
	size_t indent;
	bool prompt;
	int r;

	if (scan->token.line) {
		r = paste_continue_token(scan, cursor, err);
		if (r != PASTE_NOT_MINE)
			return r;
	}
	indent = paste_take_span(cursor, " ").len;
	if (paste_is_end(cursor) || is_comment(*cursor))
		return 0;
	if (paste_blocks_last(&scan->blocks)->paste.forget)
		return paste_refuse(scan, "`forget' has to stand alone", err);
	if (continues_extra(scan, *cursor, indent))
		return 0;
	prompt = paste_take_prompt(cursor);
	if (paste_is_end(cursor))
		return 0;
	r = take_documents(scan, cursor, err);
	if (r != PASTE_NOT_MINE)
		return r;
	if (paste_peek(cursor) == '[' && !paste_is_call(*cursor))
		return take_header(scan, cursor, err);
	return take_text(scan, cursor, prompt, indent, err);
}
