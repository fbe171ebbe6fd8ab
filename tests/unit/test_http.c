#include "io/http.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/clock.h"
#include "support/http_talk.h"

#define OK(body_len) "HTTP/1.1 200 OK\r\nContent-Length: " body_len "\r\n\r\n"

/* To the byte: this is what was signed. */
static void request_goes_out_as_it_is(void **state)
{
	static const struct peer_reply replies[] = { { .text = OK("0"), .again = true } };
	_cleanup_http_request_ struct http_request request = HTTP_REQUEST_INIT;
	_cleanup_buf_ struct buf expected = BUF_INIT;
	struct talk talk;

	(void)state;
	talk_start(&talk, replies);
	request.origin = talk.peer.origin;
	buf_adds(&request.target, "/b/../up/./x//%2e%2F?z&a=%2F&a=1");
	assert_int_equal(http_headers_add(&request.headers, "X-One", "1; \t two"), 0);
	assert_int_equal(http_headers_add(&request.headers, "X-Empty", ""), 0);
	assert_int_equal(talk_send(&talk, &request), 0);
	buf_addf(&expected,
		"GET /b/../up/./x//%%2e%%2F?z&a=%%2F&a=1 HTTP/1.1\r\n"
		"Host: 127.0.0.1:%u\r\nX-One: 1; \t two\r\nX-Empty:\r\n\r\n",
		talk.peer.origin.port);
	assert_string_equal(http_peer_text(&talk.peer, 0), buf_text(&expected));
	buf_clear(&expected);
	request.method = "POST";
	buf_adds(&request.body, "a=b");
	assert_int_equal(http_headers_add(&request.headers, "content-type", "t/x"), 0);
	assert_int_equal(talk_send(&talk, &request), 0);
	buf_addf(&expected,
		"POST /b/../up/./x//%%2e%%2F?z&a=%%2F&a=1 HTTP/1.1\r\n"
		"Host: 127.0.0.1:%u\r\nX-One: 1; \t two\r\nX-Empty:\r\n"
		"content-type: t/x\r\nContent-Length: 3\r\n\r\na=b",
		talk.peer.origin.port);
	assert_string_equal(http_peer_text(&talk.peer, 1), buf_text(&expected));
	talk_end(&talk);
}

static void other_methods(void **state)
{
	static const struct peer_reply replies[] = {
		{ .text = "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" },
		{ .text = "HTTP/1.1 204 No Content\r\n\r\n" },
		{ .text = OK("0") },
	};
	static const char *const methods[] = { "HEAD", "DELETE", "POST" };
	struct talk talk;

	(void)state;
	talk_start(&talk, replies);
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		_cleanup_http_request_ struct http_request request = HTTP_REQUEST_INIT;
		const char *seen;

		request.method = methods[i];
		request.origin = talk.peer.origin;
		buf_adds(&request.target, "/x");
		assert_int_equal(talk_send(&talk, &request), 0);
		seen = http_peer_text(&talk.peer, i);
		assert_memory_equal(seen, methods[i], strlen(methods[i]));
		assert_null(strstr(seen, "Content-Type"));
		assert_null(strstr(seen, "Expect"));
		assert_int_equal(talk.answer.body.len, 0);
		assert_int_equal(talk.peer.seen[i].connection, 0);
	}
	talk_end(&talk);
}

static void what_cannot_be_sent(void **state)
{
	static const struct peer_reply replies[] = { { .text = OK("0"), .again = true } };
	static const char *const targets[] = { "", "x", "/a b", "/a\r\nX: y", "/a#b",
		"/\xc3\xa9", "http://evil.example/" };
	static const char *const names[] = { "", "a b", "a:", "a\r\nb", "\xc3\xa9" };
	static const char *const values[] = { "a\r\nb: c", "a\nb", "a\001", "a\x7f" };
	struct talk talk;

	(void)state;
	talk_start(&talk, replies);
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		_cleanup_http_request_ struct http_request request = HTTP_REQUEST_INIT;

		request.origin = talk.peer.origin;
		buf_adds(&request.target, targets[i]);
		assert_int_equal(talk_send(&talk, &request), -EINVAL);
	}
	for (size_t i = 0; i < ARRAY_SIZE(names) + ARRAY_SIZE(values); i++) {
		_cleanup_http_request_ struct http_request request = HTTP_REQUEST_INIT;
		bool name = i < ARRAY_SIZE(names);

		request.origin = talk.peer.origin;
		buf_adds(&request.target, "/");
		assert_int_equal(http_headers_add(&request.headers, name ? names[i] : "a",
					 name ? "" : values[i - ARRAY_SIZE(names)]),
			0);
		assert_int_equal(talk_send(&talk, &request), -EINVAL);
	}
	assert_int_equal(talk.peer.connections, 0);
	talk_end(&talk);
}

