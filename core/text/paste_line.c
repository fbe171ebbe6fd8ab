#include "text/paste_line.h"

#include <errno.h>
#include <string.h>

#include "text/keyid.h"
#include "text/time.h"

enum {
	KEY_ID_MIN = 3, /* emulators take almost anything */
	KEY_ID_MAX = 128,
	SECRET_MAX = 256,
	TOKEN_MAX = 16 * 1024,
	EXTRAS_MAX = 128,
};

#define DIGITS	"0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static const char name_chars[] = LETTERS DIGITS "_./%@+-";

/* What stands before KEY=VALUE, in any case. */
static const struct form {
	const char *word;
	bool blank; /* has to follow */
	bool env;   /* sets an environment variable */
} forms[] = {
	{ "$env:", false, true },     /* PowerShell */
	{ "declare -x", true, true }, /* bash's own listing */
	{ "export", true, true },     /* sh */
	{ "set", true, true },	      /* cmd.exe */
	{ "", false, false },	      /* a credentials file, or .env */
};

enum kind {
	KIND_KEY_ID = PASTE_KEY_ID,
	KIND_SECRET_KEY = PASTE_SECRET_KEY,
	KIND_TOKEN = PASTE_TOKEN,
	KIND_EXPIRES,
	KIND_EXTRA,
	KIND_IGNORED,
	KIND_REFUSED,
};

/* Keys that may be the first of a text, in any case. */
static const struct {
	const char *name;
	enum kind kind;
} known[] = {
	{ "aws_access_key_id", KIND_KEY_ID },
	{ "aws_credential_expiration", KIND_EXPIRES },
	{ "aws_expiration", KIND_EXPIRES },
	{ "aws_secret_access_key", KIND_SECRET_KEY },
	{ "aws_security_token", KIND_TOKEN },
	{ "aws_session_expiration", KIND_EXPIRES },
	{ "aws_session_token", KIND_TOKEN },
	{ "expiration", KIND_EXPIRES },
	{ "output", KIND_EXTRA },
	{ "region", KIND_EXTRA },
	{ "saml2aws_profile", KIND_IGNORED },
	{ "x_security_token_expires", KIND_EXPIRES },
};

static const struct {
	const char *name;
	const char *chars;
	size_t max;
} slots[] = {
	[PASTE_KEY_ID] = { "aws_access_key_id", LETTERS DIGITS "_-", KEY_ID_MAX },
	[PASTE_SECRET_KEY] = { "aws_secret_access_key",
		LETTERS DIGITS "!#$%&()*+,-./:;<=>?@[\\]^_`{|}~", SECRET_MAX },
	[PASTE_TOKEN] = { "aws_session_token", LETTERS DIGITS "/+=_-", TOKEN_MAX },
};

const char *paste_slot_name(enum paste_slot slot)
{
	return slots[slot].name;
}

static int refuse(const struct paste_scan *scan, struct err *err, const char *why)
{
	return err_set(err, EINVAL, "line %zu: %s", scan->line, why);
}

static void skip(struct slice *text, size_t len)
{
	text->at += len;
	text->len -= len;
}

static void skip_any(struct slice *text, const char *chars)
{
	while (text->len && strchr(chars, text->at[0]))
		skip(text, 1);
}

static struct slice trim(struct slice text)
{
	skip_any(&text, " ");
	while (text.len && text.at[text.len - 1] == ' ')
		text.len--;
	return text;
}

static size_t span(struct slice text, const char *chars)
{
	size_t len = 0;

	while (len < text.len && strchr(chars, text.at[len]))
		len++;
	return len;
}

static bool begins_nocase(struct slice text, const char *word)
{
	size_t len = strlen(word);

	return text.len >= len && strncasecmp(text.at, word, len) == 0;
}

/* Whether @text is the beginning of @word, or all of it. */
static bool is_beginning(struct slice text, const char *word)
{
	return text.len <= strlen(word) && strncasecmp(text.at, word, text.len) == 0;
}

static bool is_nothing_yet(const struct paste_scan *scan)
{
	return !scan->forget_line && !scan->in_section &&
	       !scan->value_lines[PASTE_KEY_ID] && !scan->value_lines[PASTE_SECRET_KEY] &&
	       !scan->value_lines[PASTE_TOKEN];
}

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

static enum kind kind_of(
	const struct paste_scan *scan, const struct form *form, struct slice name)
{
	bool env = form->env || is_capitals(name);

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (slice_is_nocase(name, known[i].name) &&
			!(env && known[i].kind == KIND_EXTRA))
			return known[i].kind;
	if (begins_nocase(name, "aws_"))
		return env ? KIND_IGNORED : KIND_EXTRA;
	if (!form->env && scan->in_section)
		return KIND_EXTRA;
	return KIND_REFUSED;
}

/* Whether the beginning of a name can become one that kind_of() does not refuse. */
static bool may_be_name(
	const struct paste_scan *scan, const struct form *form, struct slice begin)
{
	if (!form->env && scan->in_section)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (is_beginning(begin, known[i].name))
			return true;
	return is_beginning(begin, "aws_") || begins_nocase(begin, "aws_");
}

