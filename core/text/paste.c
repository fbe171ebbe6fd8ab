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
		return err_set(err, EINVAL,
			"line %zu: a key id with `ASIA' needs its `aws_session_token' "
			"too",
			scan->value_lines[PASTE_KEY_ID]);
	return 0;
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
		r = paste->header ? 0 : -ENOMEM;
	}
	return r;
}

int paste_parse(struct slice text, struct paste *ret_paste, struct err *err)
{
	_cleanup_buf_ struct buf plain = BUF_INIT_SECRET;
	_cleanup_(paste_scan_done) struct paste_scan scan = PASTE_SCAN_INIT;
	_cleanup_paste_ struct paste paste = PASTE_INIT;
	int r = check_size(text, err);

	if (!r)
		r = paste_clean(text, false, &plain, err);
	if (!r)
		r = scan_text(
			&scan, (struct slice){ buf_text(&plain), plain.len }, false, err);
	if (r)
		return r;
	if (!scan.forget_line) {
		r = check_values(&scan, err);
		if (r)
			return r;
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

int paste_judge(struct slice begin, struct err *err)
{
	_cleanup_buf_ struct buf plain = BUF_INIT_SECRET;
	_cleanup_(paste_scan_done) struct paste_scan scan = PASTE_SCAN_INIT;
	int r = check_size(begin, err);

	if (!r)
		r = paste_clean(begin, true, &plain, err);
	if (!r)
		r = scan_text(
			&scan, (struct slice){ buf_text(&plain), plain.len }, true, err);
	return r;
}

void paste_done(struct paste *paste)
{
	for (size_t i = 0; i < paste->extra_count; i++)
		paste_extra_done(&paste->extras[i]);
	free(paste->extras);
	free(paste->header);
	creds_done(&paste->creds);
	*paste = (struct paste)PASTE_INIT;
}
