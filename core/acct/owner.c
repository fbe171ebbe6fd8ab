#include "acct/owner.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "acct/session.h"

#define DIGITS "0123456789"
#define HEX    DIGITS "abcdef"
#define NAME   DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+=,.@_-"

enum {
	ACCOUNT_LEN = KEYID_ACCOUNT_SIZE - 1,
	HASH_LEN = 16, /* behind the name of a permission set */
};

static bool take_account(struct slice text, char to[static KEYID_ACCOUNT_SIZE])
{
	if (text.len != ACCOUNT_LEN)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (!strchr(DIGITS, text.at[i]) || !text.at[i])
			return false;
	memcpy(to, text.at, ACCOUNT_LEN);
	to[ACCOUNT_LEN] = '\0';
	return true;
}

static bool take_role(struct slice text, char to[static OWNER_ROLE_SIZE])
{
	if (text.len == 0 || text.len >= OWNER_ROLE_SIZE)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (!strchr(NAME, text.at[i]) || !text.at[i])
			return false;
	memcpy(to, text.at, text.len);
	to[text.len] = '\0';
	return true;
}

bool owner_from_name(const char *name, struct owner *ret_owner)
{
	struct owner owner = { .source = "its name" };

	if (strnlen(name, ACCOUNT_LEN + 1) <= ACCOUNT_LEN || name[ACCOUNT_LEN] != '_' ||
		!take_account((struct slice){ name, ACCOUNT_LEN }, owner.account))
		return false;
	name += ACCOUNT_LEN + 1;
	if (!take_role((struct slice){ name, strlen(name) }, owner.role))
		return false;
	*ret_owner = owner;
	return true;
}

/* A role that Identity Center made for a permission set goes by that one's name. */
static struct slice permission_set(struct slice role)
{
	static const char prefix[] = "AWSReservedSSO_";
	const size_t around = sizeof(prefix) - 1 + 1 + HASH_LEN;
	size_t i;

	if (role.len <= around || memcmp(role.at, prefix, sizeof(prefix) - 1) != 0 ||
		role.at[role.len - HASH_LEN - 1] != '_')
		return role;
	for (i = role.len - HASH_LEN; i < role.len; i++)
		if (!strchr(HEX, role.at[i]))
			return role;
	return (struct slice){ role.at + sizeof(prefix) - 1, role.len - around };
}

/* `arn:PARTITION:SERVICE:REGION:ACCOUNT:assumed-role/ROLE/SESSION` */
bool owner_from_arn(const char *arn, struct owner *ret_owner)
{
	static const char assumed[] = "assumed-role/";
	struct owner owner = { .source = "the last `status'" };
	const char *at = arn, *end;

	if (strncmp(arn, "arn:", 4) != 0)
		return false;
	for (size_t i = 0; i < 4; i++) {
		at = strchr(at, ':');
		if (!at)
			return false;
		at++;
	}
	end = strchr(at, ':');
	if (!end ||
		!take_account((struct slice){ at, (size_t)(end - at) }, owner.account))
		return false;
	at = end + 1;
	if (strncmp(at, assumed, sizeof(assumed) - 1) == 0) {
		struct slice role = { at + sizeof(assumed) - 1, 0 };

		role.len = strcspn(role.at, "/");
		(void)take_role(permission_set(role), owner.role);
	}
	*ret_owner = owner;
	return true;
}

/* A value of the config file ends where a comment behind it begins. */
static struct slice plain(struct slice value)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.at[i] == ' ' || value.at[i] == '\t')
			value.len = i;
	return value;
}

static bool owner_from_config(
	const struct awsfile *config, const char *profile, struct owner *ret_owner)
{
	struct owner owner = { .source = "`sso_account_id' in the config file" };
	struct slice value;

	if (awsfile_get(config, AWSFILE_PROFILE, profile, "sso_account_id", &value))
		(void)take_account(plain(value), owner.account);
	if (awsfile_get(config, AWSFILE_PROFILE, profile, "sso_role_name", &value))
		(void)take_role(plain(value), owner.role);
	*ret_owner = owner;
	return owner.account[0];
}

/* Adds what @more tells, unless it is of another account. */
static void add(struct owner *owner, const struct owner *more)
{
	if (!owner->account[0]) {
		(void)strcpy(owner->account, more->account);
		owner->source = more->source;
	}
	if (!owner->role[0] && strcmp(owner->account, more->account) == 0)
		(void)strcpy(owner->role, more->role);
}

void owner_of_profile(const struct owner_sources *sources, const char *profile,
	const struct sts_identity *identity, struct owner *ret_owner)
{
	struct owner owner = { .source = "" }, more;

	if (session_key_account(
		    sources->credentials, sources->config, profile, owner.account))
		owner.source = "the key id it has now";
	if (identity && owner_from_arn(identity->arn, &more))
		add(&owner, &more);
	if (owner_from_config(sources->config, profile, &more))
		add(&owner, &more);
	if (owner_from_name(profile, &more))
		add(&owner, &more);
	*ret_owner = owner;
}

void owner_of_paste(const struct paste *paste, struct owner *ret_owner)
{
	struct owner owner = { .source = "the paste" };

	if (paste->account)
		(void)take_account(
			(struct slice){ paste->account, strlen(paste->account) },
			owner.account);
	if (!owner.account[0] && !session_creds_account(&paste->creds, owner.account))
		owner.account[0] = '\0';
	if (paste->role)
		(void)take_role(permission_set((struct slice){
					paste->role, strlen(paste->role) }),
			owner.role);
	*ret_owner = owner;
}

int owner_check(const struct paste *paste, const char *profile, const struct owner *have,
	struct err *err)
{
	static const char how[] =
		"write it to the right account, or put a line `force' before it";
	char by_key[KEYID_ACCOUNT_SIZE];
	const char *named = paste->account;
	const char *key = session_creds_account(&paste->creds, by_key) ? by_key : NULL;

	if (paste->force || paste->forget)
		return 0;
	if (key && named && strcmp(key, named) != 0)
		return err_set(err, EINVAL,
			"the paste names account %s, but its key id is of account %s: %s",
			named, key, how);
	if (have->account[0] && key && strcmp(key, have->account) != 0)
		return err_set(err, EINVAL,
			"the key id in the paste is of account %s, but profile `%s' is "
			"of "
			"account %s, says %s: %s",
			key, profile, have->account, have->source, how);
	if (have->account[0] && named && strcmp(named, have->account) != 0)
		return err_set(err, EINVAL,
			"the paste names account %s, but profile `%s' is of account %s, "
			"says %s: %s",
			named, profile, have->account, have->source, how);
	return 0;
}
