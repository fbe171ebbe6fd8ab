#include "aws/dynamodb.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/clock.h"
#include "support/fixture.h"
#include "text/json.h"

#define TABLE(inside) "{\"Table\":{\"TableStatus\":\"ACTIVE\"" inside "}}"
#define EXPIRED	      "{\"__type\":\"x#ExpiredTokenException\"}"

static int list_reply(const char *text, struct names *names, char **ret_after)
{
	struct err err = ERR_INIT;
	int r = dynamodb_tables_reply(
		(struct slice){ text, strlen(text) }, names, ret_after, &err);

	assert_int_equal(err.errnum, -r);
	return r;
}

static int describe_reply(const char *text, struct dynamodb_table *table)
{
	struct err err = ERR_INIT;
	int r = dynamodb_describe_reply(
		(struct slice){ text, strlen(text) }, table, &err);

	assert_int_equal(err.errnum, -r);
	return r;
}

static void check_body(const struct aws_request *request, const char *name,
	const char *value, size_t members)
{
	_cleanup_json_ struct json *root = NULL;
	int64_t limit = 0;

	assert_int_equal(
		json_parse((struct slice){ buf_text(&request->body), request->body.len },
			&root, NULL),
		0);
	if (value)
		assert_string_equal(json_text(json_member(root, name)), value);
	else
		assert_null(json_member(root, name));
	if (members > 1) {
		assert_true(json_int64(json_member(root, "Limit"), &limit));
		assert_int_equal(limit, 100);
	}
}

static void requests(void **state)
{
	_cleanup_aws_request_ struct aws_request first = AWS_REQUEST_INIT;
	_cleanup_aws_request_ struct aws_request next = AWS_REQUEST_INIT;
	_cleanup_aws_request_ struct aws_request describe = AWS_REQUEST_INIT;

	(void)state;
	assert_int_equal(dynamodb_tables_request(NULL, &first, NULL), 0);
	assert_string_equal(first.operation, "ListTables");
	assert_null(first.method);
	check_body(&first, "ExclusiveStartTableName", NULL, 2);
	assert_int_equal(dynamodb_tables_request("a\"b", &next, NULL), 0);
	check_body(&next, "ExclusiveStartTableName", "a\"b", 2);
	assert_int_equal(dynamodb_describe_request("orders", &describe, NULL), 0);
	assert_string_equal(describe.operation, "DescribeTable");
	check_body(&describe, "TableName", "orders", 1);
}

static void pages(void **state)
{
	_cleanup_buf_ struct buf body = BUF_INIT;
	_cleanup_names_ struct names names = NAMES_INIT;
	_cleanup_free_ char *after = NULL;
	char *last = NULL;

	(void)state;
	fixture_read("dynamodb/tables-page1.json", &body);
	assert_int_equal(list_reply(buf_text(&body), &names, &after), 0);
	assert_string_equal(after, "orders");
	buf_clear(&body);
	fixture_read("dynamodb/tables-page2.json", &body);
	assert_int_equal(list_reply(buf_text(&body), &names, &last), 0);
	assert_null(last);
	assert_int_equal(names.count, 3);
	assert_string_equal(names.list[2], "zoo.v2-final_x");
	assert_int_equal(list_reply("{\"TableNames\":[]}", &names, &last), 0);
	assert_int_equal(names.count, 3);
}

