#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "text/json.h"
#include "text/paste_scan.h"

enum {
	DEPTH_MAX = 32,
};

struct reader {
	struct paste_scan *scan;
	size_t line;	    /* where the document begins */
	const char *parent; /* name of the object the members are of, or "" */
	bool found;	    /* one of the three values */
	struct err *err;
};

static int take_member(void *arg, const char *name, const struct json *value);

static int take_object(struct reader *reader, const char *name, const struct json *value)
{
	const char *parent = reader->parent;
	int r;

	reader->parent = name;
	r = json_each(value, take_member, reader);
	reader->parent = parent;
	for (size_t i = 0; !r && i < json_count(value); i++)
		r = take_object(reader, name, json_element(value, i));
	return r;
}

/* A number of seconds or milliseconds, or a text. */
static void take_expiry(struct reader *reader, const struct json *value)
{
	const char *text = json_text(value);
	char digits[32];
	double number;

	if (json_number(value, &number) && number > 0 && number < 1e15) {
		(void)snprintf(digits, sizeof(digits), "%.0f", floor(number));
		text = digits;
	}
	if (text)
		(void)paste_blocks_expires(
			&reader->scan->blocks, (struct slice){ text, strlen(text) });
}

static int take_account(struct reader *reader, const struct json *value)
{
	const char *text = json_text(value);
	char digits[32];
	int64_t number;

	if (json_int64(value, &number) && number >= 0) {
		(void)snprintf(digits, sizeof(digits), "%012" PRId64, number);
		text = digits;
	}
	if (!text)
		return 0;
	return paste_blocks_account(&reader->scan->blocks,
		(struct slice){ text, strlen(text) }, reader->line, reader->err);
}

static int take_member(void *arg, const char *name, const struct json *value)
{
	struct reader *reader = arg;
	struct paste_blocks *blocks = &reader->scan->blocks;
	const char *chars = json_text(value);
	struct slice text = { chars ? chars : "", chars ? strlen(chars) : 0 };
	bool loose;
	enum paste_kind kind =
		paste_key_kind((struct slice){ name, strlen(name) }, &loose);

	if (json_is_map(value) || json_is_list(value))
		return take_object(reader, name, value);
	if (kind <= PASTE_KIND_TOKEN) {
		reader->found = reader->found || text.len;
		return paste_blocks_value(
			blocks, (enum paste_slot)kind, text, reader->line, reader->err);
	}
	if (kind == PASTE_KIND_EXPIRES)
		take_expiry(reader, value);
	if (kind == PASTE_KIND_ACCOUNT)
		return take_account(reader, value);
	if (kind == PASTE_KIND_ARN)
		return paste_blocks_arn(blocks, text, reader->line, reader->err);
	if (text.len && strcasecmp(reader->parent, "profile") == 0 &&
		strcasecmp(name, "name") == 0)
		return paste_blocks_profile(
			blocks, text, true, reader->line, reader->err);
	return 0;
}

/* Finds where the document ends, and copies it.  Line ends inside a text are a
 * terminal's: left out there, and put behind it so that lines keep their numbers.
 * NULL: it has no end; *ret_deep: nor one worth waiting for. */
static const char *find_end(
	const char *at, const char *end, struct buf *out, bool *ret_deep)
{
	size_t depth = 0, moved = 0;
	bool inside = false;

	for (; at < end; at++) {
		if (inside && *at == '\n') {
			moved++;
			continue;
		}
		buf_addc(out, *at);
		if (inside && *at == '\\' && at + 1 < end && at[1] != '\n')
			buf_addc(out, *++at);
		else if (*at == '"')
			inside = !inside;
		else if (!inside && strchr("{[", *at))
			depth++;
		else if (!inside && strchr("}]", *at))
			depth--;
		for (; !inside && moved; moved--)
			buf_addc(out, '\n');
		*ret_deep = depth > DEPTH_MAX;
		if (!depth || *ret_deep)
			return *ret_deep ? NULL : at + 1;
	}
	return NULL;
}

static int read_document(struct paste_scan *scan, struct slice text, struct err *err)
{
	_cleanup_json_ struct json *root = NULL;
	struct reader reader = { scan, scan->line, "", false, err };
	int r = json_parse(text, &root, err);

	if (r == -EBADMSG) {
		if (err)
			err->errnum = EINVAL;
		(void)err_wrap(
			err, "line %zu: the document that begins here", scan->line);
		return -EINVAL;
	}
	if (r)
		return r;
	paste_blocks_group(&scan->blocks);
	r = take_object(&reader, "", root);
	paste_blocks_group(&scan->blocks);
	if (!r && !reader.found)
		return paste_refuse(
			scan, "the document that begins here has no credentials", err);
	return r;
}

/* `{` and then `"` or `}`, be it in a later line: otherwise it is a program's. */
static bool is_document(struct paste_scan *scan, const struct paste_cursor *cursor)
{
	struct paste_cursor copy = { cursor->at, scan->end, cursor->met_end };

	if (paste_peek(&copy) != '{')
		return false;
	copy.at++;
	(void)paste_take_span(&copy, " \n");
	return paste_is_any(&copy, "\"}") || paste_is_end(&copy);
}

int paste_take_json(struct paste_scan *scan, struct paste_cursor *cursor, struct err *err)
{
	_cleanup_buf_ struct buf text = BUF_INIT_SECRET;
	const char *from = cursor->at;
	bool deep = false;
	const char *end;
	int r;

	if (!is_document(scan, cursor))
		return PASTE_NOT_MINE;
	scan->met_end = false;
	for (size_t i = 1; i < scan->line; i++)
		buf_addc(&text, '\n'); /* so that its lines have the paste's numbers */
	end = find_end(from, scan->end, &text, &deep);
	if (buf_err(&text))
		return err_nomem(err);
	if (deep)
		return paste_refuse(scan, "this is nested too deeply", err);
	if (!end) {
		cursor->at = cursor->end = scan->end;
		scan->met_end = true;
		return err_set(err, ENODATA,
			"line %zu: the document that begins here has no end", scan->line);
	}
	cursor->at = end;
	cursor->end = memchr(end, '\n', (size_t)(scan->end - end));
	cursor->end = cursor->end ? cursor->end : scan->end;
	r = read_document(scan, (struct slice){ buf_text(&text), text.len }, err);
	if (r)
		return r;
	for (; from < end; from++)
		scan->line += *from == '\n';
	scan->begin = end;
	(void)paste_take_span(cursor, " ,;");
	return 0;
}
