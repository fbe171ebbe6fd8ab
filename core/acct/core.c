#include "acct/core_impl.h"

#include <errno.h>
#include <limits.h>
#include <search.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "io/clock.h"
#include "text/time.h"

/* Expands a leading `~/`, as every SDK does, and makes the path absolute: the daemon
 * leaves the folder it was started in. */
static int whole_path(struct buf *out, const char *path, struct err *err)
{
	const char *home = getenv("HOME");
	char here[PATH_MAX];

	if (strncmp(path, "~/", 2) == 0) {
		if (!home || !home[0])
			return err_set(err, EINVAL,
				"HOME is not set: give the files with -o "
				"credentials=FILE,config=FILE");
		buf_addf(out, "%s%s", home, path + 1);
	} else if (path[0] != '/') {
		if (!getcwd(here, sizeof(here)))
			return err_sys(err, errno, "cannot tell where `%s' is", path);
		buf_addf(out, "%s/%s", here, path);
	} else {
		buf_adds(out, path);
	}
	return buf_err(out) ? err_nomem(err) : 0;
}

static int choose_path(struct buf *out, const char *given, const char *variable,
	const char *fallback, struct err *err)
{
	const char *path = given ? given : getenv(variable);

	return whole_path(out, path && path[0] ? path : fallback, err);
}

static void read_env(struct endpoint_env *env)
{
	const char *ignore = getenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");

	*env = (struct endpoint_env){
		.region = getenv("AWS_REGION"),
		.default_region = getenv("AWS_DEFAULT_REGION"),
		.url = getenv("AWS_ENDPOINT_URL"),
		.service_url = {
			[ENDPOINT_STS] = getenv("AWS_ENDPOINT_URL_STS"),
			[ENDPOINT_S3] = getenv("AWS_ENDPOINT_URL_S3"),
			[ENDPOINT_DYNAMODB] = getenv("AWS_ENDPOINT_URL_DYNAMODB"),
		},
		.ignore_urls = ignore && strcasecmp(ignore, "true") == 0,
	};
}

int core_new(
	const struct core_settings *settings, struct core **ret_core, struct err *err)
{
	_cleanup_buf_ struct buf credentials = BUF_INIT;
	_cleanup_buf_ struct buf config = BUF_INIT;
	_cleanup_buf_ struct buf ca_bundle = BUF_INIT;
	const char *ca_given = getenv("AWS_CA_BUNDLE");
	struct http_settings http = { .ca_bundle = NULL };
	struct core *core;
	int r;

	r = choose_path(&credentials, settings->credentials_path,
		"AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials", err);
	if (!r)
		r = choose_path(&config, settings->config_path, "AWS_CONFIG_FILE",
			"~/.aws/config", err);
	if (!r && ca_given && ca_given[0]) {
		r = whole_path(&ca_bundle, ca_given, err);
		http.ca_bundle = buf_text(&ca_bundle);
	}
	if (!r)
		r = http_global_init(err);
	if (r)
		return r;
	core = calloc(1, sizeof(*core));
	if (!core)
		return err_nomem(err);
	(void)pthread_mutex_init(&core->lock, NULL);
	core->ttl_ms = settings->ttl_ms;
	core->allow_http = settings->allow_http;
	read_env(&core->env);
	core->files = files_new(buf_text(&credentials), buf_text(&config), err);
	if (core->files && news_new(core, settings, err) == 0)
		core->http = http_curl_new(&http, err);
	if (core->http)
		core->aws = aws_new(core->http, err);
	if (!core->aws) {
		(void)core_free(core);
		return err ? -err->errnum : -ENOMEM;
	}
	*ret_core = core;
	return 0;
}

static void account_free(void *data)
{
	struct account *account = data;

	for (size_t i = 0; i < ARRAY_SIZE(account->answers); i++)
		(void)answer_unref(account->answers[i]);
	(void)answer_unref(account->identity);
	pending_done(&account->pending);
	free(account->name);
	free(account);
}

struct core *core_free(struct core *core)
{
	if (!core)
		return NULL;
	(void)news_free(core->news);
	tdestroy(core->accounts, account_free);
	(void)aws_free(core->aws);
	(void)http_free(core->http);
	(void)files_free(core->files);
	(void)events_free(core->events);
	(void)pthread_mutex_destroy(&core->lock);
	free(core);
	return NULL;
}

const char *core_credentials_path(const struct core *core)
{
	return files_credentials_path(core->files);
}

const char *core_config_path(const struct core *core)
{
	return files_config_path(core->files);
}

static void describe(const struct files_part *part, struct core_file *ret_file)
{
	ret_file->err = part->err;
	if (!part->err.errnum)
		(void)awsfile_check(&part->file, &ret_file->err);
}

int core_files(
	struct core *core, struct core_file ret_files[static CORE_FILES], struct err *err)
{
	_cleanup_view_ struct view *view = NULL;
	int r = files_view(core->files, &view, err);

