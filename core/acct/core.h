/* core: everything acctfs knows, without a file system: the accounts, their credentials,
 * and what AWS said of them.  This is all that fs/ sees of core/.
 *
 * An account is named by its profile.  Every function may be called from any thread; only
 * core_ask(), core_store() and core_paste() wait, for the network and for the disk. */
#pragma once

#include <stdint.h>
#include <time.h>

#include "acct/answer.h"
#include "acct/events.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/names.h"
#include "io/cancel.h"

struct core;

struct core_settings {
	const char *credentials_path; /* NULL: $AWS_SHARED_CREDENTIALS_FILE or ~/.aws/… */
	const char *config_path;      /* NULL: $AWS_CONFIG_FILE or ~/.aws/config */
	int64_t ttl_ms;		      /* how long an answer is fresh */
	bool allow_http;	      /* plain http also to hosts that are not loopback */
	events_name_fn *file_name;    /* of an account's directory; NULL: its own name */
	const int64_t *warnings;      /* seconds before a token ends, the most first */
	size_t warning_count;
};

/* Reads the environment, nothing else; talks to nobody.  -EINVAL: no home directory. */
int core_new(
	const struct core_settings *settings, struct core **ret_core, struct err *err);
struct core *core_free(struct core *core); /* NULL-safe, returns NULL */

/* One of the two AWS files, and why it is not what it should be: it could not be read, or
 * has a line for which SDKs refuse it; errnum 0: all is well, or there is none. */
struct core_file {
	const char *what;
	const char *path;
	struct err err;
};

enum { CORE_FILES = 2 };
int core_files(struct core *core, struct core_file ret_files[static CORE_FILES],
	struct err *err);

const char *core_credentials_path(const struct core *core);
const char *core_config_path(const struct core *core);

/* What happened, for everybody to read and to add to. */
struct events *core_events(struct core *core);

/* All accounts; empty when neither file is there. */
int core_accounts(struct core *core, struct names *ret_accounts, struct err *err);
bool core_has(struct core *core, const char *account);

/* What is known of an account without asking anybody. */
struct core_account {
	const char *profile;
	const char *region; /* "": it cannot be told */
	const char *state;  /* as `status` had it last, NULL: not asked with these keys */
	const char *account; /* the AWS account's number, "": unknown */
	int64_t expires;     /* 0: unknown */
	int64_t checked;     /* when `state` was asked for, 0: never */
};
typedef void core_account_fn(void *arg, const struct core_account *account);

/* Calls @each for every account, in their order.  @ret_mtime: when the last of it became
 * known. */
int core_each_account(struct core *core, core_account_fn *each, void *arg,
	struct timespec *ret_mtime, struct err *err);

/* Appends a line for each thing in the two files that will surprise some SDK: see
 * text/awslint.h.  Nothing when all is well. */
int core_lint(
	struct core *core, struct buf *out, struct timespec *ret_mtime, struct err *err);

/* Asks AWS, unless an answer that is fresh and was got with today's credentials is there.
 * Returns what the question came to: 0, or -errno with the sentence.  Ask one question of
 * an account from one thread at a time: fs/jobs.c sees to that. */
int core_ask(struct core *core, const char *account, enum question question,
	const struct patience *patience, struct err *err);

/* Whether core_ask() would answer without the network. */
bool core_is_fresh(struct core *core, const char *account, enum question question);

/* A number for the server that core_ask() would ask; 0: it would ask none. */
uint64_t core_server(struct core *core, const char *account, enum question question);

/* The last answer, fresh or not, or NULL; the caller drops it with answer_unref(). */
struct answer *core_answer(
	struct core *core, const char *account, enum question question);

/* Appends the profile's section as it stands in the credentials file; nothing when it has
 * none there.  @ret_mtime is the file's. */
int core_profile(struct core *core, const char *account, struct buf *out,
	struct timespec *ret_mtime, struct err *err);

/* Takes pasted credentials (or the word `forget`) for the account.  0 means durable, any
 * failure that nothing changed.  -EINVAL, also for those of another AWS account,
 * -ENODATA (not complete), and file_update()'s.
 * Bare values are kept in memory until the set is whole: 0, and core_error() says what is
 * still missing. */
int core_store(struct core *core, const char *account, struct slice text,
	const struct patience *patience, struct err *err);

/* The same for text that says by itself whose credentials it has: any number of sections,
 * each for the profile its header names, else for the one known to hold that account and
 * role, else for a new profile called like the header.  All of them or none. */
int core_paste(struct core *core, struct slice text, const struct patience *patience,
	struct err *err);

/* Wipes what has waited for too long; call it now and then. */
void core_tidy(struct core *core);

/* Remembers the last failure on an account, for its `error` file; NULL: on none, for that
 * of the root.  False: it is the same as before, and nothing went well in between. */
bool core_note_error(struct core *core, const char *account, const struct err *err);

/* Something went well: an equal failure after it is a new one.  NULL as above. */
void core_note_success(struct core *core, const char *account);

/* Appends that sentence, with its time in front; nothing when there was none. */
void core_error(
	struct core *core, const char *account, struct buf *out, int64_t *ret_time);
