#include "base/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

void buf_done(struct buf *buf)
{
	if (buf->secret && buf->data)
		explicit_bzero(buf->data, buf->cap);
	free(buf->data);
	buf->data = NULL;
	buf->len = buf->cap = 0;
	buf->error = 0;
}

void buf_clear(struct buf *buf)
{
	buf_cut(buf, 0);
	buf->error = 0;
}

char *buf_room(struct buf *buf, size_t len)
{
	size_t cap = buf->cap ? buf->cap : 128;
	char *data;

	if (buf->error)
		return NULL;
	if (len >= SIZE_MAX / 2 - buf->len) {
		buf->error = ENOMEM;
		return NULL;
	}
	if (buf->len + len < buf->cap)
		return buf->data + buf->len;
	while (cap <= buf->len + len)
		cap *= 2;
	/* not realloc(): it would leave a copy of a secret behind */
	data = malloc(cap);
	if (!data) {
		buf->error = ENOMEM;
		return NULL;
	}
	if (buf->data) {
		memcpy(data, buf->data, buf->len + 1);
		if (buf->secret)
			explicit_bzero(buf->data, buf->cap);
		free(buf->data);
	} else {
		data[0] = '\0';
	}
	buf->data = data;
	buf->cap = cap;
	return buf->data + buf->len;
}

void buf_add(struct buf *buf, const void *data, size_t len)
{
	char *to = buf_room(buf, len);

	if (!to)
		return;
	if (len)
		memcpy(to, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void buf_adds(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void buf_addc(struct buf *buf, char c)
{
	buf_add(buf, &c, 1);
}

void buf_addf(struct buf *buf, const char *format, ...)
{
	va_list args, again;
	char *to;
	int n;

	va_start(args, format);
	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0) {
		buf->error = buf->error ? buf->error : EINVAL;
	} else {
		to = buf_room(buf, (size_t)n);
		if (to) {
			(void)vsnprintf(to, (size_t)n + 1, format, again);
			buf->len += (size_t)n;
		}
	}
	va_end(again);
}

void buf_cut(struct buf *buf, size_t len)
{
	if (!buf->data || len >= buf->len)
		return;
	if (buf->secret)
		explicit_bzero(buf->data + len, buf->len - len);
	buf->len = len;
	buf->data[len] = '\0';
}

void buf_swap(struct buf *a, struct buf *b)
{
	struct buf other = *a;

	*a = *b;
	*b = other;
}

char *buf_take(struct buf *buf)
{
	char *data = buf->data;

	buf->data = NULL;
	buf->len = buf->cap = 0;
	return data;
}

const char *buf_text(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}

int buf_err(const struct buf *buf)
{
	return -buf->error;
}
