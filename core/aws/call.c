#include "aws/call.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "aws/awserr.h"
#include "aws/sigv4.h"
#include "io/clock.h"
#include "text/crc32.h"

/* The numbers of the SDKs' "standard" retry mode (AWS SDKs and Tools Reference Guide,
 * "Retry behavior"). */
enum {
	ATTEMPTS = 3,
	BUDGET = 500, /* for retries of all calls together */
	COST = 5,
	COST_TIMEOUT = 10,
	BASE_MS = 50, /* of the first back-off, doubled each time */
	BASE_DYNAMODB_MS = 25,
	BASE_THROTTLED_MS = 1000,
	BACK_OFF_LIMIT_MS = 20 * 1000,
	ASKED_MORE_MS = 5 * 1000, /* what x-amz-retry-after may add */
	CLOCKS = 32,		  /* endpoints whose clock is remembered */
};

struct clock {
	char *host;
	int64_t skew; /* our clock minus theirs, seconds */
};

struct aws {
	struct http *http;
	pthread_mutex_t lock; /* guards all below */
	unsigned budget;
	struct clock clocks[CLOCKS];
	size_t clock_next; /* the row to give up when all are taken */
};

/* What an attempt came to. */
enum verdict {
	GOOD,
	FAILED,	   /* for good */
	SKEWED,	   /* the clock is corrected: once more, at once */
	TRANSIENT, /* once more, after a while */
	TIMED_OUT,
	THROTTLED,
};

struct call {
	struct aws *aws;
	const struct aws_service *service;
	const struct aws_scope *scope;
	const struct aws_request *request;
	struct buf host;
	struct aws_meta meta;
	bool clock_tried;
	unsigned paid;	  /* out of the budget for the last retry */
	int64_t asked_ms; /* x-amz-retry-after */
};

struct aws *aws_new(struct http *http, struct err *err)
{
	struct aws *aws = calloc(1, sizeof(*aws));

	if (!aws) {
		(void)err_nomem(err);
		return NULL;
	}
	aws->http = http;
	aws->budget = BUDGET;
	(void)pthread_mutex_init(&aws->lock, NULL);
	return aws;
}

struct aws *aws_free(struct aws *aws)
{
	if (!aws)
		return NULL;
	for (size_t i = 0; i < CLOCKS; i++)
		free(aws->clocks[i].host);
	(void)pthread_mutex_destroy(&aws->lock);
	free(aws);
	return NULL;
}

void aws_request_done(struct aws_request *request)
{
	buf_done(&request->target);
	buf_done(&request->body);
}

static int64_t skew_of(struct aws *aws, const char *host)
{
	int64_t skew = 0;

	(void)pthread_mutex_lock(&aws->lock);
	for (size_t i = 0; i < CLOCKS; i++)
		if (aws->clocks[i].host && strcmp(aws->clocks[i].host, host) == 0)
			skew = aws->clocks[i].skew;
	(void)pthread_mutex_unlock(&aws->lock);
	return skew;
}

static int skew_note(struct aws *aws, const char *host, int64_t skew)
{
	char *copy = strdup(host);
	struct clock *clock = NULL;

	if (!copy)
		return -ENOMEM;
	(void)pthread_mutex_lock(&aws->lock);
	for (size_t i = 0; i < CLOCKS && !clock; i++)
		if (aws->clocks[i].host && strcmp(aws->clocks[i].host, host) == 0)
			clock = &aws->clocks[i];
	if (!clock)
		clock = &aws->clocks[aws->clock_next++ % CLOCKS];
	free(clock->host);
	clock->host = copy;
	clock->skew = skew;
	(void)pthread_mutex_unlock(&aws->lock);
	return 0;
}

static bool budget_pay(struct call *call, unsigned cost)
{
	struct aws *aws = call->aws;
	bool enough;

	(void)pthread_mutex_lock(&aws->lock);
	enough = aws->budget >= cost;
	if (enough)
		aws->budget -= cost;
	(void)pthread_mutex_unlock(&aws->lock);
	if (enough)
		call->paid = cost;
	return enough;
}

static void budget_refund(struct call *call)
{
	struct aws *aws = call->aws;

	(void)pthread_mutex_lock(&aws->lock);
	aws->budget += call->paid ? call->paid : 1;
	if (aws->budget > BUDGET)
		aws->budget = BUDGET;
	(void)pthread_mutex_unlock(&aws->lock);
}

