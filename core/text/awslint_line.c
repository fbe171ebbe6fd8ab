/* The checks of one line: rows. */
#include <stdint.h>

#include "text/awslint_internal.h"

/* What of a line a check looks at. */
typedef bool check_fn(const struct awslint_place *place);

/* Names and keys that aws-c, Java and Rust take; all others they pass over. */
static bool is_identifier(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') &&
			(c < '0' || c > '9') && (!c || !strchr("_-/.%@:+", c)))
			return false;
	}
	return true;
}

static struct slice name_of(const struct awslint_place *place)
{
	const char *name = place->section->name;

	return (struct slice){ name, strlen(name) };
}

static bool has_blank(struct slice text)
{
	return memchr(text.at, ' ', text.len) || memchr(text.at, '\t', text.len);
}

static bool is_indented(const struct awslint_place *place)
{
	return place->line.indent > 0;
}

static bool has_nul(const struct awslint_place *place)
{
	return memchr(place->line.all.at, '\0', place->line.all.len);
}

/* Headers */

/* The header of a section with `word` in front of its name. */
static bool has_prefix(const struct awslint_place *place)
{
	return place->kind == AWSFILE_CONFIG &&
	       (place->section->type == AWSFILE_SSO_SESSION ||
		       place->section->type == AWSFILE_SERVICES ||
		       (place->section->type == AWSFILE_PROFILE &&
			       !slice_is(awsfile_trim(place->section->header, NULL),
				       "default")));
}

static bool has_outer_blanks(const struct awslint_place *place)
{
	const struct slice header = place->section->header;

	return awsfile_trim(header, NULL).len != header.len && name_of(place).len;
}

static bool has_no_name(const struct awslint_place *place)
{
	return !name_of(place).len;
}

static struct slice behind(const struct awslint_place *place)
{
	const struct slice header = place->section->header;
	const char *from = header.at + header.len + 1;
	const char *end = place->line.text.at + place->line.text.len;

	return (struct slice){ from, (size_t)(end - from) };
}

static bool touches_comment(const struct awslint_place *place)
{
	const struct slice text = behind(place);

	return text.len && (text.at[0] == '#' || text.at[0] == ';');
}

static bool has_junk(const struct awslint_place *place)
{
	const struct slice text = awsfile_trim(behind(place), NULL);

	return text.len && text.at[0] != '#' && text.at[0] != ';';
}

static bool has_bracket(const struct awslint_place *place)
{
	return memchr(place->section->header.at, ']', place->section->header.len);
}

static bool starts_with_word(struct slice text, const char *word)
{
	size_t len = strlen(word);

	return text.len > len && memcmp(text.at, word, len) == 0 &&
	       (text.at[len] == ' ' || text.at[len] == '\t');
}

/* Whether the line is no plain header up to the first `]' and a comment. */
static bool is_odd_header(const struct awslint_place *place)
{
	const struct slice text = place->line.text;
	const char *close = memchr(text.at, ']', text.len);
	struct slice name = { text.at + 1, (size_t)(close - text.at) - 1 };
	size_t rest = text.len - name.len - 2;
	const char *blank = memchr(name.at, ' ', name.len);

	if (rest && (rest < 2 || !awslint_is_mark(text, close + 2)))
		return true;
	if (place->kind == AWSFILE_CREDENTIALS)
		return !name.len || has_blank(name);
	if (!blank)
		return !slice_is(name, "default");
	if (!starts_with_word(name, "profile") && !starts_with_word(name, "services") &&
		!starts_with_word(name, "sso-session"))
		return true;
	name.len -= (size_t)(blank - name.at) + 1;
	name.at = blank + 1;
	if (awslint_is_quoted(name)) {
		name.at++;
		name.len -= 2;
	}
	return !name.len || !is_identifier(name);
}

static bool has_odd_bracket(const struct awslint_place *place)
{
	return has_bracket(place) && is_odd_header(place);
}

