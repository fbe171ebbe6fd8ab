#include "acct/session.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "text/time.h"

const char *const session_expiry_keys[] = {
	"x_security_token_expires", /* saml2aws, okta-aws-cli, gimme-aws-creds, acctfs */
	"aws_session_expiration",
	"aws_credential_expiration", /* aws-vault */
	"aws_expiration",
	"expiration", /* awsume, teleport */
	"expires",
	NULL,
};

/* Values end where C, JavaScript and Go end them: before a blank and a comment mark.  No
 * credential holds a blank. */
static struct slice uncomment(struct slice value)
{
	for (size_t i = 0; i + 1 < value.len; i++) {
		if ((value.at[i] == ' ' || value.at[i] == '\t') &&
			(value.at[i + 1] == '#' || value.at[i + 1] == ';')) {
			value.len = i;
			break;
		}
	}
	while (value.len && isspace((unsigned char)value.at[value.len - 1]))
		value.len--;
	return value;
}

static bool take(const struct awsfile *file, const char *profile, const char *key,
	struct secret *to, int *r)
{
	struct slice value;

	if (!awsfile_get(file, AWSFILE_PROFILE, profile, key, &value))
		return false;
	value = uncomment(value);
	if (value.len == 0)
		return false;
	*r = secret_set(to, value.at, value.len);
	return true;
}

/* 1: the file has credentials for the profile, 0: it has none. */
static int take_all(const struct files_part *part, const char *path, const char *profile,
	struct creds *creds, struct err *err)
{
	const struct awsfile *file = &part->file;
	bool id, key;
	int r = 0;

	if (part->err.errnum) {
		*err = part->err;
		return -err->errnum;
	}
	id = take(file, profile, "aws_access_key_id", &creds->key_id, &r);
	key = !r && take(file, profile, "aws_secret_access_key", &creds->secret_key, &r);
	if (!r && !take(file, profile, "aws_session_token", &creds->token, &r) && !r)
		(void)take(file, profile, "aws_security_token", &creds->token, &r);
	if (r)
		return err_nomem(err);
	if (id != key)
		return err_set(err, EINVAL,
			"profile `%s' in %s has only one half of a key pair: paste fresh "
			"credentials into `profile'",
			profile, path);
	return id;
}

static const char *instead(const struct view *view, const char *profile)
{
	static const struct {
		const char *key;
		const char *what;
	} rows[] = {
		{ "sso_session", "an SSO session" },
		{ "sso_start_url", "an SSO start URL" },
		{ "role_arn", "a role to assume" },
		{ "credential_process", "a credential process" },
		{ "login_session", "a console login" },
	};
	struct slice value;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (awsfile_get(&view->config.file, AWSFILE_PROFILE, profile, rows[i].key,
			    &value))
			return rows[i].what;
	return NULL;
}

static void describe(
	const struct view *view, const char *profile, struct session *session)
{
	const struct awsfile *file = session->source == SESSION_CREDENTIALS_FILE
					     ? &view->credentials.file
					     : &view->config.file;
	const char *key_id = secret_text(&session->creds.key_id);
	struct slice value;

	creds_key_tail(&session->creds, session->key_tail);
	if (!keyid_account(key_id, session->key_account))
		session->key_account[0] = '\0';
	for (size_t i = 0; session_expiry_keys[i]; i++)
		if (awsfile_get(file, AWSFILE_PROFILE, profile, session_expiry_keys[i],
			    &value) &&
			time_parse(uncomment(value), &session->expires) == 0)
			break;
}

int session_find(const struct view *view, const char *profile,
	struct session *ret_session, struct err *err)
{
	_cleanup_session_ struct session session = SESSION_INIT;
	const char *other;
	int r;

	session.source = SESSION_CREDENTIALS_FILE;
	r = take_all(
		&view->credentials, "the credentials file", profile, &session.creds, err);
	if (r == 0) {
		creds_done(&session.creds);
		session.source = SESSION_CONFIG_FILE;
		r = take_all(
			&view->config, "the config file", profile, &session.creds, err);
	}
	if (r < 0)
		return r;
	if (r == 0) {
		other = instead(view, profile);
		if (other)
			return err_set(err, ENOKEY,
				"profile `%s' has %s but no keys: paste credentials from "
				"the "
				"access portal into `profile'",
				profile, other);
		return err_set(err, ENOKEY,
			"profile `%s' has no credentials: paste them from the access "
			"portal "
			"into `profile'",
			profile);
	}
	describe(view, profile, &session);
	session_done(ret_session);
	*ret_session = session;
	session = (struct session)SESSION_INIT;
	return 0;
}

