#include "acct/store.h"

#include <errno.h>
#include <string.h>

#include "acct/session.h"
#include "text/awsfile.h"
#include "text/keyid.h"
#include "text/time.h"

enum { CHANGES = 16 };

struct changes {
	struct awsfile_change list[CHANGES];
	size_t count;
	char expires[TIME_SIZE];
};

static void change(struct changes *changes, const char *key, const char *value)
{
	changes->list[changes->count++] = (struct awsfile_change){ key, value };
}

/* A key is removed, or set, only where it stands already. */
static void change_if_there(struct changes *changes, const struct awsfile *file,
	const char *profile, const char *key, const char *value)
{
	const struct awsfile_section *section =
		awsfile_find(file, AWSFILE_PROFILE, profile);

	for (size_t i = 0; section && i < section->key_count; i++) {
		const struct awsfile_key *have = &file->keys[section->first_key + i];

		if (have->parent == SIZE_MAX && slice_is_nocase(have->name, key)) {
			change(changes, key, value);
			return;
		}
	}
}

static void choose_changes(
	struct changes *changes, const struct awsfile *file, const struct store *store)
{
	const struct paste *paste = store->paste;
	const char *token = secret_is_set(&paste->creds.token)
				    ? secret_text(&paste->creds.token)
				    : NULL;
	const char *expires = NULL;

	if (paste->forget) {
		change(changes, "aws_access_key_id", NULL);
		change(changes, "aws_secret_access_key", NULL);
	} else {
		change(changes, "aws_access_key_id", secret_text(&paste->creds.key_id));
		change(changes, "aws_secret_access_key",
			secret_text(&paste->creds.secret_key));
	}
	change(changes, "aws_session_token", token);
	/* botocore prefers this older name, so an old token there would win */
	change_if_there(changes, file, store->profile, "aws_security_token", token);
	if (paste->expires && !paste->forget) {
		time_print(paste->expires, changes->expires);
		expires = changes->expires;
		change(changes, session_expiry_keys[0], expires);
	}
	for (size_t i = expires ? 1 : 0; session_expiry_keys[i]; i++)
		change_if_there(
			changes, file, store->profile, session_expiry_keys[i], NULL);
}

/* Settings that some tools put beside the keys they print. */
static bool is_harmless(const char *key)
{
	static const char *const rows[] = { "aws_account_id", "output", "region",
		"x_principal_arn" };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (strcmp(rows[i], key) == 0)
			return true;
	return false;
}

/* Whether a key may be named in a message: the rest of a wrapped token can look like one. */
static bool is_plain(const char *key)
{
	return strlen(key) <= 24 &&
	       strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(key);
}

/* Other keys of a pasted section must be what the file has, or ones that are no settings
 * of this file; an edit of them would be lost without a word otherwise. */
static int check_extras(
	const struct awsfile *file, const struct store *store, struct err *err)
{
	for (size_t i = 0; i < store->paste->extra_count; i++) {
		const struct paste_extra *extra = &store->paste->extras[i];
		struct slice have;
		bool fine;

		if (awsfile_get(
			    file, AWSFILE_PROFILE, store->profile, extra->name, &have))
			fine = slice_is(have, extra->value);
		else
			fine = is_harmless(extra->name);
		if (!fine)
			return err_set(err, EINVAL,
				"line %zu: `profile' takes credentials only: change `%s' "
				"in %s "
				"itself",
				extra->line, is_plain(extra->name) ? extra->name : "...",
				store->path);
	}
	return 0;
}

static bool is_what_stands(const struct awsfile *file, const char *profile,
	const char *key, const struct secret *secret)
{
	struct slice have;

	return secret_is_set(secret) &&
	       awsfile_get(file, AWSFILE_PROFILE, profile, key, &have) && have.len &&
	       slice_is(have, secret_text(secret));
}

/* AWS makes all three values anew: a new key id with the secret key or the token that
 * stands there is half a paste.  Emulators take what they get. */
static int check_halves(
	const struct awsfile *file, const struct store *store, struct err *err)
{
	const struct creds *creds = &store->paste->creds;
	const char *profile = store->profile, *old = NULL;

	if (store->paste->forget || !keyid_is_aws(secret_text(&creds->key_id)) ||
		is_what_stands(file, profile, "aws_access_key_id", &creds->key_id))
		return 0;
	if (is_what_stands(file, profile, "aws_secret_access_key", &creds->secret_key))
		old = "aws_secret_access_key";
	else if (is_what_stands(file, profile, "aws_session_token", &creds->token))
		old = "aws_session_token";
	if (!old)
		return 0;
	return err_set(err, EINVAL,
		"the key id is new, but `%s' is the one before: paste all values at once",
		old);
}

int store_edit(const struct store *store, struct slice text, struct buf *ret_text,
	struct err *err)
{
	_cleanup_awsfile_ struct awsfile file = AWSFILE_INIT;
	struct changes changes = { .count = 0 };
	int r;

	r = awsfile_parse(&file, AWSFILE_CREDENTIALS, text, err);
	if (!r)
		r = check_halves(&file, store, err);
	if (!r)
		r = check_extras(&file, store, err);
	if (r)
		return r;
	if (store->paste->forget &&
		!awsfile_find(&file, AWSFILE_PROFILE, store->profile)) {
		buf_clear(ret_text);
		ret_text->secret = true;
		buf_add(ret_text, text.at, text.len);
		return buf_err(ret_text) ? err_nomem(err) : 0;
	}
	choose_changes(&changes, &file, store);
	r = awsfile_edit(
		text, store->profile, changes.list, changes.count, ret_text, err);
	return r ? err_wrap(err, "%s", store->path) : 0;
}