static void connections_are_kept(void **state)
{
	static const struct peer_reply replies[] = {
		{ .text = OK("1") "a" },
		{ .text = "HTTP/1.1 500 Oops\r\nContent-Length: 1\r\n\r\nb" },
		{ .text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
			  "2\r\ncd\r\n3\r\nefg\r\n0\r\nX-Trailer: t\r\n\r\n" },
		{ .text = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: "
			  "1\r\n\r\nh",
			.close = true },
		{ .text = OK("1") "i" },
	};
	static const char *const bodies[] = { "a", "b", "cdefg", "h", "i" };
	static const unsigned connections[] = { 0, 0, 0, 0, 1 };
	struct talk talk;

	(void)state;
	talk_start(&talk, replies);
	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		assert_int_equal(talk_get(&talk), 0);
		assert_int_equal(talk.answer.status, i == 1 ? 500 : 200);
		assert_string_equal(buf_text(&talk.answer.body), bodies[i]);
		assert_string_equal(talk_header(&talk, "x-trailer"), "(none)");
		assert_int_equal(talk.peer.seen[i].connection, connections[i]);
	}
	talk_end(&talk);
}

/* The other side closed it while it was idle. */
static void dead_connection_is_replaced(void **state)
{
	static const struct peer_reply replies[] = {
		{ .text = OK("1") "a", .close = true },
		{ .text = OK("1") "b", .close = true },
	};
	struct talk talk;

	(void)state;
	talk_start(&talk, replies);
	assert_int_equal(talk_get(&talk), 0);
	(void)usleep(20 * 1000);
	assert_int_equal(talk_get(&talk), 0);
	assert_string_equal(buf_text(&talk.answer.body), "b");
	assert_int_equal(talk.peer.connections, 2);
	talk_end(&talk);
}

static void headers_of_an_answer(void **state)
{
	static const struct peer_reply replies[] = {
		{ .text = "HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\n"
			  "HTTP/1.1 403 Forbidden\r\n"
			  "X-UPPER:  some value \t \r\n"
			  "X-Folded: one\r\n   two\r\n\tthree\r\n"
			  "X-Twice: 1\r\nX-Twice: 2\r\n"
			  "X-Empty:\r\n"
			  "Content-Length: 2\r\n\r\nno" },
	};
	struct talk talk;

	(void)state;
	talk_start(&talk, replies);
	assert_int_equal(talk_get(&talk), 0);
	assert_int_equal(talk.answer.status, 403);
	assert_string_equal(buf_text(&talk.answer.body), "no");
	assert_true(talk.answer.body.secret);
	assert_string_equal(talk.answer.headers.list[0].name, "x-upper");
	assert_string_equal(talk_header(&talk, "x-upper"), "some value");
	assert_string_equal(talk_header(&talk, "x-folded"), "one two three");
	assert_string_equal(talk_header(&talk, "x-twice"), "1");
	assert_string_equal(talk_header(&talk, "x-empty"), "");
	assert_string_equal(talk_header(&talk, "x-interim"), "(none)");
	assert_in_range(talk.answer.took_ms, 0, talk.ms);
	talk_end(&talk);
}

static void redirects_are_not_followed(void **state)
{
	static const struct peer_reply replies[] = {
		{ .text = "HTTP/1.1 307 Go\r\nLocation: /there\r\nContent-Length: "
			  "0\r\n\r\n",
			.again = true },
	};
	struct talk talk;

	(void)state;
	talk_start(&talk, replies);
	assert_int_equal(talk_get(&talk), 0);
	assert_int_equal(talk.answer.status, 307);
	assert_string_equal(talk_header(&talk, "location"), "/there");
	assert_int_equal(talk.peer.seen_count, 1);
	talk_end(&talk);
}

static void proxies_are_not_for_loopback(void **state)
{
	static const struct peer_reply replies[] = { { .text = OK("0") } };
	struct talk talk;

	(void)state;
	assert_int_equal(setenv("http_proxy", "http://127.0.0.1:1", 1), 0);
	assert_int_equal(setenv("all_proxy", "http://127.0.0.1:1", 1), 0);
	talk_start(&talk, replies);
	assert_int_equal(talk_get(&talk), 0);
	talk_end(&talk);
	(void)unsetenv("http_proxy");
	(void)unsetenv("all_proxy");
}

static void *get_often(void *arg)
{
	struct talk *talk = arg;

	for (int i = 0; i < 50; i++) {
		_cleanup_http_request_ struct http_request request = HTTP_REQUEST_INIT;
		_cleanup_http_answer_ struct http_answer answer = HTTP_ANSWER_INIT;

		request.origin = talk->peer.origin;
		buf_adds(&request.target, "/");
		if (http_send(talk->http, &request, TALK_LIMIT, &talk->patience, &answer,
			    NULL) ||
			strcmp(buf_text(&answer.body), "ok") != 0)
			return arg;
	}
	return NULL;
}

static void many_threads(void **state)
{
	static const struct peer_reply replies[] = { { .text = OK("2") "ok",
		.again = true } };
	struct talk talk;
	pthread_t threads[8];
	void *failed;

	(void)state;
	talk_start(&talk, replies);
	talk.patience.deadline = clock_monotonic_ms() + 60000;
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, get_often, &talk), 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	assert_int_equal(talk.peer.seen_count, 400);
	assert_in_range(talk.peer.connections, 1, ARRAY_SIZE(threads));
	talk_end(&talk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_goes_out_as_it_is),
		cmocka_unit_test(other_methods),
		cmocka_unit_test(what_cannot_be_sent),
		cmocka_unit_test(connections_are_kept),
		cmocka_unit_test(dead_connection_is_replaced),
		cmocka_unit_test(headers_of_an_answer),
		cmocka_unit_test(redirects_are_not_followed),
		cmocka_unit_test(proxies_are_not_for_loopback),
		cmocka_unit_test(many_threads),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	if (http_global_init(NULL))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
