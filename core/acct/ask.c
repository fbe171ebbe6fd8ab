/* The questions acctfs asks AWS: find the credentials and the endpoint, call, keep the
 * answer. */
#include "acct/core_impl.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "io/clock.h"

/* An answer that came of a passing fault is worth no more than this. */
enum { FAULT_TTL_MS = 5000 };

/* FNV-1a, as in "The FNV Non-Cryptographic Hash Algorithm" */
#define HASH_START 0xcbf29ce484222325u
#define HASH_PRIME 0x100000001b3u

/* Everything a call for one account needs. */
struct asking {
	struct view *view;
	const char *profile;
	struct session session;
	bool has_session;
	struct endpoint endpoint;
	const struct patience *patience;
};

static const enum endpoint_service services[] = {
	[QUESTION_STATUS] = ENDPOINT_STS,
	[QUESTION_S3] = ENDPOINT_S3,
	[QUESTION_DYNAMODB] = ENDPOINT_DYNAMODB,
};

static void asking_done(struct asking *asking)
{
	session_done(&asking->session);
	(void)view_unref(asking->view);
}
#define _cleanup_asking_ _cleanup_(asking_done)

static uint64_t hash_text(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * HASH_PRIME;
	return hash;
}

/* Fills as much of @asking as there is; the first thing that is wrong is the error. */
static int asking_fill(struct asking *asking, const struct core *core,
	const struct view *view, enum question question, struct err *err)
{
	struct err later;
	int r, s;

	r = session_find(view, asking->profile, &asking->session, err);
	asking->has_session = r == 0;
	s = endpoint_resolve(services[question], &view->config.file,
		&view->credentials.file, asking->profile, &core->env, core->allow_http,
		&asking->endpoint, r ? &later : err);
	return r ? r : s;
}

static int asking_prepare(struct asking *asking, struct core *core, const char *profile,
	enum question question, struct err *err)
{
	int r;

	asking->profile = profile;
	r = files_view(core->files, &asking->view, err);
	if (r)
		return r;
	if (!view_has(asking->view, profile))
		return err_set(err, ENOENT, "there is no profile `%s' any more", profile);
	return asking_fill(asking, core, asking->view, question, err);
}

uint64_t core_server(struct core *core, const char *name, enum question question)
{
	_cleanup_asking_ struct asking asking = { .profile = name };
	const struct uri *uri = &asking.endpoint.uri;
	struct err err;

	if (asking_prepare(&asking, core, name, question, &err))
		return 0;
	return hash_text(HASH_START + uri->port, uri->host);
}

static void add_warnings(const struct asking *asking, struct buf *out)
{
	session_warn(asking->view, asking->profile,
		asking->has_session ? &asking->session : NULL, out);
}

/* Changes whenever what would be sent, and to whom, changes. */
static uint64_t asking_target(const struct asking *asking)
{
	const struct uri *uri = &asking->endpoint.uri;
	uint64_t hash = creds_fingerprint(&asking->session.creds);
	const char *parts[] = { asking->endpoint.region, uri->host, uri->path };

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		hash = hash_text(hash, parts[i]);
	return (hash ^ uri->port) * HASH_PRIME + uri->https;
}

/* Changes with that, and with what `status` tells beside it. */
static uint64_t asking_fingerprint(const struct asking *asking)
{
	_cleanup_buf_ struct buf warnings = BUF_INIT;
	uint64_t hash = asking_target(asking);

	if (asking->view)
		add_warnings(asking, &warnings);
	hash = (hash ^ (uint64_t)asking->session.expires) * HASH_PRIME;
	hash = (hash ^ asking->session.source) * HASH_PRIME;
	return hash_text(hash, buf_text(&warnings));
}

/* Failures that another try soon may not meet. */
static bool is_passing(int errnum)
{
	switch (errnum) {
	case 0:
	case EACCES:
	case EINVAL:
	case EKEYEXPIRED:
	case EKEYREJECTED:
	case ENOENT:
	case ENOKEY:
		return false;
	default:
		return true;
	}
}

