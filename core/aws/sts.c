#include "aws/sts.h"

#include <errno.h>
#include <string.h>

#include "text/xml.h"

enum {
	ANSWER_LIMIT = 64 * 1024,
	ACCOUNT_LEN = 12,
};

static const struct aws_service sts = {
	.name = "sts",
	.endpoint = ENDPOINT_STS,
	.protocol = AWS_QUERY,
};

static const char root[] = "GetCallerIdentityResponse";
static const char result[] = "GetCallerIdentityResult";

int sts_identity_request(struct aws_request *ret_request, struct err *err)
{
	struct aws_request request = AWS_REQUEST_INIT;

	request.operation = "GetCallerIdentity";
	request.limit = ANSWER_LIMIT;
	buf_adds(&request.body, "Action=GetCallerIdentity&Version=2011-06-15");
	if (buf_err(&request.body))
		return err_nomem(err);
	*ret_request = request;
	return 0;
}

static int begin(void *arg, const struct xml_at *at, struct err *err)
{
	(void)arg;
	if (at->depth == 1 && strcmp(at->path[0], root) != 0)
		return err_set(err, EBADMSG, "the answer is not a %s", root);
	return 0;
}

static int take(char *to, size_t size, const char *text, struct err *err)
{
	size_t len = strlen(text);

	if (len >= size)
		return err_set(err, EBADMSG, "the answer holds a name that is too long");
	for (size_t i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~')
			return err_set(err, EBADMSG, "the answer holds a broken name");
	memcpy(to, text, len + 1);
	return 0;
}

static int end(void *arg, const struct xml_at *at, const char *text, struct err *err)
{
	struct sts_identity *identity = arg;

	if (xml_is(at, result, "Account"))
		return take(identity->account, sizeof(identity->account), text, err);
	if (xml_is(at, result, "Arn"))
		return take(identity->arn, sizeof(identity->arn), text, err);
	if (xml_is(at, result, "UserId"))
		return take(identity->user_id, sizeof(identity->user_id), text, err);
	return 0;
}

int sts_identity_reply(
	struct slice body, struct sts_identity *ret_identity, struct err *err)
{
	static const struct xml_reader reader = { .begin = begin, .end = end };
	struct sts_identity identity = { .account = "" };
	int r = xml_read(body, &reader, &identity, err);

	if (r)
		return r;
	if (strlen(identity.account) != ACCOUNT_LEN ||
		strspn(identity.account, "0123456789") != ACCOUNT_LEN)
		return err_set(err, EBADMSG, "the answer holds no account number");
	if (strncmp(identity.arn, "arn:", 4) != 0 || !identity.user_id[0])
		return err_set(err, EBADMSG, "the answer does not say who it is about");
	*ret_identity = identity;
	return 0;
}

int sts_identity(struct aws *aws, const struct aws_scope *scope,
	struct sts_identity *ret_identity, struct aws_meta *ret_meta, struct err *err)
{
	_cleanup_aws_request_ struct aws_request request = AWS_REQUEST_INIT;
	_cleanup_buf_ struct buf body = BUF_INIT;
	int r;

	if (ret_meta)
		*ret_meta = (struct aws_meta){ .attempts = 0 };
	r = sts_identity_request(&request, err);
	if (!r)
		r = aws_call(aws, &sts, scope, &request, &body, ret_meta, err);
	if (r)
		return r;
	r = sts_identity_reply(
		(struct slice){ buf_text(&body), body.len }, ret_identity, err);
	return r ? aws_wrap(&sts, scope, request.operation, err) : 0;
}
