#include "io/http_exchange.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "io/http_error.h"

enum {
	CONNECTION_AGE = 60,	  /* seconds without use after which one is closed */
	BUFFER_SIZE = 256 * 1024, /* of libcurl for receiving */
};

static void slist_free(struct curl_slist *list)
{
	for (struct curl_slist *at = list; at; at = at->next)
		explicit_bzero(at->data, strlen(at->data));
	curl_slist_free_all(list);
}

void exchange_done(struct exchange *exchange)
{
	slist_free(exchange->headers);
	exchange->headers = NULL;
	buf_done(&exchange->url);
	http_collect_done(&exchange->collect);
}

static size_t on_header(char *data, size_t size, size_t count, void *arg)
{
	struct exchange *exchange = arg;
	struct slice line = { data, size * count };
	long status = 0;

	(void)curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &status);
	return http_collect_line(&exchange->collect, line, status) ? line.len : 0;
}

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
	struct exchange *exchange = arg;
	struct slice piece = { data, size * count };

	/* an empty piece must not look like the refusal that 0 otherwise is */
	if (!http_collect_body(&exchange->collect, piece))
		return CURL_WRITEFUNC_ERROR;
	return piece.len;
}

static bool is_token(const char *name)
{
	if (!*name)
		return false;
	for (; *name; name++)
		if (*name <= ' ' || *name > '~' || strchr("\"(),/:;<=>?@[\\]{}", *name))
			return false;
	return true;
}

static bool is_value(const char *value)
{
	for (; *value; value++)
		if (((unsigned char)*value < ' ' && *value != '\t') || *value == 0x7f)
			return false;
	return true;
}

static int slist_add(struct curl_slist **list, const char *line, struct err *err)
{
	struct curl_slist *longer = curl_slist_append(*list, line);

	if (!longer)
		return err_nomem(err);
	*list = longer;
	return 0;
}

static int exchange_headers(struct exchange *exchange, struct err *err)
{
	/* else libcurl would send its own, which nobody signed */
	static const char *const never[] = { "Accept:", "Expect:" };
	const struct http_headers *headers = &exchange->request->headers;
	int r = 0;

	for (size_t i = 0; i < headers->count && !r; i++) {
		const char *name = headers->list[i].name, *value = headers->list[i].value;
		_cleanup_buf_ struct buf line = BUF_INIT_SECRET;

		if (!is_token(name) || !is_value(value))
			return err_set(err, EINVAL, "a header cannot hold that text");
		buf_adds(&line, name);
		buf_adds(&line, *value ? ": " : ";");
		buf_adds(&line, value);
		r = buf_err(&line) ? err_nomem(err)
				   : slist_add(&exchange->headers, buf_text(&line), err);
	}
	for (size_t i = 0; i < ARRAY_SIZE(never) && !r; i++)
		r = slist_add(&exchange->headers, never[i], err);
	if (!r && !http_headers_get(headers, "Content-Type"))
		r = slist_add(&exchange->headers, "Content-Type:", err);
	return r;
}

static int exchange_url(struct exchange *exchange, struct err *err)
{
	const struct http_request *request = exchange->request;
	const char *target = buf_text(&request->target);

	if (target[0] != '/' || strlen(target) != request->target.len)
		return err_set(err, EINVAL, "a request's target starts with `/'");
	for (const char *c = target; *c; c++)
		if (*c <= ' ' || *c > '~' || *c == '#')
			return err_set(err, EINVAL, "a request's target is not encoded");
	buf_adds(&exchange->url, request->origin.https ? "https://" : "http://");
	uri_print_host(&request->origin, &exchange->url);
	(void)snprintf(exchange->host, sizeof(exchange->host), "%s",
		strstr(buf_text(&exchange->url), "//") + 2);
	buf_adds(&exchange->url, target);
	return buf_err(&exchange->url) ? err_nomem(err) : 0;
}

int exchange_prepare(struct exchange *exchange, struct err *err)
{
	int r = exchange_url(exchange, err);

	return r ? r : exchange_headers(exchange, err);
}

