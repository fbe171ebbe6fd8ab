/* http_exchange: one request on its way through libcurl.  For the transport only. */
#pragma once

#include <curl/curl.h>

#include "io/http.h"
#include "io/http_collect.h"

struct exchange {
	const struct http_request *request;
	const struct http_settings *settings;
	CURL *easy;
	struct curl_slist *headers;
	struct buf url;
	struct http_collect collect;
	char detail[CURL_ERROR_SIZE];
	char host[sizeof(((struct uri *)NULL)->host) + 16]; /* for messages */
};

/* Makes what libcurl is to borrow from the request.  -EINVAL: a header or a target that
 * cannot be sent as it is. */
int exchange_prepare(struct exchange *exchange, struct err *err);

/* Gives @easy, which has been reset, all its options.  The exchange must outlive the
 * transfer. */
int exchange_set(struct exchange *exchange, CURL *easy, struct err *err);

/* Fills @err for a transfer that failed: @r is -EINTR, -ETIMEDOUT, or 0 when @code tells.
 */
int exchange_fail(const struct exchange *exchange, int r, CURLcode code, struct err *err);

void exchange_done(struct exchange *exchange); /* wipes; safe twice */
