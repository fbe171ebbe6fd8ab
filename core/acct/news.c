#include "acct/core_impl.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "acct/expiry.h"
#include "io/alarm.h"
#include "io/clock.h"
#include "text/time.h"

/* Whether one of the AWS files can be read, as it is and as it was told. */
struct health {
	bool is_broken, told_broken;
	bool telling; /* a thread is at it, and will look again */
	struct err err;
};

enum { PARTS = 2 };

struct news {
	struct core *core;
	struct expiry *expiry;
	struct alarm *alarm;
	atomic_bool stopping;
	pthread_mutex_t lock; /* guards all below */
	bool has_thread;
	pthread_t thread;
	uint64_t reading; /* the newest view looked at */
	struct health health[PARTS];
};

/* What was told of an account's credentials; true: @event is another thing, and counts as
 * told now. */
static bool is_new(
	struct core *core, const char *name, enum event event, uint64_t fingerprint)
{
	struct account *account;
	bool news = false;

	pthread_mutex_lock(&core->lock);
	account = core_account(core, name);
	if (account && (account->told != event || account->told_creds != fingerprint)) {
		account->told = event;
		account->told_creds = fingerprint;
		news = true;
	}
	pthread_mutex_unlock(&core->lock);
	return news;
}

/* What is due of a token's end. */
static void tell_expiry(void *arg, const struct expiry_news *token)
{
	struct core *core = ((struct news *)arg)->core;
	char expires[TIME_SIZE], minutes[32];

	time_print(token->expires, expires);
	(void)snprintf(minutes, sizeof(minutes), "%" PRId64,
		token->left > 0 ? (token->left + 59) / 60 : 0);
	if (!token->expired)
		events_add(core->events, EVENT_EXPIRING, token->profile, "minutes",
			minutes, "expires", expires, "key", token->key_tail, "estimated",
			token->estimated ? "yes" : NULL, NULL);
	else if (is_new(core, token->profile, EVENT_EXPIRED, token->fingerprint))
		events_add(core->events, EVENT_EXPIRED, token->profile, "expires",
			expires, "key", token->key_tail, NULL);
}

static void *timer_main(void *arg)
{
	struct news *news = arg;

	while (!atomic_load(&news->stopping)) {
		expiry_run(news->expiry, clock_now());
		alarm_wait(news->alarm, expiry_next(news->expiry));
	}
	return NULL;
}

/* There may be something else to wait for now. */
static void rearm(struct news *news)
{
	bool needed = expiry_next(news->expiry) != 0;

	pthread_mutex_lock(&news->lock);
	/* without a thread to be had there are no warnings; the next look tries again */
	if (needed && !news->has_thread)
		news->has_thread =
			pthread_create(&news->thread, NULL, timer_main, news) == 0;
	pthread_mutex_unlock(&news->lock);
	alarm_wake(news->alarm);
}

/* Views */

static void tell_health(
	struct core *core, const char *path, bool broken, const struct err *err)
{
	if (broken)
		events_add(core->events, EVENT_BROKEN, NULL, "file", path, "error",
			err->text, NULL);
	else
		events_add(core->events, EVENT_REPAIRED, NULL, "file", path, NULL);
}

/* Says how the file is until what was said is so, however many threads look at views. */
static void see_health(struct news *news, size_t part, const char *path)
{
	struct health *health = &news->health[part];
	struct err err;
	bool broken;

	pthread_mutex_lock(&news->lock);
	while (!health->telling && health->is_broken != health->told_broken) {
		broken = health->is_broken;
		err = health->err;
		health->told_broken = broken;
		health->telling = true;
		pthread_mutex_unlock(&news->lock);
		tell_health(news->core, path, broken, &err);
		pthread_mutex_lock(&news->lock);
		health->telling = false;
	}
	pthread_mutex_unlock(&news->lock);
}

static bool is_broken(const struct files_part *part, struct err *err)
{
	if (part->err.errnum) {
		*err = part->err;
		return true;
	}
	return awsfile_check(&part->file, err) != 0;
}

/* Takes how the files of @view are; false: a newer one was looked at already. */
static bool take_view(struct news *news, const struct view *view)
{
	const struct files_part *parts[PARTS] = { &view->credentials, &view->config };
	bool newer;

	pthread_mutex_lock(&news->lock);
	newer = view->number > news->reading;
	if (newer)
		news->reading = view->number;
	for (size_t i = 0; newer && i < PARTS; i++)
		news->health[i].is_broken = is_broken(parts[i], &news->health[i].err);
	pthread_mutex_unlock(&news->lock);
	return newer;
}

