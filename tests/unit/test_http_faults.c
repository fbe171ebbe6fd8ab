#include "io/http.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/clock.h"
#include "support/http_talk.h"

#define OK(body_len) "HTTP/1.1 200 OK\r\nContent-Length: " body_len "\r\n\r\n"

/* Answers that are none, and what they are called. */
static void broken_answers(void **state)
{
	/* clang-format off */
	static const struct {
		struct peer_reply reply;
		int result;
		const char *text;
	} cases[] = {
		{ { .text = "", .close = true }, -ECONNRESET,
			"got no answer from `127.0.0.1:" },
		{ { .text = OK("100") "only this", .close = true }, -ECONNRESET,
			"part of the answer" },
		{ { .text = "HTTP/1.1 200 OK\r\nContent-Le", .close = true }, -ECONNRESET,
			"part of the answer" },
		{ { .text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: "
			    "chunked\r\n\r\n5\r\nab",
			  .close = true },
			-ECONNRESET, "127.0.0.1" },
		{ { .text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
			  .close = true },
			-ECONNRESET, "127.0.0.1" },
		{ { .text = "SSH-2.0-OpenSSH_9.2\r\n", .close = true }, -EPROTO,
			"does not understand" },
		{ { .text = "HTTP/1.1 200 OK\r\nContent-Length: banana\r\n\r\n",
			  .close = true },
			-EPROTO, "127.0.0.1" },
		{ { .text = OK("1001"), .filler = 1001 }, -EFBIG,
			"larger than 1000 bytes" },
		{ { .text = "HTTP/1.1 200 OK\r\n\r\n", .filler = 1 << 20, .close = true },
			-EFBIG, "larger" },
		{ { .text = OK("1000"), .filler = 1000 }, 0, "" },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct talk talk;
		int r;

		talk_start(&talk, &cases[i].reply);
		r = talk_get(&talk);
		if (r != cases[i].result)
			print_error("case %zu: %s\n", i, talk.err.text);
		assert_int_equal(r, cases[i].result);
		if (cases[i].result)
			assert_non_null(strstr(talk.err.text, cases[i].text));
		talk_end(&talk);
	}
}

static void headers_without_end(void **state)
{
	_cleanup_buf_ struct buf head = BUF_INIT;
	struct talk talk;

	(void)state;
	buf_adds(&head, "HTTP/1.1 200 OK\r\n");
	for (int i = 0; i < HTTP_HEADER_LIMIT / 16; i++)
		buf_adds(&head, "X-Filler: 12345\r\n");
	const struct peer_reply many[] = { { .text = buf_text(&head) } };
	const struct peer_reply one[] = { { .text = "HTTP/1.1 200 OK\r\nX: ",
		.filler = 1 << 20 } };
	talk_start(&talk, many);
	assert_int_equal(talk_get(&talk), -EPROTO);
	assert_non_null(strstr(talk.err.text, "headers that are too long"));
	talk_end(&talk);
	talk_start(&talk, one);
	assert_int_equal(talk_get(&talk), -EPROTO);
	assert_non_null(strstr(talk.err.text, "headers that are too long"));
	talk_end(&talk);
}

/* A request that failed leaves nothing behind for the next one. */
static void after_a_failure(void **state)
{
	static const struct peer_reply replies[] = {
		{ .text = OK("2000"), .filler = 2000 },
		{ .text = OK("2") "ok", .again = true },
	};
	struct talk talk;

	(void)state;
	talk_start(&talk, replies);
	assert_int_equal(talk_get(&talk), -EFBIG);
	assert_int_equal(talk_get(&talk), 0);
	assert_string_equal(buf_text(&talk.answer.body), "ok");
	assert_int_equal(talk.peer.seen[1].connection, 1);
	talk_end(&talk);
}

static void slow_answers(void **state)
{
	static const struct peer_reply replies[][1] = {
		{ { .text = OK("1") "a", .delay_ms = 60000 } },
		{ { .text = OK("60") "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
				     "aaaa",
			.trickle_ms = 100 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(replies); i++) {
		struct talk talk;

		talk_start(&talk, replies[i]);
		talk.patience.deadline = clock_monotonic_ms() + 150;
		assert_int_equal(talk_get(&talk), -ETIMEDOUT);
		assert_in_range(talk.ms, 140, 600);
		assert_non_null(
			strstr(talk.err.text, "no answer in time from `127.0.0.1:"));
		talk_end(&talk);
	}
}

static void *cancel_soon(void *arg)
{
	struct talk *talk = arg;

	(void)usleep(50 * 1000);
	talk->ms = clock_monotonic_ms();
	cancel_set(&talk->cancel);
	return NULL;
}

static void cancelled(void **state)
{
	static const struct peer_reply replies[] = { { .text = "", .delay_ms = 60000 } };
	struct talk talk;
	pthread_t thread;

	(void)state;
	talk_start(&talk, replies);
	assert_int_equal(pthread_create(&thread, NULL, cancel_soon, &talk), 0);
	{
		_cleanup_http_request_ struct http_request request = HTTP_REQUEST_INIT;
		int64_t end;

		request.origin = talk.peer.origin;
		buf_adds(&request.target, "/");
		assert_int_equal(http_send(talk.http, &request, TALK_LIMIT,
					 &talk.patience, &talk.answer, &talk.err),
			-EINTR);
		end = clock_monotonic_ms();
		assert_int_equal(pthread_join(thread, NULL), 0);
		print_message("%d ms after the cancel\n", (int)(end - talk.ms));
		assert_true(end - talk.ms < 200);
	}
	/* and now nothing goes out at all */
	assert_int_equal(talk_get(&talk), -EINTR);
	assert_int_equal(talk.peer.connections, 1);
	talk_end(&talk);
}

static void nobody_there(void **state)
{
	static const struct peer_reply replies[] = { { .text = OK("0") } };
	struct talk talk;

	(void)state;
	talk_start(&talk, replies);
	/* the port of a listener that is gone */
	http_peer_stop(&talk.peer);
	assert_int_equal(talk_get(&talk), -ECONNREFUSED);
	assert_non_null(strstr(talk.err.text, "cannot connect to `127.0.0.1:"));
	assert_non_null(strstr(talk.err.text, "check the network"));
	memset(&talk.peer.origin, 0, sizeof(talk.peer.origin));
	memcpy(talk.peer.origin.host, "host.invalid", sizeof("host.invalid"));
	talk.patience.deadline = clock_monotonic_ms() + 1500;
	/* with a name server that does not answer it is the other one */
	if (talk_get(&talk) == -EHOSTUNREACH)
		assert_non_null(
			strstr(talk.err.text, "found no address of `host.invalid'"));
	else
		assert_int_equal(talk.err.errnum, ETIMEDOUT);
	assert_true(talk.ms < 2500);
	http_peer_start(&talk.peer, replies, NULL);
	talk_end(&talk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(broken_answers),
		cmocka_unit_test(headers_without_end),
		cmocka_unit_test(after_a_failure),
		cmocka_unit_test(slow_answers),
		cmocka_unit_test(cancelled),
		cmocka_unit_test(nobody_there),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	if (http_global_init(NULL))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