static void bad_lists(void **state)
{
	static const char *const cases[] = {
		"",
		"null",
		"[]",
		"{}",
		"<a/>",
		"{\"TableNames\":\"a\"}",
		"{\"TableNames\":{}}",
		"{\"TableNames\":null}",
		"{\"TableNames\":[1]}",
		"{\"TableNames\":[\"a\",null]}",
		"{\"TableNames\":[\"\"]}",
		"{\"TableNames\":[\".\"]}",
		"{\"TableNames\":[\"..\"]}",
		"{\"TableNames\":[\"a/b\"]}",
		"{\"TableNames\":[\"a b\"]}",
		"{\"TableNames\":[\"a\\nb\"]}",
		"{\"TableNames\":[\"a\\u0000b\"]}",
		"{\"TableNames\":[\"\\u00e9\"]}",
		"{\"TableNames\":[],\"LastEvaluatedTableName\":1}",
		"{\"TableNames\":[],\"LastEvaluatedTableName\":\"\"}",
		"{\"TableNames\":[],\"LastEvaluatedTableName\":\"../a\"}",
		"{\"TableNames\":[\"a\"],\"TableNames\":[\"b\"]}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_names_ struct names names = NAMES_INIT;
		char *after = NULL;

		assert_int_equal(names_add(&names, "before"), 0);
		assert_int_equal(list_reply(cases[i], &names, &after), -EBADMSG);
		assert_int_equal(names.count, 1);
		assert_null(after);
	}
}

static void description(void **state)
{
	_cleanup_buf_ struct buf body = BUF_INIT;
	struct dynamodb_table table = { .name = NULL };

	(void)state;
	fixture_read("dynamodb/describe.json", &body);
	assert_int_equal(describe_reply(buf_text(&body), &table), 0);
	assert_string_equal(table.status, "ACTIVE");
	assert_int_equal(table.items, 4711);
	assert_int_equal(table.bytes, 1048576);
	assert_string_equal(table.hash_key, "customer");
	assert_string_equal(table.range_key, "placed");
	assert_true(table.created > 1704067200 && table.created < 1704067201);
	/* a table that is being made */
	assert_int_equal(describe_reply(TABLE(""), &table), 0);
	assert_int_equal(table.items, 0);
	assert_string_equal(table.hash_key, "");
	assert_string_equal(table.range_key, "");
	assert_true(table.created < 1);
	assert_int_equal(
		describe_reply(TABLE(",\"CreationDateTime\":1700000000"), &table), 0);
	assert_true(table.created > 1699999999);
}

