/* status, status.json, whoami: the answer to QUESTION_STATUS in three forms. */
#include "fs/show.h"

int status_show(const struct at *at, struct shown *out, struct err *err)
{
	_cleanup_answer_ struct answer *answer =
		core_answer(at->core, at->account, QUESTION_STATUS);

	if (!answer)
		return 0;
	out->mtime.tv_sec = answer->at;
	status_print(&answer->status, &out->text);
	return buf_err(&out->text) ? err_nomem(err) : 0;
}

int status_json_show(const struct at *at, struct shown *out, struct err *err)
{
	_cleanup_answer_ struct answer *answer =
		core_answer(at->core, at->account, QUESTION_STATUS);

	if (!answer)
		return 0;
	out->mtime.tv_sec = answer->at;
	return status_print_json(&answer->status, &out->text, err);
}

int whoami_show(const struct at *at, struct shown *out, struct err *err)
{
	_cleanup_answer_ struct answer *answer = NULL;
	int r;

	r = show_answer(at, QUESTION_STATUS, out, &answer, err);
	if (r || !answer)
		return r;
	buf_addf(&out->text, "%s\n", answer->status.identity.arn);
	return buf_err(&out->text) ? err_nomem(err) : 0;
}
