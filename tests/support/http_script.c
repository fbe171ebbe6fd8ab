#include "support/http_script.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "io/clock.h"

static void keep(struct http_script *script, const struct http_request *request)
{
	struct http_request *kept = &script->seen[script->seen_count];

	if (script->seen_count == HTTP_SCRIPT_SEEN)
		abort();
	*kept = (struct http_request)HTTP_REQUEST_INIT;
	kept->method = request->method;
	kept->origin = request->origin;
	buf_adds(&kept->target, buf_text(&request->target));
	buf_add(&kept->body, buf_text(&request->body), request->body.len);
	for (size_t i = 0; i < request->headers.count; i++)
		if (http_headers_add(&kept->headers, request->headers.list[i].name,
			    request->headers.list[i].value))
			abort();
	script->seen_count++;
}

static const struct http_step *take_step(
	struct http_script *script, const struct http_request *request)
{
	for (size_t i = 0; i < script->count; i++) {
		const struct http_step *step = &script->steps[i];

		if (script->used[i] ||
			(step->when && !strstr(buf_text(&request->target), step->when) &&
				!strstr(buf_text(&request->body), step->when)))
			continue;
		script->used[i] = !step->again;
		return step;
	}
	script->unexpected++;
	return NULL;
}

static void add_headers(const struct http_step *step, struct http_answer *answer)
{
	const char *at = step->headers ? step->headers : "";
	char name[64], value[512];
	int used;

	while (sscanf(at, "%63[^:]: %511[^\n]%n", name, value, &used) == 2) {
		if (http_headers_add(&answer->headers, name, value))
			abort();
		at += used + (at[used] == '\n');
	}
	if (step->date) {
		time_t when = (time_t)(clock_now() + step->date_off);
		struct tm tm;

		(void)gmtime_r(&when, &tm);
		(void)strftime(value, sizeof(value), "%a, %d %b %Y %H:%M:%S GMT", &tm);
		if (http_headers_add(&answer->headers, "date", value))
			abort();
	}
}

static int script_send(struct http *http, const struct http_request *request,
	size_t limit, const struct patience *patience, struct http_answer *ret_answer,
	struct err *err)
{
	struct http_script *script = (struct http_script *)http;
	const struct http_step *step;
	int r = 0;

	(void)pthread_mutex_lock(&script->lock);
	keep(script, request);
	step = take_step(script, request);
	if (++script->running > script->running_most)
		script->running_most = script->running;
	(void)pthread_mutex_unlock(&script->lock);
	if (!step)
		r = err_set(err, EIO, "a request without a step");
	else if (cancel_is_set(patience->cancel))
		r = err_set(err, EINTR, "interrupted");
	else if (step->delay_ms)
		r = patience_sleep(patience, step->delay_ms, err);
	if (!r && step->errnum)
		r = err_set(err, step->errnum, "no luck with `%s'", request->origin.host);
	if (!r && step->body && strlen(step->body) > limit)
		r = err_set(err, EFBIG, "larger than the limit");
	if (!r) {
		ret_answer->status = step->status ? step->status : 200;
		add_headers(step, ret_answer);
		buf_adds(&ret_answer->body, step->body ? step->body : "");
		ret_answer->took_ms = 7;
	}
	(void)pthread_mutex_lock(&script->lock);
	script->running--;
	(void)pthread_mutex_unlock(&script->lock);
	return r;
}

static struct http *script_free(struct http *http)
{
	(void)http;
	return NULL;
}

void http_script_init(
	struct http_script *script, const struct http_step *steps, size_t count)
{
	memset(script, 0, sizeof(*script));
	script->http.send = script_send;
	script->http.free = script_free;
	script->steps = steps;
	script->count = count;
	if (count > HTTP_SCRIPT_STEPS)
		abort();
	(void)pthread_mutex_init(&script->lock, NULL);
}

void http_script_done(struct http_script *script)
{
	for (size_t i = 0; i < script->seen_count; i++)
		http_request_done(&script->seen[i]);
	script->seen_count = 0;
	(void)pthread_mutex_destroy(&script->lock);
}

const char *http_script_header(
	const struct http_script *script, size_t index, const char *name)
{
	const char *value = NULL;

	if (index < script->seen_count)
		value = http_headers_get(&script->seen[index].headers, name);
	return value ? value : "";
}
