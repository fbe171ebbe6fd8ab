#include "io/http.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/clock.h"
#include "support/http_peer.h"

static const struct peer_reply replies[] = {
	{ .text = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", .again = true },
};

static char ca_path[] = "/tmp/acctfs-test-ca.XXXXXX";

/* Sends @count requests to @peer, trusting @ca_bundle; the result of the last one. */
static int get(
	const struct http_peer *peer, const char *ca_bundle, int count, struct err *err)
{
	const struct http_settings settings = { .ca_bundle = ca_bundle };
	const struct patience patience = { .deadline = clock_monotonic_ms() + 5000 };
	struct http *http = http_curl_new(&settings, err);
	int r = 0;

	assert_non_null(http);
	while (!r && count--) {
		_cleanup_http_request_ struct http_request request = HTTP_REQUEST_INIT;
		_cleanup_http_answer_ struct http_answer answer = HTTP_ANSWER_INIT;

		request.origin = peer->origin;
		buf_adds(&request.target, "/");
		r = http_send(http, &request, 100, &patience, &answer, err);
		if (!r)
			assert_string_equal(buf_text(&answer.body), "ok");
	}
	http = http_free(http);
	return r;
}

/* A peer with a certificate for @name, which is what ca_path holds then. */
static SSL_CTX *start(struct http_peer *peer, const char *name)
{
	SSL_CTX *tls = http_peer_tls(name, ca_path);

	http_peer_start(peer, replies, tls);
	return tls;
}

static void trusted_by_the_bundle(void **state)
{
	struct http_peer peer;
	SSL_CTX *tls = start(&peer, "127.0.0.1");

	(void)state;
	assert_int_equal(get(&peer, ca_path, 3, NULL), 0);
	assert_int_equal(peer.connections, 1);
	http_peer_stop(&peer);
	SSL_CTX_free(tls);
}

static void trusted_by_nobody(void **state)
{
	struct err err = ERR_INIT;
	struct http_peer peer;
	SSL_CTX *tls = start(&peer, "127.0.0.1");

	(void)state;
	assert_int_equal(get(&peer, NULL, 1, &err), -EPROTO);
	assert_non_null(strstr(err.text, "cannot trust the certificate of `127.0.0.1:"));
	assert_non_null(strstr(err.text, "AWS_CA_BUNDLE"));
	assert_int_equal(get(&peer, "", 1, &err), -EPROTO);
	assert_int_equal(peer.seen_count, 0);
	http_peer_stop(&peer);
	SSL_CTX_free(tls);
}

static void for_another_host(void **state)
{
	struct err err = ERR_INIT;
	struct http_peer peer;
	SSL_CTX *tls = start(&peer, "127.0.0.2");

	(void)state;
	assert_int_equal(get(&peer, ca_path, 1, &err), -EPROTO);
	assert_non_null(strstr(err.text, "certificate"));
	assert_int_equal(peer.seen_count, 0);
	http_peer_stop(&peer);
	SSL_CTX_free(tls);
}

static void bundle_that_is_not_there(void **state)
{
	struct err err = ERR_INIT;
	struct http_peer peer;
	SSL_CTX *tls = start(&peer, "127.0.0.1");

	(void)state;
	assert_int_equal(get(&peer, "/nonexistent/ca.pem", 1, &err), -EPROTO);
	assert_non_null(strstr(err.text, "AWS_CA_BUNDLE"));
	assert_non_null(strstr(err.text, "/nonexistent/ca.pem"));
	http_peer_stop(&peer);
	SSL_CTX_free(tls);
}

static void not_tls_at_all(void **state)
{
	struct err err = ERR_INIT;
	struct http_peer peer;
	static const struct peer_reply plain[] = {
		{ .text = "HTTP/1.1 400 Bad\r\n\r\n" }
	};

	(void)state;
	http_peer_start(&peer, plain, NULL);
	peer.origin.https = true;
	/* a TLS hello holds no end of a head: the peer waits, the caller does not */
	{
		const struct http_settings settings = { .connect_ms = 200 };
		const struct patience patience = { .deadline =
							   clock_monotonic_ms() + 5000 };
		struct http *http = http_curl_new(&settings, &err);
		_cleanup_http_request_ struct http_request request = HTTP_REQUEST_INIT;
		_cleanup_http_answer_ struct http_answer answer = HTTP_ANSWER_INIT;
		int64_t start_ms = clock_monotonic_ms();

		request.origin = peer.origin;
		buf_adds(&request.target, "/");
		assert_int_equal(http_send(http, &request, 100, &patience, &answer, &err),
			-ETIMEDOUT);
		assert_in_range(clock_monotonic_ms() - start_ms, 150, 2000);
		assert_non_null(strstr(err.text, "could not connect in time"));
		http = http_free(http);
	}
	http_peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trusted_by_the_bundle),
		cmocka_unit_test(trusted_by_nobody),
		cmocka_unit_test(for_another_host),
		cmocka_unit_test(bundle_that_is_not_there),
		cmocka_unit_test(not_tls_at_all),
	};
	int fd = mkstemp(ca_path), failed;

	(void)signal(SIGPIPE, SIG_IGN);
	if (fd < 0 || http_global_init(NULL))
		return 1;
	(void)close(fd);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)unlink(ca_path);
	return failed;
}
