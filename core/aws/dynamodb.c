#include "aws/dynamodb.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "io/clock.h"
#include "text/json.h"

enum {
	PAGE_LIMIT = 1000, /* pages of one listing, of 100 tables each */
	NAME_LIMIT = 255,
	DESCRIBE_LIMIT = 1024 * 1024,
};

static const struct aws_service dynamodb = {
	.name = "dynamodb",
	.endpoint = ENDPOINT_DYNAMODB,
	.protocol = AWS_JSON_1_0,
	.target = "DynamoDB_20120810",
};

static int request_make(const char *operation, const struct json *body,
	struct aws_request *request, struct err *err)
{
	request->operation = operation;
	if (!body || json_print(body, &request->body) || buf_err(&request->body))
		return err_nomem(err);
	return 0;
}

int dynamodb_tables_request(
	const char *after, struct aws_request *ret_request, struct err *err)
{
	_cleanup_json_ struct json *body = json_new_object();
	_cleanup_aws_request_ struct aws_request request = AWS_REQUEST_INIT;
	int r;

	if (after && json_set(body, "ExclusiveStartTableName", json_new_text(after)))
		return err_nomem(err);
	if (json_set(body, "Limit", json_new_integer(100)))
		return err_nomem(err);
	r = request_make("ListTables", body, &request, err);
	if (r)
		return r;
	*ret_request = request;
	request = (struct aws_request)AWS_REQUEST_INIT;
	return 0;
}

/* AWS allows less; this keeps out what could not be a file's name or a word of a table.
 */
static bool is_name(const char *name)
{
	if (!name || !*name || strlen(name) > NAME_LIMIT || strcmp(name, ".") == 0 ||
		strcmp(name, "..") == 0)
		return false;
	for (; *name; name++)
		if (*name <= ' ' || *name > '~' || *name == '/')
			return false;
	return true;
}

int dynamodb_tables_reply(
	struct slice body, struct names *names, char **ret_after, struct err *err)
{
	_cleanup_json_ struct json *root = NULL;
	const struct json *list, *last;
	const size_t before = names->count;
	int r = json_parse(body, &root, err);

	if (r)
		return r;
	list = json_member(root, "TableNames");
	last = json_member(root, "LastEvaluatedTableName");
	if (!json_is_list(list) || (last && !is_name(json_text(last))))
		return err_set(err, EBADMSG, "the answer holds no list of tables");
	for (size_t i = 0; i < json_count(list); i++)
		if (!is_name(json_text(json_element(list, i))))
			return err_set(
				err, EBADMSG, "the answer holds a broken table name");
	for (size_t i = 0; i < json_count(list); i++)
		if (names_add(names, json_text(json_element(list, i))))
			goto nomem;
	if (last) {
		*ret_after = strdup(json_text(last));
		if (!*ret_after)
			goto nomem;
	}
	return 0;
nomem:
	while (names->count > before)
		free(names->list[--names->count]);
	return err_nomem(err);
}

int dynamodb_describe_request(
	const char *table, struct aws_request *ret_request, struct err *err)
{
	_cleanup_json_ struct json *body = json_new_object();
	_cleanup_aws_request_ struct aws_request request = AWS_REQUEST_INIT;
	int r;

	if (json_set(body, "TableName", json_new_text(table)))
		return err_nomem(err);
	request.limit = DESCRIBE_LIMIT;
	r = request_make("DescribeTable", body, &request, err);
	if (r)
		return r;
	*ret_request = request;
	request = (struct aws_request)AWS_REQUEST_INIT;
	return 0;
}

static bool take_text(const struct json *value, char *to, size_t size)
{
	const char *text = json_text(value);

	if (!text || strlen(text) >= size)
		return false;
	memcpy(to, text, strlen(text) + 1);
	return true;
}

/* A count that may be missing while a table is made. */
static bool take_count(const struct json *value, int64_t *to)
{
	return !value || (json_int64(value, to) && *to >= 0);
}

