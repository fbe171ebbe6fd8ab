/* paste_fixture: made-up keys, and pastes with them in the places of @K, @S and @T. */
#pragma once

#include <string.h>

#include "base/buf.h"
#include "base/creds.h"

static const struct fixture_keys {
	const char *key_id, *long_id, *secret, *token;
} fixture_keys[] = {
	{ "ASIAQNZGKIQY56JQ7WML", "AKIAQNZGKIQY56JQ7WML",
		"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
		"IQoJb3JpZ2luX2VjEJ3aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1"
		"FQoGZXIvYXdzEBYaDKbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb2"
		"xL8tTzWm0pQcccccccccccccccccccccccccccccccccccccccccccccccccccccc3/"
		"Rg==" },
	{ "ASIARZPUZDIKAAQWERTY", "AKIARZPUZDIKAAQWERTY",
		"aaaarXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
		"FwoGZXIvYXdzEJ3dddddddddddddddddddddddddddddddddddddddddddddddddddddddd1"
		"FQoGZXIvYXdzEBYaDKeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee2"
		"xL8tTzWm0pQfffffffffffffffffffffffffffffffffffffffffffffffffffff3/"
		"Rg==" },
};

static inline const char *fixture_key_id(int set)
{
	return fixture_keys[set - 1].key_id;
}

static inline void fixture_add(struct buf *text, char what, int set)
{
	const struct fixture_keys *keys = &fixture_keys[set - 1];
	size_t len = strlen(keys->token), third = (len + 2) / 3;

	switch (what) {
	case 'K':
		buf_adds(text, keys->key_id);
		break;
	case 'L':
		buf_adds(text, keys->long_id);
		break;
	case 'S':
		buf_adds(text, keys->secret);
		break;
	case 'T':
		buf_adds(text, keys->token);
		break;
	case '<':
		buf_add(text, keys->token, third);
		break;
	case '=':
		buf_add(text, keys->token + third, third);
		break;
	case '>':
		buf_adds(text, keys->token + 2 * third);
		break;
	default:
		buf_addc(text, '@');
		buf_addc(text, what);
	}
}

/* Appends the template with the keys of a set (1 or 2) and these line ends. */
static inline void fixture_expand(
	struct buf *text, const char *template, int set, const char *end)
{
	for (const char *c = template; *c; c++) {
		if (*c == '@' && c[1])
			fixture_add(text, *++c, set);
		else if (*c == '\n')
			buf_adds(text, end);
		else
			buf_addc(text, *c);
	}
}

/* The characters of a secret are compared without taking them out. */
static inline bool fixture_is(const struct secret *got, const char *wanted, size_t len)
{
	_cleanup_secret_ struct secret secret = SECRET_INIT;

	return !secret_set(&secret, wanted, len) && secret_equal(got, &secret);
}

static inline bool fixture_has_ids(
	const struct creds *creds, const struct fixture_keys *keys)
{
	return fixture_is(&creds->secret_key, keys->secret, strlen(keys->secret)) &&
	       (fixture_is(&creds->key_id, keys->key_id, strlen(keys->key_id)) ||
		       fixture_is(&creds->key_id, keys->long_id, strlen(keys->long_id)));
}

static inline bool fixture_keys_are(const struct creds *creds, int set, bool no_token)
{
	const struct fixture_keys *keys = &fixture_keys[set - 1];

	return fixture_has_ids(creds, keys) &&
	       (no_token ? !secret_is_set(&creds->token)
			 : fixture_is(&creds->token, keys->token, strlen(keys->token)));
}

/* The same, but the token may be a beginning of it. */
static inline bool fixture_keys_begin(const struct creds *creds, int set)
{
	const struct fixture_keys *keys = &fixture_keys[set - 1];

	return fixture_has_ids(creds, keys) &&
	       (!secret_is_set(&creds->token) ||
		       fixture_is(&creds->token, keys->token, creds->token.len));
}
