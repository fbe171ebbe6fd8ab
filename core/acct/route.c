#include "acct/route.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/buf.h"

enum { NAMED = 5 }; /* candidates that a message names */

/* What is known of two roles: the same, different, or one of them is not known. */
enum fit { OTHER, PERHAPS, SAME };

static enum fit compare(const struct owner *paste, const struct owner *profile)
{
	if (!paste->account[0] || strcmp(paste->account, profile->account) != 0)
		return OTHER;
	if (!paste->role[0] || !profile->role[0])
		return PERHAPS;
	return strcmp(paste->role, profile->role) == 0 ? SAME : OTHER;
}

/* A section copied from the config file is called `profile NAME`. */
static const char *header_name(const char *header)
{
	static const char prefix[] = "profile";

	if (!header || strncmp(header, prefix, sizeof(prefix) - 1) != 0 ||
		!isblank((unsigned char)header[sizeof(prefix) - 1]))
		return header;
	header += sizeof(prefix) - 1;
	return header + strspn(header, " \t");
}

static const struct route_profile *find(
	const struct route_profile *list, size_t count, const char *name)
{
	for (size_t i = 0; name && i < count; i++)
		if (strcmp(list[i].name, name) == 0)
			return &list[i];
	return NULL;
}

static int refuse(const struct owner *owner, enum fit fit,
	const struct route_profile *list, size_t count, struct err *err)
{
	_cleanup_buf_ struct buf names = BUF_INIT;
	size_t named = 0;

	for (size_t i = 0; i < count; i++) {
		if (compare(owner, &list[i].owner) != fit || named++ >= NAMED)
			continue;
		buf_addf(&names, "%s`%s'", named > 1 ? ", " : "", list[i].name);
	}
	if (named > NAMED)
		buf_addf(&names, " and %zu more", named - NAMED);
	if (buf_err(&names))
		return err_nomem(err);
	return err_set(err, EINVAL,
		"account %s%s%s may be what %s has: write it to the `profile' of the "
		"right one",
		owner->account, owner->role[0] ? " with role " : "", owner->role,
		buf_text(&names));
}

/* The only profile that fits so, and how many do. */
static const struct route_profile *only(const struct owner *owner, enum fit fit,
	const struct route_profile *list, size_t count, size_t *ret_fitting)
{
	const struct route_profile *found = NULL;

	*ret_fitting = 0;
	for (size_t i = 0; i < count; i++) {
		if (compare(owner, &list[i].owner) != fit)
			continue;
		found = &list[i];
		++*ret_fitting;
	}
	return *ret_fitting == 1 ? found : NULL;
}

/* How many profiles are of the account at all. */
static size_t of_account(
	const struct owner *owner, const struct route_profile *list, size_t count)
{
	size_t same = 0;

	for (size_t i = 0; i < count; i++)
		same += strcmp(owner->account, list[i].owner.account) == 0;
	return same;
}

/* 1: *ret_profile is it, 0: none is, or -EINVAL. */
static int choose_known(const struct paste *paste, const struct route_profile *list,
	size_t count, const struct route_profile **ret_profile, struct err *err)
{
	const char *header = header_name(paste->header);
	const struct route_profile *found;
	struct owner owner, named;
	size_t fitting;

	owner_of_paste(paste, &owner);
	found = only(&owner, SAME, list, count, &fitting);
	if (!found && fitting)
		return refuse(&owner, SAME, list, count, err);
	if (!found && (!header || owner_from_name(header, &named))) {
		found = only(&owner, PERHAPS, list, count, &fitting);
		/* with another profile of that account beside it, it is a guess */
		if (fitting > 1 || (found && of_account(&owner, list, count) > 1))
			return refuse(&owner, PERHAPS, list, count, err);
	}
	*ret_profile = found;
	return found != NULL;
}

static int new_name(const struct paste *paste, char **ret_name, struct err *err)
{
	const char *header = header_name(paste->header);
	_cleanup_buf_ struct buf name = BUF_INIT;
	struct owner owner;

	owner_of_paste(paste, &owner);
	if (header && header[0])
		buf_adds(&name, header);
	else if (owner.account[0] && owner.role[0])
		buf_addf(&name, "%s_%s", owner.account, owner.role);
	else
		return err_set(err, EINVAL,
			"it does not tell which profile it is for, and no profile is "
			"known "
			"to be of its account: write it to ACCOUNT/profile");
	if (buf_err(&name))
		return err_nomem(err);
	*ret_name = buf_take(&name);
	return 0;
}

int route_choose(const struct paste *paste, const struct route_profile *list,
	size_t count, char **ret_name, struct err *err)
{
	const struct route_profile *found = find(list, count, header_name(paste->header));
	int r = 0;

	if (!found)
		r = choose_known(paste, list, count, &found, err);
	if (r < 0)
		return r;
	if (!found)
		return new_name(paste, ret_name, err);
	*ret_name = strdup(found->name);
	return *ret_name ? 0 : err_nomem(err);
}