/* The tokens of all profiles; the caller frees the list, whose names are @view's. */
static size_t tokens_of(const struct view *view, struct expiry_token *tokens)
{
	size_t count = 0;

	for (size_t i = 0; i < view->profiles.count; i++) {
		_cleanup_session_ struct session session = SESSION_INIT;
		struct expiry_token *token = &tokens[count];
		struct err err;

		if (session_find(view, view->sorted[i], &session, &err))
			continue;
		*token = (struct expiry_token){
			.profile = view->sorted[i],
			.fingerprint = creds_fingerprint(&session.creds),
			.temporary = secret_is_set(&session.creds.token),
			.expires = session.expires,
		};
		memcpy(token->key_tail, session.key_tail, sizeof(token->key_tail));
		count++;
	}
	return count;
}

static void on_view(void *arg, const struct view *view)
{
	struct news *news = arg;
	_cleanup_free_ struct expiry_token *tokens = NULL;

	if (!take_view(news, view))
		return;
	see_health(news, 0, files_credentials_path(news->core->files));
	see_health(news, 1, files_config_path(news->core->files));
	if (view->credentials.err.errnum || view->config.err.errnum)
		return; /* that a file cannot be read says nothing of its tokens */
	tokens = calloc(view->profiles.count + 1, sizeof(*tokens));
	if (tokens && expiry_see(news->expiry, tokens, tokens_of(view, tokens),
			      view->number, clock_now()) == 0)
		rearm(news);
}

/* Answers */

/* What an answer says of the credentials; EVENT_NONE: nothing. */
static enum event verdict(const struct answer *answer)
{
	if (answer->err.errnum == EKEYEXPIRED)
		return EVENT_EXPIRED;
	if (answer->question != QUESTION_STATUS)
		return EVENT_NONE;
	switch (answer->status.state) {
	case STATUS_VALID:
		return EVENT_VALID;
	case STATUS_EXPIRED:
		return EVENT_EXPIRED;
	case STATUS_INVALID:
	case STATUS_DENIED:
	case STATUS_MISSING:
	case STATUS_MISCONFIGURED:
		return EVENT_INVALID;
	case STATUS_UNREACHABLE:
	case STATUS_SKEWED:
		break;
	}
	return EVENT_NONE;
}

void news_answer(struct news *news, const char *account, const struct answer *answer,
	const struct session *session)
{
	uint64_t fingerprint = creds_fingerprint(&session->creds);
	enum event event = verdict(answer);
	char expires[TIME_SIZE] = "";

	if (event == EVENT_EXPIRED || event == EVENT_VALID) {
		expiry_prove(news->expiry, account, fingerprint, event == EVENT_EXPIRED,
			clock_now());
		rearm(news);
	}
	if (event == EVENT_NONE || !is_new(news->core, account, event, fingerprint))
		return;
	if (session->expires)
		time_print(session->expires, expires);
	if (event == EVENT_VALID)
		events_add(news->core->events, event, account, "key", session->key_tail,
			"expires", expires, "arn", answer->status.identity.arn, NULL);
	else
		events_add(news->core->events, event, account, "key", session->key_tail,
			"state",
			event == EVENT_INVALID ? status_state_name(answer->status.state)
					       : NULL,
			"code", answer->err.code, "error", answer->err.text, NULL);
}

/* The whole */

int news_new(struct core *core, const struct core_settings *settings, struct err *err)
{
	struct news *news = calloc(1, sizeof(*news));

	core->events = events_new(settings->file_name);
	if (!news || !core->events) {
		free(news);
		return err_nomem(err);
	}
	core->news = news;
	news->core = core;
	atomic_init(&news->stopping, false);
	(void)pthread_mutex_init(&news->lock, NULL);
	news->expiry = expiry_new(
		settings->warnings, settings->warning_count, tell_expiry, news);
	if (!news->expiry)
		return err_nomem(err);
	files_observe(core->files, on_view, news);
	return alarm_new(&news->alarm, err);
}

struct news *news_free(struct news *news)
{
	if (!news)
		return NULL;
	atomic_store(&news->stopping, true);
	if (news->has_thread) {
		alarm_wake(news->alarm);
		(void)pthread_join(news->thread, NULL);
	}
	(void)alarm_free(news->alarm);
	(void)expiry_free(news->expiry);
	(void)pthread_mutex_destroy(&news->lock);
	free(news);
	return NULL;
}
