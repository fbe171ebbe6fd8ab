/* Codes: "Common Errors" of the AWS STS API Reference, "Error responses" of the Amazon S3
 * API Reference, "Error handling with DynamoDB" of its Developer Guide.  Which of them
 * are retried: the standard mode of "Retry behavior", AWS SDKs and Tools Reference Guide.
 */
#include "aws/awserr.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "aws/errtext.h"
#include "text/json.h"
#include "text/time.h"
#include "text/xml.h"

enum {
	BODY_LIMIT = 64 * 1024, /* bytes of a refusal that are looked at */
	ROOT_LIMIT = 4096,	/* the root element begins within */
	SKEW_LEAST = 300, /* seconds the clocks may differ, the strictest limit known */
	RETRY_AFTER_LIMIT = 3600 * 1000,
};

/* What a class means to people; a row may say it better. */
struct kind {
	int errnum;
	bool quote; /* the service's message says more */
	const char *what;
	const char *advice;
};

static const char paste[] = "paste fresh credentials into `profile'";
static const char paste_all[] = "paste all three values again into `profile'";

/* clang-format off */
static const struct kind kinds[] = {
	[AWSERR_EXPIRED] = { EKEYEXPIRED, false, "the session token has expired", paste },
	[AWSERR_REJECTED] = { EKEYREJECTED, true, "the credentials were rejected",
		paste_all },
	[AWSERR_DENIED] = { EACCES, true, "access denied",
		"ask for this permission or use another role" },
	[AWSERR_SKEWED] = { EKEYREJECTED, false, "the clock of this machine is wrong",
		"set it, or start its time service" },
	[AWSERR_NOT_FOUND] = { ENOENT, true, "not found",
		"check the name and the region" },
	[AWSERR_THROTTLED] = { EBUSY, false, "too many requests",
		"try again in a minute" },
	[AWSERR_TRANSIENT] = { EREMOTEIO, true, "the service cannot answer now",
		"try again in a minute" },
	[AWSERR_REGION] = { EREMOTEIO, true, "this is not the right region",
		"set the profile's `region'" },
	[AWSERR_FOREIGN] = { EBADMSG, false, "the answer is none of AWS's",
		"check that no proxy or login page answers, and the `endpoint_url'" },
	[AWSERR_OTHER] = { EREMOTEIO, true, "the request was refused",
		"look the code up in the AWS documentation" },
};
/* clang-format on */

struct row {
	const char *code;
	enum awserr_class class;
};

