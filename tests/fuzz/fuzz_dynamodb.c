/* Reads the input as an answer to ListTables, and as one to DescribeTable. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aws/dynamodb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct slice body = { (const char *)data, size };
	_cleanup_names_ struct names names = NAMES_INIT;
	_cleanup_aws_request_ struct aws_request request = AWS_REQUEST_INIT;
	_cleanup_free_ char *after = NULL;
	struct dynamodb_table table = { .name = NULL };
	struct err err = ERR_INIT;

	if (dynamodb_tables_reply(body, &names, &after, &err) && (names.count || after))
		abort();
	for (size_t i = 0; i < names.count; i++)
		if (!names.list[i][0] || strpbrk(names.list[i], "/ \t\n\033") ||
			strcmp(names.list[i], "..") == 0)
			abort();
	if (after && dynamodb_tables_request(after, &request, NULL))
		abort();
	if (!dynamodb_describe_reply(body, &table, &err) &&
		(table.items < 0 || table.bytes < 0 || !table.status[0] ||
			strpbrk(table.status, "\t\n\033")))
		abort();
	return 0;
}