static int make_status(
	struct core *core, struct asking *asking, int prepared, struct answer *answer)
{
	const struct aws_scope scope = { &asking->session.creds, &asking->endpoint,
		asking->patience };
	struct status *status = &answer->status;
	struct aws_meta meta = { .attempts = 0 };
	int r = prepared;

	if (!r)
		r = sts_identity(
			core->aws, &scope, &status->identity, &meta, &answer->err);
	status->state = status_classify(&answer->err, !prepared);
	status->err = answer->err;
	status->endpoint = asking->endpoint;
	status->checked = meta.attempts ? answer->at : 0;
	if (meta.attempts && status->state != STATUS_UNREACHABLE)
		status->latency_ms = meta.took_ms;
	status->profile = strdup(asking->profile);
	status->has_session = asking->has_session;
	if (asking->has_session) {
		status->session = asking->session;
		/* the keys stay behind: an answer holds no secret */
		status->session.creds = (struct creds)CREDS_INIT;
		status->source_path =
			strdup(asking->session.source == SESSION_CREDENTIALS_FILE
					? files_credentials_path(core->files)
					: files_config_path(core->files));
	}
	if (asking->view)
		add_warnings(asking, &status->warnings);
	if (meta.skew)
		buf_addf(&status->warnings,
			"this machine's clock is off by %" PRId64
			" seconds (%s); requests are corrected, but set the clock\n",
			meta.skew < 0 ? -meta.skew : meta.skew,
			meta.skew < 0 ? "behind" : "ahead");
	if (!status->profile || (asking->has_session && !status->source_path) ||
		buf_err(&status->warnings))
		return err_nomem(&answer->err);
	return r;
}

static int make_answer(
	struct core *core, struct asking *asking, int prepared, struct answer *answer)
{
	const struct aws_scope scope = { &asking->session.creds, &asking->endpoint,
		asking->patience };

	switch (answer->question) {
	case QUESTION_STATUS:
		return make_status(core, asking, prepared, answer);
	case QUESTION_S3:
		return prepared ? prepared
				: s3_buckets(core->aws, &scope, &answer->buckets,
					  &answer->err);
	case QUESTION_DYNAMODB:
		return prepared ? prepared
				: dynamodb_tables(core->aws, &scope, &answer->tables,
					  &answer->err);
	case QUESTION_NONE:
	case QUESTION_COUNT:
		break;
	}
	return err_set(&answer->err, EINVAL, "no such question");
}

static void keep(struct core *core, const char *name, struct answer *answer)
{
	struct answer *old = NULL, *old_identity = NULL;
	struct account *account;

	pthread_mutex_lock(&core->lock);
	account = core_account(core, name);
	if (account) {
		old = account->answers[answer->question];
		account->answers[answer->question] = answer_ref(answer);
	}
	if (account && answer->question == QUESTION_STATUS && !answer->err.errnum) {
		old_identity = account->identity;
		account->identity = answer_ref(answer);
	}
	pthread_mutex_unlock(&core->lock);
	(void)answer_unref(old);
	(void)answer_unref(old_identity);
}

/* What is wrong here is looked at anew each time: that costs nothing, and may be mended. */
static int64_t ttl_of(const struct core *core, const struct answer *answer, int prepared)
{
	if (prepared)
		return 0;
	if (is_passing(answer->err.errnum) && core->ttl_ms > FAULT_TTL_MS)
		return FAULT_TTL_MS;
	return core->ttl_ms;
}

static bool is_current(const struct answer *answer, uint64_t fingerprint)
{
	return answer && answer->fingerprint == fingerprint &&
	       clock_monotonic_ms() < answer->fresh_until;
}

