/* `aws configure set [profile.NAME.]KEY VALUE [--profile NAME]` */
#include <errno.h>

#include "text/paste_scan.h"

#define NAME_CHARS \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./%@+=:,-"

struct command {
	struct slice profile;
	struct slice key;
	struct slice value;
	enum paste_kind kind;
};

/* A word, quoted or not. */
static struct slice take_word(struct paste_cursor *cursor)
{
	struct slice word = { cursor->at, 0 };
	char quote = '\0';

	if (paste_is_any(cursor, "\"'"))
		quote = *cursor->at++;
	if (quote) {
		const char quotes[] = { quote, '\0' };

		word = paste_take_until(cursor, quotes);
		(void)paste_take_any(cursor, quotes);
	} else {
		word = paste_take_span(cursor, NAME_CHARS);
	}
	(void)paste_take_blanks(cursor);
	return word;
}

/* Takes options, up to the next word that is none. */
static void take_options(struct command *command, struct paste_cursor *cursor)
{
	for (;;) {
		bool profile = paste_take_word(cursor, "--profile");
		struct slice value;

		if (!profile && !paste_take_word(cursor, "--region"))
			return;
		if (!paste_take_any(cursor, "="))
			(void)paste_take_blanks(cursor);
		value = take_word(cursor);
		if (profile)
			command->profile = value;
	}
}

static bool begins(struct slice text, const char *word)
{
	return text.len > strlen(word) && memcmp(text.at, word, strlen(word)) == 0;
}

/* `profile.NAME.KEY` and `default.KEY` */
static void split_key(struct command *command)
{
	struct slice key = command->key;
	struct slice name = key;

	while (name.len && name.at[name.len - 1] != '.')
		name.len--;
	if (!name.len)
		return;
	command->key = (struct slice){ key.at + name.len, key.len - name.len };
	name.len--;
	if (begins(name, "profile.")) {
		name.at += strlen("profile.");
		name.len -= strlen("profile.");
	}
	command->profile = name;
}

static int take_set(struct paste_scan *scan, struct command *command,
	struct paste_cursor *cursor, struct err *err)
{
	bool loose = false;
	int r;

	command->key = take_word(cursor);
	split_key(command);
	command->kind = paste_key_kind(command->key, &loose);
	if (!command->key.len || paste_is_end(cursor))
		return paste_refuse(scan, "a key and its value are missing here", err);
	if (command->profile.len) {
		r = paste_blocks_profile(
			&scan->blocks, command->profile, false, scan->line, err);
		if (r)
			return r;
	}
	if (command->kind <= PASTE_KIND_TOKEN && !loose) {
		r = paste_take_value(scan, cursor, (enum paste_slot)command->kind, '\0',
			&command->value, err);
		if (r)
			return r;
		(void)paste_take_blanks(cursor);
	} else {
		command->value = take_word(cursor);
		command->kind = loose ? PASTE_KIND_UNKNOWN : command->kind;
	}
	take_options(command, cursor);
	return 0;
}

static int give(struct paste_scan *scan, const struct command *command, struct err *err)
{
	struct paste_blocks *blocks = &scan->blocks;
	int r = 0;

	if (command->profile.len)
		r = paste_blocks_profile(
			blocks, command->profile, false, scan->line, err);
	if (r || !command->value.len)
		return r;
	if (command->kind <= PASTE_KIND_TOKEN) {
		r = paste_blocks_value(blocks, (enum paste_slot)command->kind,
			command->value, scan->line, err);
		/* it may have begun the next profile, with the same name */
		return r || !command->profile.len
			       ? r
			       : paste_blocks_profile(
					 blocks, command->profile, true, scan->line, err);
	}
	if (command->kind == PASTE_KIND_EXPIRES &&
		paste_blocks_expires(blocks, command->value))
		return 0;
	return paste_blocks_extra(blocks, command->key, command->value, scan->line, err);
}

int paste_take_configure(
	struct paste_scan *scan, struct paste_cursor *cursor, struct err *err)
{
	struct command command = { .kind = PASTE_KIND_UNKNOWN };
	int r;

	take_options(&command, cursor);
	if (!paste_take_word(cursor, "configure") || !paste_take_blanks(cursor))
		return PASTE_NOT_MINE;
	take_options(&command, cursor);
	if (!paste_take_word(cursor, "set") || !paste_take_blanks(cursor))
		return PASTE_NOT_MINE;
	take_options(&command, cursor);
	scan->last.command = scan->last.word = true;
	scan->last.passed = scan->last.opened = false;
	r = take_set(scan, &command, cursor, err);
	return r ? r : give(scan, &command, err);
}
