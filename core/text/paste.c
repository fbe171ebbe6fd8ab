#include "text/paste.h"

#include <errno.h>
#include <string.h>

#include "text/paste_line.h"

enum {
	AWS_SECRET_LEN = 40,
};

static int check_size(struct slice text, struct err *err)
{
	if (text.len > PASTE_LIMIT)
		return err_set(
			err, EFBIG, "the text is longer than %d KiB", PASTE_LIMIT / 1024);
	return 0;
}

/* @open: the last line may go on. */
static int scan_text(
	struct paste_scan *scan, struct slice rest, bool open, struct err *err)
{
	int r = 0;

	while (!r && rest.len) {
		const char *end = memchr(rest.at, '\n', rest.len);
		size_t len = end ? (size_t)(end - rest.at) : rest.len;

		r = paste_scan_line(
			scan, (struct slice){ rest.at, len }, open && !end, err);
		len += end ? 1 : 0;
		rest.at += len;
		rest.len -= len;
	}
	return r;
}

static bool is_aws_secret(struct slice secret)
{
	for (size_t i = 0; i < secret.len; i++)
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			    "0123456789/+=",
			    secret.at[i]))
			return false;
	return secret.len == AWS_SECRET_LEN;
}

static int check_values(const struct paste_scan *scan, struct err *err)
{
	struct slice key_id = scan->values[PASTE_KEY_ID];
	struct slice secret = scan->values[PASTE_SECRET_KEY];
	bool temporary, own;

	for (size_t i = PASTE_KEY_ID; i <= PASTE_SECRET_KEY; i++)
		if (!scan->value_lines[i])
			return err_set(
				err, ENODATA, "`%s' is missing", paste_slot_name(i));
	temporary = key_id.len >= 4 && memcmp(key_id.at, "ASIA", 4) == 0;
	own = temporary || (key_id.len >= 4 && memcmp(key_id.at, "AKIA", 4) == 0);
	if (own && !is_aws_secret(secret))
		return err_set(err, EINVAL,
			"line %zu: a secret access key of AWS has %d characters of "
			"A-Z a-z 0-9 / + =, this has %zu; was it cut?",
			scan->value_lines[PASTE_SECRET_KEY], AWS_SECRET_LEN, secret.len);
	if (temporary && !scan->value_lines[PASTE_TOKEN])
		return err_set(err, ENODATA,
			"line %zu: a key id with `ASIA' needs its `aws_session_token' "
			"too",
			scan->value_lines[PASTE_KEY_ID]);
	return 0;
}

/* `123456789012_Role`, as the portal names its sections. */
static bool split_header(const char *header, struct paste *paste)
{
	enum { DIGITS = 12 };

	if (strspn(header, "0123456789") != DIGITS || header[DIGITS] != '_' ||
		!header[DIGITS + 1])
		return true;
	paste->account = strndup(header, DIGITS);
	paste->role = strdup(header + DIGITS + 1);
	return paste->account && paste->role;
}

static int give_values(const struct paste_scan *scan, struct paste *paste)
{
	struct secret *const secrets[] = {
		[PASTE_KEY_ID] = &paste->creds.key_id,
		[PASTE_SECRET_KEY] = &paste->creds.secret_key,
		[PASTE_TOKEN] = &paste->creds.token,
	};
	int r = 0;

	for (size_t i = 0; !r && i < PASTE_SLOT_COUNT; i++)
		if (scan->value_lines[i])
			r = secret_set(
				secrets[i], scan->values[i].at, scan->values[i].len);
	if (!r && scan->header_line) {
		paste->header = slice_dup(scan->header);
		r = paste->header && split_header(paste->header, paste) ? 0 : -ENOMEM;
	}
	return r;
}

/* Takes a first line `force` off. */
static bool take_force(struct slice *text, bool open)
{
	const char *end = text->len ? memchr(text->at, '\n', text->len) : NULL;
	struct slice line = { text->at, end ? (size_t)(end - text->at) : text->len };

	while (line.len && line.at[line.len - 1] == ' ')
		line.len--;
	if (open && !end && line.len && line.len <= 5 &&
		strncmp(line.at, "force", line.len) == 0) {
		text->len = 0;
		return true;
	}
	if (!slice_is(line, "force"))
		return false;
	line.len = end ? (size_t)(end - text->at) + 1 : text->len;
	text->at += line.len;
	text->len -= line.len;
	return true;
}

/* @text is clean; its first line is number @line. */
static int parse_one(struct slice text, size_t line, bool part, struct paste *ret_paste,
	struct err *err)
{
	_cleanup_(paste_scan_done) struct paste_scan scan = PASTE_SCAN_INIT;
	_cleanup_paste_ struct paste paste = PASTE_INIT;
	int r;

