/* s3.tsv, s3.json: the buckets. */
#include "fs/show.h"

#include "text/json.h"

int buckets_tsv_show(const struct at *at, struct shown *out, struct err *err)
{
	_cleanup_answer_ struct answer *answer = NULL;
	int r;

	r = show_answer(at, QUESTION_S3, out, &answer, err);
	if (r || !answer)
		return r;
	for (size_t i = 0; i < answer->buckets.count; i++) {
		const struct s3_bucket *bucket = &answer->buckets.list[i];

		buf_addf(&out->text, "%s\t%s\t%s\n", bucket->name,
			bucket->created ? bucket->created : "",
			bucket->region ? bucket->region : "");
	}
	return buf_err(&out->text) ? err_nomem(err) : 0;
}

int buckets_json_show(const struct at *at, struct shown *out, struct err *err)
{
	_cleanup_answer_ struct answer *answer = NULL;
	_cleanup_json_ struct json *root = NULL;
	int r;

	r = show_answer(at, QUESTION_S3, out, &answer, err);
	if (r || !answer)
		return r;
	root = json_new_array();
	for (size_t i = 0; !r && i < answer->buckets.count; i++) {
		const struct s3_bucket *bucket = &answer->buckets.list[i];
		struct json *row = json_new_object();

		r = json_set(row, "name", json_new_text(bucket->name));
		if (!r)
			r = json_set(row, "created", json_new_text(bucket->created));
		if (!r)
			r = json_set(row, "region", json_new_text(bucket->region));
		if (!r)
			r = json_append(root, row);
		else
			(void)json_unref(row);
	}
	if (!r)
		r = json_print(root, &out->text);
	return r ? err_nomem(err) : 0;
}
