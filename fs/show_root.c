/* accounts.tsv, lint: all accounts, and the two files they are from. */
#include "fs/show.h"

#include <string.h>

#include "fs/name.h"
#include "text/time.h"

static void add_word(struct buf *out, const char *word)
{
	buf_addf(out, "\t%s", word && word[0] ? word : "-");
}

static void add_time(struct buf *out, int64_t time)
{
	char text[TIME_SIZE] = "";

	if (time)
		time_print(time, text);
	add_word(out, text);
}

/* The profile's name as tools want it, unless that would break the line. */
static const char *plain(const char *profile, const char *file)
{
	for (const char *at = profile; *at; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			return file;
	return profile;
}

static void add_account(void *arg, const struct core_account *account)
{
	struct buf *out = arg;
	char file[NAME_SIZE];

	name_to_file(account->profile, file);
	buf_adds(out, file);
	add_word(out, plain(account->profile, file));
	add_word(out, account->region);
	add_word(out, account->state);
	add_word(out, account->account);
	add_time(out, account->expires);
	add_time(out, account->checked);
	buf_addc(out, '\n');
}

int accounts_show(const struct at *at, struct shown *out, struct err *err)
{
	int r = core_each_account(at->core, add_account, &out->text, &out->mtime, err);

	if (r)
		return r;
	return buf_err(&out->text) ? err_nomem(err) : 0;
}

int lint_show(const struct at *at, struct shown *out, struct err *err)
{
	return core_lint(at->core, &out->text, &out->mtime, err);
}
