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

const char *secret_text(const struct secret *secret)
{
	return secret->text_ ? secret->text_ : "";
}
