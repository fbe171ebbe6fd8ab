#include "text/paste_block.h"

#include <errno.h>

#include "text/paste_who.h"
#include "text/time.h"

enum {
	EXTRAS_MAX = 128,
};

struct paste_block *paste_blocks_last(struct paste_blocks *blocks)
{
	return blocks->count ? &blocks->list[blocks->count - 1] : &blocks->first;
}

bool paste_block_has_values(const struct paste_block *block)
{
	for (size_t i = 0; i < PASTE_SLOT_COUNT; i++)
		if (block->lines[i])
			return true;
	return false;
}

bool paste_block_is_empty(const struct paste_block *block)
{
	return !block->paste.forget && !block->in_section && !block->paste.header &&
	       !paste_block_has_values(block);
}

static struct slice value_of(const struct paste_block *block, enum paste_slot slot)
{
	const struct buf *value = &block->values[slot];

	return (struct slice){ buf_text(value), value->len };
}

/* -ENODATA: it lacks something. */
static int check_block(struct paste_block *block, struct err *err)
{
	bool temporary = false, own;

	if (block->paste.forget)
		return 0;
	own = paste_is_aws_key_id(value_of(block, PASTE_KEY_ID), &temporary);
	if (own && block->lines[PASTE_SECRET_KEY] &&
		!paste_is_aws_secret(value_of(block, PASTE_SECRET_KEY)))
		return err_set(err, EINVAL,
			"line %zu: a secret access key of AWS has 40 characters of "
			"A-Z a-z 0-9 / + =, this has %zu; was it cut?",
			block->lines[PASTE_SECRET_KEY],
			value_of(block, PASTE_SECRET_KEY).len);
	for (size_t i = PASTE_KEY_ID; i <= PASTE_SECRET_KEY; i++)
		if (!block->lines[i])
			return err_set(
				err, ENODATA, "`%s' is missing", paste_slot_name(i));
	if (temporary && !block->lines[PASTE_TOKEN])
		return err_set(err, ENODATA,
			"line %zu: a key id with `ASIA' needs its `aws_session_token' "
			"too",
			block->lines[PASTE_KEY_ID]);
	block->paste.complete = true;
	return 0;
}

int paste_blocks_finish(struct paste_blocks *blocks, struct err *err)
{
	struct paste_block *last = paste_blocks_last(blocks);
	int r = check_block(last, err);

	if (r == -ENODATA && blocks->count > 1)
		(void)err_wrap(err, "the profile in line %zu", last->paste.line);
	return r;
}

/* Begins another one: the one before is as complete as it gets. */
static int add_block(struct paste_blocks *blocks, struct err *err)
{
	struct paste_block *list;
	int r = check_block(paste_blocks_last(blocks), err);

	blocks->ended = false;
	if (r) {
		if (err)
			err->errnum = EINVAL;
		(void)err_wrap(err, "the profile in line %zu",
			paste_blocks_last(blocks)->paste.line);
		return -EINVAL;
	}
	list = reallocarray(
		blocks->list, blocks->count + 1 + !blocks->count, sizeof(*list));
	if (!list)
		return err_nomem(err);
	blocks->list = list;
	if (!blocks->count) {
		list[blocks->count++] = blocks->first;
		blocks->first = (struct paste_block)PASTE_BLOCK_INIT;
	}
	list[blocks->count++] = (struct paste_block)PASTE_BLOCK_INIT;
	return 0;
}

void paste_blocks_group(struct paste_blocks *blocks)
{
	blocks->ended = blocks->many && !check_block(paste_blocks_last(blocks), NULL);
}

bool paste_blocks_in_file(struct paste_blocks *blocks)
{
	struct paste_block *block = paste_blocks_last(blocks);

	return block->paste.header && block->in_section &&
	       !(blocks->many && !check_block(block, NULL));
}

/* Something more is told: of the last profile, or of the next. */
static int go_on(struct paste_blocks *blocks, struct err *err)
{
	if (!blocks->ended)
		return 0;
	return add_block(blocks, err);
}

static void begin_at(struct paste_block *block, size_t line)
{
	if (!block->paste.line)
		block->paste.line = line;
}

