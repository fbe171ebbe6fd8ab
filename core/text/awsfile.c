#include "text/awsfile.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>

#include "text/awsfile_index.h"
#include "text/awsfile_line.h"
#include "text/utf8.h"

/* The rules are those of Python's configparser, which botocore uses: a line indented
 * deeper than the key before it continues that key's value. */
struct reader {
	struct awsfile *file;
	enum awsfile_kind kind;
	size_t section_cap;
	size_t key_cap;
	size_t key;    /* whose value may go on, or SIZE_MAX */
	size_t indent; /* of that key, or of the header */
};

static bool room(void **list, size_t *cap, size_t count, size_t size)
{
	size_t more = *cap ? *cap * 2 : 64;
	void *grown;

	if (count < *cap)
		return true;
	grown = reallocarray(*list, more, size);
	if (!grown)
		return false;
	*list = grown;
	*cap = more;
	return true;
}

/* What follows `word` and blanks in a header, or false. */
static bool after_word(struct slice header, const char *word, struct slice *ret_rest)
{
	size_t len = strlen(word);
	struct slice rest;

	if (header.len <= len || memcmp(header.at, word, len) != 0)
		return false;
	rest = awsfile_trim((struct slice){ header.at + len, header.len - len }, NULL);
	if (rest.at == header.at + len || !rest.len)
		return false;
	*ret_rest = rest;
	return true;
}

/* One word as a shell reads it, as far as names of profiles need that. */
static bool unquote(struct slice *word)
{
	char quote = word->at[0];

	if (quote == '"' || quote == '\'') {
		if (word->len < 3 || word->at[word->len - 1] != quote)
			return false;
		word->at++;
		word->len -= 2;
		return !memchr(word->at, quote, word->len) &&
		       !memchr(word->at, '\\', word->len);
	}
	for (size_t i = 0; i < word->len; i++)
		if (strchr(" \t\"'\\", word->at[i]))
			return false;
	return true;
}

static enum awsfile_type classify(enum awsfile_kind kind, struct slice *name)
{
	static const struct {
		const char *word;
		enum awsfile_type type;
	} prefixes[] = {
		{ "profile", AWSFILE_PROFILE },
		{ "services", AWSFILE_SERVICES },
		{ "sso-session", AWSFILE_SSO_SESSION },
	};
	struct slice rest;

	if (!name->len || slice_is(*name, "DEFAULT") ||
		memchr(name->at, '\0', name->len) || memchr(name->at, '[', name->len) ||
		memchr(name->at, ']', name->len))
		return AWSFILE_OTHER;
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		if (!after_word(*name, prefixes[i].word, &rest))
			continue;
		if (kind == AWSFILE_CREDENTIALS || !unquote(&rest))
			return AWSFILE_OTHER;
		*name = rest;
		return prefixes[i].type;
	}
	if (kind == AWSFILE_CREDENTIALS || slice_is(*name, "default"))
		return AWSFILE_PROFILE;
	return AWSFILE_OTHER;
}

/* `[name]` and anything behind it; the last `]` of the line ends the name. */
static bool is_header(struct slice text, struct slice *ret_header)
{
	const char *close = text.at[0] == '[' ? memrchr(text.at, ']', text.len) : NULL;

	if (!close || close < text.at + 2)
		return false;
	*ret_header = (struct slice){ text.at + 1, (size_t)(close - text.at) - 1 };
	return true;
}

static void end_section(struct awsfile *file, const char *end)
{
	struct awsfile_section *section;

	if (!file->section_count)
		return;
	section = &file->sections[file->section_count - 1];
	section->text.len = (size_t)(end - section->text.at);
	section->key_count = file->key_count - section->first_key;
}

static int read_header(
	struct reader *reader, const struct awsfile_line *line, struct slice header)
{
	struct awsfile *file = reader->file;
	struct slice name = awsfile_trim(header, NULL);
	struct awsfile_section *section;
	enum awsfile_type type = classify(reader->kind, &name);

	if (!room((void **)&file->sections, &reader->section_cap, file->section_count,
		    sizeof(*file->sections)))
		return -ENOMEM;
	end_section(file, line->all.at);
	section = &file->sections[file->section_count];
	*section = (struct awsfile_section){
		.type = type,
		.name = slice_dup(name),
		.header = header,
		.text = line->all,
		.line = file->line_count,
		.first_key = file->key_count,
	};
	if (!section->name)
		return -ENOMEM;
	file->section_count++;
	reader->key = SIZE_MAX;
	return 0;
}

static int add_key(struct reader *reader, const struct awsfile_line *line,
	const char *separator, size_t parent)
{
	struct awsfile *file = reader->file;
	struct slice text = line->text;
	struct slice name = { text.at, (size_t)(separator - text.at) };
	struct slice value = { separator + 1, text.len - name.len - 1 };
	struct slice trimmed = awsfile_trim(value, NULL);

	if (!room((void **)&file->keys, &reader->key_cap, file->key_count,
		    sizeof(*file->keys)))
		return -ENOMEM;
	file->keys[file->key_count++] = (struct awsfile_key){
		.name = awsfile_trim(name, NULL),
		.value = trimmed.len ? trimmed : (struct slice){ separator + 1, 0 },
		.lines = line->all,
		.line = file->line_count,
		.parent = parent,
	};
	return 0;
}