bool session_key_account(const struct awsfile *credentials, const struct awsfile *config,
	const char *profile, char ret_account[static KEYID_ACCOUNT_SIZE])
{
	_cleanup_secret_ struct secret key_id = SECRET_INIT;
	int r = 0;

	if (!take(credentials, profile, "aws_access_key_id", &key_id, &r) &&
		!take(config, profile, "aws_access_key_id", &key_id, &r))
		return false;
	return !r && keyid_account(secret_text(&key_id), ret_account);
}

bool session_creds_account(
	const struct creds *creds, char ret_account[static KEYID_ACCOUNT_SIZE])
{
	return keyid_account(secret_text(&creds->key_id), ret_account);
}

void session_done(struct session *session)
{
	creds_done(&session->creds);
}

static bool has(const struct awsfile *file, const char *profile, const char *key)
{
	struct slice value;

	return awsfile_get(file, AWSFILE_PROFILE, profile, key, &value);
}

static void warn_shadow(const struct view *view, const char *profile, struct buf *out)
{
	const struct awsfile *config = &view->config.file;
	const struct awsfile *credentials = &view->credentials.file;

	if (has(config, profile, "sso_account_id") ||
		has(config, profile, "sso_session") ||
		has(config, profile, "sso_start_url") ||
		has(config, profile, "sso_role_name"))
		buf_adds(out,
			"the config file has sso_ keys for this profile: the AWS CLI, "
			"boto3, Java and Rust use SSO and ignore these keys; Go and "
			"JavaScript use them\n");
	if (has(config, profile, "role_arn") || has(credentials, profile, "role_arn"))
		buf_adds(out,
			"the profile has a role_arn: the AWS CLI, boto3 and JavaScript "
			"assume that role and ignore these keys\n");
	if (has(config, profile, "credential_process"))
		buf_adds(out,
			"the config file has a credential_process for this profile: "
			"Java uses it and ignores these keys\n");
}

static void warn_tokens(const struct view *view, const char *profile, struct buf *out)
{
	struct slice session_token, security_token;

	if (awsfile_get(&view->credentials.file, AWSFILE_PROFILE, profile,
		    "aws_security_token", &security_token) &&
		(!awsfile_get(&view->credentials.file, AWSFILE_PROFILE, profile,
			 "aws_session_token", &session_token) ||
			session_token.len != security_token.len ||
			memcmp(session_token.at, security_token.at, session_token.len) !=
				0))
		buf_adds(out,
			"aws_security_token differs from aws_session_token: the AWS CLI "
			"and boto3 use aws_security_token; paste again to mend it\n");
}

/* The portal names a profile `<account>_<permission set>`. */
static void warn_account(
	const char *profile, const struct session *session, struct buf *out)
{
	size_t digits = strspn(profile, "0123456789");

	if (digits == 12 && profile[12] == '_' && session->key_account[0] &&
		strncmp(profile, session->key_account, 12) != 0)
		buf_addf(out,
			"the key belongs to account %s, not to the %.12s of the "
			"profile's "
			"name\n",
			session->key_account, profile);
}

void session_warn(const struct view *view, const char *profile,
	const struct session *session, struct buf *out)
{
	const struct files_part *part = &view->credentials;
	struct err problem;

	if (session) {
		warn_shadow(view, profile, out);
		warn_tokens(view, profile, out);
		warn_account(profile, session, out);
	}
	if (part->version.exists && (part->version.mode & 077))
		buf_addf(out,
			"the credentials file has mode %04o, so others may read or "
			"change it: "
			"chmod 600 it\n",
			part->version.mode & 07777);
	if (awsfile_check(&part->file, &problem))
		buf_addf(out,
			"the AWS CLI and boto3 cannot read the credentials file: %s\n",
			problem.text);
	if (awsfile_check(&view->config.file, &problem))
		buf_addf(out, "the AWS CLI and boto3 cannot read the config file: %s\n",
			problem.text);
}
