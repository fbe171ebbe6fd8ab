#include "acct/pending.h"

#include <errno.h>
#include <string.h>

#include "text/keyid.h"

void pending_done(struct pending *pending)
{
	creds_done(&pending->creds);
	*pending = (struct pending)PENDING_INIT;
}

void pending_expire(struct pending *pending, int64_t now)
{
	if (pending->until <= now)
		pending_done(pending);
}

static int add(struct secret *to, const struct secret *from)
{
	return secret_is_set(from) ? secret_copy(to, from) : 0;
}

int pending_add(struct pending *pending, const struct creds *more, int64_t now)
{
	const struct creds *have = &pending->creds;
	int r;

	pending_expire(pending, now);
	if (secret_is_set(&more->key_id) && secret_is_set(&have->key_id) &&
		!secret_equal(&more->key_id, &have->key_id))
		pending_done(pending);
	r = add(&pending->creds.key_id, &more->key_id);
	if (!r)
		r = add(&pending->creds.secret_key, &more->secret_key);
	if (!r)
		r = add(&pending->creds.token, &more->token);
	if (r)
		return r;
	pending->until = now + PENDING_MS;
	return 0;
}

/* Whether the key id, once it is there, goes without a token. */
static bool is_long_term(const struct creds *creds)
{
	return secret_is_set(&creds->key_id) &&
	       !keyid_is_temporary(secret_text(&creds->key_id));
}

bool pending_is_whole(const struct pending *pending)
{
	const struct creds *creds = &pending->creds;

	return secret_is_set(&creds->key_id) && secret_is_set(&creds->secret_key) &&
	       (is_long_term(creds) || secret_is_set(&creds->token));
}

int pending_tell(const struct pending *pending, struct err *err)
{
	const struct creds *creds = &pending->creds;
	const struct {
		const struct secret *value;
		const char *name;
	} rows[] = {
		{ &creds->key_id, "the access key id" },
		{ &creds->secret_key, "the secret access key" },
		{ &creds->token, "the session token" },
	};
	const size_t want = is_long_term(creds) ? 2 : ARRAY_SIZE(rows);
	const char *missing[ARRAY_SIZE(rows)] = { "", "", "" };
	size_t count = 0;

	for (size_t i = 0; i < want; i++)
		if (!secret_is_set(rows[i].value))
			missing[count++] = rows[i].name;
	return err_set(err, ENODATA,
		"%zu of %zu values taken, %s%s%s %s missing: write %s here within %d "
		"minutes; nothing is stored until then",
		want - count, want, missing[0], count > 1 ? " and " : "", missing[1],
		count > 1 ? "are" : "is", count > 1 ? "them" : "it", PENDING_MS / 60000);
}

static void print(const char *key, const struct secret *value, struct buf *out)
{
	buf_adds(out, key);
	buf_adds(out, " = ");
	buf_add(out, secret_text(value), value->len);
	buf_addc(out, '\n');
}

void pending_print(const struct pending *pending, struct buf *out)
{
	const struct creds *creds = &pending->creds;

	if (pending->force)
		buf_adds(out, "force\n");
	print("aws_access_key_id", &creds->key_id, out);
	print("aws_secret_access_key", &creds->secret_key, out);
	if (!is_long_term(creds))
		print("aws_session_token", &creds->token, out);
}
