/* core_impl: what is inside struct core, for the files that implement core.h. */
#pragma once

#include <pthread.h>

#include "acct/core.h"
#include "acct/files.h"
#include "acct/news.h"
#include "acct/pending.h"
#include "aws/call.h"

/* What is remembered of one account, or of the root. */
struct account {
	char *name;
	struct answer *answers[QUESTION_COUNT];
	struct answer *identity; /* the last QUESTION_STATUS that AWS took; or NULL */
	struct pending pending;
	struct err error; /* the last failure; errnum 0: none */
	int64_t error_time;
	bool error_told;     /* in the log; all is well since then when not */
	enum event told;     /* the last of valid, invalid, expired; EVENT_NONE: none */
	uint64_t told_creds; /* the fingerprint of the credentials that was said of */
};

struct core {
	struct files *files;
	struct events *events;
	struct news *news;
	struct http *http;
	struct aws *aws;
	struct endpoint_env env;
	int64_t ttl_ms;
	bool allow_http;
	pthread_mutex_t lock; /* guards all below */
	void *accounts;	      /* a tsearch(3) tree of struct account */
	struct account root;  /* only its error */
};

/* The account's memory, made when missing; NULL: out of memory.  Call with the lock held.
 */
struct account *core_account(struct core *core, const char *name);

/* The last status that AWS gave for good credentials, or NULL; drop it with
 * answer_unref(). */
struct answer *core_identity(struct core *core, const char *name);