static CURLcode set_fixed(CURL *easy)
{
	/* clang-format off */
	static const struct {
		CURLoption option;
		long value;
	} options[] = {
		{ CURLOPT_BUFFERSIZE, BUFFER_SIZE },
		{ CURLOPT_FOLLOWLOCATION, 0 },
		{ CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1 },
		{ CURLOPT_MAXAGE_CONN, CONNECTION_AGE },
		{ CURLOPT_NETRC, CURL_NETRC_IGNORED },
		{ CURLOPT_NOSIGNAL, 1 },
		/* or libcurl takes `..` out of names */
		{ CURLOPT_PATH_AS_IS, 1 },
		/* or giving up waits for a dead name server */
		{ CURLOPT_QUICK_EXIT, 1 },
		{ CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2 },
		{ CURLOPT_SSL_VERIFYHOST, 2 },
		{ CURLOPT_SSL_VERIFYPEER, 1 },
		{ CURLOPT_SUPPRESS_CONNECT_HEADERS, 1 },
		{ CURLOPT_TCP_KEEPALIVE, 1 },
		{ CURLOPT_TCP_NODELAY, 1 },
		{ CURLOPT_UNRESTRICTED_AUTH, 0 },
	};
	/* clang-format on */
	CURLcode code = CURLE_OK;

	for (size_t i = 0; i < ARRAY_SIZE(options) && code == CURLE_OK; i++)
		code = curl_easy_setopt(easy, options[i].option, options[i].value);
	return code;
}

static CURLcode set_method(CURL *easy, const struct http_request *request)
{
	curl_off_t len = (curl_off_t)request->body.len;
	CURLcode code;

	if (strcmp(request->method, "GET") == 0 && !len)
		return curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
	if (strcmp(request->method, "HEAD") == 0 && !len)
		return curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, len);
	if (!code)
		code = curl_easy_setopt(
			easy, CURLOPT_POSTFIELDS, buf_text(&request->body));
	if (!code && strcmp(request->method, "POST") != 0)
		code = curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
	return code;
}

static CURLcode set_origin(CURL *easy, const struct exchange *exchange)
{
	const struct uri *origin = &exchange->request->origin;
	const char *ca_bundle = exchange->settings->ca_bundle;
	CURLcode code;

	code = curl_easy_setopt(easy, CURLOPT_URL, buf_text(&exchange->url));
	if (!code)
		code = curl_easy_setopt(
			easy, CURLOPT_PROTOCOLS_STR, origin->https ? "https" : "http");
	if (!code && uri_is_loopback(origin)) {
		code = curl_easy_setopt(easy, CURLOPT_PROXY, "");
		if (!code)
			code = curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
	}
	if (!code && ca_bundle) {
		code = curl_easy_setopt(easy, CURLOPT_CAINFO, ca_bundle);
		/* or the system's certificates stay good beside it */
		if (!code)
			code = curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	}
	return code;
}

int exchange_set(struct exchange *exchange, CURL *easy, struct err *err)
{
	CURLcode code;

	exchange->easy = easy;
	code = set_fixed(easy);
	if (!code)
		code = set_method(easy, exchange->request);
	if (!code)
		code = set_origin(easy, exchange);
	if (!code)
		code = curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
			(long)exchange->settings->connect_ms);
	if (!code)
		code = curl_easy_setopt(easy, CURLOPT_HTTPHEADER, exchange->headers);
	if (!code)
		code = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	if (!code)
		code = curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange);
	if (!code)
		code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	if (!code)
		code = curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
	if (!code)
		code = curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->detail);
	if (code)
		return err_set(err, EPROTO, "libcurl refuses to talk to `%s': %s",
			exchange->host, curl_easy_strerror(code));
	return 0;
}

int exchange_fail(const struct exchange *exchange, int r, CURLcode code, struct err *err)
{
	const struct http_collect *collect = &exchange->collect;
	int error = collect->error;
	long os_errno = 0;

	if (r == -EINTR)
		return err_set(
			err, EINTR, "interrupted while talking to `%s'", exchange->host);
	if (r == -ETIMEDOUT)
		return err_set(err, ETIMEDOUT,
			"no answer in time from `%s': check the network, then try again",
			exchange->host);
	/* libcurl's word for a header line longer than it likes */
	if (code == CURLE_OUT_OF_MEMORY && !error && collect->header_bytes &&
		!collect->complete)
		error = EPROTO;
	switch (error) {
	case 0:
		break;
	case EFBIG:
		return err_set(err, EFBIG, "the answer of `%s' is larger than %zu bytes",
			exchange->host, collect->limit);
	case ENOMEM:
		return err_nomem(err);
	default:
		return err_set(err, error,
			"the answer of `%s' has headers that are too long or broken",
			exchange->host);
	}
	(void)curl_easy_getinfo(exchange->easy, CURLINFO_OS_ERRNO, &os_errno);
	return http_error_set(err, code, exchange->host, exchange->detail, os_errno);
}
