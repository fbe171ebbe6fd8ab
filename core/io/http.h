/* http: one HTTP request and its answer, through libcurl, bounded in time and size.
 *
 * The transport is an object with one function, so that tests put a script in its place.
 * Connections are kept alive in a pool and used again, most recent first.  No redirects,
 * no cookies, no netrc, no compression; the path goes out as it is.  Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "io/cancel.h"
#include "text/uri.h"

enum {
	HTTP_HEADER_LIMIT = 64 * 1024, /* bytes of an answer's headers */
};

struct http_header {
	char *name;
	char *value;
};

struct http_headers {
	struct http_header *list;
	size_t count;
	size_t cap;
};

#define HTTP_HEADERS_INIT    \
	{                    \
		.list = NULL \
	}

/* Names are compared without regard to case.  0 or -ENOMEM; set() drops older ones of
 * @name first; get() gives the first or NULL. */
int http_headers_add(struct http_headers *headers, const char *name, const char *value);
int http_headers_set(struct http_headers *headers, const char *name, const char *value);
const char *http_headers_get(const struct http_headers *headers, const char *name);
void http_headers_done(struct http_headers *headers); /* wipes the values; safe twice */

struct http_request {
	const char *method;
	struct uri origin;	     /* scheme, host, port; its path is not used */
	struct buf target;	     /* path and query exactly as they go on the wire */
	struct http_headers headers; /* Host is made from origin, do not add it */
	struct buf body;
};

#define HTTP_REQUEST_INIT                                                          \
	{                                                                          \
		.method = "GET", .target = BUF_INIT, .headers = HTTP_HEADERS_INIT, \
		.body = BUF_INIT,                                                  \
	}
void http_request_done(struct http_request *request); /* safe twice */

struct http_answer {
	int status;
	struct http_headers headers; /* names in lower case */
	struct buf body;	     /* secret: some answers echo tokens */
	int64_t took_ms;
};

#define HTTP_ANSWER_INIT                                                           \
	{                                                                          \
		.status = 0, .headers = HTTP_HEADERS_INIT, .body = BUF_INIT_SECRET \
	}
void http_answer_done(struct http_answer *answer); /* safe twice */

struct http {
	/* Sends @request and waits for the whole answer.  An answer of any status is
	 * success. -EHOSTUNREACH (no address, no route), -ECONNREFUSED, -ETIMEDOUT,
	 * -EPROTO (TLS, or broken HTTP), -ECONNRESET, -EFBIG (body over @limit), -EINTR
	 * (cancelled). */
	int (*send)(struct http *http, const struct http_request *request, size_t limit,
		const struct patience *patience, struct http_answer *ret_answer,
		struct err *err);
	struct http *(*free)(struct http *http);
};

struct http_settings {
	const char *ca_bundle; /* AWS_CA_BUNDLE; NULL: the system's */
	int64_t connect_ms; /* at most this long for DNS, TCP and TLS together; 0: 3000 */
};

/* The transport over libcurl.  Call http_global_init() once before, while there is one
 * thread.  The program must ignore SIGPIPE: libcurl is told to leave signals alone, and a
 * connection that the other side closed would end the program.  Free the transport when
 * no request is under way. */
int http_global_init(struct err *err);
struct http *http_curl_new(const struct http_settings *settings, struct err *err);

static inline int http_send(struct http *http, const struct http_request *request,
	size_t limit, const struct patience *patience, struct http_answer *ret_answer,
	struct err *err)
{
	return http->send(http, request, limit, patience, ret_answer, err);
}

static inline struct http *http_free(struct http *http)
{
	return http ? http->free(http) : NULL;
}

#define _cleanup_http_request_ _cleanup_(http_request_done)
#define _cleanup_http_answer_  _cleanup_(http_answer_done)
