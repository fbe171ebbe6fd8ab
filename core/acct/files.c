#include "acct/files.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "io/clock.h"

struct files {
	char *credentials_path;
	char *config_path;
	files_seen_fn *seen; /* NULL: nobody looks */
	void *seen_arg;
	pthread_mutex_t lock; /* guards all below */
	uint64_t count;	      /* readings that became the newest view */
	struct view *view;    /* the newest good reading; NULL: none yet */
	int64_t odd_since; /* when the files began to look half-written; 0: they do not */
};

struct files *files_new(
	const char *credentials_path, const char *config_path, struct err *err)
{
	struct files *files = calloc(1, sizeof(*files));

	if (files) {
		files->credentials_path = strdup(credentials_path);
		files->config_path = strdup(config_path);
		(void)pthread_mutex_init(&files->lock, NULL);
		if (files->credentials_path && files->config_path)
			return files;
	}
	(void)err_nomem(err);
	return files_free(files);
}

struct files *files_free(struct files *files)
{
	if (!files)
		return NULL;
	(void)view_unref(files->view);
	(void)pthread_mutex_destroy(&files->lock);
	free(files->credentials_path);
	free(files->config_path);
	free(files);
	return NULL;
}

void files_observe(struct files *files, files_seen_fn *seen, void *arg)
{
	files->seen = seen;
	files->seen_arg = arg;
}

const char *files_credentials_path(const struct files *files)
{
	return files->credentials_path;
}

const char *files_config_path(const struct files *files)
{
	return files->config_path;
}

struct view *view_unref(struct view *view)
{
	struct files_part *parts[2];

	if (!view || atomic_fetch_sub(&view->references, 1) > 1)
		return NULL;
	parts[0] = &view->credentials;
	parts[1] = &view->config;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		awsfile_done(&parts[i]->file);
		buf_done(&parts[i]->text);
	}
	names_done(&view->profiles);
	free(view->sorted);
	free(view);
	return NULL;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool view_has(const struct view *view, const char *profile)
{
	return view->sorted && bsearch(&profile, view->sorted, view->profiles.count,
				       sizeof(*view->sorted), compare_names);
}

struct timespec view_time(const struct view *view)
{
	const struct timespec *one = &view->credentials.version.ctime;
	const struct timespec *two = &view->config.version.ctime;

	if (one->tv_sec != two->tv_sec)
		return one->tv_sec > two->tv_sec ? *one : *two;
	return one->tv_nsec > two->tv_nsec ? *one : *two;
}

/* A file that cannot be read is part of what there is to tell, not a failure here. */
static int part_read(struct files_part *part, const char *path, enum awsfile_kind kind,
	struct err *err)
{
	int r;

	part->text = (struct buf)BUF_INIT_SECRET;
	r = file_read(path, AWSFILE_LIMIT, &part->text, &part->version, &part->err);
	if (r == -ENOMEM)
		return err_nomem(err);
	if (r) {
		buf_clear(&part->text);
		part->version.exists = true;
	}
	return awsfile_parse(&part->file, kind,
		(struct slice){ buf_text(&part->text), part->text.len }, err);
}

/* Adds each profile of the two files once; while one of them cannot be read, also those
 * that were there before, so that they can tell what is wrong.  Sorting once keeps 2,000
 * profiles cheap. */
static int view_index(struct view *view, const struct view *before, struct err *err)
{
	const struct awsfile *both[] = { &view->credentials.file, &view->config.file };
	_cleanup_free_ const char **all = NULL;
	bool blind = view->credentials.err.errnum || view->config.err.errnum;
	size_t old = before && blind ? before->profiles.count : 0;
	size_t total = both[0]->section_count + both[1]->section_count + old, count = 0;

	all = calloc(total + 1, sizeof(*all));
	view->sorted = calloc(total + 1, sizeof(*view->sorted));
	if (!all || !view->sorted)
		return err_nomem(err);
	for (size_t i = 0; i < ARRAY_SIZE(both); i++)
		for (size_t k = 0; k < both[i]->section_count; k++)
			if (both[i]->sections[k].type == AWSFILE_PROFILE)
				all[count++] = both[i]->sections[k].name;
	for (size_t i = 0; i < old; i++)
		all[count++] = before->profiles.list[i];
	qsort(all, count, sizeof(*all), compare_names);
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && strcmp(all[i], all[i - 1]) == 0)
			continue;
		if (names_add(&view->profiles, all[i]))
			return err_nomem(err);
	}
	for (size_t i = 0; i < view->profiles.count; i++)
		view->sorted[i] = view->profiles.list[i];
	return 0;
}

