/* http_talk: a peer, libcurl's transport, and what the last request came to. */
#pragma once

#include "io/http.h"
#include "support/http_peer.h"

enum { TALK_LIMIT = 1000 }; /* bytes of an answer */

struct talk {
	struct http_peer peer;
	struct http *http;
	struct cancel cancel;
	struct patience patience; /* 5 s */
	struct http_answer answer;
	struct err err;
	int64_t ms;
};

/* @replies as for http_peer_start(). */
void talk_start(struct talk *talk, const struct peer_reply *replies);
void talk_end(struct talk *talk);

/* Sends a request, or GET / to the peer; the answer is in @talk. */
int talk_send(struct talk *talk, const struct http_request *request);
int talk_get(struct talk *talk);

/* A header of the last answer, or "(none)". */
const char *talk_header(const struct talk *talk, const char *name);