/* Takes quotes, a shell's `;` and a comment off.  @open: the closing quote may lack. */
static bool unwrap(struct slice text, bool env, bool open, struct slice *ret_value)
{
	char quote = text.len && strchr("\"'", text.at[0]) ? text.at[0] : '\0';
	const char *close;

	if (quote) {
		skip(&text, 1);
		close = text.len ? memchr(text.at, quote, text.len) : NULL;
		if (!close && !open)
			return false;
		ret_value->at = text.at;
		ret_value->len = close ? (size_t)(close - text.at) : text.len;
		skip(&text, ret_value->len + (close ? 1 : 0));
	} else {
		ret_value->at = text.at;
		ret_value->len = 0;
		while (text.len && text.at[0] != ' ' && !(env && text.at[0] == ';')) {
			skip(&text, 1);
			ret_value->len++;
		}
	}
	skip_any(&text, " ");
	if (!env && text.len && text.at[0] == ';')
		return true;
	skip_any(&text, " ;");
	return !text.len || text.at[0] == '#';
}

/* A key id in the form of AWS's own has to be one; others are an emulator's. */
static bool is_good_key_id(struct slice value)
{
	char text[KEY_ID_MAX + 1];
	bool good;

	if (value.len < KEY_ID_MIN || value.len > KEY_ID_MAX)
		return false;
	memcpy(text, value.at, value.len);
	text[value.len] = '\0';
	good = (strncmp(text, "AKIA", 4) != 0 && strncmp(text, "ASIA", 4) != 0) ||
	       keyid_is_valid(text);
	explicit_bzero(text, sizeof(text));
	return good;
}

static int take_value(struct paste_scan *scan, enum paste_slot slot, struct slice value,
	bool open, struct err *err)
{
	size_t before = scan->value_lines[slot];

	if (value.len > slots[slot].max || span(value, slots[slot].chars) < value.len)
		return err_set(err, EINVAL,
			"line %zu: this is no `%s': it is too long or has a character "
			"that "
			"none can have",
			scan->line, slots[slot].name);
	if (open || !value.len)
		return 0;
	if (slot == PASTE_KEY_ID && !is_good_key_id(value))
		return err_set(err, EINVAL,
			"line %zu: this is no access key id of AWS; was it cut?",
			scan->line);
	if (before && (scan->values[slot].len != value.len ||
			      memcmp(scan->values[slot].at, value.at, value.len) != 0))
		return err_set(err, EINVAL,
			"line %zu: another `%s' than in line %zu; paste one profile",
			scan->line, slots[slot].name, before);
	scan->values[slot] = value;
	scan->value_lines[slot] = before ? before : scan->line;
	return 0;
}

void paste_extra_done(struct paste_extra *extra)
{
	if (extra->value)
		explicit_bzero(extra->value, strlen(extra->value));
	free(extra->value);
	free(extra->name);
	*extra = (struct paste_extra){ .name = NULL };
}

void paste_scan_done(struct paste_scan *scan)
{
	for (size_t i = 0; i < scan->extra_count; i++)
		paste_extra_done(&scan->extras[i]);
	free(scan->extras);
	*scan = (struct paste_scan)PASTE_SCAN_INIT;
}

static int add_extra(
	struct paste_scan *scan, struct slice name, struct slice value, struct err *err)
{
	struct paste_extra extra = { .line = scan->line };
	struct paste_extra *extras;

	for (size_t i = 0; i < scan->extra_count; i++)
		if (slice_is_nocase(name, scan->extras[i].name))
			return slice_is(value, scan->extras[i].value)
				       ? 0
				       : refuse(scan, err,
						 "the same key once more, with another "
						 "value");
	if (scan->extra_count == EXTRAS_MAX)
		return refuse(scan, err, "too many keys");
	extras = reallocarray(scan->extras, scan->extra_count + 1, sizeof(*scan->extras));
	if (!extras)
		return err_nomem(err);
	scan->extras = extras;
	extra.name = slice_dup(name);
	extra.value = slice_dup(value);
	if (!extra.name || !extra.value) {
		paste_extra_done(&extra);
		return err_nomem(err);
	}
	for (char *c = extra.name; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	scan->extras[scan->extra_count++] = extra;
	return 0;
}

/* Without a value it is the head of a group like `s3 =`, of no interest here. */
static int take_extra(struct paste_scan *scan, struct slice name, struct slice value,
	size_t indent, struct err *err)
{
	scan->in_section = true;
	scan->indent = indent;
	scan->below = value.len ? BELOW_EXTRA : BELOW_GROUP;
	return value.len ? add_extra(scan, name, value, err) : 0;
}

/* The earliest, when several disagree: a warning too soon beats one too late. */
static bool take_expiry(
	struct paste_scan *scan, const struct form *form, struct slice text)
{
	struct slice value = text;
	int64_t expires;

