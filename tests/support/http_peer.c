#include "support/http_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

struct connection {
	struct http_peer *peer;
	int fd;
	SSL *ssl;
	unsigned number;
	struct buf in; /* read, not yet taken */
};

static void must(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	abort();
}

/* Whether to go on after @ms (-1: until @fd can be read); false when the peer stops. */
static bool wait_for(struct http_peer *peer, int fd, int ms)
{
	struct pollfd fds[] = {
		{ .fd = peer->stop, .events = POLLIN },
		{ .fd = fd, .events = POLLIN },
	};

	(void)poll(fds, fd < 0 ? 1 : 2, ms);
	return !fds[0].revents;
}

static bool read_more(struct connection *connection)
{
	char piece[4096];
	ssize_t n;

	if (connection->ssl) {
		if (!SSL_pending(connection->ssl) &&
			!wait_for(connection->peer, connection->fd, -1))
			return false;
		n = SSL_read(connection->ssl, piece, sizeof(piece));
	} else {
		if (!wait_for(connection->peer, connection->fd, -1))
			return false;
		n = recv(connection->fd, piece, sizeof(piece), 0);
	}
	if (n <= 0)
		return false;
	buf_add(&connection->in, piece, (size_t)n);
	return true;
}

static bool write_all(struct connection *connection, const char *data, size_t len)
{
	while (len) {
		ssize_t n = connection->ssl
				    ? SSL_write(connection->ssl, data, (int)len)
				    : send(connection->fd, data, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

/* Reads one request and notes it. */
static bool read_request(struct connection *connection)
{
	struct http_peer *peer = connection->peer;
	struct buf *in = &connection->in;
	const char *end, *length;
	size_t len;

	while (!(end = strstr(buf_text(in), "\r\n\r\n")))
		if (!read_more(connection))
			return false;
	len = (size_t)(end + 4 - buf_text(in));
	length = strstr(buf_text(in), "Content-Length: ");
	if (length && length < end)
		len += strtoul(length + strlen("Content-Length: "), NULL, 10);
	while (in->len < len)
		if (!read_more(connection))
			return false;
	(void)pthread_mutex_lock(&peer->lock);
	must(peer->seen_count < PEER_SEEN, "too many requests");
	peer->seen[peer->seen_count].connection = connection->number;
	buf_add(&peer->seen[peer->seen_count++].text, buf_text(in), len);
	(void)pthread_mutex_unlock(&peer->lock);
	memmove(in->data, in->data + len, in->len - len + 1);
	in->len -= len;
	return true;
}

static bool answer(struct connection *connection, const struct peer_reply *reply)
{
	struct http_peer *peer = connection->peer;
	char filler[4096];

	if (reply->delay_ms && !wait_for(peer, -1, (int)reply->delay_ms))
		return false;
	if (reply->trickle_ms) {
		for (const char *c = reply->text; *c; c++)
			if (!write_all(connection, c, 1) ||
				!wait_for(peer, -1, (int)reply->trickle_ms))
				return false;
	} else if (!write_all(connection, reply->text, strlen(reply->text))) {
		return false;
	}
	memset(filler, 'x', sizeof(filler));
	for (size_t left = reply->filler; left;) {
		size_t n = left < sizeof(filler) ? left : sizeof(filler);

		if (!write_all(connection, filler, n))
			return false;
		left -= n;
	}
	return !reply->close;
}

static void *serve(void *arg)
{
	struct connection *connection = arg;
	struct http_peer *peer = connection->peer;

	if (peer->tls) {
		connection->ssl = SSL_new(peer->tls);
		(void)SSL_set_fd(connection->ssl, connection->fd);
	}
	if (!peer->tls || SSL_accept(connection->ssl) == 1)
		while (read_request(connection)) {
			const struct peer_reply *reply;

			(void)pthread_mutex_lock(&peer->lock);
			reply = &peer->replies[peer->next];
			peer->next += !reply->again;
			(void)pthread_mutex_unlock(&peer->lock);
			if (!answer(connection, reply))
				break;
		}
	SSL_free(connection->ssl);
	(void)close(connection->fd);
	buf_done(&connection->in);
	free(connection);
	return NULL;
}

static void *accept_all(void *arg)
{
	struct http_peer *peer = arg;
	int one = 1;

	while (wait_for(peer, peer->listener, -1)) {
		struct connection *connection = calloc(1, sizeof(*connection));

		must(connection, "calloc");
		connection->peer = peer;
		connection->fd = accept4(peer->listener, NULL, NULL, SOCK_CLOEXEC);
		must(connection->fd >= 0 && peer->connections < PEER_CONNECTIONS,
			"accept");
		(void)setsockopt(
			connection->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		(void)pthread_mutex_lock(&peer->lock);
		connection->number = peer->connections++;
		(void)pthread_mutex_unlock(&peer->lock);
		must(pthread_create(&peer->threads[connection->number], NULL, serve,
			     connection) == 0,
			"pthread_create");
	}
	return NULL;
}

void http_peer_start(
	struct http_peer *peer, const struct peer_reply *replies, SSL_CTX *tls)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);

	memset(peer, 0, sizeof(*peer));
	peer->replies = replies;
	peer->tls = tls;
	(void)pthread_mutex_init(&peer->lock, NULL);
	peer->stop = eventfd(0, EFD_CLOEXEC);
	peer->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	must(peer->stop >= 0 && peer->listener >= 0 &&
			bind(peer->listener, (struct sockaddr *)&address, len) == 0 &&
			listen(peer->listener, 64) == 0 &&
			getsockname(peer->listener, (struct sockaddr *)&address, &len) ==
				0,
		"listen");
	peer->origin.https = tls != NULL;
	peer->origin.port = ntohs(address.sin_port);
	memcpy(peer->origin.host, "127.0.0.1", sizeof("127.0.0.1"));
	must(pthread_create(&peer->acceptor, NULL, accept_all, peer) == 0,
		"pthread_create");
}

void http_peer_stop(struct http_peer *peer)
{
	(void)eventfd_write(peer->stop, 1);
	(void)pthread_join(peer->acceptor, NULL);
	for (unsigned i = 0; i < peer->connections; i++)
		(void)pthread_join(peer->threads[i], NULL);
	for (size_t i = 0; i < peer->seen_count; i++)
		buf_done(&peer->seen[i].text);
	(void)close(peer->listener);
	(void)close(peer->stop);
	(void)pthread_mutex_destroy(&peer->lock);
}

const char *http_peer_text(struct http_peer *peer, size_t index)
{
	const char *text = "";

	(void)pthread_mutex_lock(&peer->lock);
	if (index < peer->seen_count)
		text = buf_text(&peer->seen[index].text);
	(void)pthread_mutex_unlock(&peer->lock);
	return text;
}

SSL_CTX *http_peer_tls(const char *name, const char *ca_path)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = X509_new();
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
	X509_EXTENSION *extension;
	_cleanup_buf_ struct buf alternative = BUF_INIT;
	FILE *file = fopen(ca_path, "w");

	must(key && certificate && tls && file, "TLS");
	buf_addf(&alternative, "IP:%s", name);
	(void)X509_set_version(certificate, X509_VERSION_3);
	(void)ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	(void)X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
	(void)X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
	(void)X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN",
		MBSTRING_ASC, (const unsigned char *)"http_peer", -1, -1, 0);
	(void)X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
	(void)X509_set_pubkey(certificate, key);
	extension = X509V3_EXT_conf_nid(
		NULL, NULL, NID_subject_alt_name, buf_text(&alternative));
	must(extension && X509_add_ext(certificate, extension, -1) == 1 &&
			X509_sign(certificate, key, EVP_sha256()) > 0 &&
			SSL_CTX_use_certificate(tls, certificate) == 1 &&
			SSL_CTX_use_PrivateKey(tls, key) == 1 &&
			PEM_write_X509(file, certificate) == 1,
		"certificate");
	(void)fclose(file);
	X509_EXTENSION_free(extension);
	X509_free(certificate);
	EVP_PKEY_free(key);
	return tls;
}
