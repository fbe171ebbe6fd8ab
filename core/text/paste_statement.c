/* Assignments of a value to a name, in the manner of shells, files and languages. */
#include <errno.h>

#include "text/paste_scan.h"

#define NAME_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./%@+-"

enum {
	OPENER_MAX = 200,
};

/* What stands before the name, in any case; the last one always fits. */
static const struct form {
	const char *word;
	bool blank;	   /* has to follow, and then options may */
	const char *marks; /* between name and value; a blank: none is needed */
	enum { FORM_ASSIGN, FORM_CALL, FORM_CONFIGURE, FORM_PASSED } kind;
} forms[] = {
	{ "$env:", false, "=", FORM_ASSIGN },	/* PowerShell */
	{ "${env:", false, "}=", FORM_ASSIGN }, /* the same */
	{ "[environment]::setenvironmentvariable(", false, "", FORM_CALL },
	{ "[system.environment]::setenvironmentvariable(", false, "", FORM_CALL },
	{ "aws", true, "", FORM_CONFIGURE },
	{ "declare", true, "=", FORM_ASSIGN },	     /* bash's own listing */
	{ "env", true, "= ", FORM_ASSIGN },	     /* POSIX, and Docker's files */
	{ "export", true, "=", FORM_ASSIGN },	     /* sh */
	{ "process.env.", false, "=", FORM_ASSIGN }, /* JavaScript */
	{ "set", true, "= ", FORM_ASSIGN },	     /* cmd.exe, fish */
	{ "setenv", true, " ", FORM_ASSIGN },	     /* csh */
	{ "setx", true, " ", FORM_ASSIGN },	     /* Windows, to stay */
	{ "typeset", true, "=", FORM_ASSIGN },	     /* ksh, zsh */
	{ "unset", true, "", FORM_PASSED },
	{ "", false, "=:", FORM_ASSIGN }, /* a credentials file, .env, YAML, programs */
};

/* An assignment, as far as it is read. */
struct statement {
	const struct form *form;
	bool first; /* on its line */
	size_t indent;
	struct slice name;
	char quote; /* around all of it, or '\0' */
	bool env;   /* an environment variable */
	bool loose;
	bool colon; /* instead of the equals sign */
	enum paste_kind kind;
};

static bool is_capitals(struct slice name)
{
	bool letter = false;

	for (size_t i = 0; i < name.len; i++) {
		if (name.at[i] >= 'a' && name.at[i] <= 'z')
			return false;
		letter = letter || (name.at[i] >= 'A' && name.at[i] <= 'Z');
	}
	return letter;
}

static bool begins_nocase(struct slice text, const char *word)
{
	return text.len >= strlen(word) && strncasecmp(text.at, word, strlen(word)) == 0;
}

/* Takes the word and its options off. */
static const struct form *take_form(struct paste_cursor *cursor)
{
	const struct form *form = forms;

	for (; form->word[0]; form++) {
		struct paste_cursor next = *cursor;

		if (!paste_take_word(&next, form->word) ||
			(form->blank && !paste_take_blanks(&next)))
			continue;
		while (form->blank && form->kind == FORM_ASSIGN &&
			paste_is_any(&next, "-")) {
			(void)paste_take_until(&next, " ");
			(void)paste_take_blanks(&next);
		}
		*cursor = next;
		break;
	}
	return form;
}

bool paste_is_call(struct paste_cursor cursor)
{
	return paste_take_word(&cursor, "[environment]::") ||
	       paste_take_word(&cursor, "[system.environment]::");
}

/* In a section all keys are the file's; elsewhere only those that mean something. */
static enum paste_kind kind_of(struct paste_scan *scan, struct statement *statement)
{
	const struct paste_block *block = paste_blocks_last(&scan->blocks);
	enum paste_kind kind = paste_key_kind(statement->name, &statement->loose);
	bool section, file;

	if (kind == PASTE_KIND_KEY_ID && statement->loose)
		paste_blocks_group(&scan->blocks);
	section = block->in_section && !scan->blocks.ended;
	file = !statement->env && section;

