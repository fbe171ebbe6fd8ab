/* Takes what was pasted: whose it is, whether it is whole, and then all of it into the
 * credentials file at once. */
#include "acct/core_impl.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "acct/owner.h"
#include "acct/route.h"
#include "acct/store.h"
#include "io/clock.h"
#include "text/time.h"

enum { TOLD_MAX = 32, HALF_WRITTEN_STEP_MS = 20 };

/* One update of the credentials file. */
struct taking {
	struct core *core;
	const struct awsfile *config;
	const char *profile; /* of all blocks; NULL: each has its own */
	const struct paste *blocks;
	size_t count;
	bool half_written;   /* another program seems to be writing the file */
	struct names chosen; /* the blocks' profiles, of the last edit */
	bool *changed;	     /* ... and whether their sections did */
};

static const char advice[] = "copy \"Option 2\" of the access portal whole and paste it";

/* Whose a profile is */

static void owner_now(const struct taking *taking, const struct awsfile *credentials,
	const char *profile, struct owner *ret_owner)
{
	const struct owner_sources sources = { credentials, taking->config };
	struct answer *answer = core_identity(taking->core, profile);

	owner_of_profile(
		&sources, profile, answer ? &answer->status.identity : NULL, ret_owner);
	(void)answer_unref(answer);
}

/* All profiles of both files, each once. */
static int list_profiles(const struct taking *taking, const struct awsfile *credentials,
	struct route_profile **ret_list, size_t *ret_count, struct err *err)
{
	const struct awsfile *both[] = { credentials, taking->config };
	struct route_profile *list;
	size_t count = 0;

	list = calloc(credentials->section_count + taking->config->section_count + 1,
		sizeof(*list));
	if (!list)
		return err_nomem(err);
	for (size_t i = 0; i < ARRAY_SIZE(both); i++) {
		for (size_t k = 0; k < both[i]->section_count; k++) {
			const struct awsfile_section *at = &both[i]->sections[k];

			if (at->type != AWSFILE_PROFILE ||
				awsfile_find(both[i], at->type, at->name) != at)
				continue;
			if (i > 0 && awsfile_find(credentials, at->type, at->name))
				continue;
			list[count].name = at->name;
			owner_now(taking, credentials, at->name, &list[count].owner);
			count++;
		}
	}
	*ret_list = list;
	*ret_count = count;
	return 0;
}

/* Whether a header may stand in a message: a value that got between brackets may not. */
static bool is_tellable(const char *header)
{
	struct owner owner;

	return owner_from_name(header, &owner) ||
	       (strlen(header) <= TOLD_MAX && !keyid_is_valid(header));
}

/* Says which of several blocks is meant. */
static int wrap_block(const struct taking *taking, size_t i, int r, struct err *err)
{
	const struct paste *block = &taking->blocks[i];

	if (!r || taking->profile)
		return r;
	if (block->header && is_tellable(block->header))
		return err_wrap(err, "line %zu, [%s]", block->line, block->header);
	return err_wrap(err, "line %zu", block->line);
}

/* Gives the profile of each block. */
static int choose(
	struct taking *taking, const struct awsfile *credentials, struct err *err)
{
	_cleanup_free_ struct route_profile *list = NULL;
	_cleanup_names_ struct names profiles = NAMES_INIT;
	size_t count = 0;
	int r = 0;

	if (!taking->profile)
		r = list_profiles(taking, credentials, &list, &count, err);
	for (size_t i = 0; !r && i < taking->count; i++) {
		_cleanup_free_ char *name = NULL;
		struct owner owner;

		if (taking->profile)
			name = strdup(taking->profile);
		else
			r = route_choose(&taking->blocks[i], list, count, &name, err);
		if (!r && name && names_has(&profiles, name))
			r = err_set(err, EINVAL,
				"the profile it is for gets those of another section");
		if (!r && (!name || names_add(&profiles, name)))
			return err_nomem(err);
		if (!r) {
			owner_now(taking, credentials, name, &owner);
			r = owner_check(&taking->blocks[i], name, &owner, err);
		}
		r = wrap_block(taking, i, r, err);
	}
	if (r)
		return r;
	names_done(&taking->chosen);
	taking->chosen = profiles;
	profiles = (struct names)NAMES_INIT;
	return 0;
}

/* The update */

/* Most tools empty the file first and then write it.  To replace it in between would lose
 * all other profiles: what they write goes to a file that has no name any more. */
static bool is_half_written(struct core *core, const struct awsfile *now)
{
	_cleanup_view_ struct view *view = NULL;
	const struct awsfile *settled;

	if (now->section_count && !now->problem_line)
		return false;
	if (files_credentials_view(core->files, &view, NULL))
		return false;
	settled = &view->credentials.file;
	return settled->section_count && (!now->section_count || !settled->problem_line);
}

