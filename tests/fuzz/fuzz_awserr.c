/* Whatever an answer says, and wherever it echoes a token or a key id, neither is shown.
 *
 * First byte: status; then header values, each up to a line end; the rest is the body.
 * `@` in any of them stands for a session token, `^` for a key id. */
#include <stdint.h>
#include <string.h>

#include "aws/awserr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char token[] =
	"FwoGZXIvYXdzEK3q9LrTw7HnZcVb2Xm5PdYs8UgJ4e+Rk6t/Ai1NhWfBoQ==";
enum {
	PIECE = 12,
};

static const char key_id[] = "ASIAIOSFODNN7EXAMPLE";

static void check(bool good)
{
	if (!good)
		abort();
}

static void plant(struct buf *out, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (data[i] == '@')
			buf_adds(out, token);
		else if (data[i] == '^')
			buf_adds(out, key_id);
		else
			buf_addc(out, (char)data[i]);
	}
}

/* No piece of the token that the input did not hold itself, and not the whole key id. */
static void check_shown(const char *text, const uint8_t *data, size_t size)
{
	char piece[PIECE + 1] = "";

	for (size_t i = 0; i + PIECE < sizeof(token); i++) {
		memcpy(piece, token + i, PIECE);
		check(!strstr(text, piece) || memmem(data, size, piece, PIECE));
	}
	check(!strstr(text, key_id));
	for (; *text; text++)
		check(*text >= ' ' && *text <= '~');
}

static const uint8_t *take_line(const uint8_t *data, const uint8_t *end, struct buf *out)
{
	const uint8_t *line = memchr(data, '\n', (size_t)(end - data));

	plant(out, data, (size_t)((line ? line : end) - data));
	return line ? line + 1 : end;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "date", "x-amz-bucket-region",
		"x-amz-retry-after", "x-amzn-errortype" };
	static const int statuses[] = { 200, 301, 307, 400, 401, 403, 404, 429, 500,
		503 };
	_cleanup_http_answer_ struct http_answer answer = HTTP_ANSWER_INIT;
	const uint8_t *input = data, *end = data + size;
	struct awserr awserr;
	struct err err = ERR_INIT;

	if (!size)
		return 0;
	answer.status = statuses[*data++ % ARRAY_SIZE(statuses)];
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_buf_ struct buf value = BUF_INIT;

		data = take_line(data, end, &value);
		if (value.len)
			check(!http_headers_add(
				&answer.headers, names[i], buf_text(&value)));
	}
	plant(&answer.body, data, (size_t)(end - data));
	(void)awserr_is_refusal(&answer);
	awserr_read(&answer, 1440938160, &awserr);
	check(awserr.code[0] && awserr.class <= AWSERR_OTHER);
	check(awserr_to_err(&awserr, &err) == -err.errnum && err.errnum > 0);
	check_shown(awserr.code, input, size);
	check_shown(awserr.message, input, size);
	check_shown(err.text, input, size);
	return 0;
}
