/* Whatever is pasted: every beginning of what is accepted is accepted, too; what is
 * accepted is complete; what is a bad beginning is a bad text; no message holds any of
 * it. */
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
	require(paste->forget || secret_is_set(&paste->creds.key_id));
	require(paste->forget || secret_is_set(&paste->creds.secret_key));
	require(!paste->forget || !secret_is_set(&paste->creds.key_id));
	require(paste->expires >= 0);
	require(!paste->header || paste->header[0]);
	for (size_t i = 0; i < paste->extra_count; i++) {
		require(paste->extras[i].name[0] && paste->extras[i].value[0]);
		require(paste->extras[i].line > 0);
	}
}

static void check_beginnings(struct slice text)
{
	size_t step = text.len / PREFIXES_MAX + 1;

	for (size_t len = 0; len <= text.len; len += step)
		require(!paste_judge((struct slice){ text.at, len }, NULL));
	require(!paste_judge(text, NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	_cleanup_paste_ struct paste paste = PASTE_INIT;
	struct err err = ERR_INIT;
	int r = paste_parse(text, &paste, &err);

	if (!r) {
		check_paste(&paste);
		check_beginnings(text);
	} else {
		require(err.text[0] && err.errnum == -r && !paste.extras &&
			!paste.header);
		if (r == -ENODATA)
			check_beginnings(text);
		if (paste_judge(text, &err))
			require(r == -EINVAL || r == -EFBIG);
	}
	return 0;
}
