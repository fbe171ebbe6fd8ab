/* dynamodb: Amazon DynamoDB, JSON 1.0, version 20120810 (Amazon DynamoDB API Reference,
 * ListTables, DescribeTable). */
#pragma once

#include "aws/call.h"
#include "base/names.h"

struct dynamodb_table {
	char *name;
	char status[48]; /* ACTIVE, ...; "" when it could not be described */
	int64_t items;
	int64_t bytes;
	char hash_key[256];
	char range_key[256]; /* "" : none */
	double created;	     /* seconds since the epoch, 0: not told */
	struct err err;	     /* why it could not be described; errnum 0: it could */
};

/* Pure: pages of ListTables, as s3.h has them. */
int dynamodb_tables_request(
	const char *after, struct aws_request *ret_request, struct err *err);
int dynamodb_tables_reply(
	struct slice body, struct names *names, char **ret_after, struct err *err);

/* Pure: DescribeTable. */
int dynamodb_describe_request(
	const char *table, struct aws_request *ret_request, struct err *err);
int dynamodb_describe_reply(
	struct slice body, struct dynamodb_table *table, struct err *err);

struct dynamodb_tables {
	struct dynamodb_table *list;
	size_t count;
};

#define DYNAMODB_TABLES_INIT \
	{                    \
		.list = NULL \
	}
void dynamodb_tables_done(struct dynamodb_tables *tables); /* safe twice */

/* ListTables, all pages, then DescribeTable for each: a few at a time in threads of its
 * own, at no more than DYNAMODB_DESCRIBE_RATE a second.  A table that may not be
 * described, or for which there is no time left, keeps its row with `err` set; expired or
 * refused credentials fail the whole. */
enum {
	DYNAMODB_DESCRIBE_PARALLEL = 4,
	DYNAMODB_DESCRIBE_RATE = 100,
};
int dynamodb_tables(struct aws *aws, const struct aws_scope *scope,
	struct dynamodb_tables *ret_tables, struct err *err);
