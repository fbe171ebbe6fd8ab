#include "text/keyid.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
	KEYID_MIN = 16,
	KEYID_MAX = 128,
	PREFIX = 4,	   /* `AKIA` or `ASIA` */
	CARRIER_LEN = 20,  /* key ids that carry an account have this length */
	CARRIER_CHARS = 10 /* of base 32 that reach over it: 50 bits */
};

static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

static bool has_prefix(const char *key_id, const char *prefix)
{
	return strncmp(key_id, prefix, PREFIX) == 0;
}

bool keyid_is_valid(const char *key_id)
{
	size_t len = strspn(key_id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

	return key_id[len] == '\0' && len >= KEYID_MIN && len <= KEYID_MAX;
}

bool keyid_is_aws(const char *key_id)
{
	return keyid_is_valid(key_id) &&
	       (has_prefix(key_id, "AKIA") || has_prefix(key_id, "ASIA"));
}

bool keyid_is_temporary(const char *key_id)
{
	return has_prefix(key_id, "ASIA");
}

/* Of the 48 bits behind the prefix the first tells that an account follows, and the next
 * 40 are its number. */
bool keyid_account(const char *key_id, char ret_account[static KEYID_ACCOUNT_SIZE])
{
	uint64_t bits = 0;

	if (!keyid_is_aws(key_id) || strlen(key_id) != CARRIER_LEN)
		return false;
	for (size_t i = PREFIX; i < PREFIX + CARRIER_CHARS; i++) {
		const char *digit = strchr(base32, key_id[i]);

		if (!digit)
			return false;
		bits = bits << 5 | (uint64_t)(digit - base32);
	}
	bits >>= 2;
	if (!(bits >> 47))
		return false;
	bits = (bits & 0x7fffffffff80u) >> 7;
	if (bits > 999999999999u)
		return false;
	(void)snprintf(ret_account, KEYID_ACCOUNT_SIZE, "%012" PRIu64, bits);
	return true;
}
