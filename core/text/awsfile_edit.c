#include <ctype.h>
#include <errno.h>
#include <stdint.h>

#include "text/awsfile.h"
#include "text/awsfile_line.h"
#include "text/awsfile_request.h"

struct edit {
	const struct awsfile *file;
	const char *name;
	const struct awsfile_change *changes;
	size_t count;
	const struct awsfile_section *section; /* of that name, or NULL */
	size_t second_line; /* where a second one of that name begins, or 0 */
	const char *eol;    /* the file's most frequent line end */
	bool ends_blank;    /* the file is empty or its last line is */
	const char *from;   /* what of the text is not in out yet */
	struct buf out;
};

/* Keys of the credentials themselves: new ones go behind the last of them. */
static bool is_family(struct slice name)
{
	static const char *const family[] = {
		"aws_access_key_id",
		"aws_secret_access_key",
		"aws_security_token",
		"aws_session_token",
	};

	for (size_t i = 0; i < ARRAY_SIZE(family); i++)
		if (slice_is_nocase(name, family[i]))
			return true;
	return false;
}

static void survey(struct edit *edit)
{
	const struct awsfile *file = edit->file;
	struct slice rest = file->text;
	struct awsfile_line line;
	size_t lf = 0, crlf = 0, cr = 0;

	edit->ends_blank = true;
	while (awsfile_line_next(&rest, &line)) {
		edit->ends_blank = awsfile_line_is_blank(&line);
		if (line.end.len == 2)
			crlf++;
		else if (line.end.len == 1)
			*(line.end.at[0] == '\n' ? &lf : &cr) += 1;
	}
	edit->eol = crlf > lf && crlf >= cr ? "\r\n" : cr > lf ? "\r" : "\n";
	for (size_t i = 0; i < file->section_count; i++) {
		if (file->sections[i].type != AWSFILE_PROFILE ||
			strcmp(file->sections[i].name, edit->name) != 0)
			continue;
		if (!edit->section)
			edit->section = &file->sections[i];
		else if (!edit->second_line)
			edit->second_line = file->sections[i].line;
	}
}

/* Whether nothing but blank lines and comments follows the key's first line. */
static bool is_single(const struct awsfile_key *key)
{
	struct slice rest = key->lines;
	struct awsfile_line line;

	(void)awsfile_line_next(&rest, &line);
	while (awsfile_line_next(&rest, &line))
		if (!awsfile_line_is_blank(&line) && !awsfile_line_is_comment(&line))
			return false;
	return true;
}

static bool is_right(const struct awsfile_key *key, const struct awsfile_change *change)
{
	return change->value && slice_is(key->value, change->value) && is_single(key);
}

static const struct awsfile_change *change_of(
	const struct edit *edit, const struct awsfile_key *key)
{
	for (size_t i = 0; key->parent == SIZE_MAX && i < edit->count; i++)
		if (slice_is_nocase(key->name, edit->changes[i].key))
			return &edit->changes[i];
	return NULL;
}

static bool section_has(const struct edit *edit, const struct awsfile_section *section,
	const struct awsfile_change *change)
{
	for (size_t i = 0; i < section->key_count; i++)
		if (change_of(edit, &edit->file->keys[section->first_key + i]) == change)
			return true;
	return false;
}

/* Whether every section of the name has all that it should and nothing that it should
 * not. */
static bool is_done(const struct edit *edit)
{
	const struct awsfile *file = edit->file;

	for (size_t i = 0; i < edit->count; i++)
		if (edit->changes[i].value && !edit->section)
			return false;
	for (size_t i = 0; i < file->section_count; i++) {
		const struct awsfile_section *section = &file->sections[i];

		if (section->type != AWSFILE_PROFILE ||
			strcmp(section->name, edit->name) != 0)
			continue;
		for (size_t k = 0; k < section->key_count; k++) {
			const struct awsfile_key *key =
				&file->keys[section->first_key + k];
			const struct awsfile_change *change = change_of(edit, key);

			if (change && !is_right(key, change))
				return false;
		}
		for (size_t k = 0; k < edit->count; k++)
			if (edit->changes[k].value &&
				!section_has(edit, section, &edit->changes[k]))
				return false;
	}
	return true;
}

static bool is_key_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}

/* Whether the line is `key = value` with a key that is not to change.  The end of a
 * wrapped token (`x==`) is none. */
static bool is_other_key(const struct edit *edit, struct slice text)
{
	size_t len = 0, at;

	while (len < text.len && is_key_char(text.at[len]))
		len++;
	for (at = len; at < text.len && (text.at[at] == ' ' || text.at[at] == '\t');)
		at++;
	if (!len || at + 1 >= text.len || (text.at[at] != '=' && text.at[at] != ':') ||
		text.at[at + 1] == '=')
		return false;
	for (size_t i = 0; i < edit->count; i++)
		if (slice_is_nocase((struct slice){ text.at, len }, edit->changes[i].key))
			return false;
	return true;
}

