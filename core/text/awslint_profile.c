/* The checks of the keys of one profile's section, and of sections with the same name. */
#include <stdint.h>

#include "text/awslint_internal.h"
#include "text/keyid.h"

enum {
	SECRET_LEN = 40,
	KEY_ID_LEN = 20,
};

/* The credentials of a section: keys with a value, or NULL. */
struct set {
	const struct awsfile_key *id;
	const struct awsfile_key *secret;
	const struct awsfile_key *session;  /* aws_session_token */
	const struct awsfile_key *security; /* aws_security_token */
};

static const struct awsfile_key *filled(const struct awsfile *file,
	const struct awsfile_section *section, const char *name)
{
	const struct awsfile_key *key = awslint_key(file, section, name);

	return key && key->value.len ? key : NULL;
}

static bool has_text(const struct awsfile_key *key, const char *prefix, size_t len)
{
	struct slice value = awslint_value(key->value);

	return value.len == len && memcmp(value.at, prefix, 4) == 0;
}

static void check_halves(struct awslint *lint, const struct set *set)
{
	if (set->id && !set->secret)
		awslint_add(lint, set->id->line, AWSLINT_ALL,
			"has no aws_secret_access_key beside it", 0);
	if (set->secret && !set->id)
		awslint_add(lint, set->secret->line, AWSLINT_ALL,
			"has no aws_access_key_id beside it", 0);
}

static void check_id(struct awslint *lint, const struct set *set)
{
	const struct awsfile_key *token = set->session ? set->session : set->security;

	if (!set->id)
		return;
	if (has_text(set->id, "ASIA", KEY_ID_LEN) && !token)
		awslint_add(lint, set->id->line, AWSLINT_ALL,
			"is a temporary key without aws_session_token", 0);
	if (has_text(set->id, "AKIA", KEY_ID_LEN) && token)
		awslint_add(lint, token->line, AWSLINT_ALL,
			"is a token for a long-term key, which has none: the key id is "
			"in line",
			set->id->line);
	/* emulators take any */
	if ((has_text(set->id, "ASIA", KEY_ID_LEN) ||
		    has_text(set->id, "AKIA", KEY_ID_LEN)) &&
		set->secret && awslint_value(set->secret->value).len != SECRET_LEN)
		awslint_add(lint, set->secret->line, AWSLINT_ALL,
			"is not 40 characters long, as secret keys are", 0);
}

static void check_tokens(struct awslint *lint, const struct set *set)
{
	struct slice session, security;

	if (!set->security)
		return;
	if (!set->session) {
		awslint_add(lint, set->security->line, AWSLINT_ALL & ~AWSLINT_BOTOCORE,
			"is an old name of aws_session_token, which is missing", 0);
		return;
	}
	session = set->session->value;
	security = set->security->value;
	if (session.len != security.len ||
		memcmp(session.at, security.at, session.len) != 0)
		awslint_add(lint, set->security->line, AWSLINT_BOTOCORE,
			"is used although it is not the aws_session_token of line",
			set->session->line);
}

/* SDKs differ in what they make of two headers with one name. */
static void check_name(struct awslint *lint, const struct awsfile *file,
	const struct awsfile_section *section)
{
	const struct awsfile_section *other =
		awsfile_find(file, AWSFILE_PROFILE, section->name);
	const struct slice header = section->header;

	if (!other || other == section ||
		(other->header.len == header.len &&
			memcmp(other->header.at, header.at, header.len) == 0))
		return;
	if (other->line > section->line ||
		slice_is(awsfile_trim(header, NULL), "default"))
		awslint_add(lint, section->line, AWSLINT_ALL,
			"is passed over for the [profile default] of line", other->line);
	else
		awslint_add(lint, section->line, AWSLINT_BOTOCORE | AWSLINT_JS,
			"begins the same profile in another spelling as line",
			other->line);
}

void awslint_profile(struct awslint *lint, const struct awsfile *file,
	const struct awsfile_section *section)
{
	const struct set set = {
		.id = filled(file, section, "aws_access_key_id"),
		.secret = filled(file, section, "aws_secret_access_key"),
		.session = filled(file, section, "aws_session_token"),
		.security = filled(file, section, "aws_security_token"),
	};

	check_name(lint, file, section);
	check_halves(lint, &set);
	check_id(lint, &set);
	check_tokens(lint, &set);
}
