#include "io/http_collect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool collect_stop(struct http_collect *collect, int errnum)
{
	collect->error = errnum;
	return false;
}

static struct slice trim(struct slice text)
{
	while (text.len && strchr(" \t\r\n", text.at[text.len - 1]))
		text.len--;
	while (text.len && strchr(" \t", text.at[0])) {
		text.at++;
		text.len--;
	}
	return text;
}

static int collect_header(struct http_collect *collect, struct slice line)
{
	const char *colon = memchr(line.at, ':', line.len);
	_cleanup_free_ char *name = NULL;
	_cleanup_buf_ struct buf value = BUF_INIT_SECRET;
	struct slice rest;

	if (!colon)
		return 0;
	rest.at = colon + 1;
	rest.len = line.len - (size_t)(rest.at - line.at);
	rest = trim(rest);
	buf_add(&value, rest.at, rest.len);
	name = strndup(line.at, (size_t)(colon - line.at));
	if (!name || buf_err(&value))
		return -ENOMEM;
	for (char *c = name; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return http_headers_add(&collect->answer.headers, name, buf_text(&value));
}

static int collect_folded(struct http_collect *collect, struct slice line)
{
	struct http_headers *headers = &collect->answer.headers;
	_cleanup_buf_ struct buf value = BUF_INIT_SECRET;
	struct slice more = trim(line);
	char **old, *joined;

	if (!headers->count)
		return -EPROTO;
	old = &headers->list[headers->count - 1].value;
	buf_adds(&value, *old);
	buf_addc(&value, ' ');
	buf_add(&value, more.at, more.len);
	if (buf_err(&value))
		return -ENOMEM;
	joined = strdup(buf_text(&value));
	if (!joined)
		return -ENOMEM;
	explicit_bzero(*old, strlen(*old));
	free(*old);
	*old = joined;
	return 0;
}

bool http_collect_line(struct http_collect *collect, struct slice line, long status)
{
	int r;

	collect->header_bytes += line.len;
	if (collect->header_bytes > HTTP_HEADER_LIMIT)
		return collect_stop(collect, EPROTO);
	if (collect->complete || !line.len)
		return true;
	if (line.len > 5 && memcmp(line.at, "HTTP/", 5) == 0) {
		http_headers_done(&collect->answer.headers);
		return true;
	}
	if (line.at[0] == '\r' || line.at[0] == '\n') {
		collect->complete = status >= 200;
		return true;
	}
	if (line.at[0] == ' ' || line.at[0] == '\t')
		r = collect_folded(collect, line);
	else
		r = collect_header(collect, line);
	return r ? collect_stop(collect, -r) : true;
}

bool http_collect_body(struct http_collect *collect, struct slice piece)
{
	struct buf *body = &collect->answer.body;

	if (piece.len > collect->limit - body->len)
		return collect_stop(collect, EFBIG);
	buf_add(body, piece.at, piece.len);
	return buf_err(body) ? collect_stop(collect, ENOMEM) : true;
}

void http_collect_done(struct http_collect *collect)
{
	http_answer_done(&collect->answer);
}