	if (statement->env && kind == PASTE_KIND_EXTRA)
		kind = PASTE_KIND_UNKNOWN;
	if (kind == PASTE_KIND_UNKNOWN && begins_nocase(statement->name, "aws_"))
		kind = statement->env ? PASTE_KIND_IGNORED : PASTE_KIND_EXTRA;
	if (kind == PASTE_KIND_UNKNOWN && scan->fragment)
		kind = PASTE_KIND_IGNORED;
	if (file && (kind == PASTE_KIND_IGNORED || (statement->loose && !scan->fragment)))
		kind = PASTE_KIND_EXTRA;
	if (kind == PASTE_KIND_UNKNOWN && block->in_section && !statement->form->word[0])
		kind = PASTE_KIND_EXTRA;
	if (kind == PASTE_KIND_EXTRA && scan->fragment &&
		!(section && block->paste.header))
		kind = PASTE_KIND_IGNORED;
	return kind;
}

/* The name and the mark behind it. */
static bool take_name(struct statement *statement, struct paste_cursor *cursor)
{
	const char *marks = statement->form->marks;
	bool blanks;

	if (paste_is_any(cursor, "\"'"))
		statement->quote = *cursor->at++;
	statement->name = paste_take_span(cursor, NAME_CHARS);
	if (!statement->name.len)
		return false;
	if (statement->quote) {
		const char quotes[] = { statement->quote, '\0' };

		if (paste_take_any(cursor, quotes)) {
			statement->quote = '\0';
			statement->loose = true;
		}
	}
	if (marks[0] == '}' && !paste_take_any(cursor, "}"))
		return false;
	blanks = paste_take_blanks(cursor);
	if (paste_is_any(cursor, "=:") && strchr(marks, *cursor->at)) {
		statement->colon = *cursor->at == ':';
		statement->loose = statement->loose || statement->colon;
		cursor->at++;
		(void)paste_take_any(cursor, ">"); /* Ruby */
		if (!statement->quote)
			(void)paste_take_blanks(cursor);
		return true;
	}
	return blanks && strchr(marks, ' ');
}

/* A key of the file with all of its line. */
static int take_extra(struct paste_scan *scan, const struct statement *statement,
	struct paste_cursor *cursor, struct err *err)
{
	struct slice value = paste_take_rest(cursor);
	int r = 0;

	if (!statement->first)
		return 0;
	paste_blocks_last(&scan->blocks)->in_section = true;
	scan->indent = statement->indent;
	if (!statement->colon || value.len)
		scan->below = value.len ? BELOW_EXTRA : BELOW_GROUP;
	if (statement->kind == PASTE_KIND_ACCOUNT)
		r = paste_blocks_account(&scan->blocks, value, scan->line, err);
	if (statement->kind == PASTE_KIND_ARN)
		r = paste_blocks_arn(&scan->blocks, value, scan->line, err);
	/* without a value it is the head of a group like `s3 =', of no interest here */
	if (r || !value.len)
		return r;
	return paste_blocks_extra(&scan->blocks, statement->name, value, scan->line, err);
}

static int take_told(struct paste_scan *scan, const struct statement *statement,
	struct paste_cursor *cursor, struct err *err)
{
	struct slice text = { cursor->at, 0 };

	paste_pass_value(cursor, statement->quote);
	text.len = (size_t)(cursor->at - text.at);
	while (text.len && strchr("\"'", text.at[0])) {
		text.at++;
		text.len--;
	}
	while (text.len && strchr("\"'", text.at[text.len - 1]))
		text.len--;
	if (statement->kind == PASTE_KIND_ACCOUNT)
		return paste_blocks_account(&scan->blocks, text, scan->line, err);
	return paste_blocks_arn(&scan->blocks, text, scan->line, err);
}

static int take_slot(struct paste_scan *scan, const struct statement *statement,
	struct paste_cursor *cursor, struct err *err)
{
	enum paste_slot slot = (enum paste_slot)statement->kind;
	struct slice value;
	int r = paste_take_value(scan, cursor, slot, statement->quote, &value, err);

