/* owner: which AWS account and which role a profile is known to hold, and whether pasted
 * credentials are for it.  Pure.
 *
 * The account of a profile, the first of these that tells; where they disagree, the keys
 * that are in use now win, so what is refused is what would change the account in use:
 *   1. the key id it has now, decoded (keyid.h);
 *   2. the last time AWS took its credentials since the mount (`status`);
 *   3. `sso_account_id` in the config file;
 *   4. its name, when the access portal gave it: `123456789012_ROLE`.
 * Its role is what the first of 2 to 4 says that does not name another account. */
#pragma once

#include "aws/sts.h"
#include "base/err.h"
#include "text/awsfile.h"
#include "text/keyid.h"
#include "text/paste.h"

enum {
	OWNER_ROLE_SIZE = 65, /* a role's name has up to 64 characters */
};

struct owner {
	char account[KEYID_ACCOUNT_SIZE]; /* "": not known */
	char role[OWNER_ROLE_SIZE];	  /* or permission set; "": not known */
	const char *source;		  /* what tells the account, for a message */
};

/* Takes `123456789012_ROLE` apart, as the access portal names profiles. */
bool owner_from_name(const char *name, struct owner *ret_owner);

/* Takes the ARN of an identity apart; of `AWSReservedSSO_NAME_0123456789abcdef` the role
 * is NAME. */
bool owner_from_arn(const char *arn, struct owner *ret_owner);

/* Where what is known of profiles comes from. */
struct owner_sources {
	const struct awsfile *credentials;
	const struct awsfile *config;
};

/* What is known of @profile; @identity is the last good one, or NULL. */
void owner_of_profile(const struct owner_sources *sources, const char *profile,
	const struct sts_identity *identity, struct owner *ret_owner);

/* What a paste says of itself: its key id, an ARN in it, its header. */
void owner_of_paste(const struct paste *paste, struct owner *ret_owner);

/* 0, or -EINVAL: the paste says that it is of another account than the profile, or of two
 * at once, and does not say `force'. */
int owner_check(const struct paste *paste, const char *profile, const struct owner *have,
	struct err *err);
