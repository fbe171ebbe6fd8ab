/* http_peer: a small server on a free port of 127.0.0.1 that answers what it is told,
 * right or wrong, and keeps what it was asked.  One thread for each connection. */
#pragma once

#include <openssl/ssl.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "text/uri.h"

/* The answer to one request. */
struct peer_reply {
	const char *text;
	size_t filler;	    /* then so many `x` */
	int64_t delay_ms;   /* before the first byte */
	int64_t trickle_ms; /* between every two bytes */
	bool close;	    /* afterwards */
	bool again;	    /* the same for all that follow */
};

enum { PEER_SEEN = 512, PEER_CONNECTIONS = 128 };

struct peer_seen {
	unsigned connection; /* from 0 */
	struct buf text;     /* head and body as they came */
};

struct http_peer {
	const struct peer_reply *replies;
	SSL_CTX *tls; /* NULL: plain */
	struct uri origin;
	int listener, stop;
	pthread_t acceptor;
	pthread_mutex_t lock; /* guards all below */
	size_t next;
	struct peer_seen seen[PEER_SEEN];
	size_t seen_count;
	pthread_t threads[PEER_CONNECTIONS];
	unsigned connections;
};

/* @replies are borrowed and taken in their order, over all connections; one must be
 * `again` or there must be enough.  @tls: NULL or a context that is borrowed. */
void http_peer_start(
	struct http_peer *peer, const struct peer_reply *replies, SSL_CTX *tls);
void http_peer_stop(struct http_peer *peer);

/* What request number @index looked like, "" when there was none. */
const char *http_peer_text(struct http_peer *peer, size_t index);

/* A context with a new key and a certificate for @name that signs itself, written to
 * @ca_path.  The caller frees it with SSL_CTX_free(). */
SSL_CTX *http_peer_tls(const char *name, const char *ca_path);
