/* paste_key: what the names in a paste mean, and what their values can be.  For paste_*.c.
 * Pure. */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/slice.h"

enum paste_slot {
	PASTE_KEY_ID,
	PASTE_SECRET_KEY,
	PASTE_TOKEN,
	PASTE_SLOT_COUNT,
};

enum paste_kind {
	PASTE_KIND_KEY_ID = PASTE_KEY_ID,
	PASTE_KIND_SECRET_KEY = PASTE_SECRET_KEY,
	PASTE_KIND_TOKEN = PASTE_TOKEN,
	PASTE_KIND_EXPIRES,
	PASTE_KIND_ACCOUNT,
	PASTE_KIND_ARN,
	PASTE_KIND_EXTRA, /* a setting of the credentials file */
	PASTE_KIND_IGNORED,
	PASTE_KIND_UNKNOWN,
};

/* Names a program may call a value by, in any case, with or without `_` and `-`.
 * @ret_loose: it is no name of the credentials file, so in a section it is just a key. */
enum paste_kind paste_key_kind(struct slice name, bool *ret_loose);

/* What the slot's key is called in a credentials file. */
const char *paste_slot_name(enum paste_slot slot);

/* All characters a value can have, and how many of them. */
const char *paste_slot_chars(enum paste_slot slot);
size_t paste_slot_max(enum paste_slot slot);

/* Whether the whole value can be one. */
bool paste_slot_fits(enum paste_slot slot, struct slice value);

/* -EINVAL: no value for this slot; @line is for the message. */
int paste_slot_check(
	enum paste_slot slot, struct slice value, size_t line, struct err *err);

/* A secret access key in the form of AWS's own. */
bool paste_is_aws_secret(struct slice value);

/* Whether it begins as all key ids of AWS's own do; *ret_temporary: those with a token. */
bool paste_is_aws_key_id(struct slice value, bool *ret_temporary);

/* Which value stands alone on a line, told by its form: PASTE_SLOT_COUNT when none. */
enum paste_slot paste_bare_slot(struct slice value);
