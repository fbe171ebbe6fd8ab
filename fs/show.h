/* show: the small functions that the rows of tree.c point to: each takes names from @at,
 * asks core/ one thing and prints it. */
#pragma once

#include "fs/tree.h"

/* The last answer to @question, to print: @ret_answer is NULL when there is none yet (the
 * text is empty then), and the caller drops it.  -errno when the question failed. */
int show_answer(const struct at *at, enum question question, struct shown *out,
	struct answer **ret_answer, struct err *err);

int accounts_show(const struct at *at, struct shown *out, struct err *err);
int lint_show(const struct at *at, struct shown *out, struct err *err);

int account_list(const struct at *at, struct names *ret_names, struct err *err);
bool account_has(const struct at *at, const char *name);

int buckets_json_show(const struct at *at, struct shown *out, struct err *err);
int buckets_tsv_show(const struct at *at, struct shown *out, struct err *err);

int error_show(const struct at *at, struct shown *out, struct err *err);

int paste_judge_all(struct slice begin, struct err *err);
int paste_store(const struct at *at, struct slice text, const struct patience *patience,
	struct err *err);

int profile_judge(struct slice begin, struct err *err);
int profile_show(const struct at *at, struct shown *out, struct err *err);
int profile_store(const struct at *at, struct slice text, const struct patience *patience,
	struct err *err);

int readme_show(const struct at *at, struct shown *out, struct err *err);

int status_json_show(const struct at *at, struct shown *out, struct err *err);
int status_show(const struct at *at, struct shown *out, struct err *err);
int whoami_show(const struct at *at, struct shown *out, struct err *err);

int tables_json_show(const struct at *at, struct shown *out, struct err *err);
int tables_tsv_show(const struct at *at, struct shown *out, struct err *err);
