/* The steps and their names are those of the AWS IAM User Guide, "Create a signed AWS API
 * request"; how S3 differs is in the Amazon S3 API Reference, "Signature Calculations for
 * the Authorization Header". */
#include "aws/sigv4.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#include "aws/canonical.h"
#include "text/time.h"

enum {
	DIGEST_SIZE = 32,
	HEX_SIZE = 2 * DIGEST_SIZE + 1,
	DAY_LEN = 8, /* of 20150830T123600Z */
};

static const char algorithm[] = "AWS4-HMAC-SHA256";

struct key {
	unsigned char bytes[DIGEST_SIZE];
};

static void key_done(struct key *key)
{
	explicit_bzero(key, sizeof(*key));
}
#define _cleanup_key_ _cleanup_(key_done)

static int no_digest(struct err *err)
{
	return err_set(
		err, EIO, "OpenSSL cannot compute SHA-256: check its configuration");
}

static void print_hex(const unsigned char digest[static DIGEST_SIZE], char *ret_hex)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < DIGEST_SIZE; i++) {
		ret_hex[2 * i] = digits[digest[i] >> 4];
		ret_hex[2 * i + 1] = digits[digest[i] & 15];
	}
	ret_hex[2 * DIGEST_SIZE] = '\0';
}

static int hash(const struct buf *text, char ret_hex[static HEX_SIZE], struct err *err)
{
	unsigned char digest[DIGEST_SIZE];

	if (EVP_Digest(buf_text(text), text->len, digest, NULL, EVP_sha256(), NULL) != 1)
		return no_digest(err);
	print_hex(digest, ret_hex);
	return 0;
}

static int hmac(const void *key, size_t key_len, const char *text, size_t len,
	struct key *ret_key, struct err *err)
{
	if (!HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)text, len,
		    ret_key->bytes, NULL))
		return no_digest(err);
	return 0;
}

/* kSigning: HMAC of each part of the credential scope with the key before. */
static int derive_key(const struct secret *secret_key, const char *day,
	const struct sigv4_scope *scope, struct key *ret_key, struct err *err)
{
	const char *const part[] = { day, scope->region, scope->service, "aws4_request" };
	_cleanup_buf_ struct buf first = BUF_INIT_SECRET;
	int r;

	buf_adds(&first, "AWS4");
	buf_add(&first, secret_text(secret_key), secret_key->len);
	if (buf_err(&first))
		return err_nomem(err);
	r = hmac(first.data, first.len, part[0], strlen(part[0]), ret_key, err);
	for (size_t i = 1; !r && i < ARRAY_SIZE(part); i++) {
		_cleanup_key_ struct key last = *ret_key;

		r = hmac(last.bytes, sizeof(last.bytes), part[i], strlen(part[i]),
			ret_key, err);
	}
	return r;
}

static int add_authorization(struct http_request *request, const struct creds *creds,
	const char *credential_scope, const char *signed_names, const char *signature)
{
	_cleanup_buf_ struct buf value = BUF_INIT_SECRET;

	buf_addf(&value, "%s Credential=%s/%s, SignedHeaders=%s, Signature=%s", algorithm,
		secret_text(&creds->key_id), credential_scope, signed_names, signature);
	if (buf_err(&value))
		return -ENOMEM;
	return http_headers_set(&request->headers, "Authorization", buf_text(&value));
}

/* What goes into a header must not begin another one. */
static bool is_one_word(const struct secret *secret)
{
	const char *text = secret_text(secret);

	for (size_t i = 0; i < secret->len; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	return true;
}

static int check(
	const struct http_request *request, const struct creds *creds, struct err *err)
{
	if (buf_text(&request->target)[0] != '/')
		return err_set(err, EINVAL, "the target of a request must begin with /");
	if (!secret_is_set(&creds->key_id) || !is_one_word(&creds->key_id) ||
		!is_one_word(&creds->token))
		return err_set(err, EINVAL,
			"the key id or the session token is empty or holds blanks or "
			"unprintable characters: paste the credentials again");
	return 0;
}

static int add_amz_headers(struct http_request *request, const struct creds *creds,
	const char *date, const char *body_hash)
{
	struct http_headers *headers = &request->headers;
	int r = http_headers_set(headers, "X-Amz-Date", date);

	if (!r && secret_is_set(&creds->token))
		r = http_headers_set(
			headers, "X-Amz-Security-Token", secret_text(&creds->token));
	if (!r && body_hash)
		r = http_headers_set(headers, "X-Amz-Content-Sha256", body_hash);
	return r;
}

/* Steps 2 to 4 of the guide: the string to sign, the signature, the header. */
static int sign(struct http_request *request, const struct creds *creds,
	const struct sigv4_scope *scope, const char *date, const struct buf *canonical,
	const char *signed_names, struct buf *ret_to_sign, struct err *err)
{
	_cleanup_buf_ struct buf where = BUF_INIT;
	_cleanup_key_ struct key key = { .bytes = { 0 } };
	struct key signature;
	char day[DAY_LEN + 1], hex[HEX_SIZE];
	int r;

	(void)snprintf(day, sizeof(day), "%.*s", DAY_LEN, date);
	buf_addf(&where, "%s/%s/%s/aws4_request", day, scope->region, scope->service);
	r = hash(canonical, hex, err);
	if (r)
		return r;
	buf_addf(ret_to_sign, "%s\n%s\n%s\n%s", algorithm, date, buf_text(&where), hex);
	if (buf_err(&where) || buf_err(ret_to_sign))
		return err_nomem(err);
	r = derive_key(&creds->secret_key, day, scope, &key, err);
	if (!r)
		r = hmac(key.bytes, sizeof(key.bytes), ret_to_sign->data,
			ret_to_sign->len, &signature, err);
	if (r)
		return r;
	print_hex(signature.bytes, hex);
	if (add_authorization(request, creds, buf_text(&where), signed_names, hex))
		return err_nomem(err);
	return 0;
}

int sigv4_sign(struct http_request *request, const struct creds *creds,
	const struct sigv4_scope *scope, int64_t now, const struct sigv4_stages *stages,
	struct err *err)
{
	_cleanup_buf_ struct buf canonical = BUF_INIT_SECRET;
	_cleanup_buf_ struct buf names = BUF_INIT;
	_cleanup_buf_ struct buf to_sign = BUF_INIT;
	char date[TIME_SIZE], body_hash[HEX_SIZE];
	const char *given;
	int r;

	r = check(request, creds, err);
	if (!r)
		r = hash(&request->body, body_hash, err);
	if (r)
		return r;
	time_print_amz(now, date);
	if (add_amz_headers(request, creds, date, scope->sign_body ? body_hash : NULL))
		return err_nomem(err);
	given = http_headers_get(&request->headers, "x-amz-content-sha256");
	if (canonical_print(
		    request, scope, given ? given : body_hash, &canonical, &names))
		return err_nomem(err);
	r = sign(
		request, creds, scope, date, &canonical, buf_text(&names), &to_sign, err);
	if (r || !stages)
		return r;
	if (stages->canonical_request)
		buf_add(stages->canonical_request, canonical.data, canonical.len);
	if (stages->string_to_sign)
		buf_add(stages->string_to_sign, to_sign.data, to_sign.len);
	return 0;
}
