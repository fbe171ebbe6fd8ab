/* tool_file_update PATH TEXTFILE: one file_update() that makes TEXTFILE's text the text
 * of PATH.  tests/e2e/file_faults.sh lets it fail at every system call. */
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "io/clock.h"
#include "io/file.h"

enum {
	LIMIT = 1 << 20,
	PATIENCE_MS = 10000,
};

static int use_text(
	void *arg, const struct buf *old, struct buf *out, struct err *err _unused_)
{
	const struct buf *text = arg;

	(void)old;
	buf_add(out, buf_text(text), text->len);
	return 0;
}

int main(int argc, char **argv)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	struct patience patience = { .deadline = clock_monotonic_ms() + PATIENCE_MS };
	struct file_version version;
	struct err err = ERR_INIT;
	bool changed;

	if (argc != 3) {
		(void)fprintf(stderr, "usage: tool_file_update PATH TEXTFILE\n");
		return 2;
	}
	struct file_update update = {
		.path = argv[1],
		.limit = LIMIT,
		.edit = use_text,
		.arg = &text,
		.patience = &patience,
	};
	if (file_read(argv[2], LIMIT, &text, &version, &err) ||
		file_update(&update, &version, &changed, &err)) {
		(void)fprintf(stderr, "tool_file_update: %s\n", err.text);
		return 1;
	}
	return 0;
}
