#include "acct/status.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "aws/awserr.h"
#include "text/json.h"
#include "text/time.h"

static const char *const state_names[] = {
	[STATUS_VALID] = "valid",
	[STATUS_EXPIRED] = "expired",
	[STATUS_INVALID] = "invalid",
	[STATUS_DENIED] = "denied",
	[STATUS_MISSING] = "missing",
	[STATUS_UNREACHABLE] = "unreachable",
	[STATUS_SKEWED] = "skewed",
	[STATUS_MISCONFIGURED] = "misconfigured",
};

const char *status_state_name(enum status_state state)
{
	return state_names[state];
}

void status_done(struct status *status)
{
	session_done(&status->session);
	buf_done(&status->warnings);
	free(take_ptr(status->profile));
	free(take_ptr(status->source_path));
}

enum status_state status_classify(const struct err *err, bool asked)
{
	if (!err->errnum)
		return STATUS_VALID;
	if (!asked)
		return err->errnum == ENOKEY ? STATUS_MISSING : STATUS_MISCONFIGURED;
	switch (err->errnum) {
	case EKEYEXPIRED:
		return STATUS_EXPIRED;
	case EKEYREJECTED:
		return strcmp(err->code, AWSERR_CODE_SKEWED) == 0 ? STATUS_SKEWED
								  : STATUS_INVALID;
	case EACCES:
		return STATUS_DENIED;
	case EINVAL:
		return STATUS_MISCONFIGURED;
	default:
		return STATUS_UNREACHABLE;
	}
}

/* One fact of a status, as both forms show it. */
struct fact {
	const char *name;
	const char *text; /* NULL: @number counts, when >= 0 */
	int64_t number;
};

enum { FACTS = 24 };

struct facts {
	struct fact list[FACTS];
	size_t count;
	char url[sizeof(((struct uri *)0)->host) + 1100];
	char region[96];
	char expires[TIME_SIZE];
	char checked[TIME_SIZE];
};

static void add(struct facts *facts, const char *name, const char *text)
{
	if (text && text[0])
		facts->list[facts->count++] = (struct fact){ name, text, -1 };
}

static void endpoint_url(const struct uri *uri, char *out, size_t size)
{
	char port[16] = "";

	if (uri->port)
		(void)snprintf(port, sizeof(port), ":%u", uri->port);
	(void)snprintf(out, size, "%s://%s%s%s", uri->https ? "https" : "http", uri->host,
		port, uri->path);
}

/* The facts in the order people read them. */
static void collect(const struct status *status, struct facts *facts)
{
	const struct session *session = &status->session;

	facts->count = 0;
	add(facts, "state", state_names[status->state]);
	add(facts, "account", status->identity.account);
	add(facts, "arn", status->identity.arn);
	add(facts, "user_id", status->identity.user_id);
	add(facts, "profile", status->profile);
	if (status->endpoint.region[0]) {
		endpoint_url(&status->endpoint.uri, facts->url, sizeof(facts->url));
		add(facts, "region", status->endpoint.region);
		add(facts, "region_source", status->endpoint.region_source);
		add(facts, "endpoint", facts->url);
		add(facts, "endpoint_source", status->endpoint.url_source);
	}
	if (status->has_session) {
		add(facts, "key_tail", session->key_tail);
		add(facts, "key_account", session->key_account);
		add(facts, "source", status->source_path);
	}
	if (session->expires) {
		time_print(session->expires, facts->expires);
		add(facts, "expires", facts->expires);
	}
	if (status->checked) {
		time_print(status->checked, facts->checked);
		add(facts, "checked", facts->checked);
	}
	if (status->latency_ms >= 0)
		facts->list[facts->count++] =
			(struct fact){ "latency_ms", NULL, status->latency_ms };
	if (status->err.errnum) {
		add(facts, "error_code", status->err.code);
		add(facts, "error", status->err.text);
	}
}

/* Calls @each for every warning, without its line end. */
static int each_warning(const struct status *status,
	int (*each)(void *arg, struct slice warning), void *arg)
{
	const char *at = buf_text(&status->warnings), *end;
	int r;

	for (; (end = strchr(at, '\n')); at = end + 1) {
		r = each(arg, (struct slice){ at, (size_t)(end - at) });
		if (r)
			return r;
	}
	return 0;
}

static int print_warning(void *arg, struct slice warning)
{
	buf_adds(arg, "warning: ");
	buf_add(arg, warning.at, warning.len);
	buf_addc(arg, '\n');
	return 0;
}

void status_print(const struct status *status, struct buf *out)
{
	struct facts facts;

	collect(status, &facts);
	for (size_t i = 0; i < facts.count; i++) {
		const struct fact *fact = &facts.list[i];

		if (fact->text)
			buf_addf(out, "%s: %s\n", fact->name, fact->text);
		else
			buf_addf(out, "%s: %" PRId64 "\n", fact->name, fact->number);
	}
	(void)each_warning(status, print_warning, out);
}

static int append_warning(void *arg, struct slice warning)
{
	_cleanup_free_ char *text = slice_dup(warning);

	return json_append(arg, text ? json_new_text(text) : NULL);
}

int status_print_json(const struct status *status, struct buf *out, struct err *err)
{
	_cleanup_json_ struct json *root = json_new_object();
	struct json *warnings = json_new_array();
	struct facts facts;
	int r;

	collect(status, &facts);
	for (size_t i = 0; i < facts.count; i++) {
		const struct fact *fact = &facts.list[i];

		r = json_set(root, fact->name,
			fact->text ? json_new_text(fact->text)
				   : json_new_integer(fact->number));
		if (r) {
			(void)json_unref(warnings);
			return err_nomem(err);
		}
	}
	r = each_warning(status, append_warning, warnings);
	if (r) {
		(void)json_unref(warnings);
		return err_nomem(err);
	}
	r = json_set(root, "warnings", warnings);
	if (!r)
		r = json_print(root, out);
	return r ? err_nomem(err) : 0;
}