	return r ? r : paste_blocks_value(&scan->blocks, slot, value, scan->line, err);
}

/* What the name is given. */
static int take_assigned(struct paste_scan *scan, struct statement *statement,
	struct paste_cursor *cursor, struct err *err)
{
	bool file = !statement->env && !scan->fragment;

	scan->last.command = statement->env;
	scan->last.word = statement->form->word[0] != '\0';
	scan->last.passed = statement->kind > PASTE_KIND_TOKEN;
	scan->last.opened = false;
	if (!statement->quote && paste_is_any(cursor, "{(")) {
		(void)paste_take_span(cursor, "{( ");
		paste_blocks_group(&scan->blocks);
		scan->fragment = scan->last.opened = true;
		return 0;
	}
	switch (statement->kind) {
	case PASTE_KIND_KEY_ID:
	case PASTE_KIND_SECRET_KEY:
	case PASTE_KIND_TOKEN:
		if (file)
			paste_blocks_last(&scan->blocks)->in_section = true;
		return take_slot(scan, statement, cursor, err);
	case PASTE_KIND_EXPIRES:
		if (paste_is_end(cursor) ||
			paste_take_expiry(scan, cursor, statement->quote))
			return 0;
		if (file)
			return take_extra(scan, statement, cursor, err);
		break;
	case PASTE_KIND_ACCOUNT:
	case PASTE_KIND_ARN:
		if (file)
			return take_extra(scan, statement, cursor, err);
		return take_told(scan, statement, cursor, err);
	case PASTE_KIND_EXTRA:
		return take_extra(scan, statement, cursor, err);
	default:
		break;
	}
	paste_pass_value(cursor, statement->quote);
	return 0;
}

static int take_assignment(struct paste_scan *scan, struct statement *statement,
	struct paste_cursor *cursor, struct err *err)
{
	bool odd;

	if (!take_name(statement, cursor))
		return PASTE_NOT_MINE;
	odd = statement->loose;
	statement->env = statement->form->word[0] || is_capitals(statement->name);
	statement->kind = kind_of(scan, statement);
	if (statement->kind == PASTE_KIND_UNKNOWN ||
		(!statement->first && statement->kind == PASTE_KIND_EXTRA))
		return PASTE_NOT_MINE;
	if ((odd || statement->loose) && !statement->env &&
		!paste_blocks_in_file(&scan->blocks) &&
		statement->kind <= PASTE_KIND_TOKEN)
		scan->fragment = true;
	scan->below = BELOW_NOTHING;
	return take_assigned(scan, statement, cursor, err);
}

/* SetEnvironmentVariable("NAME", "VALUE", ...) */
static int take_call(struct paste_scan *scan, struct statement *statement,
	struct paste_cursor *cursor, struct err *err)
{
	int r;

	(void)paste_take_blanks(cursor);
	if (!paste_take_any(cursor, "\"'"))
		return PASTE_NOT_MINE;
	statement->name = paste_take_span(cursor, NAME_CHARS);
	if (!paste_take_any(cursor, "\"'"))
		return PASTE_NOT_MINE;
	(void)paste_take_blanks(cursor);
	if (!paste_take_any(cursor, ","))
		return PASTE_NOT_MINE;
	(void)paste_take_blanks(cursor);
	statement->env = true;
	statement->kind = kind_of(scan, statement);
	if (statement->kind == PASTE_KIND_UNKNOWN || !paste_is_any(cursor, "\"'"))
		return PASTE_NOT_MINE;
	r = take_assigned(scan, statement, cursor, err);
	(void)paste_take_until(cursor, ";");
	return r;
}

