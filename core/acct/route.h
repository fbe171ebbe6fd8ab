/* route: which profile a paste goes to that was written to no profile.  Pure.
 *
 * The first of these that there is:
 *   1. the profile that its header names;
 *   2. the one profile known to hold its account and role;
 *   3. the one profile of its account, when the role of one of the two is not known, unless
 *      a header asks for a name that is none of the access portal's;
 *   4. a new one, called like the header, or as the portal would: ACCOUNT_ROLE.
 * When several profiles may be meant, none is taken. */
#pragma once

#include "acct/owner.h"

struct route_profile {
	const char *name;
	struct owner owner;
};

/* Gives the name, which the caller frees.  -EINVAL: it cannot be told; @err names the
 * candidates. */
int route_choose(const struct paste *paste, const struct route_profile *list,
	size_t count, char **ret_name, struct err *err);
