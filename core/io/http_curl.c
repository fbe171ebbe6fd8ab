#include "io/http.h"

#include <curl/curl.h>
#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "io/clock.h"
#include "io/http_exchange.h"

enum {
	CONNECT_MS = 3000,
	IDLE_LIMIT = 8,	      /* links kept for later */
	LINK_CONNECTIONS = 4, /* connections one link keeps open */
};

/* One request at a time goes over a link.  libcurl keeps its connections, its TLS
 * sessions and the certificates it trusts with the two handles. */
struct link {
	struct link *next;
	CURL *easy;
	CURLM *multi;
	struct uri origin; /* it talked to last */
};

struct http_curl {
	struct http http;
	struct http_settings settings;
	char *ca_bundle;
	pthread_mutex_t lock; /* guards all below */
	struct link *idle;    /* most recently used first */
};

/* libcurl's copies of a request hold the token and its answers may: what libcurl gives
 * back is wiped. */
static void memory_free(void *ptr)
{
	if (ptr)
		explicit_bzero(ptr, malloc_usable_size(ptr));
	free(ptr);
}

static void *memory_realloc(void *ptr, size_t size)
{
	size_t old = ptr ? malloc_usable_size(ptr) : 0;
	void *moved = malloc(size ? size : 1);

	if (!moved || !ptr)
		return moved;
	memcpy(moved, ptr, old < size ? old : size);
	memory_free(ptr);
	return moved;
}

int http_global_init(struct err *err)
{
	if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, memory_free, memory_realloc,
		    strdup, calloc) != CURLE_OK)
		return err_set(err, ENOMEM, "cannot start libcurl");
	return 0;
}

static struct link *link_free(struct link *link)
{
	if (link->multi)
		(void)curl_multi_cleanup(link->multi);
	curl_easy_cleanup(link->easy);
	free(link);
	return NULL;
}

static struct link *link_new(void)
{
	struct link *link = calloc(1, sizeof(*link));

	if (!link)
		return NULL;
	link->easy = curl_easy_init();
	link->multi = curl_multi_init();
	if (!link->easy || !link->multi ||
		curl_multi_setopt(link->multi, CURLMOPT_MAXCONNECTS,
			(long)LINK_CONNECTIONS) != CURLM_OK)
		return link_free(link);
	return link;
}

static bool link_talked_to(const struct link *link, const struct uri *origin)
{
	return link->origin.https == origin->https && link->origin.port == origin->port &&
	       strcmp(link->origin.host, origin->host) == 0;
}

/* Takes the link that most likely has a connection to @origin, or a new one. */
static struct link *link_take(struct http_curl *curl, const struct uri *origin)
{
	struct link **at, *link;

	(void)pthread_mutex_lock(&curl->lock);
	at = &curl->idle;
	while (*at && !link_talked_to(*at, origin))
		at = &(*at)->next;
	if (!*at)
		at = &curl->idle;
	link = *at;
	if (link)
		*at = link->next;
	(void)pthread_mutex_unlock(&curl->lock);
	if (!link)
		link = link_new();
	if (link)
		link->origin = *origin;
	return link;
}

static void link_give(struct http_curl *curl, struct link *link)
{
	struct link *extra = NULL, **at;
	size_t count = 0;

	(void)pthread_mutex_lock(&curl->lock);
	link->next = curl->idle;
	curl->idle = link;
	for (at = &curl->idle; *at && count < IDLE_LIMIT; at = &(*at)->next)
		count++;
	extra = *at;
	*at = NULL;
	(void)pthread_mutex_unlock(&curl->lock);
	/* goodbyes to the other side, so not under the lock */
	if (extra)
		(void)link_free(extra);
}

/* Moves the bytes until libcurl is through.  @ret_code is what it says. */
static int link_drive(
	struct link *link, const struct patience *patience, CURLcode *ret_code)
{
	struct curl_waitfd cancelled = {
		.fd = patience->cancel ? patience->cancel->fd : -1,
		.events = CURL_WAIT_POLLIN,
	};
	unsigned waits = patience->cancel ? 1 : 0;
	CURLMcode code;
	CURLMsg *message;
	int running = 1, left = 0;

