/* The root's directories, and the files of an account that need no network. */
#include "fs/show.h"

#include "text/paste.h"

int show_answer(const struct at *at, enum question question, struct shown *out,
	struct answer **ret_answer, struct err *err)
{
	_cleanup_answer_ struct answer *answer =
		core_answer(at->core, at->account, question);

	if (answer && answer->err.errnum) {
		*err = answer->err;
		return -err->errnum;
	}
	if (answer)
		out->mtime.tv_sec = answer->at;
	*ret_answer = take_ptr(answer);
	return 0;
}

int account_list(const struct at *at, struct names *ret_names, struct err *err)
{
	return core_accounts(at->core, ret_names, err);
}

bool account_has(const struct at *at, const char *name)
{
	return core_has(at->core, name);
}

int error_show(const struct at *at, struct shown *out, struct err *err)
{
	int64_t when = 0;

	core_error(at->core, at->account, &out->text, &when);
	out->mtime.tv_sec = when;
	return buf_err(&out->text) ? err_nomem(err) : 0;
}

int profile_judge(struct slice begin, struct err *err)
{
	int r = paste_judge(begin, err);

	if (r)
		(void)err_add(
			err, "copy \"Option 2\" of the access portal whole and paste it");
	return r ? err_wrap(err, "`profile' was not changed") : 0;
}

int profile_show(const struct at *at, struct shown *out, struct err *err)
{
	return core_profile(at->core, at->account, &out->text, &out->mtime, err);
}

int profile_store(const struct at *at, struct slice text, const struct patience *patience,
	struct err *err)
{
	return core_store(at->core, at->account, text, patience, err);
}

int paste_judge_all(struct slice begin, struct err *err)
{
	int r = paste_judge_blocks(begin, err);

	return r ? err_wrap(err, "nothing was changed") : 0;
}

int paste_store(const struct at *at, struct slice text, const struct patience *patience,
	struct err *err)
{
	return core_paste(at->core, text, patience, err);
}