static int view_read(const struct files *files, const struct view *before,
	struct view **ret_view, struct err *err)
{
	_cleanup_view_ struct view *view = calloc(1, sizeof(*view));
	int r;

	if (!view)
		return err_nomem(err);
	atomic_init(&view->references, 1);
	r = part_read(
		&view->credentials, files->credentials_path, AWSFILE_CREDENTIALS, err);
	if (!r)
		r = part_read(&view->config, files->config_path, AWSFILE_CONFIG, err);
	if (!r)
		r = view_index(view, before, err);
	if (r)
		return r;
	*ret_view = take_ptr(view);
	return 0;
}

static bool part_is_current(const struct files_part *part, const char *path)
{
	struct file_version now;

	return !part->err.errnum && file_look(path, &now, NULL) == 0 &&
	       file_same(&now, &part->version);
}

/* Whether a file looks as if another tool were in the middle of writing it. */
static bool part_is_odd(const struct files_part *now, const struct files_part *before)
{
	/* who removes a file means it */
	if (before->file.section_count == 0 || !now->version.exists)
		return false;
	return now->file.section_count == 0 ||
	       (now->file.problem_line && !before->file.problem_line);
}

static struct view *view_ref(struct view *view)
{
	if (view)
		atomic_fetch_add(&view->references, 1);
	return view;
}

static int view_get(
	struct files *files, bool config, struct view **ret_view, struct err *err)
{
	_cleanup_view_ struct view *old = NULL;
	_cleanup_view_ struct view *fresh = NULL;
	int64_t now;
	bool odd;
	int r;

	pthread_mutex_lock(&files->lock);
	old = view_ref(files->view);
	pthread_mutex_unlock(&files->lock);
	if (old && part_is_current(&old->credentials, files->credentials_path) &&
		(!config || part_is_current(&old->config, files->config_path))) {
		/* whatever looked half-written meanwhile is over */
		pthread_mutex_lock(&files->lock);
		if (config && files->view == old)
			files->odd_since = 0;
		pthread_mutex_unlock(&files->lock);
		*ret_view = take_ptr(old);
		return 0;
	}
	r = view_read(files, old, &fresh, err);
	if (r)
		return r;
	odd = old && (part_is_odd(&fresh->credentials, &old->credentials) ||
			     part_is_odd(&fresh->config, &old->config));
	now = clock_monotonic_ms();

	pthread_mutex_lock(&files->lock);
	if (odd && files->view == old) {
		if (!files->odd_since)
			files->odd_since = now;
		odd = now - files->odd_since < FILES_SETTLE_MS;
	}
	if (!odd) {
		struct view *before = files->view;

		files->odd_since = 0;
		fresh->number = ++files->count;
		files->view = view_ref(fresh);
		pthread_mutex_unlock(&files->lock);
		(void)view_unref(before);
		if (files->seen)
			files->seen(files->seen_arg, fresh);
		*ret_view = take_ptr(fresh);
		return 0;
	}
	pthread_mutex_unlock(&files->lock);
	*ret_view = take_ptr(old);
	return 0;
}

int files_view(struct files *files, struct view **ret_view, struct err *err)
{
	return view_get(files, true, ret_view, err);
}

int files_credentials_view(struct files *files, struct view **ret_view, struct err *err)
{
	return view_get(files, false, ret_view, err);
}
