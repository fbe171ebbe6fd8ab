#include "base/creds.h"

#include <string.h>

int creds_copy(struct creds *to, const struct creds *from)
{
	int r = secret_copy(&to->key_id, &from->key_id);

	if (!r)
		r = secret_copy(&to->secret_key, &from->secret_key);
	if (!r)
		r = secret_copy(&to->token, &from->token);
	if (r)
		creds_done(to);
	return r;
}

void creds_done(struct creds *creds)
{
	secret_done(&creds->key_id);
	secret_done(&creds->secret_key);
	secret_done(&creds->token);
}

bool creds_equal(const struct creds *a, const struct creds *b)
{
	return secret_equal(&a->key_id, &b->key_id) &&
	       secret_equal(&a->secret_key, &b->secret_key) &&
	       secret_equal(&a->token, &b->token);
}

void creds_key_tail(const struct creds *creds, char ret[static 5])
{
	ret[0] = '\0';
	if (creds->key_id.len < 8)
		return;
	memcpy(ret, secret_text(&creds->key_id) + creds->key_id.len - 4, 4);
	ret[4] = '\0';
}

uint64_t creds_fingerprint(const struct creds *creds)
{
	uint64_t hash = secret_fingerprint(&creds->key_id, 0);

	hash = secret_fingerprint(&creds->secret_key, hash);
	return secret_fingerprint(&creds->token, hash);
}