	paste.line = line;
	paste.force = line == 1 && take_force(&text, false);
	scan.line = line - 1 + paste.force;
	r = scan_text(&scan, text, false, err);
	if (r)
		return r;
	if (!scan.forget_line) {
		r = check_values(&scan, err);
		if (r && !(part && r == -ENODATA))
			return r;
		paste.complete = !r;
		if (give_values(&scan, &paste))
			return err_nomem(err);
	}
	paste.forget = scan.forget_line != 0;
	paste.expires = scan.expires;
	paste.extras = take_ptr(scan.extras);
	paste.extra_count = scan.extra_count;
	scan.extra_count = 0;
	*ret_paste = paste;
	paste = (struct paste)PASTE_INIT;
	return 0;
}

static int clean(struct slice text, bool open, struct buf *plain, struct err *err)
{
	int r = check_size(text, err);

	return r ? r : paste_clean(text, open, plain, err);
}

int paste_parse(struct slice text, struct paste *ret_paste, struct err *err)
{
	_cleanup_buf_ struct buf plain = BUF_INIT_SECRET;
	int r = clean(text, false, &plain, err);

	return r ? r
		 : parse_one((struct slice){ buf_text(&plain), plain.len }, 1, false,
			   ret_paste, err);
}

int paste_parse_part(struct slice text, struct paste *ret_paste, struct err *err)
{
	_cleanup_buf_ struct buf plain = BUF_INIT_SECRET;
	int r = clean(text, false, &plain, err);

	if (r)
		return r;
	return parse_one(
		(struct slice){ buf_text(&plain), plain.len }, 1, true, ret_paste, err);
}

/* Cuts the lines up to the next `[` off. */
static struct slice next_block(struct slice *rest, size_t *line)
{
	struct slice block = { rest->at, 0 };
	bool something = false;

	while (rest->len) {
		const char *end = memchr(rest->at, '\n', rest->len);
		size_t len = end ? (size_t)(end - rest->at) + 1 : rest->len;
		const char *first = rest->at;

		while (first < rest->at + len && *first == ' ')
			first++;
		if (something && first < rest->at + len && *first == '[')
			break;
		something =
			something || (first < rest->at + len && !strchr("\n#;", *first));
		block.len += len;
		rest->at += len;
		rest->len -= len;
		*line += end ? 1 : 0;
	}
	return block;
}

int paste_parse_blocks(
	struct slice text, struct paste **ret_list, size_t *ret_count, struct err *err)
{
	_cleanup_buf_ struct buf plain = BUF_INIT_SECRET;
	struct paste *list = NULL;
	size_t count = 0, line = 1;
	struct slice rest;
	int r = clean(text, false, &plain, err);

	rest = (struct slice){ buf_text(&plain), plain.len };
	do {
		struct paste *more;
		size_t first = line;
		struct slice block;

		if (r)
			break;
		block = next_block(&rest, &line);
		more = reallocarray(list, count + 1, sizeof(*list));
		if (!more) {
			r = err_nomem(err);
			break;
		}
		list = more;
		list[count] = (struct paste)PASTE_INIT;
		r = parse_one(block, first, false, &list[count], err);
		count += !r;
	} while (!r && rest.len);
	if (r) {
		paste_list_free(list, count);
		return r;
	}
	*ret_list = list;
	*ret_count = count;
	return 0;
}

static int judge(struct slice text, struct err *err)
{
	_cleanup_(paste_scan_done) struct paste_scan scan = PASTE_SCAN_INIT;

	scan.line = take_force(&text, true) ? 1 : 0;
	return scan_text(&scan, text, true, err);
}

int paste_judge(struct slice begin, struct err *err)
{
	_cleanup_buf_ struct buf plain = BUF_INIT_SECRET;
	int r = clean(begin, true, &plain, err);

	return r ? r : judge((struct slice){ buf_text(&plain), plain.len }, err);
}

int paste_judge_blocks(struct slice begin, struct err *err)
{
	_cleanup_buf_ struct buf plain = BUF_INIT_SECRET;
	size_t line = 1;
	struct slice rest;
	int r = clean(begin, true, &plain, err);

	rest = (struct slice){ buf_text(&plain), plain.len };
	while (!r && rest.len) {
		_cleanup_paste_ struct paste paste = PASTE_INIT;
		size_t first = line;
		struct slice block = next_block(&rest, &line);

		if (!rest.len)
			return judge(block, err);
		r = parse_one(block, first, false, &paste, err);
	}
	return r == -ENODATA ? err_set(err, EINVAL,
				       "a profile before line %zu is not complete", line)
			     : r;
}

void paste_done(struct paste *paste)
{
	for (size_t i = 0; i < paste->extra_count; i++)
		paste_extra_done(&paste->extras[i]);
	free(paste->extras);
	free(paste->header);
	free(paste->account);
	free(paste->role);
	creds_done(&paste->creds);
	*paste = (struct paste)PASTE_INIT;
}

struct paste *paste_list_free(struct paste *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		paste_done(&list[i]);
	free(list);
	return NULL;
}
