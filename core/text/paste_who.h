/* paste_who: the account and the role that names in a paste tell.  For paste_*.c.  Pure.
 */
#pragma once

#include "base/slice.h"

struct paste_who {
	struct slice account; /* 12 digits, or nothing */
	struct slice role;    /* or nothing */
};

/* `123456789012_Role`, as the portal names its sections. */
struct paste_who paste_who_of_header(struct slice header);

/* The ARN of a role, an assumed role or a federated user. */
struct paste_who paste_who_of_arn(struct slice arn);

/* 12 digits. */
bool paste_is_account(struct slice text);
