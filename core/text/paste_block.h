/* paste_block: collects what the lines and documents of a paste tell, one block for each
 * profile.  For paste_*.c.  Pure. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "text/paste.h"
#include "text/paste_key.h"

struct paste_block {
	struct paste paste; /* without the values */
	struct buf values[PASTE_SLOT_COUNT];
	size_t lines[PASTE_SLOT_COUNT]; /* where each value stands; 0: not there */
	bool in_section; /* a header or a section's key was seen: any key may follow */
};

#define PASTE_BLOCK_INIT                                                        \
	{                                                                       \
		.values = { BUF_INIT_SECRET, BUF_INIT_SECRET, BUF_INIT_SECRET } \
	}

struct paste_blocks {
	bool many;  /* more than one profile is fine */
	bool ended; /* the last one is over, unless it lacks something */
	struct paste_block *list;
	size_t count;
	struct paste_block first; /* `list', as long as there is one only */
};

#define PASTE_BLOCKS_INIT                 \
	{                                 \
		.first = PASTE_BLOCK_INIT \
	}

/* The block that is being filled. */
struct paste_block *paste_blocks_last(struct paste_blocks *blocks);

bool paste_block_has_values(const struct paste_block *block);

/* Whether the lines are those of a section of a credentials file; not when it is whole,
 * and another profile may follow. */
bool paste_blocks_in_file(struct paste_blocks *blocks);

/* Whether no form has been seen yet. */
bool paste_block_is_empty(const struct paste_block *block);

/* A new document or shell command: another profile's values may follow. */
void paste_blocks_group(struct paste_blocks *blocks);

/* `[name]` begins a profile. */
int paste_blocks_header(
	struct paste_blocks *blocks, struct slice name, size_t line, struct err *err);

/* What follows is the named profile's (as with `--profile NAME`); @inside: so is what
 * came before in the same document. */
int paste_blocks_profile(struct paste_blocks *blocks, struct slice name, bool inside,
	size_t line, struct err *err);

/* One of the three values; an empty one is none. */
int paste_blocks_value(struct paste_blocks *blocks, enum paste_slot slot,
	struct slice value, size_t line, struct err *err);

/* Whether it is a time.  The earliest counts, when several disagree: a warning too soon
 * beats one too late. */
bool paste_blocks_expires(struct paste_blocks *blocks, struct slice value);

/* 12 digits or an ARN; other text tells nothing. */
int paste_blocks_account(
	struct paste_blocks *blocks, struct slice account, size_t line, struct err *err);
int paste_blocks_arn(
	struct paste_blocks *blocks, struct slice arn, size_t line, struct err *err);

int paste_blocks_extra(struct paste_blocks *blocks, struct slice name, struct slice value,
	size_t line, struct err *err);
void paste_blocks_drop_extra(struct paste_blocks *blocks); /* the newest */
void paste_extra_done(struct paste_extra *extra);	   /* wipes and frees */

/* Nothing follows.  -ENODATA: the last block is not complete. */
int paste_blocks_finish(struct paste_blocks *blocks, struct err *err);

/* Makes the values the paste's, and gives it to the caller.  0 or -ENOMEM. */
int paste_block_take(struct paste_block *block, struct paste *ret_paste);

void paste_blocks_done(struct paste_blocks *blocks); /* wipes; safe twice */
