#include "io/http_error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct row {
	CURLcode code;
	int errnum;
	const char *what; /* before the host's name */
	const char *hint;
};

#define CA_HINT                                                                        \
	"if a proxy or a private endpoint is in between, set AWS_CA_BUNDLE to a file " \
	"with its CA certificate"

static const char again[] = "try again";

/* clang-format off */
static const struct row rows[] = {
	{ CURLE_COULDNT_CONNECT, EHOSTUNREACH, "cannot connect to",
		"check the network and the proxy" },
	{ CURLE_COULDNT_RESOLVE_HOST, EHOSTUNREACH, "found no address of",
		"check the network and the region's name" },
	{ CURLE_COULDNT_RESOLVE_PROXY, EHOSTUNREACH, "found no proxy on the way to",
		"check https_proxy" },
	{ CURLE_GOT_NOTHING, ECONNRESET, "got no answer from", again },
	{ CURLE_OPERATION_TIMEDOUT, ETIMEDOUT, "could not connect in time to",
		"check the network and the proxy, then try again" },
	{ CURLE_OUT_OF_MEMORY, ENOMEM, "out of memory talking to", again },
	{ CURLE_PARTIAL_FILE, ECONNRESET, "got only a part of the answer of", again },
	{ CURLE_PEER_FAILED_VERIFICATION, EPROTO, "cannot trust the certificate of", CA_HINT },
	{ CURLE_RECV_ERROR, ECONNRESET, "lost the connection to", again },
	{ CURLE_SEND_ERROR, ECONNRESET, "lost the connection to", again },
	{ CURLE_SSL_CACERT_BADFILE, EPROTO, "has no good CA certificates to check",
		"set AWS_CA_BUNDLE to a readable file of certificates in PEM form" },
	{ CURLE_SSL_CONNECT_ERROR, EPROTO, "cannot agree on TLS with", CA_HINT },
	{ CURLE_SSL_INVALIDCERTSTATUS, EPROTO, "cannot trust the certificate of", CA_HINT },
	{ CURLE_SSL_ISSUER_ERROR, EPROTO, "cannot trust the certificate of", CA_HINT },
};
/* clang-format on */

static const struct row other = { CURLE_OK, EPROTO, "does not understand the answer of",
	"check that it is an AWS endpoint, and the proxy" };

static const struct row *row_of(CURLcode code)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].code == code)
			return &rows[i];
	return &other;
}

static int errnum_of(const struct row *row, const char *detail, long os_errno)
{
	if (row->code == CURLE_COULDNT_CONNECT &&
		(os_errno == ECONNREFUSED || os_errno == ETIMEDOUT))
		return (int)os_errno;
	/* a connection cut during the handshake is worth another attempt, a certificate
	 * that is not trusted is not; libcurl tells them apart in words only */
	if (row->code == CURLE_SSL_CONNECT_ERROR &&
		(strstr(detail, "SSL_ERROR_SYSCALL") || strstr(detail, "reset by peer")))
		return ECONNRESET;
	return row->errnum;
}

int http_error_set(struct err *err, CURLcode code, const char *host, const char *detail,
	long os_errno)
{
	const struct row *row = row_of(code);
	char said[160];

	(void)snprintf(
		said, sizeof(said), "%s", *detail ? detail : curl_easy_strerror(code));
	/* a certificate's names are the other side's words */
	for (char *c = said; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	return err_set(err, errnum_of(row, detail, os_errno), "%s `%s': %s: %s",
		row->what, host, said, row->hint);
}
