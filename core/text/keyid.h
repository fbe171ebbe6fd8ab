/* keyid: what an AWS access key id tells by itself.  Pure. */
#pragma once

#include "base/macro.h"

enum {
	KEYID_ACCOUNT_SIZE = 13, /* 12 digits and the NUL */
};

/* Whether @key_id has the form of one: 16 to 128 of [A-Z0-9]. */
bool keyid_is_valid(const char *key_id);

/* Whether it has the form of AWS's own, long-lived (`AKIA`) or temporary (`ASIA`); those of
 * emulators need not. */
bool keyid_is_aws(const char *key_id);

/* Whether it belongs to temporary credentials (`ASIA`), which need a session token. */
bool keyid_is_temporary(const char *key_id);

/* The account the key belongs to, decoded from the key id itself; false when this key id
 * does not carry it (keys made before 2019, test keys of emulators). */
bool keyid_account(const char *key_id, char ret_account[static KEYID_ACCOUNT_SIZE]);
