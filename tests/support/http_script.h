/* http_script: a transport whose answers are a script and that keeps what it was asked.
 * Any thread. */
#pragma once

#include <pthread.h>

#include "io/http.h"

struct http_step {
	const char *when;    /* for requests whose target or body holds this; NULL: all */
	int errnum;	     /* fail with this instead of an answer */
	int status;	     /* 0: 200 */
	const char *headers; /* "Name: value\nName: value" or NULL */
	const char *body;    /* or NULL */
	int64_t delay_ms;    /* within the caller's patience */
	bool date;	     /* send a Date header: now and date_off seconds */
	int64_t date_off;
	bool again; /* as often as it is asked, not once */
};

enum { HTTP_SCRIPT_STEPS = 16, HTTP_SCRIPT_SEEN = 512 };

struct http_script {
	struct http http;
	const struct http_step *steps;
	size_t count;
	pthread_mutex_t lock; /* guards all below */
	bool used[HTTP_SCRIPT_STEPS];
	struct http_request seen[HTTP_SCRIPT_SEEN];
	size_t seen_count;
	size_t unexpected; /* requests without a step, answered -EIO */
	unsigned running, running_most;
};

/* The first unused step that fits answers.  @steps are borrowed. */
void http_script_init(
	struct http_script *script, const struct http_step *steps, size_t count);
void http_script_done(struct http_script *script);

/* A header of the request number @index, or "". */
const char *http_script_header(
	const struct http_script *script, size_t index, const char *name);
