/* Any bytes, read as either file: findings are of its lines, in order, bounded, and one is
 * there when botocore refuses the file. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/awslint.h"

static void require(bool condition)
{
	if (!condition)
		abort();
}

static size_t editor_lines(struct slice text)
{
	size_t count = 1;

	for (size_t i = 0; i < text.len; i++)
		count += text.at[i] == '\n';
	return count;
}

/* Each line is `f:NUMBER: text`, printable. */
static void check_output(const struct buf *out, size_t limit)
{
	const char *at = buf_text(out), *end;
	size_t last = 1, lines = 0;

	for (; (end = strchr(at, '\n')); at = end + 1, lines++) {
		char *colon;
		size_t number;

		require(at[0] == 'f' && at[1] == ':');
		number = strtoul(at + 2, &colon, 10);
		require(colon[0] == ':' && colon[1] == ' ' && colon + 2 < end);
		require(number >= last && number <= limit);
		for (; colon < end; colon++)
			require(*colon >= ' ' && *colon <= '~');
		last = number;
	}
	require(!*at && lines <= AWSLINT_LIMIT + 1);
}

static void check(enum awsfile_kind kind, struct slice text)
{
	_cleanup_awsfile_ struct awsfile file = AWSFILE_INIT;
	_cleanup_awslint_ struct awslint lint = AWSLINT_INIT;
	_cleanup_buf_ struct buf out = BUF_INIT;

	require(!awsfile_parse(&file, kind, text, NULL));
	awslint_check(&lint, kind, &file);
	for (size_t i = 0; i < lint.count; i++) {
		/* a byte order mark may be all there is */
		require(lint.list[i].line >= 1 &&
			lint.list[i].line <= (file.line_count ? file.line_count : 1));
		require(lint.list[i].other <= file.line_count);
	}
	require(!awsfile_check(&file, NULL) || lint.count);
	require(!awslint_print(&lint, &file, "f", &out));
	check_output(&out, editor_lines(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check(AWSFILE_CREDENTIALS, (struct slice){ (const char *)data, size });
	check(AWSFILE_CONFIG, (struct slice){ (const char *)data, size });
	return 0;
}