static int read_key(struct reader *reader, const struct awsfile_line *line)
{
	struct slice text = line->text;
	const char *equals = memchr(text.at, '=', text.len);
	const char *colon = memchr(text.at, ':', text.len);
	const char *separator = equals && (!colon || equals < colon) ? equals : colon;
	int r;

	reader->key = SIZE_MAX;
	if (!reader->file->section_count) {
		awsfile_note(
			reader->file, AWSFILE_NO_SECTION, reader->file->line_count, 0);
		return 0;
	}
	if (!separator || separator == text.at) {
		awsfile_note(reader->file, AWSFILE_NO_KEY, reader->file->line_count, 0);
		return 0;
	}
	r = add_key(reader, line, separator, SIZE_MAX);
	if (!r)
		reader->key = reader->file->key_count - 1;
	return r;
}

/* Length of the line end that only Python's str.splitlines() sees at the start of @text.
 */
static size_t odd_line_end(struct slice text)
{
	uint32_t c;
	size_t len = utf8_first(text, &c);

	if (!len)
		return 0;
	return c == 0x0b || c == 0x0c || (c >= 0x1c && c <= 0x1e) || c == 0x85 ||
			       c == 0x2028 || c == 0x2029
		       ? len
		       : 0;
}

/* botocore wants `key = value` in each line under a key without a value of its own. */
static bool is_nested(struct slice text)
{
	bool blank = true, equals = false;

	while (text.len) {
		uint32_t c;
		size_t len = odd_line_end(text);

		if (len) {
			if (!blank && !equals)
				return false;
			blank = true;
			equals = false;
		} else {
			len = utf8_first(text, &c);
			if (!len || !utf8_is_blank(c))
				blank = false;
			equals = equals || text.at[0] == '=';
		}
		len = len ? len : 1;
		text.at += len;
		text.len -= len;
	}
	return blank || equals;
}

static int read_continuation(struct reader *reader, const struct awsfile_line *line)
{
	struct awsfile *file = reader->file;
	struct awsfile_key *key = &file->keys[reader->key];
	const char *separator = memchr(line->text.at, '=', line->text.len);

	key->lines.len = (size_t)(line->all.at - key->lines.at) + line->all.len;
	if (key->value.len)
		return 0;
	if (!is_nested(line->text))
		awsfile_note(file, AWSFILE_NOT_NESTED, file->line_count, 0);
	if (!separator || separator == line->text.at)
		return 0;
	return add_key(reader, line, separator, reader->key);
}

/* Indented deeper than a key and right below its lines. */
static void read_comment(struct reader *reader, const struct awsfile_line *line)
{
	struct awsfile_key *key;

	if (reader->key == SIZE_MAX || line->indent <= reader->indent)
		return;
	key = &reader->file->keys[reader->key];
	if (key->lines.at + key->lines.len == line->all.at)
		key->lines.len += line->all.len;
}

static int read_line(struct reader *reader, const struct awsfile_line *line)
{
	struct slice header;

	reader->file->line_count++;
	if (!utf8_is_valid(line->all))
		awsfile_note(reader->file, AWSFILE_BAD_UTF8, reader->file->line_count, 0);
	if (awsfile_line_is_blank(line))
		return 0;
	if (awsfile_line_is_comment(line)) {
		read_comment(reader, line);
		return 0;
	}
	if (reader->key != SIZE_MAX && line->indent > reader->indent)
		return read_continuation(reader, line);
	reader->indent = line->indent;
	if (is_header(line->text, &header))
		return read_header(reader, line, header);
	return read_key(reader, line);
}

int awsfile_parse(
	struct awsfile *file, enum awsfile_kind kind, struct slice text, struct err *err)
{
	static const struct slice mark = { "\xef\xbb\xbf", 3 };
	_cleanup_awsfile_ struct awsfile read = { .text = { text.at ? text.at : "",
							  text.len } };
	struct reader reader = { .file = &read, .kind = kind, .key = SIZE_MAX };
	struct slice rest = read.text;
	struct awsfile_line line;
	int r = 0;

	if (text.len > AWSFILE_LIMIT)
		return err_set(err, EFBIG, "the file is larger than %d MiB",
			AWSFILE_LIMIT / (1024 * 1024));
	if (text.len >= mark.len && memcmp(text.at, mark.at, mark.len) == 0) {
		awsfile_note(&read, AWSFILE_MARK, 1, 0);
		rest.at += mark.len;
		rest.len -= mark.len;
	}
	while (!r && awsfile_line_next(&rest, &line))
		r = read_line(&reader, &line);
	end_section(&read, rest.at);
	if (!r)
		r = awsfile_index(&read);
	if (r)
		return err_nomem(err);
	*file = read;
	read = (struct awsfile)AWSFILE_INIT;
	return 0;
}

void awsfile_done(struct awsfile *file)
{
	for (size_t i = 0; i < file->section_count; i++)
		free(file->sections[i].name);
	free(file->sections);
	free(file->order);
	free(file->keys);
	free(file->problems);
	*file = (struct awsfile)AWSFILE_INIT;
}

int awsfile_check(const struct awsfile *file, struct err *err)
{
	const struct awsfile_problem *problem = &file->problem;
	char before[32] = "";

	if (!file->problem_line)
		return 0;
	if (problem->before)
		(void)snprintf(before, sizeof(before), " %zu", problem->before);
	return err_set(err, EBADMSG, "line %zu: %s%s", problem->line,
		awsfile_fault_text(problem->fault), before);
}
