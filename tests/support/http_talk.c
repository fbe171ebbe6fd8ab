#include "support/http_talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "io/clock.h"

void talk_start(struct talk *talk, const struct peer_reply *replies)
{
	const struct http_settings settings = { .ca_bundle = NULL };

	memset(talk, 0, sizeof(*talk));
	http_peer_start(&talk->peer, replies, NULL);
	talk->http = http_curl_new(&settings, &talk->err);
	assert_non_null(talk->http);
	assert_int_equal(cancel_init(&talk->cancel, NULL), 0);
	talk->patience.deadline = clock_monotonic_ms() + 5000;
	talk->patience.cancel = &talk->cancel;
}

void talk_end(struct talk *talk)
{
	talk->http = http_free(talk->http);
	http_peer_stop(&talk->peer);
	http_answer_done(&talk->answer);
	cancel_done(&talk->cancel);
}

int talk_send(struct talk *talk, const struct http_request *request)
{
	int64_t start = clock_monotonic_ms();
	int r;

	http_answer_done(&talk->answer);
	talk->answer = (struct http_answer)HTTP_ANSWER_INIT;
	memset(&talk->err, 0, sizeof(talk->err));
	r = http_send(talk->http, request, TALK_LIMIT, &talk->patience, &talk->answer,
		&talk->err);
	talk->ms = clock_monotonic_ms() - start;
	assert_int_equal(talk->err.errnum, -r);
	if (r)
		assert_int_equal(talk->answer.status, 0);
	return r;
}

int talk_get(struct talk *talk)
{
	_cleanup_http_request_ struct http_request request = HTTP_REQUEST_INIT;

	request.origin = talk->peer.origin;
	buf_adds(&request.target, "/");
	return talk_send(talk, &request);
}

const char *talk_header(const struct talk *talk, const char *name)
{
	const char *value = http_headers_get(&talk->answer.headers, name);

	return value ? value : "(none)";
}