/* One that ends the name for SDKs which look for comments first. */
static bool has_mark(const struct awslint_place *place)
{
	const struct slice header = place->section->header;

	return !has_bracket(place) &&
	       (memchr(header.at, '#', header.len) || memchr(header.at, ';', header.len));
}

static bool has_mark_behind_blank(const struct awslint_place *place)
{
	const struct slice header = place->section->header;

	for (size_t i = 1; !has_bracket(place) && i < header.len; i++)
		if (awslint_is_mark(header, header.at + i))
			return true;
	return false;
}

static bool is_inherited(const struct awslint_place *place)
{
	return slice_is(place->section->header, "DEFAULT");
}

static bool is_like_default(const struct awslint_place *place)
{
	const struct slice name = name_of(place);

	return place->section->type == AWSFILE_PROFILE &&
	       slice_is_nocase(name, "default") && !slice_is(name, "default");
}

static bool is_of_config(const struct awslint_place *place)
{
	const struct slice name = awsfile_trim(place->section->header, NULL);

	return place->kind == AWSFILE_CREDENTIALS &&
	       place->section->type == AWSFILE_OTHER && !has_bracket(place) &&
	       (starts_with_word(name, "profile") || starts_with_word(name, "services") ||
		       starts_with_word(name, "sso-session"));
}

static bool is_of_nobody(const struct awslint_place *place)
{
	const struct slice name = name_of(place);

	return place->kind == AWSFILE_CONFIG && place->section->type == AWSFILE_OTHER &&
	       name.len && !has_bracket(place) && !slice_is(name, "plugins") &&
	       !slice_is(name, "preview");
}

static bool is_proto(const struct awslint_place *place)
{
	return slice_is(name_of(place), "__proto__");
}

static bool is_odd_name(const struct awslint_place *place)
{
	return !is_of_config(place) && !is_of_nobody(place) && !has_mark(place) &&
	       !has_bracket(place) && !is_identifier(name_of(place));
}

/* JavaScript takes other names only where nothing stands before them. */
static bool is_odd_behind_prefix(const struct awslint_place *place)
{
	return has_prefix(place) && !has_bracket(place) && !is_identifier(name_of(place));
}

/* For JavaScript the first of two words says what the second one names. */
static bool is_two_words(const struct awslint_place *place)
{
	const struct slice name = name_of(place);

	return is_odd_name(place) && !has_prefix(place) && has_blank(name);
}

static bool is_quoted(const struct awslint_place *place)
{
	const struct slice header = awsfile_trim(place->section->header, NULL);

	return has_prefix(place) &&
	       (header.at[header.len - 1] == '"' || header.at[header.len - 1] == '\'');
}

static bool is_far(const struct awslint_place *place)
{
	const struct slice header = awsfile_trim(place->section->header, NULL);
	size_t blanks = 0;

	if (!has_prefix(place))
		return false;
	for (size_t i = 0; i < header.len && blanks < 2; i++) {
		bool blank = header.at[i] == ' ' || header.at[i] == '\t';

		if (!blank && blanks)
			return false;
		blanks += blank;
	}
	return blanks == 2;
}

/* Keys */

static char separator(const struct awslint_place *place)
{
	const char *at = place->key->name.at + place->key->name.len;

	while (*at != '=' && *at != ':')
		at++;
	return *at;
}

static bool has_colon(const struct awslint_place *place)
{
	return separator(place) == ':';
}

static bool has_capitals(const struct awslint_place *place)
{
	for (size_t i = 0; i < place->key->name.len; i++)
		if (place->key->name.at[i] >= 'A' && place->key->name.at[i] <= 'Z')
			return true;
	return false;
}

static bool is_header_like(const struct awslint_place *place)
{
	return place->line.text.at[0] == '[';
}

static bool is_commented_key(const struct awslint_place *place)
{
	const struct slice name = place->key->name;

	for (size_t i = 0; i < name.len; i++)
		if (awslint_is_mark(name, name.at + i))
			return true;
	return false;
}