	if (text.len && strchr("\"'", text.at[0]) &&
		!unwrap(text, form->env, false, &value))
		return false;
	while (form->env && value.len && value.at[value.len - 1] == ';')
		value.len--;
	if (time_parse(value, &expires) || expires <= 0)
		return false;
	if (!scan->expires || expires < scan->expires)
		scan->expires = expires;
	return true;
}

static int take_statement(struct paste_scan *scan, const struct form *form,
	struct slice text, size_t indent, bool open, struct err *err)
{
	struct slice name = { text.at, span(text, name_chars) };
	struct slice value;
	enum kind kind;

	skip(&text, name.len);
	skip_any(&text, " ");
	if (open && !text.len && may_be_name(scan, form, name))
		return 0;
	kind = kind_of(scan, form, name);
	if (!name.len || !text.len || !strchr(form->env ? "=" : "=:", text.at[0]) ||
		kind == KIND_REFUSED || scan->forget_line)
		return refuse(scan, err, "this is no line of credentials");
	skip(&text, 1);
	text = trim(text);
	scan->below = BELOW_NOTHING;
	if (!form->env && !is_capitals(name))
		scan->in_section = true;
	switch (kind) {
	case KIND_EXPIRES:
		if (open || !text.len || take_expiry(scan, form, text) || form->env ||
			is_capitals(name))
			return 0;
		return take_extra(scan, name, text, indent, err);
	case KIND_EXTRA:
		return open ? 0 : take_extra(scan, name, text, indent, err);
	case KIND_IGNORED:
		return 0;
	default:
		if (!unwrap(text, form->env, open, &value))
			return refuse(scan, err, "there is something behind the value");
		return take_value(scan, (enum paste_slot)kind, value, open, err);
	}
}

static int take_assignment(struct paste_scan *scan, struct slice text, size_t indent,
	bool open, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		const struct form *form = &forms[i];
		struct slice rest = text;

		if (open && form->word[0] && is_beginning(text, form->word))
			return 0;
		if (!begins_nocase(text, form->word))
			continue;
		skip(&rest, strlen(form->word));
		if (form->blank && (!rest.len || rest.at[0] != ' '))
			continue;
		return take_statement(scan, form, trim(rest), indent, open, err);
	}
	return refuse(scan, err, "this is no line of credentials");
}

static int take_header(
	struct paste_scan *scan, struct slice text, bool open, struct err *err)
{
	const char *close = memchr(text.at, ']', text.len);
	struct slice name, rest;

	if (scan->header_line)
		return refuse(scan, err, "a second profile begins here; paste one");
	if (!is_nothing_yet(scan))
		return refuse(scan, err, "a profile begins here, below other lines");
	if (!close)
		return open ? 0 : refuse(scan, err, "the `]' is missing");
	name = trim((struct slice){ text.at + 1, (size_t)(close - text.at) - 1 });
	rest = trim(
		(struct slice){ close + 1, (size_t)(text.at + text.len - close) - 1 });
	if (!name.len || memchr(name.at, '[', name.len))
		return refuse(scan, err, "this is no name of a profile");
	if (rest.len && rest.at[0] != '#' && rest.at[0] != ';')
		return refuse(scan, err, "there is something behind the `]'");
	scan->header = name;
	scan->header_line = scan->line;
	scan->in_section = true;
	scan->below = BELOW_NOTHING;
	return 0;
}

/* A line indented deeper than an extra key continues it: what has several lines is left
 * alone, only its name would be known here.  But a credential is one however indented. */
static bool continues_extra(struct paste_scan *scan, struct slice text, size_t indent)
{
	struct slice name = { text.at, span(text, name_chars) };

	if (scan->below == BELOW_NOTHING || indent <= scan->indent)
		return false;
	if (scan->below == BELOW_GROUP)
		return true;
	for (size_t i = 0; i < PASTE_SLOT_COUNT; i++)
		if (slice_is_nocase(name, slots[i].name))
			return false;
	if (slice_is_nocase(name, "aws_security_token"))
		return false;
	paste_extra_done(&scan->extras[--scan->extra_count]);
	scan->below = BELOW_GROUP;
	return true;
}

int paste_scan_line(
	struct paste_scan *scan, struct slice line, bool open, struct err *err)
{
	struct slice text = trim(line);
	size_t indent = (size_t)(text.at - line.at);

	scan->line++;
	if (!text.len || text.at[0] == '#' || text.at[0] == ';')
		return 0;
	if (open && scan->below != BELOW_NOTHING && indent > scan->indent)
		return 0;
	if (continues_extra(scan, text, indent))
		return 0;
	if (text.at[0] == '[')
		return take_header(scan, text, open, err);
	if (strchr("$%>", text.at[0]) && (text.len == 1 || text.at[1] == ' ')) {
		skip(&text, 1);
		text = trim(text);
		if (!text.len)
			return 0;
	}
	if (is_nothing_yet(scan) &&
		(slice_is(text, "forget") || (open && is_beginning(text, "forget")))) {
		scan->forget_line = scan->line;
		return 0;
	}
	return take_assignment(scan, text, indent, open, err);
}
