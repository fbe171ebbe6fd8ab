/* session: which credentials a profile has, and what its section tells of them; the only
 * module of acct/ that reads those in use.  Pure: everything comes from a view of the two
 * files. */
#pragma once

#include <stdint.h>

#include "acct/files.h"
#include "base/creds.h"
#include "text/keyid.h"

enum session_source { SESSION_CREDENTIALS_FILE, SESSION_CONFIG_FILE };

struct session {
	struct creds creds;
	enum session_source source;
	char key_tail[5];		      /* the last four characters of the key id */
	char key_account[KEYID_ACCOUNT_SIZE]; /* decoded from the key id, or "" */
	int64_t expires;		      /* 0: the section does not tell */
};

#define SESSION_INIT                \
	{                           \
		.creds = CREDS_INIT \
	}

/* Finds the credentials of @profile: the credentials file first, then the config file,
 * both halves of the pair from the same one as SDKs do. -ENOKEY: there are none, with
 * what the profile has instead (SSO, a role, a process); -EINVAL: half a pair; -EBADMSG
 * and others: the file cannot be read. */
int session_find(const struct view *view, const char *profile,
	struct session *ret_session, struct err *err);
void session_done(struct session *session); /* wipes; safe twice */

/* The account that the key id of @profile tells of, in the file its credentials are from;
 * false when there is none or it does not tell. */
bool session_key_account(const struct awsfile *credentials, const struct awsfile *config,
	const char *profile, char ret_account[static KEYID_ACCOUNT_SIZE]);

/* The same of credentials that somebody pasted. */
bool session_creds_account(
	const struct creds *creds, char ret_account[static KEYID_ACCOUNT_SIZE]);

/* Appends a sentence for each thing about the two files and, unless @session is NULL, the
 * profile's sections in them that will surprise some SDK; each ends with a line end. */
void session_warn(const struct view *view, const char *profile,
	const struct session *session, struct buf *out);

/* The keys tools store an expiry under, ended by NULL: all are stale after a paste. */
extern const char *const session_expiry_keys[];

#define _cleanup_session_ _cleanup_(session_done)
