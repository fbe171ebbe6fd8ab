/* How S3 differs is in the Amazon S3 API Reference, "Signature Calculations for the
 * Authorization Header". */
#include "aws/canonical.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/names.h"
#include "text/uri.h"

/* ---- URI */

/* Drops empty and `.` parts, and with `..` the part before (RFC 3986 5.2.4, and AWS folds
 * slashes). */
static void normalize(struct buf *out, struct slice path)
{
	const char *at = path.at, *end = path.at + path.len;

	while (at < end) {
		const char *slash = memchr(at, '/', (size_t)(end - at));
		struct slice part = { at, (size_t)((slash ? slash : end) - at) };

		at = slash ? slash + 1 : end;
		if (slice_is(part, "..")) {
			const char *last = memrchr(buf_text(out), '/', out->len);

			buf_cut(out, last ? (size_t)(last - buf_text(out)) : 0);
		} else if (part.len && !slice_is(part, ".")) {
			buf_addc(out, '/');
			buf_add(out, part.at, part.len);
		}
	}
	if (!out->len || path.at[path.len - 1] == '/')
		buf_addc(out, '/');
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

/* Encodes what is not encoded yet: on the wire it may be either. */
static void encode_once(struct buf *out, struct slice path)
{
	for (size_t i = 0; i < path.len; i++) {
		if (path.at[i] == '%' && path.len - i > 2 && is_hex(path.at[i + 1]) &&
			is_hex(path.at[i + 2])) {
			buf_add(out, path.at + i, 3);
			i += 2;
		} else {
			uri_encode(out, (struct slice){ path.at + i, 1 }, true);
		}
	}
}

static void add_path(struct buf *out, struct slice path, const struct sigv4_scope *scope)
{
	_cleanup_buf_ struct buf normal = BUF_INIT;

	if (scope->normalize_path) {
		normalize(&normal, path);
		path = (struct slice){ buf_text(&normal), normal.len };
	}
	if (scope->double_encode)
		uri_encode(out, path, true);
	else
		encode_once(out, path);
	out->error = out->error ? out->error : normal.error;
}

/* ---- query string */

enum {
	NAME_END = '\1', /* sorts before all that is left of a name by uri_encode() */
};

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void recode(struct buf *out, struct slice text)
{
	_cleanup_buf_ struct buf plain = BUF_INIT;

	uri_decode(&plain, text);
	uri_encode(out, (struct slice){ buf_text(&plain), plain.len }, false);
	out->error = out->error ? out->error : plain.error;
}

static int split_query(const char *query, struct names *out)
{
	while (*query) {
		_cleanup_buf_ struct buf pair = BUF_INIT;
		size_t len = strcspn(query, "&");
		const char *equals = memchr(query, '=', len);
		size_t name_len = equals ? (size_t)(equals - query) : len;
		size_t value_at = equals ? name_len + 1 : len;

		recode(&pair, (struct slice){ query, name_len });
		buf_addc(&pair, NAME_END);
		recode(&pair, (struct slice){ query + value_at, len - value_at });
		if (buf_err(&pair))
			return -ENOMEM;
		if (len && names_add(out, buf_text(&pair)))
			return -ENOMEM;
		query += len + (query[len] == '&');
	}
	return 0;
}

static int add_query(struct buf *out, const char *query)
{
	_cleanup_names_ struct names pairs = NAMES_INIT;
	int r = split_query(query, &pairs);

	if (r)
		return r;
	if (pairs.count)
		qsort(pairs.list, pairs.count, sizeof(*pairs.list), by_text);
	for (size_t i = 0; i < pairs.count; i++) {
		*strchr(pairs.list[i], NAME_END) = '=';
		if (i)
			buf_addc(out, '&');
		buf_adds(out, pairs.list[i]);
	}
	return buf_err(out);
}

/* ---- headers */

/* Proxies and transports change or add these (the list is that of the AWS SDKs). */
static const char *const never_signed[] = {
	"authorization",
	"connection",
	"expect",
	"keep-alive",
	"proxy-authenticate",
	"proxy-authorization",
	"te",
	"trailer",
	"transfer-encoding",
	"upgrade",
	"user-agent",
	"x-amzn-trace-id",
};

struct line {
	char *name; /* lower case, owned */
	const char *value;
	size_t order; /* on the wire */
};

struct lines {
	struct line *list;
	size_t count;
};

static void lines_done(struct lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		free(lines->list[i].name);
	free(lines->list);
}
#define _cleanup_lines_ _cleanup_(lines_done)

static bool is_signed(const char *name, const struct sigv4_scope *scope)
{
	for (size_t i = 0; i < ARRAY_SIZE(never_signed); i++)
		if (strcasecmp(never_signed[i], name) == 0)
			return false;
	return !scope->omit_token || strcasecmp(name, "x-amz-security-token") != 0;
}

static int lines_add(struct lines *lines, const char *name, const char *value)
{
	struct line *line = &lines->list[lines->count];

	line->name = strdup(name);
	if (!line->name)
		return -ENOMEM;
	for (char *c = line->name; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	line->value = value;
	line->order = lines->count++;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct line *one = a, *other = b;
	int order = strcmp(one->name, other->name);

	return order ? order : (one->order > other->order) - (one->order < other->order);
}

static int lines_collect(struct lines *lines, const struct http_headers *headers,
	const char *host, const struct sigv4_scope *scope)
{
	int r = 0;

	lines->list = calloc(headers->count + 1, sizeof(*lines->list));
	if (!lines->list)
		return -ENOMEM;
	if (!http_headers_get(headers, "host"))
		r = lines_add(lines, "host", host);
	for (size_t i = 0; !r && i < headers->count; i++)
		if (is_signed(headers->list[i].name, scope))
			r = lines_add(
				lines, headers->list[i].name, headers->list[i].value);
	if (!r)
		qsort(lines->list, lines->count, sizeof(*lines->list), by_name);
	return r;
}

/* Without blanks around it, and one blank for each run of them, line folds included. */
static void add_value(struct buf *out, const char *value)
{
	static const char blanks[] = " \t\r\n\v\f";
	const char *at = value + strspn(value, blanks);

	while (*at) {
		size_t len = strcspn(at, blanks);

		buf_add(out, at, len);
		at += len;
		at += strspn(at, blanks);
		if (*at)
			buf_addc(out, ' ');
	}
}

static void add_headers(struct buf *out, const struct lines *lines, struct buf *ret_names)
{
	for (size_t i = 0; i < lines->count; i++) {
		const struct line *line = &lines->list[i];

		if (i && strcmp(line->name, line[-1].name) == 0) {
			buf_cut(out, out->len - 1);
			buf_addc(out, ',');
		} else {
			buf_addf(out, "%s:", line->name);
			buf_addf(ret_names, "%s%s", i ? ";" : "", line->name);
		}
		add_value(out, line->value);
		buf_addc(out, '\n');
	}
	buf_addf(out, "\n%s\n", buf_text(ret_names));
}

int canonical_print(const struct http_request *request, const struct sigv4_scope *scope,
	const char *body_hash, struct buf *out, struct buf *ret_names)
{
	_cleanup_lines_ struct lines lines = { .count = 0 };
	_cleanup_buf_ struct buf host = BUF_INIT;
	const char *target = buf_text(&request->target);
	size_t path_len = strcspn(target, "?");

	buf_addf(out, "%s\n", request->method);
	add_path(out, (struct slice){ target, path_len }, scope);
	buf_addc(out, '\n');
	if (add_query(out, target + path_len + (target[path_len] == '?')))
		return -ENOMEM;
	buf_addc(out, '\n');
	uri_print_host(&request->origin, &host);
	if (buf_err(&host) ||
		lines_collect(&lines, &request->headers, buf_text(&host), scope))
		return -ENOMEM;
	add_headers(out, &lines, ret_names);
	buf_adds(out, body_hash);
	return buf_err(out) ? buf_err(out) : buf_err(ret_names);
}