/* 0, or -EBADMSG: a line that continues the value is one that somebody indented by mistake.
 * Below a `[name]` stand keys that only botocore takes for ones of this section; a key
 * would go with the value, if that @goes. */
static int check_strays(const struct edit *edit, const struct awsfile_key *key, bool goes,
	struct err *err)
{
	struct slice rest = key->lines;
	struct awsfile_line line;
	size_t number = key->line;

	(void)awsfile_line_next(&rest, &line);
	while (awsfile_line_next(&rest, &line)) {
		number++;
		if (awsfile_line_is_blank(&line) || awsfile_line_is_comment(&line))
			continue;
		if (line.text.at[0] == '[' || (goes && is_other_key(edit, line.text)))
			return err_set(err, EBADMSG,
				"line %zu: is indented and so a part of line %zu to the "
				"AWS CLI, but not to all tools: take the blanks before "
				"it away",
				number, key->line);
	}
	return 0;
}

static int check_section(const struct edit *edit, struct err *err)
{
	const struct awsfile_section *section = edit->section;
	int r = 0;

	for (size_t i = 0; !r && section && i < section->key_count; i++) {
		const struct awsfile_key *key = &edit->file->keys[section->first_key + i];
		const struct awsfile_change *change = change_of(edit, key);

		if (key->parent == SIZE_MAX)
			r = check_strays(
				edit, key, change && !is_right(key, change), err);
	}
	return r;
}

static void copy_until(struct edit *edit, const char *end)
{
	buf_add(&edit->out, edit->from, (size_t)(end - edit->from));
	edit->from = end;
}

static void end_line(struct edit *edit)
{
	char last = edit->out.len ? edit->out.data[edit->out.len - 1] : '\n';

	if (last != '\n' && last != '\r')
		buf_adds(&edit->out, edit->eol);
}

static bool blank_before_separator(const struct awsfile_key *key)
{
	return strchr(" \t", key->name.at[key->name.len]) != NULL;
}

/* Comments among the lines stay, what continued the old value goes. */
static void replace_value(
	struct edit *edit, const struct awsfile_key *key, const char *value)
{
	struct slice rest = key->lines;
	struct awsfile_line line;

	(void)awsfile_line_next(&rest, &line);
	copy_until(edit, key->value.at);
	if (!key->value.len && blank_before_separator(key))
		buf_addc(&edit->out, ' ');
	buf_adds(&edit->out, value);
	buf_add(&edit->out, line.end.at, line.end.len);
	while (awsfile_line_next(&rest, &line))
		if (awsfile_line_is_blank(&line) || awsfile_line_is_comment(&line))
			buf_add(&edit->out, line.all.at, line.all.len);
	edit->from = key->lines.at + key->lines.len;
}

/* Comments among the lines stay.  They lose their indent: with it the C SDKs would take
 * them for a part of the key before. */
static void remove_key(struct edit *edit, const struct awsfile_key *key)
{
	struct slice rest = key->lines;
	struct awsfile_line line;

	copy_until(edit, key->lines.at);
	(void)awsfile_line_next(&rest, &line);
	while (awsfile_line_next(&rest, &line))
		if (awsfile_line_is_comment(&line))
			buf_add(&edit->out, line.text.at,
				(size_t)(rest.at - line.text.at));
		else if (awsfile_line_is_blank(&line))
			buf_add(&edit->out, line.all.at, line.all.len);
	edit->from = key->lines.at + key->lines.len;
}

static void add_blank(struct edit *edit, bool wanted, char like)
{
	if (wanted)
		buf_addc(&edit->out, like == '\t' ? '\t' : ' ');
}

/* ` = ` or `=` as the key beside it has them; `:` is for botocore alone. */
static void add_separator(struct edit *edit, const struct awsfile_key *like)
{
	const char *before = like ? like->name.at + like->name.len : NULL;
	const char *separator = before;

	while (separator && *separator != '=' && *separator != ':')
		separator++;
	if (!separator || *separator == ':') {
		buf_adds(&edit->out, " = ");
		return;
	}
	add_blank(edit, separator > before, *before);
	buf_addc(&edit->out, '=');
	if (like->value.len)
		add_blank(edit, like->value.at > separator + 1, separator[1]);
	else
		add_blank(edit, separator > before, *before);
}

/* What stands before the next key or header.  A line indented less than a new one before
 * it is none of that one's continuations, nor is one indented the same. */
static struct slice next_indent(const struct edit *edit)
{
	const struct awsfile_section *section = edit->section;
	struct awsfile_line line;
	struct slice rest;