static int set_who(
	struct paste *paste, struct paste_who who, size_t line, struct err *err)
{
	if (who.account.len && paste->account && !slice_is(who.account, paste->account))
		return err_set(err, EINVAL,
			"line %zu: this tells of another AWS account than the lines "
			"before",
			line);
	if (who.account.len && !paste->account) {
		paste->account = slice_dup(who.account);
		if (!paste->account)
			return err_nomem(err);
	}
	if (who.role.len && !paste->role) {
		paste->role = slice_dup(who.role);
		if (!paste->role)
			return err_nomem(err);
	}
	return 0;
}

static int set_header(
	struct paste_block *block, struct slice name, size_t line, struct err *err)
{
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.at[i] < ' ' || strchr("\x7f[]", name.at[i]))
			return err_set(err, EINVAL,
				"line %zu: this is no name of a profile", line);
	begin_at(block, line);
	block->paste.header = slice_dup(name);
	if (!block->paste.header)
		return err_nomem(err);
	return set_who(&block->paste, paste_who_of_header(name), line, err);
}

int paste_blocks_header(
	struct paste_blocks *blocks, struct slice name, size_t line, struct err *err)
{
	struct paste_block *block = paste_blocks_last(blocks);
	int r = 0;

	if (paste_block_is_empty(block))
		r = 0;
	else if (blocks->many && !block->paste.forget)
		r = add_block(blocks, err);
	else if (block->paste.header)
		return err_set(err, EINVAL,
			"line %zu: a second profile begins here; paste one", line);
	else
		return err_set(err, EINVAL,
			"line %zu: a profile begins here, below other lines", line);
	if (r)
		return r;
	block = paste_blocks_last(blocks);
	block->in_section = true;
	return set_header(block, name, line, err);
}

int paste_blocks_profile(struct paste_blocks *blocks, struct slice name, bool inside,
	size_t line, struct err *err)
{
	struct paste_block *block;
	int r = go_on(blocks, err);

	if (r)
		return r;
	block = paste_blocks_last(blocks);
	if (block->paste.header && slice_is(name, block->paste.header))
		return 0;
	if (!block->paste.header && (inside || !paste_block_has_values(block)))
		return set_header(block, name, line, err);
	if (!blocks->many || inside)
		return err_set(err, EINVAL,
			"line %zu: a second profile begins here; paste one", line);
	r = add_block(blocks, err);
	return r ? r : set_header(paste_blocks_last(blocks), name, line, err);
}

static bool is_same(struct paste_block *block, enum paste_slot slot, struct slice value)
{
	struct slice before = value_of(block, slot);

	return before.len == value.len && memcmp(before.at, value.at, value.len) == 0;
}

int paste_blocks_value(struct paste_blocks *blocks, enum paste_slot slot,
	struct slice value, size_t line, struct err *err)
{
	struct paste_block *block;
	int r = 0;

	if (!value.len)
		return 0;
	r = paste_slot_check(slot, value, line, err);
	if (!r)
		r = go_on(blocks, err);
	if (r)
		return r;
	block = paste_blocks_last(blocks);
	if (block->lines[slot]) {
		if (is_same(block, slot, value))
			return 0;
		if (!blocks->many || !block->lines[PASTE_KEY_ID] ||
			!block->lines[PASTE_SECRET_KEY])
			return err_set(err, EINVAL,
				"line %zu: another `%s' than in line %zu; paste one "
				"profile",
				line, paste_slot_name(slot), block->lines[slot]);
		r = add_block(blocks, err);
		if (r)
			return r;
		block = paste_blocks_last(blocks);
	}
	begin_at(block, line);
	buf_clear(&block->values[slot]);
	buf_add(&block->values[slot], value.at, value.len);
	if (buf_err(&block->values[slot]))
		return err_nomem(err);
	block->lines[slot] = line;
	return 0;
}

bool paste_blocks_expires(struct paste_blocks *blocks, struct slice value)
{
	struct paste *paste = &paste_blocks_last(blocks)->paste;
	int64_t expires;

	if (time_parse(value, &expires) || expires <= 0)
		return false;
	if (!paste->expires || expires < paste->expires)
		paste->expires = expires;
	return true;
}

