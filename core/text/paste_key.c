#include "text/paste_key.h"

#include <errno.h>

#include "text/keyid.h"

enum {
	KEY_ID_MIN = 3, /* emulators take almost anything */
	KEY_ID_MAX = 128,
	SECRET_MAX = 256,
	TOKEN_MAX = 16 * 1024,
	AWS_KEY_ID_LEN = 20,
	AWS_SECRET_LEN = 40,
	BARE_TOKEN_MIN = 60, /* a terminal's line of one, at least */
	NAME_MAX_LEN = 32,
};

#define DIGITS	"0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* Without `_` and `-`, in small letters. */
static const struct {
	const char *name;
	enum paste_kind kind;
	bool loose;
} keys[] = {
	{ "accesskey", PASTE_KIND_KEY_ID, true }, /* Terraform */
	{ "accesskeyid", PASTE_KIND_KEY_ID, true },
	{ "accountid", PASTE_KIND_ACCOUNT, true },
	{ "arn", PASTE_KIND_ARN, true },
	{ "assumedrole", PASTE_KIND_IGNORED, true },
	{ "assumedrolearn", PASTE_KIND_ARN, true },
	{ "awsaccesskeyid", PASTE_KIND_KEY_ID, false },
	{ "awsaccountid", PASTE_KIND_ACCOUNT, false },
	{ "awscredentialexpiration", PASTE_KIND_EXPIRES, false },
	{ "awsdefaultregion", PASTE_KIND_IGNORED, true },
	{ "awsexpiration", PASTE_KIND_EXPIRES, false },
	{ "awsregion", PASTE_KIND_IGNORED, true },
	{ "awsrolearn", PASTE_KIND_ARN, true },
	{ "awssecretaccesskey", PASTE_KIND_SECRET_KEY, false },
	{ "awssecuritytoken", PASTE_KIND_TOKEN, false },
	{ "awssessionexpiration", PASTE_KIND_EXPIRES, false },
	{ "awssessiontoken", PASTE_KIND_TOKEN, false },
	{ "expiration", PASTE_KIND_EXPIRES, false },
	{ "expires", PASTE_KIND_EXPIRES, true },
	{ "expiry", PASTE_KIND_EXPIRES, true },
	{ "output", PASTE_KIND_EXTRA, false },
	{ "region", PASTE_KIND_EXTRA, false },
	{ "rolearn", PASTE_KIND_ARN, true },
	{ "saml2awsprofile", PASTE_KIND_IGNORED, true },
	{ "secretaccesskey", PASTE_KIND_SECRET_KEY, true },
	{ "secretkey", PASTE_KIND_SECRET_KEY, true }, /* Terraform, Cognito */
	{ "securitytoken", PASTE_KIND_TOKEN, true },
	{ "sessiontoken", PASTE_KIND_TOKEN, true },
	{ "token", PASTE_KIND_TOKEN, true },
	{ "xprincipalarn", PASTE_KIND_ARN, false },
	{ "xsecuritytokenexpires", PASTE_KIND_EXPIRES, false },
};

static const struct {
	const char *name;
	const char *chars;
	size_t max;
} slots[] = {
	[PASTE_KEY_ID] = { "aws_access_key_id", LETTERS DIGITS "_-", KEY_ID_MAX },
	[PASTE_SECRET_KEY] = { "aws_secret_access_key",
		LETTERS DIGITS "!#$%&()*+,-./:;<=>?@[\\]^_`{|}~", SECRET_MAX },
	[PASTE_TOKEN] = { "aws_session_token", LETTERS DIGITS "/+=_-", TOKEN_MAX },
};

enum paste_kind paste_key_kind(struct slice name, bool *ret_loose)
{
	char plain[NAME_MAX_LEN];
	struct slice key = { plain, 0 };

	for (size_t i = 0; i < name.len; i++) {
		if (name.at[i] == '_' || name.at[i] == '-')
			continue;
		if (key.len == sizeof(plain))
			return PASTE_KIND_UNKNOWN;
		plain[key.len++] = name.at[i];
	}
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (slice_is_nocase(key, keys[i].name)) {
			*ret_loose = keys[i].loose;
			return keys[i].kind;
		}
	return PASTE_KIND_UNKNOWN;
}

const char *paste_slot_name(enum paste_slot slot)
{
	return slots[slot].name;
}

const char *paste_slot_chars(enum paste_slot slot)
{
	return slots[slot].chars;
}

size_t paste_slot_max(enum paste_slot slot)
{
	return slots[slot].max;
}

static size_t span(struct slice text, const char *chars)
{
	size_t len = 0;

	while (len < text.len && text.at[len] && strchr(chars, text.at[len]))
		len++;
	return len;
}

bool paste_slot_fits(enum paste_slot slot, struct slice value)
{
	return value.len <= slots[slot].max &&
	       span(value, slots[slot].chars) == value.len;
}

bool paste_is_aws_secret(struct slice value)
{
	return value.len == AWS_SECRET_LEN &&
	       span(value, LETTERS DIGITS "/+=") == value.len;
}

bool paste_is_aws_key_id(struct slice value, bool *ret_temporary)
{
	*ret_temporary = value.len >= 4 && memcmp(value.at, "ASIA", 4) == 0;
	return *ret_temporary || (value.len >= 4 && memcmp(value.at, "AKIA", 4) == 0);
}

/* A key id in the form of AWS's own has to be one; others are an emulator's. */
static bool is_good_key_id(struct slice value)
{
	char text[KEY_ID_MAX + 1];
	bool good, temporary;

	if (value.len < KEY_ID_MIN || value.len > KEY_ID_MAX)
		return false;
	memcpy(text, value.at, value.len);
	text[value.len] = '\0';
	good = !paste_is_aws_key_id(value, &temporary) || keyid_is_valid(text);
	explicit_bzero(text, sizeof(text));
	return good;
}

int paste_slot_check(
	enum paste_slot slot, struct slice value, size_t line, struct err *err)
{
	if (!paste_slot_fits(slot, value))
		return err_set(err, EINVAL,
			"line %zu: this is no `%s': it is too long or has a character "
			"that none can have",
			line, slots[slot].name);
	if (slot == PASTE_KEY_ID && !is_good_key_id(value))
		return err_set(err, EINVAL,
			"line %zu: this is no access key id of AWS; was it cut?", line);
	return 0;
}

enum paste_slot paste_bare_slot(struct slice value)
{
	bool temporary;

	if (value.len == AWS_KEY_ID_LEN && paste_is_aws_key_id(value, &temporary))
		return is_good_key_id(value) ? PASTE_KEY_ID : PASTE_SLOT_COUNT;
	if (value.len == AWS_SECRET_LEN && span(value, LETTERS DIGITS "/+") == value.len)
		return PASTE_SECRET_KEY;
	if (value.len >= BARE_TOKEN_MIN && span(value, LETTERS DIGITS "/+=") == value.len)
		return PASTE_TOKEN;
	return PASTE_SLOT_COUNT;
}
