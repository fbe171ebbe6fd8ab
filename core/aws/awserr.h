/* awserr: what an AWS service said went wrong -> struct err and what to do about it.
 *
 * Pure; one table of rows.  Accepts XML (S3, STS), JSON (DynamoDB), neither (proxies,
 * HEAD). Only the code and a cleaned, shortened message are ever taken from an answer:
 * bodies echo tokens. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "io/http.h"

/* err->code of every AWSERR_SKEWED, whatever the service called it. */
#define AWSERR_CODE_SKEWED "ClockSkew"

enum awserr_class {
	AWSERR_EXPIRED,	  /* EKEYEXPIRED: the token's time is over */
	AWSERR_REJECTED,  /* EKEYREJECTED: unknown key, refused signature or token */
	AWSERR_DENIED,	  /* EACCES */
	AWSERR_SKEWED,	  /* EKEYREJECTED: our clock is off */
	AWSERR_NOT_FOUND, /* ENOENT */
	AWSERR_THROTTLED, /* EBUSY; retried */
	AWSERR_TRANSIENT, /* EREMOTEIO: 5xx and the like; retried */
	AWSERR_REGION,	  /* EREMOTEIO: another region is right, or this one is off */
	AWSERR_FOREIGN,	  /* EBADMSG: the answer is none of AWS's */
	AWSERR_OTHER,	  /* EREMOTEIO */
};

struct awserr {
	enum awserr_class class;
	char code[ERR_CODE_SIZE]; /* "ExpiredToken"; "HTTP 502" when there was none */
	char message[256];	  /* printable, one line, no secret; may be "" */
	int64_t server_time;	  /* from the Date header, 0: none */
	int64_t retry_after_ms;	  /* x-amz-retry-after, 0: none */
	char region[33];	  /* where the bucket is, valid, or "" */
};

/* Reads an answer that is a refusal; always succeeds in saying something. */
void awserr_read(
	const struct http_answer *answer, int64_t now, struct awserr *ret_awserr);

/* Whether an answer is a refusal at all: status 300 or more, or an S3 error with 200 (but
 * no object, which has an ETag). */
bool awserr_is_refusal(const struct http_answer *answer);

/* Fills @err with errnum, code and a whole sentence that ends with what to do; returns
 * -errnum. */
int awserr_to_err(const struct awserr *awserr, struct err *err);