/* Another account behind a whole set of values is the next profile's. */
static int tell_who(
	struct paste_blocks *blocks, struct paste_who who, size_t line, struct err *err)
{
	struct paste_block *block;
	int r = who.account.len ? go_on(blocks, err) : 0;

	if (r)
		return r;
	block = paste_blocks_last(blocks);
	if (blocks->many && who.account.len && block->paste.account &&
		!slice_is(who.account, block->paste.account) &&
		block->lines[PASTE_KEY_ID] && block->lines[PASTE_SECRET_KEY])
		r = add_block(blocks, err);
	return r ? r : set_who(&paste_blocks_last(blocks)->paste, who, line, err);
}

int paste_blocks_account(
	struct paste_blocks *blocks, struct slice account, size_t line, struct err *err)
{
	struct paste_who who = { .account = account };

	if (!paste_is_account(account))
		return 0;
	return tell_who(blocks, who, line, err);
}

int paste_blocks_arn(
	struct paste_blocks *blocks, struct slice arn, size_t line, struct err *err)
{
	return tell_who(blocks, paste_who_of_arn(arn), line, err);
}

static int refuse_extra(size_t line, const char *why, struct err *err)
{
	return err_set(err, EINVAL, "line %zu: %s", line, why);
}

int paste_blocks_extra(struct paste_blocks *blocks, struct slice name, struct slice value,
	size_t line, struct err *err)
{
	struct paste *paste = &paste_blocks_last(blocks)->paste;
	struct paste_extra extra = { .line = line };
	struct paste_extra *extras;

	for (size_t i = 0; i < paste->extra_count; i++)
		if (slice_is_nocase(name, paste->extras[i].name))
			return slice_is(value, paste->extras[i].value)
				       ? 0
				       : refuse_extra(line,
						 "the same key once more, with another "
						 "value",
						 err);
	if (paste->extra_count == EXTRAS_MAX)
		return refuse_extra(line, "too many keys", err);
	extras = reallocarray(paste->extras, paste->extra_count + 1, sizeof(*extras));
	if (!extras)
		return err_nomem(err);
	paste->extras = extras;
	extra.name = slice_dup(name);
	extra.value = slice_dup(value);
	if (!extra.name || !extra.value) {
		paste_extra_done(&extra);
		return err_nomem(err);
	}
	for (char *c = extra.name; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	paste->extras[paste->extra_count++] = extra;
	return 0;
}

void paste_blocks_drop_extra(struct paste_blocks *blocks)
{
	struct paste *paste = &paste_blocks_last(blocks)->paste;

	if (paste->extra_count)
		paste_extra_done(&paste->extras[--paste->extra_count]);
}

int paste_block_take(struct paste_block *block, struct paste *ret_paste)
{
	struct creds *creds = &block->paste.creds;
	struct secret *const secrets[] = {
		[PASTE_KEY_ID] = &creds->key_id,
		[PASTE_SECRET_KEY] = &creds->secret_key,
		[PASTE_TOKEN] = &creds->token,
	};

	for (size_t i = 0; i < PASTE_SLOT_COUNT; i++) {
		struct slice value = value_of(block, i);

		if (block->lines[i] && secret_set(secrets[i], value.at, value.len))
			return -ENOMEM;
	}
	if (!block->paste.line)
		block->paste.line = 1;
	*ret_paste = block->paste;
	block->paste = (struct paste)PASTE_INIT;
	return 0;
}

static void block_done(struct paste_block *block)
{
	paste_done(&block->paste);
	for (size_t i = 0; i < PASTE_SLOT_COUNT; i++)
		buf_done(&block->values[i]);
}

void paste_blocks_done(struct paste_blocks *blocks)
{
	for (size_t i = 0; i < blocks->count; i++)
		block_done(&blocks->list[i]);
	free(blocks->list);
	block_done(&blocks->first);
	*blocks = (struct paste_blocks)PASTE_BLOCKS_INIT;
}
