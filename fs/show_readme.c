/* README at the root: what the mount is and what to do next. */
#include "fs/show.h"

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
	"To renew a token: in the AWS access portal choose \"Access keys\", copy "
	"\"Option 2: Add\n"
	"a profile to your AWS credentials file\", then\n"
	"\n"
	"  cat > ACCOUNT/profile        paste, Enter, Ctrl-D\n"
	"  cat ACCOUNT/status\n"
	"\n"
	"`echo forget > ACCOUNT/profile` removes the keys.  Only opening status, "
	"status.json,\n"
	"whoami, s3.* and dynamodb.* talks to the network.  More: man acctfs\n";

int readme_show(const struct at *at, struct shown *out, struct err *err)
{
	_cleanup_names_ struct names accounts = NAMES_INIT;
	int r;

	buf_adds(&out->text, about);
	buf_addf(&out->text, "\ncredentials file: %s\nconfig file: %s\n",
		core_credentials_path(at->core), core_config_path(at->core));
	r = core_accounts(at->core, &accounts, err);
	if (r)
		return r;
	if (accounts.count == 0)
		buf_addf(&out->text,
			"\nThere is no account here yet: neither file has a profile.  "
			"Give the first "
			"one a\nname and it appears as a directory:\n\n"
			"  mkdir -p ~/.aws && echo '[NAME]' >> %s\n"
			"  cat > NAME/profile           paste, Enter, Ctrl-D\n",
			core_credentials_path(at->core));
	return buf_err(&out->text) ? err_nomem(err) : 0;
}
