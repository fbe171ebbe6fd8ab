#include "fs/options.h"

#include <errno.h>
#include <fnmatch.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

enum {
	TTL_DEFAULT = 30,
	TTL_LIMIT = 86400,
	TIMEOUT_DEFAULT = 10,
	TIMEOUT_LIMIT = 300,
	WARNING_LIMIT = 10080, /* a week */
};

#define WARNINGS_DEFAULT "60:15:5" /* minutes */

#define OPTION(text, member)                              \
	{                                                 \
		text, offsetof(struct options, member), 1 \
	}

static const struct fuse_opt table[] = {
	OPTION("-d", debug),
	OPTION("-f", foreground),
	OPTION("-h", help),
	OPTION("--help", help),
	OPTION("-V", version),
	OPTION("--version", version),
	OPTION("allow_http", allow_http),
	OPTION("config=%s", config),
	OPTION("credentials=%s", credentials),
	OPTION("debug", debug),
	OPTION("expiry_warnings=%s", warnings_text),
	OPTION("timeout=%s", timeout_text),
	OPTION("ttl=%s", ttl_text),
	FUSE_OPT_END,
};

/* Options that mount(8), systemd and fstab leave for helpers, or that only libfuse's own
 * loop knows.  dev and suid come with every mount by root and are never wanted here. */
static const char *const ignored[] = { "-s", "_netdev", "auto", "clone_fd", "comment=*",
	"defaults", "dev", "iversion", "lazytime", "max_idle_threads=*", "max_threads=*",
	"noauto", "nofail", "noiversion", "nolazytime", "norelatime", "nostrictatime",
	"nouser", "relatime", "strictatime", "suid", "user", "users", "x-*" };

static int set_positional(struct options *options, const char *arg)
{
	char **slot = &options->mountpoint;

	if (options->source)
		return -1;
	if (options->mountpoint)
		options->source = take_ptr(options->mountpoint);
	*slot = strdup(arg);
	return *slot ? 0 : -1;
}

static int on_option(void *data, const char *arg, int key, struct fuse_args *out)
{
	struct options *options = data;

	(void)out;
	if (key == FUSE_OPT_KEY_NONOPT)
		return set_positional(options, arg);
	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		if (fnmatch(ignored[i], arg, 0) == 0)
			return 0;
	return 1;
}

static int parse_seconds(const char *text, const char *name, unsigned limit,
	unsigned *ret_seconds, struct err *err)
{
	unsigned long value;
	char *end;

	if (!text)
		return 0;
	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || *end || end == text || text[0] == '-' || value > limit)
		return err_set(err, EINVAL, "%s=%s: give whole seconds, 0 to %u", name,
			text, limit);
	*ret_seconds = (unsigned)value;
	return 0;
}

static int compare_warnings(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return left < right ? 1 : left > right ? -1 : 0;
}

/* Minutes with `:' between, since commas end options. */
static int parse_warnings(struct options *options, struct err *err)
{
	const char *at =
		options->warnings_text ? options->warnings_text : WARNINGS_DEFAULT;
	size_t count = 0;
	char *end = NULL;

	if (strcmp(at, "none") == 0)
		return 0;
	for (;; at = end + 1) {
		unsigned long minutes =
			at[0] >= '0' && at[0] <= '9' ? strtoul(at, &end, 10) : 0;

		if (minutes < 1 || minutes > WARNING_LIMIT || count == EXPIRY_WARNINGS ||
			(*end && *end != ':'))
			return err_set(err, EINVAL,
				"expiry_warnings=%s: give up to %d times in minutes, 1 "
				"to "
				"%d, as 60:15:5, or none",
				options->warnings_text, EXPIRY_WARNINGS, WARNING_LIMIT);
		options->warnings[count++] = (int64_t)minutes * 60;
		if (!*end)
			break;
	}
	qsort(options->warnings, count, sizeof(*options->warnings), compare_warnings);
	options->warning_count = count;
	return 0;
}

/* Our own mount options stand first, so that the user's win. */
static int add_defaults(struct options *options, struct err *err)
{
	const char *source = options->source ? options->source : "acctfs:aws";
	_cleanup_buf_ struct buf mount = BUF_INIT;

	buf_adds(&mount, "-osubtype=acctfs,default_permissions,nosuid,nodev,noexec,"
			 "noatime,fsname=");
	for (; *source; source++) {
		/* a name, not more options */
		if (*source == ',' || *source == '\\')
			buf_addc(&mount, '\\');
		buf_addc(&mount, *source);
	}
	if (buf_err(&mount) ||
		fuse_opt_insert_arg(&options->session, 1, buf_text(&mount)))
		return err_nomem(err);
	if (options->debug && fuse_opt_add_arg(&options->session, "-odebug"))
		return err_nomem(err);
	return 0;
}

int options_parse(int argc, char **argv, struct options *ret_options, struct err *err)
{
	struct options *options = ret_options;
	const struct fuse_args given = FUSE_ARGS_INIT(argc, argv);
	int r;

	*options = (struct options){ .ttl = TTL_DEFAULT, .timeout = TIMEOUT_DEFAULT };
	options->session = given;
	if (fuse_opt_parse(&options->session, options, table, on_option))
		return err_set(err, EINVAL,
			"the command line is wrong: give [SOURCE] MOUNTPOINT and "
			"complete "
			"options (see acctfs -h)");
	if (options->help || options->version)
		return 0;
	if (!options->mountpoint)
		return err_set(err, EINVAL, "no mount point given (see acctfs -h)");
	r = parse_seconds(options->ttl_text, "ttl", TTL_LIMIT, &options->ttl, err);
	if (!r)
		r = parse_seconds(options->timeout_text, "timeout", TIMEOUT_LIMIT,
			&options->timeout, err);
	if (!r && options->timeout == 0)
		r = err_set(err, EINVAL, "timeout=0: give whole seconds, 1 to %d",
			TIMEOUT_LIMIT);
	if (!r)
		r = parse_warnings(options, err);
	if (options->debug)
		options->foreground = 1;
	return r ? r : add_defaults(options, err);
}

void options_done(struct options *options)
{
	free(take_ptr(options->credentials));
	free(take_ptr(options->config));
	free(take_ptr(options->ttl_text));
	free(take_ptr(options->timeout_text));
	free(take_ptr(options->warnings_text));
	free(take_ptr(options->source));
	free(take_ptr(options->mountpoint));
	fuse_opt_free_args(&options->session);
}

void options_print_help(void)
{
	(void)puts("usage: acctfs [options] [SOURCE] MOUNTPOINT\n"
		   "\n"
		   "Mounts your AWS accounts as a folder: see acctfs(1).\n"
		   "\n"
		   "    -f                     stay in the foreground, log to standard "
		   "error\n"
		   "    -d   -o debug          the same, with every request (never its "
		   "data)\n"
		   "    -h   --help            print this and end\n"
		   "    -V   --version         print the version and end\n"
		   "    -o credentials=FILE    instead of ~/.aws/credentials\n"
		   "    -o config=FILE         instead of ~/.aws/config\n"
		   "    -o ttl=SECONDS         how long an answer of AWS is kept (30)\n"
		   "    -o timeout=SECONDS     how long to wait for AWS (10)\n"
		   "    -o expiry_warnings=60:15:5\n"
		   "                           minutes before a token ends to tell of it "
		   "in `events'\n"
		   "    -o allow_http          allow http to hosts other than this one\n"
		   "\n"
		   "To unmount: fusermount3 -u MOUNTPOINT\n"
		   "\n"
		   "FUSE options:");
}
