/* README at the root: what the mount is and what to do next. */
#include "fs/show.h"

#include <string.h>

static const char about[] =
	"Your AWS accounts as a folder (acctfs " ACCTFS_VERSION ").\n"
	"\n"
	"Each directory is a profile of your AWS files.  In it:\n"
	"\n"
	"  profile        its section of the credentials file; write fresh credentials "
	"here\n"
	"  status         is it valid, whose is it: one signed request (also "
	"status.json)\n"
	"  whoami         the ARN, or an error\n"
	"  error          the last failure, and what to do\n"
	"  s3.tsv         the buckets: name, creation date, region (also s3.json)\n"
	"  dynamodb.tsv   the tables: name, status, items, bytes, keys (also "
	"dynamodb.json)\n"
	"\n"
	"Beside them are accounts.tsv, all accounts and what is known of them, and lint, "
	"which\n"
	"tells what in the AWS files will surprise some tool: empty when all is well.\n"
	"Beside them, events tells what happened, a line each: tail -f events\n"
	"\n"
	"To renew a token: in the AWS access portal choose \"Access keys\", copy "
	"\"Option 2: Add\n"
	"a profile to your AWS credentials file\", then\n"
	"\n"
	"  cat > ACCOUNT/profile        paste, Enter, Ctrl-D\n"
	"  cat ACCOUNT/status\n"
	"\n"
	"Or `cat > paste` here: each section goes to the profile that has its account, "
	"or to "
	"a\n"
	"new one; `error` beside it tells of failures.  Credentials of another AWS "
	"account "
	"are\n"
	"refused, unless the first line is `force`.\n"
	"\n"
	"`echo forget > ACCOUNT/profile` removes the keys.  Only opening status, "
	"status.json,\n"
	"whoami, s3.* and dynamodb.* talks to the network.  More: man acctfs\n";

/* How to make the first account, in words for a shell. */
static void add_first_steps(const char *path, struct buf *out)
{
	const char *slash = strrchr(path, '/');

	buf_adds(out,
		"\nThere is no account here yet: neither file has a profile.  Give the "
		"first one a\nname and it appears as a directory:\n\n");
	if (slash && slash != path)
		buf_addf(out, "  mkdir -p '%.*s'\n", (int)(slash - path), path);
	buf_addf(out,
		"  echo '[NAME]' >> '%s'\n"
		"  cat > NAME/profile           paste, Enter, Ctrl-D\n",
		path);
}

int readme_show(const struct at *at, struct shown *out, struct err *err)
{
	_cleanup_names_ struct names accounts = NAMES_INIT;
	struct core_file files[CORE_FILES];
	bool well = true;
	int r;

	r = core_files(at->core, files, err);
	if (!r)
		r = core_accounts(at->core, &accounts, err);
	if (r)
		return r;
	buf_adds(&out->text, about);
	buf_addc(&out->text, '\n');
	for (size_t i = 0; i < CORE_FILES; i++) {
		buf_addf(&out->text, "%s file: %s\n", files[i].what, files[i].path);
		if (files[i].err.errnum)
			buf_addf(&out->text, "  something is wrong with it: %s\n",
				files[i].err.text);
		well = well && !files[i].err.errnum;
	}
	if (accounts.count == 0 && well)
		add_first_steps(files[0].path, &out->text);
	return buf_err(&out->text) ? err_nomem(err) : 0;
}