/* clang-format off */
/* in alphabetical order */
static const struct row rows[] = {
	{ "AccessDenied",                           AWSERR_DENIED },
	{ "AccessDeniedException",                  AWSERR_DENIED },
	{ "AccountProblem",                         AWSERR_DENIED },
	{ "AllAccessDisabled",                      AWSERR_DENIED },
	{ "AuthFailure",                            AWSERR_REJECTED },
	{ "AuthorizationHeaderMalformed",           AWSERR_REJECTED },
	{ "BandwidthLimitExceeded",                 AWSERR_THROTTLED },
	{ "EC2ThrottledException",                  AWSERR_THROTTLED },
	{ "ExpiredToken",                           AWSERR_EXPIRED },
	{ "ExpiredTokenException",                  AWSERR_EXPIRED },
	{ "IllegalLocationConstraintException",     AWSERR_REGION },
	{ "IncompleteSignature",                    AWSERR_REJECTED },
	{ "IncompleteSignatureException",           AWSERR_REJECTED },
	{ "InternalError",                          AWSERR_TRANSIENT },
	{ "InternalFailure",                        AWSERR_TRANSIENT },
	{ "InternalServerError",                    AWSERR_TRANSIENT },
	{ "InvalidAccessKeyId",                     AWSERR_REJECTED },
	{ "InvalidClientTokenId",                   AWSERR_REJECTED },
	{ "InvalidObjectState",                     AWSERR_OTHER },
	{ "InvalidSecurity",                        AWSERR_REJECTED },
	{ "InvalidSignatureException",              AWSERR_REJECTED },
	{ "InvalidToken",                           AWSERR_REJECTED },
	{ "LimitExceededException",                 AWSERR_THROTTLED },
	{ "MissingAuthenticationToken",             AWSERR_REJECTED },
	{ "MissingAuthenticationTokenException",    AWSERR_REJECTED },
	{ "NoSuchBucket",                           AWSERR_NOT_FOUND },
	{ "NoSuchKey",                              AWSERR_NOT_FOUND },
	{ "NoSuchVersion",                          AWSERR_NOT_FOUND },
	{ "NotFound",                               AWSERR_NOT_FOUND },
	{ "NotSignedUp",                            AWSERR_DENIED },
	{ "OptInRequired",                          AWSERR_DENIED },
	{ "PermanentRedirect",                      AWSERR_REGION },
	{ "PreconditionFailed",                     AWSERR_OTHER },
	{ "PriorRequestNotComplete",                AWSERR_THROTTLED },
	{ "ProvisionedThroughputExceededException", AWSERR_THROTTLED },
	{ "Redirect",                               AWSERR_REGION },
	{ "RegionDisabledException",                AWSERR_REGION },
	{ "RequestExpired",                         AWSERR_EXPIRED },
	{ "RequestInTheFuture",                     AWSERR_SKEWED },
	{ "RequestLimitExceeded",                   AWSERR_THROTTLED },
	{ "RequestThrottled",                       AWSERR_THROTTLED },
	{ "RequestThrottledException",              AWSERR_THROTTLED },
	{ "RequestTimeTooSkewed",                   AWSERR_SKEWED },
	{ "RequestTimeout",                         AWSERR_TRANSIENT },
	{ "RequestTimeoutException",                AWSERR_TRANSIENT },
	{ "ResourceNotFoundException",              AWSERR_NOT_FOUND },
	{ "ServiceUnavailable",                     AWSERR_TRANSIENT },
	{ "ServiceUnavailableException",            AWSERR_TRANSIENT },
	{ "SignatureDoesNotMatch",                  AWSERR_REJECTED },
	{ "SlowDown",                               AWSERR_THROTTLED },
	{ "SubscriptionRequiredException",          AWSERR_DENIED },
	{ "TableNotFoundException",                 AWSERR_NOT_FOUND },
	{ "TemporaryRedirect",                      AWSERR_REGION },
	{ "ThrottledException",                     AWSERR_THROTTLED },
	{ "Throttling",                             AWSERR_THROTTLED },
	{ "ThrottlingException",                    AWSERR_THROTTLED },
	{ "TokenRefreshRequired",                   AWSERR_EXPIRED },
	{ "TooManyRequestsException",               AWSERR_THROTTLED },
	{ "TransactionInProgressException",         AWSERR_THROTTLED },
	{ "UnauthorizedAccess",                     AWSERR_DENIED },
	{ "UnrecognizedClientException",            AWSERR_REJECTED },
};
/* clang-format on */

/* These are also said when the clock of one side is off. */
static const char *const doubtful[] = {
	"AuthFailure",
	"InvalidSignatureException",
	"RequestExpired",
	"SignatureDoesNotMatch",
};

/* Codes that say more than their class. */
struct saying {
	const char *code;
	const char *what;
	const char *advice;
};

static const char unknown_key[] = "the access key or its token is unknown";
static const char wrong_secret[] = "the secret key does not fit the access key";
static const char no_service[] = "the account has not signed up for this service";
static const char ask_owner[] = "ask its owner";

/* clang-format off */
static const struct saying sayings[] = {
	{ "AccountProblem", "the account has a problem", ask_owner },
	{ "AllAccessDisabled", "all access is switched off", ask_owner },
	{ "InvalidAccessKeyId", "the access key is unknown", paste_all },
	{ "InvalidClientTokenId", unknown_key, paste_all },
	{ "InvalidObjectState", "the object is archived", "restore it in S3 first" },
	{ "InvalidSignatureException", wrong_secret, paste_all },
	{ "InvalidToken", "the session token does not fit the access key", paste_all },
	{ "NoSuchBucket", "there is no such bucket", "check its name" },
	{ "NoSuchKey", "there is no such object", "list the directory again" },
	{ "NotSignedUp", no_service, ask_owner },
	{ "OptInRequired", no_service, ask_owner },
	{ "PreconditionFailed", "the object has changed meanwhile", "open it again" },
	{ "RegionDisabledException", "the region is switched off for this account",
		"set the profile's `region' to another, such as us-east-1" },
	{ "SignatureDoesNotMatch", wrong_secret, paste_all },
	{ "SubscriptionRequiredException", no_service, ask_owner },
	{ "UnrecognizedClientException", unknown_key, paste_all },
};
/* clang-format on */

