/* secret: text nobody may see, wiped after use.
 *
 * It has no format and no printer; the only way to its characters is secret_text(), so
 * `grep secret_text` is the audit of who reads secrets. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"

struct secret {
	char *text_; /* only base/secret.c looks at it */
	size_t len;
};

#define SECRET_INIT      \
	{                \
		.len = 0 \
	}

/* Replaces the text by a copy of @text, wiping the old one.  0 or -ENOMEM. */
int secret_set(struct secret *secret, const char *text, size_t len);

/* Makes @to a copy of @from.  0 or -ENOMEM. */
int secret_copy(struct secret *to, const struct secret *from);

void secret_done(struct secret *secret); /* wipes and frees; safe twice */
bool secret_is_set(const struct secret *secret);

/* Compares in a time that depends on the lengths only. */
bool secret_equal(const struct secret *a, const struct secret *b);

/* Continues a 64-bit fingerprint with the text, to tell later whether it changed.  Not
 * cryptographic: never shown and never stored.  Start with 0. */
uint64_t secret_fingerprint(const struct secret *secret, uint64_t seed);

/* The characters, NUL-terminated, never NULL; they live as long as @secret. */
const char *secret_text(const struct secret *secret);

#define _cleanup_secret_ _cleanup_(secret_done)
