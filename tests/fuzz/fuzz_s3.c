/* Reads the input as an answer to ListBuckets and asks for the page after it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aws/s3.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct s3_buckets buckets = S3_BUCKETS_INIT;
	_cleanup_aws_request_ struct aws_request request = AWS_REQUEST_INIT;
	_cleanup_free_ char *after = NULL;
	struct err err = ERR_INIT;
	int r = s3_buckets_reply(
		(struct slice){ (const char *)data, size }, &buckets, &after, &err);

	if (r && (buckets.count || after || err.errnum != -r))
		abort();
	for (size_t i = 0; i < buckets.count; i++) {
		const struct s3_bucket *bucket = &buckets.list[i];

		if (!bucket->name[0] || strpbrk(bucket->name, "/ \t\n\033") ||
			strcmp(bucket->name, "..") == 0 ||
			strpbrk(bucket->created, "\t\n\033") ||
			(bucket->region && !region_is_valid(bucket->region)))
			abort();
	}
	if (after && (s3_buckets_request(after, &request, NULL) ||
			     strpbrk(buf_text(&request.target), " \n#")))
		abort();
	s3_buckets_done(&buckets);
	return 0;
}