	if (section->key_count)
		rest = edit->file->keys[section->first_key].lines;
	else if (section + 1 < edit->file->sections + edit->file->section_count)
		rest = section[1].text;
	else
		return (struct slice){ "", 0 };
	(void)awsfile_line_next(&rest, &line);
	return (struct slice){ line.all.at, (size_t)(line.text.at - line.all.at) };
}

/* Behind the header, and behind indented comments: to the C SDKs those continue a key. */
static const char *behind_header(const struct edit *edit)
{
	struct slice rest = edit->section->text;
	struct awsfile_line line;
	const char *end;

	(void)awsfile_line_next(&rest, &line);
	do
		end = rest.at;
	while (awsfile_line_next(&rest, &line) && awsfile_line_is_comment(&line) &&
		line.indent);
	return end;
}

static void add_missing(struct edit *edit, const struct awsfile_key *like)
{
	struct slice indent = { "", 0 };
	struct awsfile_line line;
	struct slice rest;

	if (like) {
		rest = like->lines;
		(void)awsfile_line_next(&rest, &line);
		indent = (struct slice){ line.all.at,
			(size_t)(line.text.at - line.all.at) };
	} else if (edit->section) {
		indent = next_indent(edit);
	}
	for (size_t i = 0; i < edit->count; i++) {
		const struct awsfile_change *change = &edit->changes[i];

		if (!change->value ||
			(edit->section && section_has(edit, edit->section, change)))
			continue;
		end_line(edit);
		buf_add(&edit->out, indent.at, indent.len);
		buf_adds(&edit->out, change->key);
		add_separator(edit, like);
		buf_adds(&edit->out, change->value);
		buf_adds(&edit->out, edit->eol);
	}
}

static void change_section(struct edit *edit)
{
	size_t count = edit->section->key_count;
	const struct awsfile_key *keys =
		count ? &edit->file->keys[edit->section->first_key] : NULL;
	const struct awsfile_key *last = NULL;

	for (size_t i = 0; i < count; i++)
		if (keys[i].parent == SIZE_MAX && is_family(keys[i].name))
			last = &keys[i];
	if (!last) {
		copy_until(edit, behind_header(edit));
		add_missing(edit, NULL);
	}
	for (size_t i = 0; i < count; i++) {
		const struct awsfile_change *change = change_of(edit, &keys[i]);

		if (change && !change->value) {
			remove_key(edit, &keys[i]);
		} else if (change && !is_right(&keys[i], change)) {
			replace_value(edit, &keys[i], change->value);
		}
		if (&keys[i] == last) {
			copy_until(edit, keys[i].lines.at + keys[i].lines.len);
			add_missing(edit, last);
		}
	}
}

static int add_section(struct edit *edit, struct err *err)
{
	if (strpbrk(edit->name, "#;"))
		return err_set(err, EINVAL,
			"a new section with `#' or `;' in its name would make other "
			"tools "
			"refuse the credentials file");
	copy_until(edit, edit->file->text.at + edit->file->text.len);
	end_line(edit);
	if (!edit->ends_blank)
		buf_adds(&edit->out, edit->eol);
	buf_addc(&edit->out, '[');
	buf_adds(&edit->out, edit->name);
	buf_addc(&edit->out, ']');
	add_missing(edit, NULL);
	return 0;
}

static int edit_text(struct edit *edit, struct err *err)
{
	int r = awsfile_request_check(edit->name, edit->changes, edit->count, err);

	if (r)
		return r;
	survey(edit);
	if (!is_done(edit)) {
		r = awsfile_check(edit->file, err);
		if (!r && edit->second_line)
			r = err_set(err, EBADMSG,
				"line %zu: a section of that name begins in line %zu "
				"already",
				edit->second_line, edit->section->line);
		if (!r)
			r = check_section(edit, err);
		if (r)
			return r;
		if (edit->section)
			change_section(edit);
		else
			r = add_section(edit, err);
	}
	copy_until(edit, edit->file->text.at + edit->file->text.len);
	return r ? r : buf_err(&edit->out);
}

int awsfile_edit(struct slice text, const char *name,
	const struct awsfile_change *changes, size_t count, struct buf *ret_text,
	struct err *err)
{
	_cleanup_awsfile_ struct awsfile file = AWSFILE_INIT;
	struct edit edit = {
		.file = &file,
		.name = name,
		.changes = changes,
		.count = count,
		.out = BUF_INIT_SECRET,
	};
	int r = awsfile_parse(&file, AWSFILE_CREDENTIALS, text, err);

	edit.from = file.text.at;
	if (!r)
		r = edit_text(&edit, err);
	if (r == -ENOMEM)
		(void)err_nomem(err);
	if (!r)
		buf_swap(ret_text, &edit.out);
	buf_done(&edit.out);
	return r;
}