static bool take_keys(const struct json *schema, struct dynamodb_table *table)
{
	for (size_t i = 0; i < json_count(schema); i++) {
		const struct json *key = json_element(schema, i);
		const struct json *name = json_member(key, "AttributeName");
		const char *type = json_text(json_member(key, "KeyType"));
		bool good = false;

		if (type && strcmp(type, "HASH") == 0)
			good = take_text(name, table->hash_key, sizeof(table->hash_key));
		else if (type && strcmp(type, "RANGE") == 0)
			good = take_text(
				name, table->range_key, sizeof(table->range_key));
		if (!good)
			return false;
	}
	return true;
}

static bool take_table(const struct json *from, struct dynamodb_table *table)
{
	const struct json *created = json_member(from, "CreationDateTime");

	table->items = table->bytes = 0;
	table->created = 0;
	table->hash_key[0] = table->range_key[0] = '\0';
	if (!take_text(json_member(from, "TableStatus"), table->status,
		    sizeof(table->status)))
		return false;
	if (!table->status[0] || strspn(table->status, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") !=
					 strlen(table->status))
		return false;
	if (created && (!json_number(created, &table->created) ||
			       !isfinite(table->created) || table->created < 0))
		return false;
	return take_count(json_member(from, "ItemCount"), &table->items) &&
	       take_count(json_member(from, "TableSizeBytes"), &table->bytes) &&
	       take_keys(json_member(from, "KeySchema"), table);
}

int dynamodb_describe_reply(
	struct slice body, struct dynamodb_table *table, struct err *err)
{
	_cleanup_json_ struct json *root = NULL;
	struct dynamodb_table found = *table;
	int r = json_parse(body, &root, err);

	if (r)
		return r;
	if (!take_table(json_member(root, "Table"), &found))
		return err_set(err, EBADMSG, "the answer does not describe a table");
	*table = found;
	return 0;
}

void dynamodb_tables_done(struct dynamodb_tables *tables)
{
	for (size_t i = 0; i < tables->count; i++)
		free(tables->list[i].name);
	free(tables->list);
	tables->list = NULL;
	tables->count = 0;
}

/* One page after the table @after; gives the last one's name when there are more. */
static int list_page(struct aws *aws, const struct aws_scope *scope, const char *after,
	struct names *names, char **ret_after, struct err *err)
{
	_cleanup_aws_request_ struct aws_request request = AWS_REQUEST_INIT;
	_cleanup_buf_ struct buf body = BUF_INIT;
	int r;

	r = dynamodb_tables_request(after, &request, err);
	if (!r)
		r = aws_call(aws, &dynamodb, scope, &request, &body, NULL, err);
	if (r)
		return r;
	r = dynamodb_tables_reply(
		(struct slice){ buf_text(&body), body.len }, names, ret_after, err);
	return r ? aws_wrap(&dynamodb, scope, request.operation, err) : 0;
}

static int list_all(struct aws *aws, const struct aws_scope *scope, struct names *names,
	struct err *err)
{
	_cleanup_names_ struct names pages = NAMES_INIT;
	const char *after = NULL;

	for (;;) {
		_cleanup_free_ char *next = NULL;
		int r = list_page(aws, scope, after, names, &next, err);

		if (r || !next)
			return r;
		if (pages.count == PAGE_LIMIT || names_has(&pages, next)) {
			(void)err_set(err, EBADMSG, "the pages of the answer do not end");
			return aws_wrap(&dynamodb, scope, "ListTables", err);
		}
		if (names_add(&pages, next))
			return err_nomem(err);
		after = pages.list[pages.count - 1];
	}
}

/* What the threads that describe tables share. */
struct describing {
	struct aws *aws;
	const struct aws_scope *scope;
	struct dynamodb_tables *tables;
	pthread_mutex_t lock; /* guards all below */
	size_t next;
	int64_t start_ms; /* when the next request may leave */
	int failed;	  /* -errno of the first failure that ends it all */
	struct err err;
};

static int describe_one(
	const struct describing *all, struct dynamodb_table *table, struct err *err)
{
	_cleanup_aws_request_ struct aws_request request = AWS_REQUEST_INIT;
	_cleanup_buf_ struct buf body = BUF_INIT;
	int r;

	r = dynamodb_describe_request(table->name, &request, err);
	if (!r)
		r = aws_call(all->aws, &dynamodb, all->scope, &request, &body, NULL, err);
	if (r)
		return r;
	r = dynamodb_describe_reply(
		(struct slice){ buf_text(&body), body.len }, table, err);
	return r ? aws_wrap(&dynamodb, all->scope, request.operation, err) : 0;
}

/* Whether the other tables would fare no better. */
static bool ends_all(int r)
{
	switch (r) {
	case -EINTR:
	case -EKEYEXPIRED:
	case -EKEYREJECTED:
	case -ENOMEM:
		return true;
	default:
		return false;
	}
}

/* Gives the next table and how long to wait before asking; NULL: there is none. */
static struct dynamodb_table *describe_next(struct describing *all, int64_t *ret_wait_ms)
{
	struct dynamodb_table *table = NULL;
	int64_t now = clock_monotonic_ms();

	(void)pthread_mutex_lock(&all->lock);
	if (!all->failed && all->next < all->tables->count) {
		table = &all->tables->list[all->next++];
		if (all->start_ms < now)
			all->start_ms = now;
		*ret_wait_ms = all->start_ms - now;
		all->start_ms += 1000 / DYNAMODB_DESCRIBE_RATE;
	}
	(void)pthread_mutex_unlock(&all->lock);
	return table;
}

static void *describe_some(void *arg)
{
	struct describing *all = arg;
	struct dynamodb_table *table;
	int64_t wait_ms = 0;

	while ((table = describe_next(all, &wait_ms))) {
		struct err err = ERR_INIT;
		int r = patience_sleep(all->scope->patience, wait_ms, NULL);

		if (r == -ETIMEDOUT)
			(void)err_set(&err, ETIMEDOUT, "there was no time left for it");
		else if (r)
			(void)err_set(&err, -r, "interrupted");
		else
			r = describe_one(all, table, &err);
		if (!r)
			continue;
		table->err = err;
		if (!ends_all(r))
			continue;
		(void)pthread_mutex_lock(&all->lock);
		if (!all->failed) {
			all->failed = r;
			all->err = err;
		}
		(void)pthread_mutex_unlock(&all->lock);
	}
	return NULL;
}

static int describe_all(struct aws *aws, const struct aws_scope *scope,
	struct dynamodb_tables *tables, struct err *err)
{
	struct describing all = { .aws = aws, .scope = scope, .tables = tables };
	pthread_t helpers[DYNAMODB_DESCRIBE_PARALLEL - 1];
	size_t count = 0;
	sigset_t every, before;

	(void)pthread_mutex_init(&all.lock, NULL);
	/* signals are for the threads that were there before */
	(void)sigfillset(&every);
	(void)pthread_sigmask(SIG_SETMASK, &every, &before);
	while (count < ARRAY_SIZE(helpers) && count + 1 < tables->count &&
		pthread_create(&helpers[count], NULL, describe_some, &all) == 0)
		count++;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)describe_some(&all);
	while (count)
		(void)pthread_join(helpers[--count], NULL);
	(void)pthread_mutex_destroy(&all.lock);
	if (all.failed && err)
		*err = all.err;
	return all.failed;
}

int dynamodb_tables(struct aws *aws, const struct aws_scope *scope,
	struct dynamodb_tables *ret_tables, struct err *err)
{
	_cleanup_(dynamodb_tables_done) struct dynamodb_tables tables =
		DYNAMODB_TABLES_INIT;
	_cleanup_names_ struct names names = NAMES_INIT;
	int r = list_all(aws, scope, &names, err);

	if (r)
		return r;
	if (names.count) {
		tables.list = calloc(names.count, sizeof(*tables.list));
		if (!tables.list)
			return err_nomem(err);
	}
	for (; tables.count < names.count; tables.count++)
		tables.list[tables.count].name = take_ptr(names.list[tables.count]);
	r = describe_all(aws, scope, &tables, err);
	if (r)
		return r;
	*ret_tables = tables;
	tables = (struct dynamodb_tables)DYNAMODB_TABLES_INIT;
	return 0;
}
