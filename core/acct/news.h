/* news: what views of the files and answers of AWS tell that was not so before, as events;
 * and the one timer, which waits for the next token to end.
 *
 * Nobody is asked for news: they come of what is read and asked anyway. */
#pragma once

#include "acct/core.h"
#include "acct/session.h"

struct news;

/* Makes @core's events and news, and looks at each view of its files from now on.  The
 * timer's thread comes with the first token that has an end. */
int news_new(struct core *core, const struct core_settings *settings, struct err *err);
struct news *news_free(struct news *news); /* NULL-safe, returns NULL */

/* An answer that was just got with @session's credentials. */
void news_answer(struct news *news, const char *account, const struct answer *answer,
	const struct session *session);
