/* dynamodb.tsv, dynamodb.json: the tables. */
#include "fs/show.h"

#include <inttypes.h>

#include "text/json.h"
#include "text/time.h"

/* In the status column of a table that could not be described stands why. */
static const char *why_not(const struct dynamodb_table *table)
{
	return table->err.code[0] ? table->err.code : "ERROR";
}

int tables_tsv_show(const struct at *at, struct shown *out, struct err *err)
{
	_cleanup_answer_ struct answer *answer = NULL;
	int r;

	r = show_answer(at, QUESTION_DYNAMODB, out, &answer, err);
	if (r || !answer)
		return r;
	for (size_t i = 0; i < answer->tables.count; i++) {
		const struct dynamodb_table *table = &answer->tables.list[i];

		if (table->err.errnum)
			buf_addf(&out->text, "%s\t%s\t\t\t\n", table->name,
				why_not(table));
		else
			buf_addf(&out->text, "%s\t%s\t%" PRId64 "\t%" PRId64 "\t%s%s%s\n",
				table->name, table->status, table->items, table->bytes,
				table->hash_key, table->range_key[0] ? "," : "",
				table->range_key);
	}
	return buf_err(&out->text) ? err_nomem(err) : 0;
}

static int add_described(struct json *row, const struct dynamodb_table *table)
{
	char created[TIME_SIZE];
	int r;

	r = json_set(row, "status", json_new_text(table->status));
	if (!r)
		r = json_set(row, "items", json_new_integer(table->items));
	if (!r)
		r = json_set(row, "bytes", json_new_integer(table->bytes));
	if (!r)
		r = json_set(row, "hash_key", json_new_text(table->hash_key));
	if (!r)
		r = json_set(row, "range_key",
			json_new_text(table->range_key[0] ? table->range_key : NULL));
	if (!r && table->created > 0) {
		time_print((int64_t)table->created, created);
		r = json_set(row, "created", json_new_text(created));
	}
	return r;
}

static int add_refused(struct json *row, const struct dynamodb_table *table)
{
	int r = json_set(row, "error_code", json_new_text(why_not(table)));

	return r ? r : json_set(row, "error", json_new_text(table->err.text));
}

int tables_json_show(const struct at *at, struct shown *out, struct err *err)
{
	_cleanup_answer_ struct answer *answer = NULL;
	_cleanup_json_ struct json *root = NULL;
	int r;

	r = show_answer(at, QUESTION_DYNAMODB, out, &answer, err);
	if (r || !answer)
		return r;
	root = json_new_array();
	for (size_t i = 0; !r && i < answer->tables.count; i++) {
		const struct dynamodb_table *table = &answer->tables.list[i];
		struct json *row = json_new_object();

		r = json_set(row, "name", json_new_text(table->name));
		if (!r)
			r = table->err.errnum ? add_refused(row, table)
					      : add_described(row, table);
		if (!r)
			r = json_append(root, row);
		else
			(void)json_unref(row);
	}
	if (!r)
		r = json_print(root, &out->text);
	return r ? err_nomem(err) : 0;
}
