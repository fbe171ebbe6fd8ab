/* Reads the input as an answer to GetCallerIdentity. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aws/sts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sts_identity identity;
	struct err err = ERR_INIT;

	if (sts_identity_reply(
		    (struct slice){ (const char *)data, size }, &identity, &err))
		return 0;
	if (strlen(identity.account) != 12 || strncmp(identity.arn, "arn:", 4) != 0 ||
		!identity.user_id[0] || strpbrk(identity.arn, "\n\t\033") ||
		strpbrk(identity.user_id, "\n\t\033"))
		abort();
	return 0;
}