bool core_is_fresh(struct core *core, const char *name, enum question question)
{
	_cleanup_asking_ struct asking asking = { .profile = name };
	_cleanup_answer_ struct answer *answer = core_answer(core, name, question);
	struct err err;

	if (!answer)
		return false;
	(void)asking_prepare(&asking, core, name, question, &err);
	return is_current(answer, asking_fingerprint(&asking));
}

int core_ask(struct core *core, const char *name, enum question question,
	const struct patience *patience, struct err *err)
{
	_cleanup_asking_ struct asking asking = { .patience = patience };
	_cleanup_answer_ struct answer *answer = core_answer(core, name, question);
	struct err wrong = ERR_INIT;
	uint64_t fingerprint;
	int prepared, r;

	prepared = asking_prepare(&asking, core, name, question, &wrong);
	fingerprint = asking_fingerprint(&asking);
	if (!is_current(answer, fingerprint)) {
		answer = answer_unref(answer);
		answer = answer_new(question);
		if (!answer)
			return err_nomem(err);
		answer->err = wrong;
		answer->at = clock_now();
		answer->fingerprint = fingerprint;
		answer->target = asking_target(&asking);
		r = make_answer(core, &asking, prepared, answer);
		if (r == -EINTR || r == -ENOMEM) {
			*err = answer->err;
			return r; /* says nothing of the account */
		}
		answer->fresh_until =
			clock_monotonic_ms() + ttl_of(core, answer, prepared);
		keep(core, name, answer);
		news_answer(core->news, name, answer, &asking.session);
	}
	if (!answer->err.errnum)
		return 0;
	*err = answer->err;
	return -err->errnum;
}

/* The number an SSO profile names its AWS account by, or "". */
static void find_sso_account(const struct view *view, const char *profile,
	char ret_number[static KEYID_ACCOUNT_SIZE])
{
	struct slice value;

	ret_number[0] = '\0';
	if (!awsfile_get(&view->config.file, AWSFILE_PROFILE, profile, "sso_account_id",
		    &value) ||
		value.len != KEYID_ACCOUNT_SIZE - 1)
		return;
	memcpy(ret_number, value.at, value.len);
	ret_number[value.len] = '\0';
	if (strspn(ret_number, "0123456789") != value.len)
		ret_number[0] = '\0';
}

static void tell_account(struct core *core, const struct view *view, const char *profile,
	core_account_fn *each, void *arg, struct timespec *mtime)
{
	_cleanup_asking_ struct asking asking = { .profile = profile };
	_cleanup_answer_ struct answer *answer =
		core_answer(core, profile, QUESTION_STATUS);
	struct core_account account = { .profile = profile };
	char sso_account[KEYID_ACCOUNT_SIZE];
	struct err err;

	(void)asking_fill(&asking, core, view, QUESTION_STATUS, &err);
	if (answer && answer->target != asking_target(&asking))
		answer = answer_unref(answer);
	account.region = asking.endpoint.region;
	account.expires = asking.session.expires;
	account.account = asking.session.key_account;
	if (answer) {
		account.state = status_state_name(answer->status.state);
		account.checked = answer->at;
		if (answer->status.identity.account[0])
			account.account = answer->status.identity.account;
		if (answer->at > mtime->tv_sec)
			*mtime = (struct timespec){ .tv_sec = answer->at };
	}
	if (!account.account[0]) {
		find_sso_account(view, profile, sso_account);
		account.account = sso_account;
	}
	each(arg, &account);
}

int core_each_account(struct core *core, core_account_fn *each, void *arg,
	struct timespec *ret_mtime, struct err *err)
{
	_cleanup_view_ struct view *view = NULL;
	int r;

	r = files_view(core->files, &view, err);
	if (r)
		return r;
	*ret_mtime = view_time(view);
	for (size_t i = 0; i < view->profiles.count; i++)
		tell_account(core, view, view->profiles.list[i], each, arg, ret_mtime);
	return 0;
}