int paste_take_statement(struct paste_scan *scan, struct paste_cursor *cursor, bool first,
	size_t indent, struct err *err)
{
	struct statement statement = { .first = first, .indent = indent };
	struct paste_cursor line = *cursor;
	int r;

	statement.form = take_form(&line);
	switch (statement.form->kind) {
	case FORM_CALL:
		r = take_call(scan, &statement, &line, err);
		break;
	case FORM_CONFIGURE:
		r = paste_take_configure(scan, &line, err);
		break;
	case FORM_PASSED:
		scan->last.passed = true;
		(void)paste_take_until(&line, ";&");
		r = 0;
		break;
	default:
		r = take_assignment(scan, &statement, &line, err);
		break;
	}
	/* a word like `export' has to have an assignment behind it */
	if (r == PASTE_NOT_MINE && first && statement.form->word[0] &&
		statement.form->kind == FORM_ASSIGN)
		return paste_refuse(scan, "this is no line of credentials", err);
	*cursor = line;
	return r;
}

/* `credentials:` */
static bool take_head(struct paste_cursor *cursor)
{
	static const char *const words[] = { "aws", "credentials", "data", "default",
		"env", "environment", "provider", "stringdata" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		struct paste_cursor line = *cursor;

		if (!paste_take_word(&line, words[i]) || !paste_take_any(&line, ":"))
			continue;
		(void)paste_take_blanks(&line);
		if (paste_is_end(&line)) {
			*cursor = line;
			return true;
		}
	}
	return false;
}

/* `provider "aws" {`, `new S3Client({` */
static bool take_opener(struct paste_cursor *cursor)
{
	struct paste_cursor line = *cursor;
	struct slice before = paste_take_span(&line, NAME_CHARS "$\"' =:");

	if (before.len > OPENER_MAX || !paste_take_any(&line, "{("))
		return false;
	(void)paste_take_span(&line, "{( ");
	*cursor = line;
	return true;
}

/* Something of a program or a configuration begins, perhaps with assignments. */
static int take_opened(struct paste_scan *scan, struct paste_cursor *cursor,
	size_t indent, struct err *err)
{
	int r;

	paste_blocks_group(&scan->blocks);
	scan->fragment = true;
	scan->below = BELOW_NOTHING;
	if (paste_is_end(cursor))
		return 0;
	r = paste_take_statement(scan, cursor, false, indent, err);
	if (!r)
		return paste_take_behind(scan, cursor, err);
	return r == PASTE_NOT_MINE ? 0 : r;
}

int paste_take_statements(struct paste_scan *scan, struct paste_cursor *cursor,
	size_t indent, struct err *err)
{
	bool file = paste_blocks_in_file(&scan->blocks);
	bool continued = scan->continued;
	struct paste_cursor line = *cursor;
	int r;

	scan->continued = false;
	if (paste_take_any(&line, "-") && paste_take_blanks(&line)) /* of a list */
		*cursor = line;
	if (!file && take_head(cursor))
		return take_opened(scan, cursor, indent, err);
	line = *cursor;
	/* behind a whole section this is none of its keys */
	if (!file && paste_blocks_last(&scan->blocks)->paste.header &&
		take_opener(&line) && paste_is_end(&line))
		return take_opened(scan, &line, indent, err);
	line = *cursor;
	r = paste_take_statement(scan, &line, true, indent, err);
	if (!r)
		return paste_take_behind(scan, &line, err);
	if (r != PASTE_NOT_MINE)
		return r;
	if (continued && paste_may_be_command(scan))
		return 0;
	if (!file && take_opener(cursor))
		return take_opened(scan, cursor, indent, err);
	return scan->fragment ? 0 : PASTE_NOT_MINE;
}

int paste_take_labelled(struct paste_scan *scan, struct paste_cursor *cursor,
	enum paste_slot slot, struct err *err)
{
	struct slice value;
	int r;

	scan->last.command = scan->last.word = false;
	scan->last.passed = scan->last.opened = false;
	r = paste_take_value(scan, cursor, slot, '\0', &value, err);
	if (!r)
		r = paste_blocks_value(&scan->blocks, slot, value, scan->line, err);
	return r ? r : paste_take_behind(scan, cursor, err);
}
