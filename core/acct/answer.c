#include "acct/answer.h"

struct answer *answer_new(enum question question)
{
	struct answer *answer = calloc(1, sizeof(*answer));

	if (!answer)
		return NULL;
	atomic_init(&answer->references, 1);
	answer->question = question;
	answer->status = (struct status)STATUS_INIT;
	return answer;
}

struct answer *answer_ref(struct answer *answer)
{
	if (answer)
		atomic_fetch_add(&answer->references, 1);
	return answer;
}

struct answer *answer_unref(struct answer *answer)
{
	if (!answer || atomic_fetch_sub(&answer->references, 1) > 1)
		return NULL;
	status_done(&answer->status);
	s3_buckets_done(&answer->buckets);
	dynamodb_tables_done(&answer->tables);
	free(answer);
	return NULL;
}