static const struct row *row_find(const char *code)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (strcmp(rows[i].code, code) == 0)
			return &rows[i];
	return NULL;
}

static const struct saying *saying_find(const char *code)
{
	for (size_t i = 0; i < ARRAY_SIZE(sayings); i++)
		if (strcmp(sayings[i].code, code) == 0)
			return &sayings[i];
	return NULL;
}

static bool is_doubtful(const char *code)
{
	for (size_t i = 0; i < ARRAY_SIZE(doubtful); i++)
		if (strcmp(doubtful[i], code) == 0)
			return true;
	return false;
}

/* ---- what the answer says */

static void set_message(struct awserr *awserr, const char *text)
{
	if (text && !awserr->message[0])
		errtext_clean(text, awserr->message, sizeof(awserr->message));
}

static void set_code(struct awserr *awserr, const char *text)
{
	if (text && !awserr->code[0])
		errtext_code(text, awserr->code, sizeof(awserr->code));
}

/* Only what may be a part of a host name. */
static void set_region(struct awserr *awserr, const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	size_t len = text ? strlen(text) : 0;

	if (!len || awserr->region[0] || len >= sizeof(awserr->region) ||
		strspn(text, allowed) != len || text[0] == '-' || text[len - 1] == '-')
		return;
	memcpy(awserr->region, text, len + 1);
}

/* S3 has <Error> as its root, STS within <ErrorResponse>, others deeper. */
static int on_element(
	void *arg, const struct xml_at *at, const char *text, struct err *err _unused_)
{
	struct awserr *awserr = arg;

	if (xml_is(at, "Error", "Code"))
		set_code(awserr, text);
	else if (xml_is(at, "Error", "Message"))
		set_message(awserr, text);
	else if (xml_is(at, "Error", "Region"))
		set_region(awserr, text);
	return 0;
}

/* `__type` says it best; `code` is less to be trusted than the header, @type. */
static void read_json(struct slice body, const char *type, struct awserr *awserr)
{
	static const char *const messages[] = { "message", "Message", "errorMessage" };
	_cleanup_json_ struct json *root = NULL;
	const struct json *error;

	if (json_parse(body, &root, NULL))
		return;
	error = json_member(root, "Error");
	set_code(awserr, json_text(json_member(root, "__type")));
	set_code(awserr, type);
	set_code(awserr, json_text(json_member(root, "code")));
	set_code(awserr, json_text(json_member(error, "Code")));
	for (size_t i = 0; i < ARRAY_SIZE(messages); i++)
		set_message(awserr, json_text(json_member(root, messages[i])));
	set_message(awserr, json_text(json_member(error, "Message")));
}

/* By its first character: what the Content-Type says is often wrong. */
static char body_kind(struct slice body)
{
	size_t at = 0;

	while (at < body.len && strchr(" \t\r\n", body.at[at]) && body.at[at])
		at++;
	return (char)(at < body.len ? body.at[at] : '\0');
}

static void read_headers(const struct http_headers *headers, struct awserr *awserr)
{
	const char *date = http_headers_get(headers, "date");
	const char *after = http_headers_get(headers, "x-amz-retry-after");
	int64_t ms = 0;

	set_region(awserr, http_headers_get(headers, "x-amz-bucket-region"));
	if (date)
		(void)time_parse_http(
			(struct slice){ date, strlen(date) }, &awserr->server_time);
	for (; after && *after >= '0' && *after <= '9' && ms < RETRY_AFTER_LIMIT; after++)
		ms = ms * 10 + (*after - '0');
	if (after && !*after)
		awserr->retry_after_ms = ms < RETRY_AFTER_LIMIT ? ms : RETRY_AFTER_LIMIT;
}

/* ---- what it means */

/* An answer without any code; each of AWS's has at least the number of its request. */
static bool is_of_aws(const struct http_headers *headers)
{
	return http_headers_get(headers, "x-amz-request-id") ||
	       http_headers_get(headers, "x-amzn-requestid");
}

static enum awserr_class class_of_status(
	int status, const struct awserr *awserr, bool code)
{
	/* an answer to HEAD has no body, but tells the region of the bucket */
	if (!code && awserr->region[0] && (status / 100 == 3 || status == 400))
		return AWSERR_REGION;
	switch (status) {
	case 401:
		return AWSERR_REJECTED;
	case 403:
		return AWSERR_DENIED;
	case 404:
		return AWSERR_NOT_FOUND;
	case 429:
		return AWSERR_THROTTLED;
	case 408:
	case 500:
	case 502:
	case 503:
	case 504:
		return AWSERR_TRANSIENT;
	default:
		return AWSERR_OTHER;
	}
}

