/* paste_scan: a paste from its first line to its last.  For paste_*.c.  Pure.
 *
 * The parts: paste_line.c tells what kind of line it is, paste_statement.c reads
 * `NAME=VALUE` in the manner of every shell and language, paste_json.c documents,
 * paste_token.c a token that goes on in the next line, and paste_block.c keeps what they
 * tell. */
#pragma once

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "text/paste_block.h"
#include "text/paste_cursor.h"

/* Answer of the functions that try whether a line is theirs: it is not. */
enum { PASTE_NOT_MINE = 1 };

/* A token whose line may have been too short for it. */
struct paste_token {
	size_t line; /* 0: there is none */
	struct buf text;
	char quote;	/* that has to close it, or '\0' */
	bool bare;	/* without a name */
	size_t width;	/* of the line it began in */
	size_t current; /* of the line it is in */
};

struct paste_scan {
	struct paste_blocks blocks;
	struct paste_token token;
	const char *end;   /* of the whole text */
	const char *begin; /* of this line */
	size_t line;	   /* number of this line, from 1 */
	bool met_end;	   /* see paste_cursor.h */
	bool force;
	bool fragment;	/* of a program or a configuration: other lines are passed over */
	bool continued; /* the line before goes on in this one */
	struct {
		bool command; /* an assignment of a shell: a command may be behind it */
		bool word;    /* there was a word like `export` */
		bool passed;  /* its value is of no interest */
		bool opened;  /* its value are other assignments */
	} last;		      /* of the statements */
	/* what a deeper indented line would continue, and the indent of that */
	enum { BELOW_NOTHING, BELOW_EXTRA, BELOW_GROUP } below;
	size_t indent;
};

#define PASTE_SCAN_INIT                                                          \
	{                                                                        \
		.blocks = PASTE_BLOCKS_INIT, .token = {.text = BUF_INIT_SECRET } \
	}

/* Reads all lines.  @open: the last one may go on, and is good as long as it can become
 * good.  The text has to stay where it is.  -EINVAL, -ENODATA: a document has no end. */
int paste_scan_text(
	struct paste_scan *scan, struct slice text, bool open, struct err *err);

/* The text is over.  -ENODATA: something is missing. */
int paste_scan_finish(struct paste_scan *scan, struct err *err);
void paste_scan_done(struct paste_scan *scan); /* wipes; safe twice */

/* Always -EINVAL. */
int paste_refuse(const struct paste_scan *scan, const char *why, struct err *err);

/* Appends @text to @out with line ends made LF, odd blanks made blanks and invisible
 * characters left out.  @open: more may follow, the last character may be unfinished.
 * -EINVAL: a control character or no UTF-8. */
int paste_clean(struct slice text, bool open, struct buf *out, struct err *err);

/* Takes the line under the cursor; of a document all its lines, and then the cursor's
 * end is that of the last. */
int paste_take_line(
	struct paste_scan *scan, struct paste_cursor *cursor, struct err *err);

/* Takes a shell's prompt off; whether a command can be expected behind it. */
bool paste_take_prompt(struct paste_cursor *cursor);

/* Takes assignments, one or more.  PASTE_NOT_MINE: it begins with none. */
int paste_take_statements(struct paste_scan *scan, struct paste_cursor *cursor,
	size_t indent, struct err *err);

/* Takes one.  @first: on its line, which is indented by @indent. */
int paste_take_statement(struct paste_scan *scan, struct paste_cursor *cursor, bool first,
	size_t indent, struct err *err);

/* Takes `aws configure set ...`, from behind the `aws`. */
int paste_take_configure(
	struct paste_scan *scan, struct paste_cursor *cursor, struct err *err);

/* Takes a value, in quotes or not.  @quote: the opening one is behind us.  A token that
 * ends with its line goes to paste_keep_token(), and the value is empty then. */
int paste_take_value(struct paste_scan *scan, struct paste_cursor *cursor,
	enum paste_slot slot, char quote, struct slice *ret_value, struct err *err);

/* Passes one over that is of no interest. */
void paste_pass_value(struct paste_cursor *cursor, char quote);

/* Takes a point in time; nothing, and false, when there is none. */
bool paste_take_expiry(struct paste_scan *scan, struct paste_cursor *cursor, char quote);

/* Whether a call of .NET, which begins with a `[`, stands under the cursor. */
bool paste_is_call(struct paste_cursor cursor);

/* Takes the value of a slot and what may stand behind it on the line. */
int paste_take_labelled(struct paste_scan *scan, struct paste_cursor *cursor,
	enum paste_slot slot, struct err *err);

/* Takes a JSON document that begins under the cursor; PASTE_NOT_MINE: it is none. */
int paste_take_json(
	struct paste_scan *scan, struct paste_cursor *cursor, struct err *err);

/* Gives the token that ends with its line to the block, now or when the next line has
 * shown that it is whole.  @quote: one that is not closed yet, or '\0'. */
int paste_keep_token(struct paste_scan *scan, struct slice token, char quote, bool bare,
	const struct paste_cursor *cursor, struct err *err);

/* Takes a line that continues the token.  PASTE_NOT_MINE: it does not, and what there was
 * has been given to the block. */
int paste_continue_token(
	struct paste_scan *scan, struct paste_cursor *cursor, struct err *err);

/* The token is whole.  -ENODATA: its closing quote is missing. */
int paste_end_token(struct paste_scan *scan, struct err *err);

/* Whether a command may follow the assignments so far. */
bool paste_may_be_command(struct paste_scan *scan);

/* Takes what may stand behind a value. */
int paste_take_behind(
	struct paste_scan *scan, struct paste_cursor *cursor, struct err *err);
