/* answer: what a question over the network brought, kept until it is too old.
 *
 * An answer is immutable once made and counted: any thread may read it as long as it
 * holds a reference. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#include "acct/status.h"
#include "aws/dynamodb.h"
#include "aws/s3.h"

enum question {
	QUESTION_NONE,
	QUESTION_STATUS,
	QUESTION_S3,
	QUESTION_DYNAMODB,
	QUESTION_COUNT,
};

struct answer {
	atomic_uint references;
	enum question question;
	int64_t at;	      /* seconds since the epoch */
	int64_t fresh_until;  /* clock_monotonic_ms() */
	uint64_t fingerprint; /* of the credentials and settings it was asked with */
	uint64_t target;      /* of what of them was sent, and to whom */
	struct err err;	      /* errnum 0: the question was answered */
	struct status status; /* QUESTION_STATUS */
	struct s3_buckets buckets;
	struct dynamodb_tables tables;
};

struct answer *answer_new(enum question question);  /* NULL: out of memory */
struct answer *answer_ref(struct answer *answer);   /* NULL-safe, returns @answer */
struct answer *answer_unref(struct answer *answer); /* NULL-safe, returns NULL */

static inline void cleanup_answer(struct answer **answer)
{
	*answer = answer_unref(*answer);
}
#define _cleanup_answer_ _cleanup_(cleanup_answer)