	for (;;) {
		int64_t ms;

		if (cancel_is_set(patience->cancel))
			return -EINTR;
		code = curl_multi_perform(link->multi, &running);
		if (code != CURLM_OK || !running)
			break;
		ms = patience_left(patience);
		if (!ms)
			return -ETIMEDOUT;
		code = curl_multi_poll(link->multi, &cancelled, waits,
			ms < INT_MAX ? (int)ms : INT_MAX, NULL);
		if (code != CURLM_OK)
			break;
	}
	message = curl_multi_info_read(link->multi, &left);
	if (message && message->msg == CURLMSG_DONE)
		*ret_code = message->data.result;
	else
		*ret_code = code == CURLM_OUT_OF_MEMORY ? CURLE_OUT_OF_MEMORY
							: CURLE_FAILED_INIT;
	return 0;
}

/* Sends the prepared exchange over @link and takes everything off it again. */
static int exchange_run(struct exchange *exchange, struct link *link,
	const struct patience *patience, struct err *err)
{
	int64_t start = clock_monotonic_ms();
	CURLcode code = CURLE_OK;
	long status = 0;
	int r;

	r = exchange_set(exchange, link->easy, err);
	if (r)
		return r;
	if (curl_multi_add_handle(link->multi, link->easy) != CURLM_OK)
		return err_nomem(err);
	r = link_drive(link, patience, &code);
	(void)curl_easy_getinfo(link->easy, CURLINFO_RESPONSE_CODE, &status);
	/* libcurl is content with a head that breaks off */
	if (!r && code == CURLE_OK && !exchange->collect.complete)
		code = CURLE_PARTIAL_FILE;
	if (r || code != CURLE_OK)
		r = exchange_fail(exchange, r, code, err);
	/* also closes the connection of a request that was not through */
	(void)curl_multi_remove_handle(link->multi, link->easy);
	exchange->collect.answer.status = (int)status;
	exchange->collect.answer.took_ms = clock_monotonic_ms() - start;
	return r;
}

static int curl_send(struct http *http, const struct http_request *request, size_t limit,
	const struct patience *patience, struct http_answer *ret_answer, struct err *err)
{
	struct http_curl *curl = (struct http_curl *)http;
	_cleanup_(exchange_done) struct exchange exchange = {
		.request = request,
		.settings = &curl->settings,
		.collect = HTTP_COLLECT_INIT,
	};
	struct link *link;
	int r;

	exchange.collect.limit = limit;
	r = exchange_prepare(&exchange, err);
	if (r)
		return r;
	link = link_take(curl, &request->origin);
	if (!link)
		return err_nomem(err);
	r = exchange_run(&exchange, link, patience, err);
	/* nothing of the exchange may stay behind in the handle */
	curl_easy_reset(link->easy);
	if (r) {
		(void)link_free(link);
		return r;
	}
	link_give(curl, link);
	*ret_answer = exchange.collect.answer;
	exchange.collect.answer = (struct http_answer)HTTP_ANSWER_INIT;
	return 0;
}

static struct http *curl_free_all(struct http *http)
{
	struct http_curl *curl = (struct http_curl *)http;
	struct link *next;

	for (struct link *link = curl->idle; link; link = next) {
		next = link->next;
		(void)link_free(link);
	}
	(void)pthread_mutex_destroy(&curl->lock);
	free(curl->ca_bundle);
	free(curl);
	return NULL;
}

struct http *http_curl_new(const struct http_settings *settings, struct err *err)
{
	struct http_curl *curl = calloc(1, sizeof(*curl));

	if (!curl) {
		(void)err_nomem(err);
		return NULL;
	}
	curl->http.send = curl_send;
	curl->http.free = curl_free_all;
	(void)pthread_mutex_init(&curl->lock, NULL);
	curl->settings = *settings;
	curl->settings.ca_bundle = NULL;
	if (!settings->connect_ms)
		curl->settings.connect_ms = CONNECT_MS;
	if (settings->ca_bundle && *settings->ca_bundle) {
		curl->ca_bundle = strdup(settings->ca_bundle);
		curl->settings.ca_bundle = curl->ca_bundle;
		if (!curl->ca_bundle) {
			(void)err_nomem(err);
			return curl_free_all(&curl->http);
		}
	}
	return &curl->http;
}
