/* Whatever is pasted for several profiles, or in parts: what is accepted is complete, or
 * said not to be; every beginning of it is accepted, too; and the three readers of pastes
 * agree with each other. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "text/paste.h"

enum {
	PREFIXES_MAX = 256, /* longer texts are cut at each n-th place */
};

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void check_paste(const struct paste *paste)
{
	bool keys = secret_is_set(&paste->creds.key_id) &&
		    secret_is_set(&paste->creds.secret_key);

	require(paste->line > 0);
	require(!paste->complete || keys);
	require(!paste->forget || !secret_is_set(&paste->creds.key_id));
	require(!paste->account || strspn(paste->account, "0123456789") == 12);
	require(!paste->account || strlen(paste->account) == 12);
	require(!paste->role || paste->role[0]);
	require(!paste->header || paste->header[0]);
}

static void check_beginnings(struct slice text)
{
	size_t step = text.len / PREFIXES_MAX + 1;

	for (size_t len = 0; len <= text.len; len += step)
		require(!paste_judge_blocks((struct slice){ text.at, len }, NULL));
}

/* One profile is a list of one, unless its own lines already make two of it. */
static void check_part(struct slice text)
{
	_cleanup_paste_ struct paste part = PASTE_INIT;
	_cleanup_paste_ struct paste whole = PASTE_INIT;
	int r = paste_parse_part(text, &part, NULL);
	int w = paste_parse(text, &whole, NULL);

	require(w ? (w == r || w == -ENODATA) : !r);
	if (r)
		return;
	check_paste(&part);
	require(w ? !part.complete : part.complete || part.forget);
	if (!w)
		require(creds_equal(&part.creds, &whole.creds));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	struct paste *list = NULL;
	size_t count = 0;
	struct err err = ERR_INIT;
	int r = paste_parse_blocks(text, &list, &count, &err);

	require(r ? !list && err.text[0] && err.errnum == -r : count > 0);
	for (size_t i = 0; i < count; i++) {
		check_paste(&list[i]);
		require(list[i].complete || list[i].forget);
		require(!i || (list[i].line >= list[i - 1].line && !list[i].force));
	}
	paste_list_free(list, count);
	if (!r || r == -ENODATA)
		check_beginnings(text);
	if (paste_judge_blocks(text, NULL))
		require(r == -EINVAL || r == -EFBIG);
	check_part(text);
	return 0;
}