static void bad_descriptions(void **state)
{
	static const char *const cases[] = {
		"{}",
		"{\"Table\":null}",
		"{\"Table\":{}}",
		"{\"Table\":{\"TableStatus\":1}}",
		"{\"Table\":{\"TableStatus\":\"\"}}",
		"{\"Table\":{\"TableStatus\":\"a\\tb\"}}",
		"{\"Table\":{\"TableStatus\":"
		"\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		"AAAAAAAAAAAAAAAAAA\"}}",
		TABLE(",\"ItemCount\":-1"),
		TABLE(",\"ItemCount\":\"1\""),
		TABLE(",\"ItemCount\":1.5"),
		TABLE(",\"TableSizeBytes\":true"),
		TABLE(",\"CreationDateTime\":\"now\""),
		TABLE(",\"CreationDateTime\":-1"),
		TABLE(",\"CreationDateTime\":1e400"),
		TABLE(",\"KeySchema\":[{}]"),
		TABLE(",\"KeySchema\":[{\"KeyType\":\"HASH\"}]"),
		TABLE(",\"KeySchema\":[{\"KeyType\":\"SORT\",\"AttributeName\":\"a\"}]"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct dynamodb_table table = { .items = 5 };

		assert_int_equal(describe_reply(cases[i], &table), -EBADMSG);
		assert_int_equal(table.items, 5);
	}
}

static void call(void **state)
{
	_cleanup_buf_ struct buf page1 = BUF_INIT, page2 = BUF_INIT, table = BUF_INIT,
				 denied = BUF_INIT;
	struct dynamodb_tables tables = DYNAMODB_TABLES_INIT;
	struct fixture fixture;

	(void)state;
	fixture_read("dynamodb/tables-page1.json", &page1);
	fixture_read("dynamodb/tables-page2.json", &page2);
	fixture_read("dynamodb/describe.json", &table);
	fixture_read("dynamodb/denied.json", &denied);
	const struct http_step steps[] = {
		{ .when = "\"ExclusiveStartTableName\": \"orders\"",
			.body = buf_text(&page2) },
		{ .when = "\"Limit\": 100", .body = buf_text(&page1) },
		{ .when = "\"customers\"", .status = 400, .body = buf_text(&denied) },
		{ .when = "\"zoo.v2-final_x\"",
			.status = 400,
			.body = "{\"__type\":\"x#ResourceNotFoundException\"}" },
		{ .when = "\"orders\"", .body = buf_text(&table) },
	};
	fixture_init(&fixture, ENDPOINT_DYNAMODB, steps, ARRAY_SIZE(steps));
	assert_int_equal(
		dynamodb_tables(fixture.aws, &fixture.scope, &tables, &fixture.err), 0);
	assert_int_equal(tables.count, 3);
	assert_string_equal(tables.list[0].name, "customers");
	assert_int_equal(tables.list[0].err.errnum, EACCES);
	assert_string_equal(tables.list[0].err.code, "AccessDeniedException");
	assert_string_equal(tables.list[0].status, "");
	assert_string_equal(tables.list[1].name, "orders");
	assert_int_equal(tables.list[1].err.errnum, 0);
	assert_int_equal(tables.list[1].items, 4711);
	assert_int_equal(tables.list[2].err.errnum, ENOENT);
	assert_int_equal(fixture.script.unexpected, 0);
	dynamodb_tables_done(&tables);
	dynamodb_tables_done(&tables);
	fixture_done(&fixture);
}

/* A ListTables answer of @count tables. */
static void many_tables(size_t count, struct buf *out)
{
	buf_adds(out, "{\"TableNames\":[");
	for (size_t i = 0; i < count; i++)
		buf_addf(out, "%s\"table-%zu\"", i ? "," : "", i);
	buf_adds(out, "]}");
}

static void in_parallel_but_not_too_fast(void **state)
{
	_cleanup_buf_ struct buf list = BUF_INIT;
	struct dynamodb_tables tables = DYNAMODB_TABLES_INIT;
	struct fixture fixture;
	int64_t start;

	(void)state;
	many_tables(30, &list);
	const struct http_step steps[] = {
		{ .when = "Limit", .body = buf_text(&list) },
		{ .when = "TableName", .body = TABLE(""), .delay_ms = 60, .again = true },
	};
	fixture_init(&fixture, ENDPOINT_DYNAMODB, steps, ARRAY_SIZE(steps));
	start = clock_monotonic_ms();
	assert_int_equal(
		dynamodb_tables(fixture.aws, &fixture.scope, &tables, &fixture.err), 0);
	/* not sooner than the rate allows, sooner than one after the other */
	assert_in_range(clock_monotonic_ms() - start, 290, 1700);
	assert_int_equal(fixture.script.running_most, DYNAMODB_DESCRIBE_PARALLEL);
	for (size_t i = 0; i < tables.count; i++)
		assert_string_equal(tables.list[i].status, "ACTIVE");
	assert_int_equal(tables.count, 30);
	dynamodb_tables_done(&tables);
	fixture_done(&fixture);
}

static void expired_ends_it_early(void **state)
{
	_cleanup_buf_ struct buf list = BUF_INIT;
	struct dynamodb_tables tables = DYNAMODB_TABLES_INIT;
	struct fixture fixture;

	(void)state;
	many_tables(100, &list);
	const struct http_step steps[] = {
		{ .when = "Limit", .body = buf_text(&list) },
		{ .when = "\"table-5\"", .status = 400, .body = EXPIRED },
		{ .when = "TableName", .body = TABLE(""), .again = true },
	};
	fixture_init(&fixture, ENDPOINT_DYNAMODB, steps, ARRAY_SIZE(steps));
	assert_int_equal(
		dynamodb_tables(fixture.aws, &fixture.scope, &tables, &fixture.err),
		-EKEYEXPIRED);
	assert_string_equal(fixture.err.code, "ExpiredTokenException");
	assert_int_equal(tables.count, 0);
	assert_true(fixture.script.seen_count < 20);
	fixture_done(&fixture);
}

static void no_time_left_keeps_the_names(void **state)
{
	_cleanup_buf_ struct buf list = BUF_INIT;
	struct dynamodb_tables tables = DYNAMODB_TABLES_INIT;
	struct fixture fixture;
	size_t described = 0;

	(void)state;
	many_tables(100, &list);
	const struct http_step steps[] = {
		{ .when = "Limit", .body = buf_text(&list) },
		{ .when = "TableName", .body = TABLE(""), .again = true },
	};
	fixture_init(&fixture, ENDPOINT_DYNAMODB, steps, ARRAY_SIZE(steps));
	fixture.patience.deadline = clock_monotonic_ms() + 200;
	assert_int_equal(
		dynamodb_tables(fixture.aws, &fixture.scope, &tables, &fixture.err), 0);
	assert_int_equal(tables.count, 100);
	for (size_t i = 0; i < tables.count; i++)
		described += tables.list[i].err.errnum == 0;
	assert_in_range(described, 5, 50);
	assert_int_equal(tables.list[99].err.errnum, ETIMEDOUT);
	assert_string_equal(tables.list[99].err.text, "there was no time left for it");
	dynamodb_tables_done(&tables);
	fixture_done(&fixture);
}

static void *cancel_soon(void *arg)
{
	(void)usleep(50 * 1000);
	cancel_set(arg);
	return NULL;
}

static void cancelled(void **state)
{
	_cleanup_buf_ struct buf list = BUF_INIT;
	struct dynamodb_tables tables = DYNAMODB_TABLES_INIT;
	int64_t start = clock_monotonic_ms();
	struct fixture fixture;
	pthread_t thread;

	(void)state;
	many_tables(100, &list);
	const struct http_step steps[] = {
		{ .when = "Limit", .body = buf_text(&list) },
		{ .when = "TableName", .delay_ms = 4000, .again = true },
	};
	fixture_init(&fixture, ENDPOINT_DYNAMODB, steps, ARRAY_SIZE(steps));
	assert_int_equal(pthread_create(&thread, NULL, cancel_soon, &fixture.cancel), 0);
	assert_int_equal(
		dynamodb_tables(fixture.aws, &fixture.scope, &tables, &fixture.err),
		-EINTR);
	assert_true(clock_monotonic_ms() - start < 2000);
	assert_int_equal(pthread_join(thread, NULL), 0);
	fixture_done(&fixture);
}

static void lists_that_do_not_end(void **state)
{
	static const struct http_step steps[] = {
		{ .body = "{\"TableNames\":[],\"LastEvaluatedTableName\":\"abc\"}",
			.again = true },
	};
	struct dynamodb_tables tables = DYNAMODB_TABLES_INIT;
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture, ENDPOINT_DYNAMODB, steps, ARRAY_SIZE(steps));
	assert_int_equal(
		dynamodb_tables(fixture.aws, &fixture.scope, &tables, &fixture.err),
		-EBADMSG);
	assert_int_equal(fixture.script.seen_count, 2);
	fixture_done(&fixture);
}

static void no_tables(void **state)
{
	static const struct http_step steps[] = { { .body = "{\"TableNames\":[]}" } };
	struct dynamodb_tables tables = DYNAMODB_TABLES_INIT;
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture, ENDPOINT_DYNAMODB, steps, ARRAY_SIZE(steps));
	assert_int_equal(
		dynamodb_tables(fixture.aws, &fixture.scope, &tables, &fixture.err), 0);
	assert_int_equal(tables.count, 0);
	dynamodb_tables_done(&tables);
	fixture_done(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests),
		cmocka_unit_test(pages),
		cmocka_unit_test(bad_lists),
		cmocka_unit_test(description),
		cmocka_unit_test(bad_descriptions),
		cmocka_unit_test(call),
		cmocka_unit_test(in_parallel_but_not_too_fast),
		cmocka_unit_test(expired_ends_it_early),
		cmocka_unit_test(no_time_left_keeps_the_names),
		cmocka_unit_test(cancelled),
		cmocka_unit_test(lists_that_do_not_end),
		cmocka_unit_test(no_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