static bool is_odd_key(const struct awslint_place *place)
{
	return !is_identifier(place->key->name) && !is_header_like(place) &&
	       !is_commented_key(place);
}

/* With nothing but comments under it. */
static bool is_empty(const struct awslint_place *place)
{
	struct slice rest = place->key->lines;
	struct awsfile_line line;

	if (place->key->value.len)
		return false;
	(void)awsfile_line_next(&rest, &line);
	while (awsfile_line_next(&rest, &line))
		if (!awsfile_line_is_blank(&line) && !awsfile_line_is_comment(&line))
			return false;
	return true;
}

static bool is_quoted_value(const struct awslint_place *place)
{
	/* a command has its own quotes */
	return awslint_is_quoted(awslint_uncomment(place->key->value)) &&
	       !slice_is_nocase(place->key->name, "credential_process");
}

static bool is_commented(const struct awslint_place *place)
{
	const struct slice value = place->key->value;

	if (!awslint_may_have_mark(value))
		return false;
	for (size_t i = 0; i < value.len; i++)
		if (awslint_is_mark(place->file->text, value.at + i))
			return true;
	return false;
}

static bool is_second(const struct awslint_place *place)
{
	return place->key > place->file->keys &&
	       place->key[-1].parent == place->key->parent;
}

/* Lines that continue a value */

/* Where `=` stands, or `:` behind a word but not of a URL, whichever comes first. */
static char key_like(const struct awslint_place *place)
{
	const struct slice text = place->line.text;
	bool word = true;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (c == '=' || (c == ':' && word && i &&
					(i + 1 == text.len || text.at[i + 1] != '/')))
			return c;
		word = word && c &&
		       strchr("abcdefghijklmnopqrstuvwxyz"
			      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			      "0123456789_- \t",
			       c);
	}
	return '\0';
}

static bool has_equals(const struct awslint_place *place)
{
	return !is_header_like(place) && key_like(place) == '=';
}

/* The same, and the key would not be read right without the blanks before it either. */
static bool has_odd_equals(const struct awslint_place *place)
{
	const struct slice text = place->line.text;
	const char *equals = memchr(text.at, '=', text.len);
	struct slice value;

	if (!has_equals(place))
		return false;
	for (const char *at = text.at; at < equals; at++)
		if (*at >= 'A' && *at <= 'Z')
			return true;
	value = (struct slice){ equals, text.len - (size_t)(equals - text.at) };
	value = awslint_uncomment(value);
	value = awsfile_trim((struct slice){ value.at + 1, value.len - 1 }, NULL);
	return !value.len || awslint_is_quoted(value);
}

static bool has_colon_key(const struct awslint_place *place)
{
	return !is_header_like(place) && key_like(place) == ':';
}

static bool goes_on(const struct awslint_place *place)
{
	return !is_header_like(place) && !key_like(place);
}

static bool is_header_above(const struct awslint_place *place)
{
	return is_header_like(place) &&
	       memchr(place->line.text.at, ']', place->line.text.len);
}

static bool is_odd_header_above(const struct awslint_place *place)
{
	return is_header_above(place) && is_odd_header(place);
}

enum {
	B = AWSLINT_BOTOCORE,
	JS = AWSLINT_JS,
	GO = AWSLINT_GO,
	REFERENCE = AWSLINT_REFERENCE,
	ALL = AWSLINT_ALL,
	ANY = ON_HEADER | ON_KEY | ON_NESTED | ON_MORE | ON_OTHER,
};

