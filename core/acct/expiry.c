#include "acct/expiry.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

/* Later than any token ends: waited for only to hear of a clock that is set. */
static const int64_t NEVER = 4102444800; /* 2100 */

struct known {
	char *profile;
	uint64_t fingerprint;
	char key_tail[5];
	bool temporary;
	int64_t expires; /* 0: the section does not tell */
	int64_t began;	 /* when it came; 0: it was there before we looked */
	int64_t life;	 /* how long a token of this profile was good; 0: not seen yet */
	size_t told;	 /* how many of the steps to the end are over and done */
	bool over;	 /* expired, and a request proved it */
};

struct expiry {
	int64_t warnings[EXPIRY_WARNINGS];
	size_t warning_count;
	expiry_tell_fn *tell;
	void *arg;
	pthread_mutex_t lock; /* guards all below */
	uint64_t reading;
	struct known *list; /* sorted by profile */
	size_t count;
};

struct expiry *expiry_new(
	const int64_t *warnings, size_t count, expiry_tell_fn *tell, void *arg)
{
	struct expiry *expiry = calloc(1, sizeof(*expiry));

	if (!expiry)
		return NULL;
	for (size_t i = 0; i < count && i < EXPIRY_WARNINGS; i++)
		expiry->warnings[expiry->warning_count++] = warnings[i];
	expiry->tell = tell;
	expiry->arg = arg;
	(void)pthread_mutex_init(&expiry->lock, NULL);
	return expiry;
}

static void free_list(struct known *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(list[i].profile);
	free(list);
}

struct expiry *expiry_free(struct expiry *expiry)
{
	if (!expiry)
		return NULL;
	free_list(expiry->list, expiry->count);
	(void)pthread_mutex_destroy(&expiry->lock);
	free(expiry);
	return NULL;
}

static bool is_estimated(const struct known *known)
{
	return !known->expires;
}

/* When it ends; 0: nobody can tell, or there is nothing more to say of it. */
static int64_t end_of(const struct known *known)
{
	if (known->over || !known->temporary)
		return 0;
	if (known->expires)
		return known->expires;
	return known->began && known->life ? known->began + known->life : 0;
}

/* Every warning is a step, and so is an end that is known. */
static size_t step_count(const struct expiry *expiry, const struct known *known)
{
	return expiry->warning_count + !is_estimated(known);
}

static int64_t step_time(const struct expiry *expiry, int64_t end, size_t step)
{
	return step < expiry->warning_count ? end - expiry->warnings[step] : end;
}

static size_t steps_over(
	const struct expiry *expiry, const struct known *known, int64_t now)
{
	int64_t end = end_of(known);
	size_t steps = 0;

	while (end && steps < step_count(expiry, known) &&
		step_time(expiry, end, steps) <= now)
		steps++;
	return steps;
}

/* Of what was over when we first saw it nothing is said, but for the last warning. */
static void begin_steps(const struct expiry *expiry, struct known *known, int64_t now)
{
	known->told = steps_over(expiry, known, now);
	if (known->told && known->told == expiry->warning_count && now < end_of(known))
		known->told--;
}

static struct known *find(const struct expiry *expiry, const char *profile)
{
	size_t low = 0, high = expiry->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(profile, expiry->list[middle].profile);