static int request_build(const struct call *call, struct http_request *request)
{
	static const char *const types[] = {
		[AWS_QUERY] = "application/x-www-form-urlencoded; charset=utf-8",
		[AWS_REST_XML] = NULL,
		[AWS_JSON_1_0] = "application/x-amz-json-1.0",
	};
	const struct aws_service *service = call->service;
	const struct aws_request *from = call->request;
	const char *type = types[service->protocol];
	int r = 0;

	request->method = from->method ? from->method : "POST";
	request->origin = call->scope->endpoint->uri;
	buf_adds(&request->target, request->origin.path);
	buf_adds(&request->target, from->target.len ? buf_text(&from->target) : "/");
	buf_add(&request->body, buf_text(&from->body), from->body.len);
	if (type)
		r = http_headers_add(&request->headers, "Content-Type", type);
	if (!r && service->protocol == AWS_JSON_1_0) {
		_cleanup_buf_ struct buf target = BUF_INIT;

		buf_addf(&target, "%s.%s", service->target, from->operation);
		r = buf_err(&target);
		if (!r)
			r = http_headers_add(
				&request->headers, "X-Amz-Target", buf_text(&target));
	}
	if (!r)
		r = buf_err(&request->target);
	return r ? r : buf_err(&request->body);
}

static int call_send(struct call *call, struct http_answer *answer, struct err *err)
{
	const bool s3 = call->service->endpoint == ENDPOINT_S3;
	const struct sigv4_scope scope = {
		.region = call->scope->endpoint->region,
		.service = call->service->name,
		.normalize_path = !s3,
		.double_encode = !s3,
		.sign_body = s3,
	};
	_cleanup_http_request_ struct http_request request = HTTP_REQUEST_INIT;
	int64_t skew = skew_of(call->aws, buf_text(&call->host));
	int r;

	call->meta.skew = skew;
	call->meta.attempts++;
	call->asked_ms = 0;
	if (request_build(call, &request))
		return err_nomem(err);
	r = sigv4_sign(
		&request, call->scope->creds, &scope, clock_now() - skew, NULL, err);
	if (r)
		return r;
	/* not signed: proxies change it */
	if (http_headers_add(&request.headers, "User-Agent", "acctfs/" ACCTFS_VERSION))
		return err_nomem(err);
	return http_send(call->aws->http, &request, call->request->limit,
		call->scope->patience, answer, err);
}

static enum verdict judge_failure(const struct call *call, int r)
{
	switch (r) {
	case -ETIMEDOUT:
		return patience_left(call->scope->patience) ? TIMED_OUT : FAILED;
	case -ECONNREFUSED:
	case -ECONNRESET:
	case -EHOSTUNREACH:
		return TRANSIENT;
	default:
		return FAILED;
	}
}

/* DynamoDB sends the checksum of each answer, good or bad (Amazon DynamoDB Developer
 * Guide, "DynamoDB low-level API", response format). */
static bool is_damaged(const struct call *call, const struct http_answer *answer)
{
	const char *told = http_headers_get(&answer->headers, "x-amz-crc32");
	const struct slice body = { buf_text(&answer->body), answer->body.len };
	unsigned long crc;
	char *end;

	if (!told || call->service->protocol != AWS_JSON_1_0)
		return false;
	errno = 0;
	crc = strtoul(told, &end, 10);
	return errno || *end || end == told || crc != crc32_of(body);
}

/* Whether the refusal is our clock's fault and signing by their clock may help.  Their
 * Date counts only when the endpoint is known to be who it says. */
static bool correct_clock(struct call *call, const struct awserr *awserr)
{
	const struct endpoint *endpoint = call->scope->endpoint;
	int64_t skew = clock_now() - awserr->server_time;

	if (awserr->class != AWSERR_SKEWED || !awserr->server_time)
		return false;
	if (!endpoint->uri.https && !endpoint->configured)
		return false;
	if (call->clock_tried || skew == call->meta.skew)
		return false;
	call->clock_tried = true;
	return skew_note(call->aws, buf_text(&call->host), skew) == 0;
}

static enum verdict judge(
	struct call *call, const struct http_answer *answer, struct err *err)
{
	struct awserr awserr;