/* clang-format off */
static const struct row {
	unsigned on;
	check_fn *holds;
	unsigned breaks;
	const char *text;
} rows[] = {
	{ ON_HEADER, is_indented,	REFERENCE, "is a section but indented" },
	{ ON_HEADER, has_outer_blanks,	B | JS, "has blanks around the section's name" },
	{ ON_HEADER, has_no_name,	ALL, "begins a section without a name" },
	{ ON_HEADER, touches_comment,	JS, "needs a blank between `]' and the comment" },
	{ ON_HEADER, has_junk,		JS | GO | AWSLINT_RUST | AWSLINT_JAVA,
					"has something behind the section's `]'" },
	{ ON_HEADER, has_bracket,	B, "has a second `]', where the name ends for some" },
	{ ON_HEADER, has_odd_bracket,	ALL & ~B, "would be an odd section without the second `]', too" },
	{ ON_HEADER, has_mark,		REFERENCE | GO, "has a comment's mark in the section's name" },
	{ ON_HEADER, has_mark_behind_blank, JS, "has a comment's mark behind a blank in the section's name" },
	{ ON_HEADER, is_inherited,	B, "begins [DEFAULT], whose keys every profile inherits" },
	{ ON_HEADER, is_like_default,	AWSLINT_NOBODY, "is not the profile `default': names are case-sensitive" },
	{ ON_HEADER, is_of_config,	ALL, "has a prefix: in this file a profile is [NAME]" },
	{ ON_HEADER, is_of_nobody,	ALL, "is not read: in this file a profile is [profile NAME]" },
	{ ON_HEADER, is_proto,		JS, "begins a section whose name spoils the whole file" },
	{ ON_HEADER, is_odd_name,	REFERENCE, "has characters in the section's name that some do not allow" },
	{ ON_HEADER, is_odd_behind_prefix, JS | GO, "has characters in the section's name that some do not allow" },
	{ ON_HEADER, is_two_words,	JS, "has a section's name of two words" },
	{ ON_HEADER, is_quoted,		REFERENCE | GO, "has quotes around the section's name" },
	{ ON_HEADER, is_far,		JS, "has more than one blank before the section's name" },

	{ ON_KEY, is_indented,		REFERENCE | GO, "is a key but indented" },
	{ ON_KEY | ON_NESTED, has_colon, REFERENCE | JS, "has `:' where `=' should be" },
	{ ON_KEY, has_capitals,		AWSLINT_C | JS, "has capitals in its key" },
	{ ON_KEY, is_header_like,	ALL, "begins a section but has no `]'" },
	{ ON_KEY, is_commented_key,	ALL, "has a comment in its key" },
	{ ON_KEY, is_odd_key,		REFERENCE, "has characters in its key that some do not allow" },
	{ ON_KEY | ON_NESTED, is_empty,	JS, "has no value" },
	{ ON_KEY | ON_NESTED, is_quoted_value, ALL & ~GO, "has quotes, which become part of the value" },
	{ ON_KEY | ON_NESTED, is_commented, B, "has a comment, which becomes part of the value" },
	{ ON_NESTED, is_second,		GO, "is not the first nested key, and some take only that" },

	{ ON_MORE, is_header_above,	B | REFERENCE, "is a section but indented, so it is part of the value above" },
	{ ON_MORE, is_odd_header_above,	JS | GO, "would be no section for some if it were not indented" },
	{ ON_MORE, has_equals,		ALL & ~JS, "is indented, so it is part of the value above" },
	{ ON_MORE, has_odd_equals,	JS, "is no key for some even if it were not indented" },
	{ ON_MORE, has_colon_key,	ALL, "is indented, so it is part of the value above" },
	{ ON_MORE, goes_on,			JS, "goes on with the value above" },

	{ ON_COMMENT, is_indented,	REFERENCE, "is a comment but indented" },
	{ ON_OTHER, is_header_like,	ALL, "begins a section but is none" },
	{ ANY, has_nul,			ALL, "has a NUL character" },
};
/* clang-format on */

void awslint_line(struct awslint *lint, const struct awslint_place *place)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if ((rows[i].on & place->on) && rows[i].holds(place))
			awslint_add(lint, place->number, rows[i].breaks, rows[i].text, 0);
}