static int edit(void *arg, const struct buf *old, struct buf *out, struct err *err)
{
	struct taking *taking = arg;
	const char *path = core_credentials_path(taking->core);
	_cleanup_awsfile_ struct awsfile credentials = AWSFILE_INIT;
	_cleanup_buf_ struct buf text = BUF_INIT_SECRET;
	int r;

	r = awsfile_parse(&credentials, AWSFILE_CREDENTIALS,
		(struct slice){ buf_text(old), old->len }, err);
	taking->half_written = !r && is_half_written(taking->core, &credentials);
	if (taking->half_written)
		return err_set(err, EAGAIN,
			"another program is writing `%s': do it again", path);
	if (!r)
		r = choose(taking, &credentials, err);
	if (r)
		return r;
	buf_add(&text, buf_text(old), old->len);
	if (buf_err(&text))
		return err_nomem(err);
	for (size_t i = 0; !r && i < taking->count; i++) {
		const struct store store = { taking->chosen.list[i], path,
			&taking->blocks[i] };
		_cleanup_buf_ struct buf next = BUF_INIT_SECRET;

		r = store_edit(
			&store, (struct slice){ buf_text(&text), text.len }, &next, err);
		if (!r) {
			taking->changed[i] =
				text.len != next.len ||
				memcmp(buf_text(&text), buf_text(&next), text.len) != 0;
			buf_swap(&text, &next);
		}
		r = wrap_block(taking, i, r, err);
	}
	if (r)
		return r;
	buf_add(out, buf_text(&text), text.len);
	return buf_err(out) ? err_nomem(err) : 0;
}

static void tell_one(const struct taking *taking, size_t i)
{
	const struct paste *block = &taking->blocks[i];
	const char *profile = taking->chosen.list[i];
	char expires[TIME_SIZE] = "";
	char tail[5] = "";

	if (!block->forget)
		creds_key_tail(&block->creds, tail);
	if (!block->forget && block->expires)
		time_print(block->expires, expires);
	events_add(taking->core->events, EVENT_WRITTEN, profile, "key", tail, "forgotten",
		block->forget ? "yes" : NULL, "expires", expires, "profile", profile,
		NULL);
}

static void tell(const struct taking *taking)
{
	for (size_t i = 0; i < taking->count; i++)
		if (taking->changed[i])
			tell_one(taking, i);
}

static void taking_done(struct taking *taking)
{
	names_done(&taking->chosen);
	free(taking->changed);
}
#define _cleanup_taking_ _cleanup_(taking_done)

static int update(struct taking *taking, const struct patience *patience, struct err *err)
{
	_cleanup_view_ struct view *view = NULL;
	const struct file_update what = {
		.path = core_credentials_path(taking->core),
		.limit = AWSFILE_LIMIT,
		.edit = edit,
		.arg = taking,
		.patience = patience,
	};
	struct file_version version;
	bool changed;
	int r;

	r = files_view(taking->core->files, &view, err);
	if (r)
		return r;
	taking->changed = calloc(taking->count + 1, sizeof(*taking->changed));
	if (!taking->changed)
		return err_nomem(err);
	taking->config = &view->config.file;
	r = file_update(&what, &version, &changed, err);
	while (r && taking->half_written &&
		!(r = patience_sleep(patience, HALF_WRITTEN_STEP_MS, err)))
		r = file_update(&what, &version, &changed, err);
	if (!r && changed)
		tell(taking);
	return r;
}

/* Into one account */

/* Whether a text has no more than values: no names, no sections, no commands. */
static bool is_bare(struct slice text)
{
	while (text.len) {
		const char *end = memchr(text.at, '\n', text.len);
		struct slice line = { text.at, end ? (size_t)(end - text.at) : text.len };
		size_t len = 0;

		text.at += line.len + (end ? 1 : 0);
		text.len -= line.len + (end ? 1 : 0);
		while (line.len && isspace((unsigned char)line.at[line.len - 1]))
			line.len--;
		while (line.len && isspace((unsigned char)line.at[0])) {
			line.at++;
			line.len--;
		}
		while (len < line.len && (isalnum((unsigned char)line.at[len]) ||
						 strchr("+/_-", line.at[len])))
			len++;
		while (len < line.len && line.at[len] == '=')
			len++;
		if (len < line.len)
			return false;
	}
	return true;
}

static bool has_value(const struct creds *creds)
{
	return secret_is_set(&creds->key_id) || secret_is_set(&creds->secret_key) ||
	       secret_is_set(&creds->token);
}

