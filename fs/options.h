/* options: the command line. */
#pragma once

#define FUSE_USE_VERSION 312
#include <fuse_opt.h>

#include "acct/expiry.h"
#include "base/err.h"

struct options {
	char *credentials; /* -o credentials=FILE, or NULL */
	char *config;	   /* -o config=FILE, or NULL */
	char *ttl_text;
	char *timeout_text;
	char *warnings_text;
	int allow_http;
	int foreground;
	int debug;
	int help;
	int version;
	unsigned ttl;	  /* seconds */
	unsigned timeout; /* seconds */
	int64_t warnings
		[EXPIRY_WARNINGS]; /* seconds before a token ends, the most first */
	size_t warning_count;
	char *source; /* what mount(8) gives before the mount point, or NULL */
	char *mountpoint;
	struct fuse_args session; /* what libfuse gets to see */
};

/* Reads the command line.  -EINVAL with a sentence for the terminal.  The caller calls
 * options_done(), also after a failure. */
int options_parse(int argc, char **argv, struct options *ret_options, struct err *err);
void options_done(struct options *options);

/* What -h prints, without libfuse's part. */
void options_print_help(void);