	if (r)
		return r;
	ret_files[0] = (struct core_file){ .what = "credentials",
		.path = files_credentials_path(core->files) };
	describe(&view->credentials, &ret_files[0]);
	ret_files[1] = (struct core_file){ .what = "config",
		.path = files_config_path(core->files) };
	describe(&view->config, &ret_files[1]);
	return 0;
}

struct events *core_events(struct core *core)
{
	return core->events;
}

int core_accounts(struct core *core, struct names *ret_accounts, struct err *err)
{
	_cleanup_view_ struct view *view = NULL;
	_cleanup_names_ struct names names = NAMES_INIT;
	int r;

	r = files_view(core->files, &view, err);
	if (r)
		return r;
	for (size_t i = 0; i < view->profiles.count; i++)
		if (names_add(&names, view->profiles.list[i]))
			return err_nomem(err);
	*ret_accounts = names;
	names = (struct names)NAMES_INIT;
	return 0;
}

bool core_has(struct core *core, const char *account)
{
	_cleanup_view_ struct view *view = NULL;

	return files_view(core->files, &view, NULL) == 0 && view_has(view, account);
}

static int compare_accounts(const void *a, const void *b)
{
	const struct account *left = a, *right = b;

	return strcmp(left->name, right->name);
}

struct account *core_account(struct core *core, const char *name)
{
	struct account key = { .name = (char *)name };
	struct account **found = tfind(&key, &core->accounts, compare_accounts);
	struct account *account;

	if (found)
		return *found;
	account = calloc(1, sizeof(*account));
	if (!account)
		return NULL;
	account->name = strdup(name);
	if (!account->name || !tsearch(account, &core->accounts, compare_accounts)) {
		account_free(account);
		return NULL;
	}
	return account;
}

/* The account's memory, if there is any.  Call with the lock held. */
static struct account *find_account(const struct core *core, const char *name)
{
	struct account key = { .name = (char *)name };
	struct account **found = tfind(&key, &core->accounts, compare_accounts);

	return found ? *found : NULL;
}

struct answer *core_answer(struct core *core, const char *name, enum question question)
{
	struct answer *answer = NULL;
	const struct account *account;

	pthread_mutex_lock(&core->lock);
	account = find_account(core, name);
	if (account)
		answer = answer_ref(account->answers[question]);
	pthread_mutex_unlock(&core->lock);
	return answer;
}

struct answer *core_identity(struct core *core, const char *name)
{
	struct answer *answer = NULL;
	const struct account *account;

	pthread_mutex_lock(&core->lock);
	account = find_account(core, name);
	if (account)
		answer = answer_ref(account->identity);
	pthread_mutex_unlock(&core->lock);
	return answer;
}

static void tidy_account(const void *node, VISIT visit, void *now)
{
	struct account *account = *(struct account *const *)node;

	if (visit == postorder || visit == leaf)
		pending_expire(&account->pending, *(const int64_t *)now);
}

void core_tidy(struct core *core)
{
	int64_t now = clock_monotonic_ms();

	pthread_mutex_lock(&core->lock);
	twalk_r(core->accounts, tidy_account, &now);
	pthread_mutex_unlock(&core->lock);
}

int core_profile(struct core *core, const char *profile, struct buf *out,
	struct timespec *ret_mtime, struct err *err)
{
	_cleanup_view_ struct view *view = NULL;
	const struct awsfile_section *section;
	int r;

	r = files_credentials_view(core->files, &view, err);
	if (r)
		return r;
	if (view->credentials.err.errnum) {
		*err = view->credentials.err;
		return -err->errnum;
	}
	section = awsfile_find(&view->credentials.file, AWSFILE_PROFILE, profile);
	if (section)
		buf_add(out, section->text.at, section->text.len);
	*ret_mtime = view->credentials.version.mtime;
	return buf_err(out) ? err_nomem(err) : 0;
}

bool core_note_error(struct core *core, const char *name, const struct err *err)
{
	int64_t now = clock_now();
	struct account *account;
	bool news = false;

	pthread_mutex_lock(&core->lock);
	account = name ? core_account(core, name) : &core->root;
	if (account) {
		news = !account->error_told ||
		       strcmp(account->error.text, err->text) != 0;
		account->error = *err;
		account->error_time = now;
		account->error_told = true;
	}
	pthread_mutex_unlock(&core->lock);
	return news;
}

void core_note_success(struct core *core, const char *name)
{
	struct account *account;

	pthread_mutex_lock(&core->lock);
	account = name ? find_account(core, name) : &core->root;
	if (account)
		account->error_told = false;
	pthread_mutex_unlock(&core->lock);
}

void core_error(struct core *core, const char *name, struct buf *out, int64_t *ret_time)
{
	const struct account *account;
	struct err error = ERR_INIT;
	char when[TIME_SIZE];

	pthread_mutex_lock(&core->lock);
	account = name ? find_account(core, name) : &core->root;
	if (account) {
		error = account->error;
		*ret_time = account->error_time;
	}
	pthread_mutex_unlock(&core->lock);
	if (!error.errnum)
		return;
	time_print(*ret_time, when);
	buf_addf(out, "%s %s\n", when, error.text);
}
