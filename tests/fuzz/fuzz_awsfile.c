/* The first line of the input tells the edit (profile, blank, value), the rest is a file.
 * Whatever the file: it is read; edited, it holds the new values, is still what botocore
 * accepts, all else is read as before, and a second edit has nothing to do. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "text/awsfile.h"

enum {
	WORD_SIZE = 64,
};

static void require(bool condition)
{
	if (!condition)
		abort();
}

static bool has(struct slice text, const char *at, size_t len)
{
	return at >= text.at && at + len <= text.at + text.len;
}

/* Every slice lies in the text, all in order. */
static void check_slices(const struct awsfile *file)
{
	const char *from = file->text.at;

	for (size_t i = 0; i < file->section_count; i++) {
		const struct awsfile_section *section = &file->sections[i];

		require(section->text.at >= from);
		require(has(file->text, section->text.at, section->text.len));
		require(has(section->text, section->header.at, section->header.len));
		require(section->first_key + section->key_count <= file->key_count);
		for (size_t k = 0; k < section->key_count; k++) {
			const struct awsfile_key *key =
				&file->keys[section->first_key + k];

			require(has(section->text, key->lines.at, key->lines.len));
			require(has(key->lines, key->name.at, key->name.len));
			require(has(key->lines, key->value.at, key->value.len));
			require(key->line > section->line &&
				key->line <= file->line_count);
			require(key->parent == SIZE_MAX ||
				key->parent < section->first_key + k);
		}
		from = section->text.at + section->text.len;
	}
}

static bool is_changed(
	const struct awsfile_key *key, const struct awsfile_change *changes)
{
	return slice_is_nocase(key->name, changes[0].key) ||
	       slice_is_nocase(key->name, changes[1].key);
}

/* Prints what must not change: sections, keys and values but those of the edit. */
static void print_others(const struct awsfile *file, const char *name,
	const struct awsfile_change *changes, struct buf *out)
{
	for (size_t i = 0; i < file->section_count; i++) {
		const struct awsfile_section *section = &file->sections[i];
		bool named = section->type == AWSFILE_PROFILE &&
			     strcmp(section->name, name) == 0;

		if (!named)
			buf_add(out, section->header.at, section->header.len);
		for (size_t k = 0; k < section->key_count; k++) {
			const struct awsfile_key *key =
				&file->keys[section->first_key + k];
			const struct awsfile_key *top =
				key->parent == SIZE_MAX ? key : &file->keys[key->parent];

			if (named && is_changed(top, changes))
				continue;
			buf_addc(out, '\n');
			buf_add(out, key->name.at, key->name.len);
			buf_addc(out, '=');
			buf_add(out, key->value.at, key->value.len);
		}
	}
}

static bool texts_equal(const struct buf *a, struct slice b)
{
	return a->len == b.len && (!b.len || memcmp(a->data, b.at, b.len) == 0);
}

static void check_edit(const struct awsfile *before, const char *name,
	const struct awsfile_change *changes, const struct buf *out)
{
	_cleanup_awsfile_ struct awsfile after = AWSFILE_INIT;
	_cleanup_buf_ struct buf wanted = BUF_INIT, got = BUF_INIT, again = BUF_INIT;
	struct slice text = { buf_text(out), out->len }, value = { NULL, 0 };

	require(!awsfile_parse(&after, AWSFILE_CREDENTIALS, text, NULL));
	check_slices(&after);
	require(awsfile_get(&after, AWSFILE_PROFILE, name, changes[0].key, &value));
	require(slice_is(value, changes[0].value));
	require(!awsfile_get(&after, AWSFILE_PROFILE, name, changes[1].key, &value));
	require(!awsfile_edit(text, name, changes, 2, &again, NULL));
	require(texts_equal(&again, text));
	if (texts_equal(out, before->text))
		return;
	require(!awsfile_check(&after, NULL));
	print_others(before, name, changes, &wanted);
	print_others(&after, name, changes, &got);
	require(texts_equal(&got, (struct slice){ buf_text(&wanted), wanted.len }));
}

static void take_word(struct slice *rest, char word[static WORD_SIZE])
{
	size_t len = 0;

	while (len < rest->len && len < WORD_SIZE - 1 && rest->at[len] != ' ' &&
		rest->at[len] != '\n' && rest->at[len])
		len++;
	memcpy(word, rest->at, len);
	word[len] = '\0';
	rest->at += len;
	rest->len -= len;
	if (rest->len) {
		rest->at++;
		rest->len--;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = { (const char *)data, size };
	char name[WORD_SIZE], new_value[WORD_SIZE];
	struct awsfile_change changes[] = {
		{ "aws_session_token", new_value },
		{ "aws_security_token", NULL },
	};
	_cleanup_awsfile_ struct awsfile file = AWSFILE_INIT, config = AWSFILE_INIT;
	_cleanup_buf_ struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	int r;

	if (!size)
		return 0;
	take_word(&rest, name);
	take_word(&rest, new_value);
	require(!awsfile_parse(&config, AWSFILE_CONFIG, rest, &err));
	check_slices(&config);
	require(!awsfile_parse(&file, AWSFILE_CREDENTIALS, rest, &err));
	check_slices(&file);
	r = awsfile_edit(rest, name, changes, 2, &out, &err);
	require(!r || err.text[0]);
	if (!r)
		check_edit(&file, name, changes, &out);
	return 0;
}
