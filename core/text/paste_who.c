#include "text/paste_who.h"

enum {
	ACCOUNT_LEN = 12,
	ROLE_MAX = 64,
	SUFFIX_LEN = 16, /* of the roles that the portal makes */
};

#define ALPHANUMERIC "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

static bool is_made_of(struct slice text, const char *chars)
{
	for (size_t i = 0; i < text.len; i++)
		if (!text.at[i] || !strchr(chars, text.at[i]))
			return false;
	return text.len > 0;
}

static bool is_role(struct slice text)
{
	return text.len <= ROLE_MAX && is_made_of(text, ALPHANUMERIC "_+=,.@-");
}

/* Cuts the part up to @mark off; all of it when there is none. */
static struct slice take_part(struct slice *text, char mark)
{
	const char *end = text->len ? memchr(text->at, mark, text->len) : NULL;
	struct slice part = { text->at, end ? (size_t)(end - text->at) : text->len };
	size_t len = part.len + (end ? 1 : 0);

	text->at += len;
	text->len -= len;
	return part;
}

bool paste_is_account(struct slice text)
{
	return text.len == ACCOUNT_LEN && is_made_of(text, "0123456789");
}

struct paste_who paste_who_of_header(struct slice header)
{
	struct paste_who who = { .account = { NULL, 0 } };
	struct slice account = take_part(&header, '_');

	if (paste_is_account(account) && is_role(header)) {
		who.account = account;
		who.role = header;
	}
	return who;
}

/* `AWSReservedSSO_NAME_0123456789abcdef` is what a permission set NAME becomes. */
static struct slice permission_set(struct slice role)
{
	static const char prefix[] = "AWSReservedSSO_";
	const size_t around = sizeof(prefix) - 1 + 1 + SUFFIX_LEN;
	struct slice suffix;

	if (role.len <= around || strncmp(role.at, prefix, sizeof(prefix) - 1) != 0)
		return role;
	suffix = (struct slice){ role.at + role.len - SUFFIX_LEN, SUFFIX_LEN };
	if (suffix.at[-1] != '_' || !is_made_of(suffix, "0123456789abcdef"))
		return role;
	return (struct slice){ role.at + sizeof(prefix) - 1, role.len - around };
}

struct paste_who paste_who_of_arn(struct slice arn)
{
	struct paste_who who = { .account = { NULL, 0 } };
	struct slice account, type, role;

	if (!slice_is(take_part(&arn, ':'), "arn"))
		return who;
	for (int i = 0; i < 3; i++) /* partition, service, region */
		(void)take_part(&arn, ':');
	account = take_part(&arn, ':');
	type = take_part(&arn, '/');
	if (!paste_is_account(account))
		return who;
	if (slice_is(type, "federated-user"))
		who.account = account;
	if (!slice_is(type, "assumed-role") && !slice_is(type, "role"))
		return who;
	role = take_part(&arn, '/');
	while (slice_is(type, "role") && arn.len) /* its path */
		role = take_part(&arn, '/');
	if (is_role(role)) {
		who.account = account;
		who.role = permission_set(role);
	}
	return who;
}
