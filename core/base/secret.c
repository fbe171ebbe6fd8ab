#include "base/secret.h"

#include <errno.h>
#include <string.h>

int secret_set(struct secret *secret, const char *text, size_t len)
{
	char *copy = malloc(len + 1);

	if (!copy)
		return -ENOMEM;
	memcpy(copy, text, len);
	copy[len] = '\0';
	secret_done(secret);
	secret->text_ = copy;
	secret->len = len;
	return 0;
}

int secret_copy(struct secret *to, const struct secret *from)
{
	return secret_set(to, secret_text(from), from->len);
}

void secret_done(struct secret *secret)
{
	if (secret->text_)
		explicit_bzero(secret->text_, secret->len);
	free(secret->text_);
	secret->text_ = NULL;
	secret->len = 0;
}

bool secret_is_set(const struct secret *secret)
{
	return secret->len > 0;
}

bool secret_equal(const struct secret *a, const struct secret *b)
{
	unsigned char difference = 0;

	if (a->len != b->len)
		return false;
	for (size_t i = 0; i < a->len; i++)
		difference |= (unsigned char)(a->text_[i] ^ b->text_[i]);
	return difference == 0;
}

uint64_t secret_fingerprint(const struct secret *secret, uint64_t seed)
{
	uint64_t hash = seed ^ 0xcbf29ce484222325u; /* FNV-1a */

	for (size_t i = 0; i < secret->len; i++)
		hash = (hash ^ (unsigned char)secret->text_[i]) * 0x100000001b3u;
	return (hash ^ secret->len) * 0x100000001b3u;
}

const char *secret_text(const struct secret *secret)
{
	return secret->text_ ? secret->text_ : "";
}