		if (order == 0)
			return &expiry->list[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* Makes of @token what is known of it now.  Its profile's name is copied. */
static int know(const struct expiry *expiry, const struct expiry_token *token,
	int64_t now, struct known *known)
{
	const struct known *old = find(expiry, token->profile);
	bool same = old && old->fingerprint == token->fingerprint;

	*known = (struct known){
		.profile = strdup(token->profile),
		.fingerprint = token->fingerprint,
		.temporary = token->temporary,
		.expires = token->expires,
		/* what the first reading has may be of any age */
		.began = same		   ? old->began
			 : expiry->reading ? now
					   : 0,
		.life = old ? old->life : 0,
		.over = same && old->over,
	};
	if (!known->profile)
		return -ENOMEM;
	memcpy(known->key_tail, token->key_tail, sizeof(known->key_tail));
	if (same && old->expires == token->expires)
		known->told = old->told;
	else
		begin_steps(expiry, known, now);
	return 0;
}

/* The new list.  Call with the lock held. */
static struct known *know_all(const struct expiry *expiry,
	const struct expiry_token *tokens, size_t count, int64_t now)
{
	struct known *list = calloc(count + 1, sizeof(*list));

	for (size_t i = 0; list && i < count; i++) {
		if (know(expiry, &tokens[i], now, &list[i]) == 0)
			continue;
		free_list(list, i);
		list = NULL;
	}
	return list;
}

int expiry_see(struct expiry *expiry, const struct expiry_token *tokens, size_t count,
	uint64_t reading, int64_t now)
{
	struct known *list, *old = NULL;
	size_t old_count = 0;
	int r = 0;

	pthread_mutex_lock(&expiry->lock);
	if (reading > expiry->reading) {
		list = know_all(expiry, tokens, count, now);
		if (list) {
			old = expiry->list;
			old_count = expiry->count;
			expiry->list = list;
			expiry->count = count;
			expiry->reading = reading;
		} else {
			r = -ENOMEM;
		}
	}
	pthread_mutex_unlock(&expiry->lock);
	free_list(old, old_count);
	return r;
}

void expiry_prove(struct expiry *expiry, const char *profile, uint64_t fingerprint,
	bool expired, int64_t now)
{
	struct known *known;
	int64_t age;

	pthread_mutex_lock(&expiry->lock);
	known = find(expiry, profile);
	if (known && known->fingerprint == fingerprint) {
		age = known->began && now > known->began ? now - known->began : 0;
		/* it was good for at most that long, and so will the next one be */
		if (expired && !known->over && age && (!known->life || age < known->life))
			known->life = age;
		/* or for longer than we thought */
		if (!expired && age >= known->life)
			known->life = 0;
		known->over = expired;
	}
	pthread_mutex_unlock(&expiry->lock);
}

int64_t expiry_next(struct expiry *expiry)
{
	int64_t next = 0;

	pthread_mutex_lock(&expiry->lock);
	for (size_t i = 0; i < expiry->count; i++) {
		const struct known *known = &expiry->list[i];
		int64_t end = end_of(known), at;

		if (!end)
			continue;
		at = known->told < step_count(expiry, known)
			     ? step_time(expiry, end, known->told)
			     : NEVER;
		if (!next || at < next)
			next = at;
	}
	pthread_mutex_unlock(&expiry->lock);
	return next && next < 1 ? 1 : next;
}

/* What is due of one token; false: nothing. */
static bool step(const struct expiry *expiry, struct known *known, int64_t now,
	struct expiry_news *news)
{
	size_t over = steps_over(expiry, known, now);
	bool due = over > known->told;

	known->told = over;
	if (!due)
		return false;
	*news = (struct expiry_news){
		.profile = strdup(known->profile),
		.fingerprint = known->fingerprint,
		.expires = end_of(known),
		.left = end_of(known) - now,
		.expired = over > expiry->warning_count,
		.estimated = is_estimated(known),
	};
	memcpy(news->key_tail, known->key_tail, sizeof(news->key_tail));
	return news->profile;
}

void expiry_run(struct expiry *expiry, int64_t now)
{
	struct expiry_news news;
	size_t i = 0;
	bool due;

	do {
		due = false;
		pthread_mutex_lock(&expiry->lock);
		while (!due && i < expiry->count)
			due = step(expiry, &expiry->list[i++], now, &news);
		pthread_mutex_unlock(&expiry->lock);
		if (due) {
			expiry->tell(expiry->arg, &news);
			free(news.profile);
		}
	} while (due);
}
