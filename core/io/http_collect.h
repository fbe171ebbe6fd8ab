/* http_collect: an answer as it comes in, line by line and piece by piece, within limits.
 * For the transport only. */
#pragma once

#include "base/slice.h"
#include "io/http.h"

struct http_collect {
	struct http_answer answer;
	size_t limit;	     /* bytes of the body */
	size_t header_bytes; /* so far */
	bool complete;	     /* the headers are: what follows are trailers */
	int error;	     /* 0, or the positive errno of why it stopped */
};

#define HTTP_COLLECT_INIT                  \
	{                                  \
		.answer = HTTP_ANSWER_INIT \
	}

/* Takes one line of the head, with its line end: the status line, a header, its folded
 * continuation (RFC 9112, 5.2), or the empty line; @status is the status so far.  A new
 * status line after an interim answer (100) starts over.  Whether to go on. */
bool http_collect_line(struct http_collect *collect, struct slice line, long status);

/* Takes a piece of the body.  Whether to go on. */
bool http_collect_body(struct http_collect *collect, struct slice piece);

void http_collect_done(struct http_collect *collect); /* safe twice */

#define _cleanup_http_collect_ _cleanup_(http_collect_done)
