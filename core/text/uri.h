/* uri: percent-encoding (RFC 3986) and taking endpoint URLs apart.  Pure. */
#pragma once

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/* Appends @text with every byte but A-Z a-z 0-9 - . _ ~ (and `/` with @keep_slash) as
 * %XX. */
void uri_encode(struct buf *out, struct slice text, bool keep_slash);

/* Appends @text with each well-formed %XX decoded; the rest as it is (`+` stays `+`). */
void uri_decode(struct buf *out, struct slice text);

/* An endpoint: `scheme://host[:port][/path]`, the host of an IPv6 address with brackets.
 */
struct uri {
	bool https;
	char host[256];	 /* lower case, as it goes on the wire */
	unsigned port;	 /* 0: the scheme's own */
	char path[1024]; /* "" or "/..." without a final `/` */
};

/* -EINVAL: no http(s) URL, or one with user, query, fragment, blanks or control
 * characters; @ret_uri is untouched then. */
int uri_parse(const char *url, struct uri *ret_uri, struct err *err);

/* `host` or `host:port` when the port is not the scheme's own: the Host header. */
void uri_print_host(const struct uri *uri, struct buf *out);

/* Whether the host is loopback by its spelling: localhost, *.localhost, 127.0.0.0/8,
 * [::1]. */
bool uri_is_loopback(const struct uri *uri);