	call->meta.took_ms = answer->took_ms;
	if (is_damaged(call, answer)) {
		(void)err_set(err, EREMOTEIO,
			"the answer was damaged on its way (wrong checksum): try again");
		return TRANSIENT;
	}
	if (!awserr_is_refusal(answer))
		return GOOD;
	/* judged by the time that was signed, which is corrected already or not */
	awserr_read(answer, clock_now() - call->meta.skew, &awserr);
	(void)awserr_to_err(&awserr, err);
	call->asked_ms = awserr.retry_after_ms;
	if (correct_clock(call, &awserr))
		return SKEWED;
	switch (awserr.class) {
	case AWSERR_THROTTLED:
		return THROTTLED;
	case AWSERR_TRANSIENT:
		return TRANSIENT;
	default:
		return FAILED;
	}
}

static int64_t back_off_ms(const struct call *call, enum verdict verdict)
{
	int64_t ms = BASE_MS;

	if (verdict == THROTTLED)
		ms = BASE_THROTTLED_MS;
	else if (call->service->endpoint == ENDPOINT_DYNAMODB)
		ms = BASE_DYNAMODB_MS;
	ms <<= call->meta.attempts - 1;
	if (ms > BACK_OFF_LIMIT_MS)
		ms = BACK_OFF_LIMIT_MS;
	ms = (int64_t)(clock_random() * (double)ms);
	if (call->asked_ms <= ms)
		return ms;
	return call->asked_ms < ms + ASKED_MORE_MS ? call->asked_ms : ms + ASKED_MORE_MS;
}

/* Waits before another attempt.  0, -EINTR, or -ETIMEDOUT when there may be none. */
static int wait_for_next(struct call *call, enum verdict verdict)
{
	if (verdict == FAILED)
		return -ETIMEDOUT;
	if (verdict == SKEWED)
		return 0;
	if (call->meta.attempts >= ATTEMPTS ||
		!budget_pay(call, verdict == TIMED_OUT ? COST_TIMEOUT : COST))
		return -ETIMEDOUT;
	return patience_sleep(call->scope->patience, back_off_ms(call, verdict), NULL);
}

static int wrap(const struct aws_service *service, const struct aws_scope *scope,
	const char *operation, struct err *err)
{
	_cleanup_buf_ struct buf host = BUF_INIT;

	uri_print_host(&scope->endpoint->uri, &host);
	return err_wrap(err, "%s %s at %s", service->name, operation, buf_text(&host));
}

int aws_wrap(const struct aws_service *service, const struct aws_scope *scope,
	const char *operation, struct err *err)
{
	const char hint[] = ": check that no proxy or login page answers in its place";
	size_t len = err ? strlen(err->text) : 0;

	if (err && err->errnum == EBADMSG && len + sizeof(hint) <= sizeof(err->text))
		memcpy(err->text + len, hint, sizeof(hint));
	return wrap(service, scope, operation, err);
}

static int call_run(struct call *call, struct buf *out, struct err *err)
{
	for (;;) {
		_cleanup_http_answer_ struct http_answer answer = HTTP_ANSWER_INIT;
		struct err why = ERR_INIT;
		enum verdict verdict;
		int r, waited;

		r = call_send(call, &answer, &why);
		verdict = r ? judge_failure(call, r) : judge(call, &answer, &why);
		if (verdict == GOOD) {
			budget_refund(call);
			buf_add(out, buf_text(&answer.body), answer.body.len);
			return buf_err(out) ? err_nomem(err) : 0;
		}
		waited = wait_for_next(call, verdict);
		if (!waited)
			continue;
		if (waited == -EINTR)
			(void)err_set(
				&why, EINTR, "interrupted while waiting to try again");
		if (err)
			*err = why;
		/* a transport's sentence names the host itself */
		if (r)
			(void)err_wrap(err, "%s %s", call->service->name,
				call->request->operation);
		else
			(void)wrap(call->service, call->scope, call->request->operation,
				err);
		return -why.errnum;
	}
}

int aws_call(struct aws *aws, const struct aws_service *service,
	const struct aws_scope *scope, const struct aws_request *request, struct buf *out,
	struct aws_meta *ret_meta, struct err *err)
{
	struct call call = {
		.aws = aws,
		.service = service,
		.scope = scope,
		.request = request,
		.host = BUF_INIT,
	};
	int r;

	uri_print_host(&scope->endpoint->uri, &call.host);
	r = buf_err(&call.host) ? err_nomem(err) : call_run(&call, out, err);
	if (ret_meta)
		*ret_meta = call.meta;
	buf_done(&call.host);
	return r;
}