static bool clock_is_off(const struct awserr *awserr, int64_t now)
{
	if (strstr(awserr->message, "Signature expired") ||
		strstr(awserr->message, "Signature not yet current"))
		return true;
	if (!awserr->server_time)
		return false;
	return now < awserr->server_time - SKEW_LEAST ||
	       now > awserr->server_time + SKEW_LEAST;
}

static enum awserr_class class_of(const struct awserr *awserr, int status, int64_t now)
{
	const struct row *row = row_find(awserr->code);

	if (!row)
		return class_of_status(status, awserr, awserr->code[0] != '\0');
	if (is_doubtful(row->code) && clock_is_off(awserr, now))
		return AWSERR_SKEWED;
	/* the one code for a wrong region and for a key id no one can read */
	if (strcmp(row->code, "AuthorizationHeaderMalformed") == 0 && awserr->region[0])
		return AWSERR_REGION;
	return row->class;
}

void awserr_read(const struct http_answer *answer, int64_t now, struct awserr *ret_awserr)
{
	static const struct xml_reader reader = { .end = on_element };
	const char *type = http_headers_get(&answer->headers, "x-amzn-errortype");
	struct slice body = { buf_text(&answer->body), answer->body.len };
	struct awserr awserr = { .class = AWSERR_OTHER };
	char kind = body_kind(body);

	if (body.len > BODY_LIMIT)
		body.len = BODY_LIMIT;
	read_headers(&answer->headers, &awserr);
	/* what was read before a fault of the document counts */
	if (kind == '<')
		(void)xml_read(body, &reader, &awserr, NULL);
	if (kind == '{')
		read_json(body, type, &awserr);
	set_code(&awserr, type);
	awserr.class = class_of(&awserr, answer->status, now);
	if (!awserr.code[0] && !is_of_aws(&answer->headers) &&
		awserr.class != AWSERR_REGION && awserr.class != AWSERR_THROTTLED &&
		awserr.class != AWSERR_TRANSIENT)
		awserr.class = AWSERR_FOREIGN;
	if (!awserr.code[0])
		(void)snprintf(
			awserr.code, sizeof(awserr.code), "HTTP %d", answer->status);
	*ret_awserr = awserr;
}

static int on_root(void *arg, const struct xml_at *at, struct err *err _unused_)
{
	bool *is_error = arg;

	*is_error = xml_is(at, NULL, "Error");
	return -ECANCELED;
}

bool awserr_is_refusal(const struct http_answer *answer)
{
	static const struct xml_reader reader = { .begin = on_root };
	struct slice body = { buf_text(&answer->body), answer->body.len };
	bool is_error = false;

	if (answer->status >= 300)
		return true;
	/* an object has an ETag, and may well be a document that begins with <Error> */
	if (body_kind(body) != '<' || http_headers_get(&answer->headers, "etag"))
		return false;
	if (body.len > ROOT_LIMIT)
		body.len = ROOT_LIMIT;
	(void)xml_read(body, &reader, &is_error, NULL);
	return is_error;
}

int awserr_to_err(const struct awserr *awserr, struct err *err)
{
	const struct kind *kind = &kinds[awserr->class];
	const struct row *row = row_find(awserr->code);
	const struct saying *saying =
		row && row->class == awserr->class ? saying_find(row->code) : NULL;
	const char *what = saying ? saying->what : kind->what;
	const char *advice = saying ? saying->advice : kind->advice;
	const char *quoted = kind->quote ? awserr->message : "";
	bool region = awserr->class == AWSERR_REGION && advice == kind->advice &&
		      awserr->region[0];

	(void)err_set(err, kind->errnum, "%s (%s%s%s): %s%s%s", what, awserr->code,
		*quoted ? ": " : "", quoted, advice, region ? " to " : "",
		region ? awserr->region : "");
	if (err)
		(void)snprintf(err->code, sizeof(err->code), "%s",
			awserr->class == AWSERR_SKEWED ? AWSERR_CODE_SKEWED
						       : awserr->code);
	return -kind->errnum;
}