/* 1: the set is whole, and @ret_text is all of it, as one paste; 0: more must come;
 * -errno.  */
static int add_pending(struct core *core, const char *profile, const struct paste *paste,
	struct buf *ret_text, struct err *err)
{
	int64_t now = clock_now();
	struct account *account;
	int r = -ENOMEM;

	pthread_mutex_lock(&core->lock);
	account = core_account(core, profile);
	if (account)
		r = pending_add(&account->pending, &paste->creds, clock_monotonic_ms());
	if (!r) {
		account->pending.force |= paste->force;
		r = pending_is_whole(&account->pending);
		if (r > 0) {
			pending_print(&account->pending, ret_text);
		} else {
			(void)pending_tell(&account->pending, &account->error);
			account->error_time = now;
		}
	}
	pthread_mutex_unlock(&core->lock);
	return r < 0 || buf_err(ret_text) ? err_nomem(err) : r;
}

/* What the account had is replaced: nothing waits any more, and of a profile that was made
 * another's nothing is known. */
static void forget(struct core *core, const char *profile, const struct paste *paste)
{
	struct pending old = PENDING_INIT;
	struct answer *identity = NULL;
	struct account *account;

	pthread_mutex_lock(&core->lock);
	account = core_account(core, profile);
	if (account) {
		old = account->pending;
		account->pending = (struct pending)PENDING_INIT;
		/* it told what was missing, which is there now */
		if (account->error.errnum == ENODATA)
			account->error.errnum = 0;
		if (paste->forget || paste->force)
			identity = take_ptr(account->identity);
	}
	pthread_mutex_unlock(&core->lock);
	pending_done(&old);
	(void)answer_unref(identity);
}

/* Key id and secret without the token that belongs to them: no more comes, in practice, and
 * whoever wrote it has to hear of it now. */
static int refuse_half(struct slice text, int r, struct err *err)
{
	_cleanup_paste_ struct paste paste = PASTE_INIT;

	if (r != -ENODATA || paste_parse_part(text, &paste, NULL) ||
		!secret_is_set(&paste.creds.key_id) ||
		!secret_is_set(&paste.creds.secret_key))
		return r;
	if (err)
		err->errnum = EINVAL;
	return -EINVAL;
}

/* 1: @ret_paste is whole; 0: it is not, but what there is was kept; -errno. */
static int read_paste(struct core *core, const char *profile, struct slice text,
	struct paste *ret_paste, struct err *err)
{
	_cleanup_buf_ struct buf whole = BUF_INIT_SECRET;
	_cleanup_paste_ struct paste paste = PASTE_INIT;
	int r = paste_parse_part(text, &paste, err);

	if (r)
		return r;
	if (paste.forget || paste.complete || !has_value(&paste.creds) ||
		!is_bare(text)) {
		r = refuse_half(text, paste_parse(text, ret_paste, err), err);
		return r ? r : 1;
	}
	r = add_pending(core, profile, &paste, &whole, err);
	if (r <= 0)
		return r;
	r = paste_parse((struct slice){ buf_text(&whole), whole.len }, ret_paste, err);
	return r ? r : 1;
}

int core_store(struct core *core, const char *profile, struct slice text,
	const struct patience *patience, struct err *err)
{
	_cleanup_paste_ struct paste paste = PASTE_INIT;
	_cleanup_taking_ struct taking taking = {
		.core = core, .profile = profile, .blocks = &paste, .count = 1
	};
	int r;

	r = read_paste(core, profile, text, &paste, err);
	if (r == 0)
		return 0;
	if (r < 0)
		(void)err_add(err, advice);
	else
		r = update(&taking, patience, err);
	if (r)
		return err_wrap(err, "profile `%s' was not changed", profile);
	forget(core, profile, &paste);
	return 0;
}

/* Into those it names */

int core_paste(struct core *core, struct slice text, const struct patience *patience,
	struct err *err)
{
	_cleanup_taking_ struct taking taking = { .core = core };
	struct paste *blocks = NULL;
	size_t count = 0;
	int r;

	r = paste_parse_blocks(text, &blocks, &count, err);
	if (r)
		(void)err_add(err, advice);
	for (size_t i = 0; !r && i < count; i++) {
		if (blocks[i].forget)
			r = err_set(err, EINVAL,
				"write `forget' to the `profile' that is meant");
		else if (blocks[0].force)
			blocks[i].force = true;
	}
	taking.blocks = blocks;
	taking.count = count;
	if (!r)
		r = update(&taking, patience, err);
	(void)paste_list_free(blocks, count);
	return r ? err_wrap(err, "nothing was changed") : 0;
}
