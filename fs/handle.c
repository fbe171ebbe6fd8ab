#include "fs/handle.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

struct handle {
	atomic_uint references;
	const struct node *row;
	struct at at;
	char *account; /* of `at`: a last commit may outlive the inode */
	pid_t opener;
	bool append;
	struct shown shown;   /* set before the handle is open to others */
	pthread_mutex_t lock; /* guards all below */
	struct buf written;
	bool started;	  /* `written` counts, not `shown` */
	bool patches;	  /* it began with the old text, so a half of it may look odd */
	bool dirty;	  /* something was written that is not taken yet */
	bool announced;	  /* a failure was, and nothing was written since */
	bool told;	  /* it could not be taken, and whoever asked knows */
	uint64_t version; /* counts changes of `written` */
	struct err err;	  /* a refused write spoils the text; errnum 0: none was */
};

struct handle *handle_new(
	const struct node *row, const struct at *at, int flags, pid_t opener)
{
	struct handle *handle = calloc(1, sizeof(*handle));

	if (!handle)
		return NULL;
	atomic_init(&handle->references, 1);
	handle->row = row;
	handle->at = *at;
	if (at->account) {
		handle->account = strdup(at->account);
		if (!handle->account) {
			free(handle);
			return NULL;
		}
		handle->at.account = handle->account;
	}
	handle->opener = opener;
	handle->append = flags & O_APPEND;
	handle->shown = (struct shown)SHOWN_INIT;
	handle->written = (struct buf)BUF_INIT_SECRET;
	handle->started = flags & O_TRUNC;
	(void)pthread_mutex_init(&handle->lock, NULL);
	return handle;
}

struct handle *handle_ref(struct handle *handle)
{
	atomic_fetch_add(&handle->references, 1);
	return handle;
}

struct handle *handle_unref(struct handle *handle)
{
	if (!handle || atomic_fetch_sub(&handle->references, 1) > 1)
		return NULL;
	buf_done(&handle->shown.text);
	buf_done(&handle->written);
	(void)pthread_mutex_destroy(&handle->lock);
	free(handle->account);
	free(handle);
	return NULL;
}

const struct at *handle_at(const struct handle *handle)
{
	return &handle->at;
}

const struct node *handle_row(const struct handle *handle)
{
	return handle->row;
}

pid_t handle_opener(const struct handle *handle)
{
	return handle->opener;
}

int handle_show(struct handle *handle, struct err *err)
{
	return handle->row->show(&handle->at, &handle->shown, err);
}

static struct slice cut(const struct buf *text, uint64_t offset, size_t size)
{
	if (offset >= text->len)
		return (struct slice){ "", 0 };
	if (size > text->len - offset)
		size = text->len - offset;
	return (struct slice){ text->data + offset, size };
}

void handle_read(struct handle *handle, uint64_t offset, size_t size, struct buf *out)
{
	struct slice text;

	pthread_mutex_lock(&handle->lock);
	text = cut(
		handle->started ? &handle->written : &handle->shown.text, offset, size);
	buf_add(out, text.at, text.len);
	pthread_mutex_unlock(&handle->lock);
}

bool handle_snapshot(struct handle *handle, struct slice *ret_text)
{
	bool unwritten;

	pthread_mutex_lock(&handle->lock);
	unwritten = !handle->started;
	pthread_mutex_unlock(&handle->lock);
	*ret_text =
		(struct slice){ buf_text(&handle->shown.text), handle->shown.text.len };
	return unwritten;
}

/* Writing without truncating begins with the old text, as in any file. */
static int start(struct handle *handle, struct err *err)
{
	struct shown shown = SHOWN_INIT;
	int r;

	if (handle->started)
		return 0;
	if (handle->append || !handle->row->show) {
		/* judged by itself: a paste behind the old section */
		handle->started = true;
		return 0;
	}
	r = handle->row->show(&handle->at, &shown, err);
	if (!r) {
		buf_swap(&handle->written, &shown.text);
		handle->started = true;
		handle->patches = true;
	}
	buf_done(&shown.text);
	return r;
}

static int put(struct handle *handle, struct slice data, uint64_t offset, struct err *err)
{
	struct buf *text = &handle->written;
	size_t before = text->len;
	uint64_t end;
	int r;

	if (handle->append)
		offset = text->len;
	end = offset + data.len;
	if (offset > HANDLE_LIMIT || end > HANDLE_LIMIT)
		return err_set(
			err, EFBIG, "too much text: more than %d bytes", HANDLE_LIMIT);
	while (text->len < end && !text->error)
		buf_addc(text, '\0');
	if (buf_err(text))
		return err_nomem(err);
	memcpy(text->data + offset, data.at, data.len);
	handle->dirty = true;
	handle->told = false;
	handle->announced = false;
	handle->version++;
	if (handle->patches || !handle->row->judge)
		return 0;
	r = handle->row->judge((struct slice){ text->data, text->len }, err);
	if (r)
		buf_cut(text, before);
	return r;
}

int handle_write(
	struct handle *handle, struct slice data, uint64_t offset, struct err *err)
{
	int r;

	if (data.len == 0)
		return 0;
	pthread_mutex_lock(&handle->lock);
	if (handle->err.errnum) {
		*err = handle->err;
		r = -err->errnum;
	} else {
		r = start(handle, err);
		if (!r)
			r = put(handle, data, offset, err);
		if (r) {
			handle->err = *err;
			handle->dirty = false;
		}
	}
	pthread_mutex_unlock(&handle->lock);
	return r;
}

int handle_truncate(struct handle *handle, uint64_t size, struct err *err)
{
	int r = 0;

	pthread_mutex_lock(&handle->lock);
	if (size == 0) {
		/* a new beginning */
		handle->started = true;
		handle->patches = false;
		handle->err.errnum = 0;
		handle->dirty = false;
	} else {
		r = start(handle, err);
		if (!r && size > handle->written.len)
			r = err_set(err, EINVAL,
				"text cannot be made longer without writing");
	}
	if (!r && size != handle->written.len) {
		buf_cut(&handle->written, size);
		handle->version++;
	}
	pthread_mutex_unlock(&handle->lock);
	return r;
}

bool handle_is_new_failure(struct handle *handle)
{
	bool news;

	pthread_mutex_lock(&handle->lock);
	news = !handle->announced;
	handle->announced = true;
	pthread_mutex_unlock(&handle->lock);
	return news;
}

bool handle_is_dirty(struct handle *handle)
{
	bool dirty;

	pthread_mutex_lock(&handle->lock);
	dirty = handle->dirty || handle->err.errnum;
	pthread_mutex_unlock(&handle->lock);
	return dirty;
}

bool handle_is_unfinished(struct handle *handle)
{
	const struct buf *text = &handle->written;
	bool unfinished;

	pthread_mutex_lock(&handle->lock);
	unfinished = text->len && text->data[text->len - 1] != '\n';
	pthread_mutex_unlock(&handle->lock);
	return unfinished;
}

bool handle_is_pending(struct handle *handle)
{
	bool pending;

	pthread_mutex_lock(&handle->lock);
	pending = handle->dirty && !handle->told && !handle->err.errnum;
	pthread_mutex_unlock(&handle->lock);
	return pending;
}

int handle_commit(struct handle *handle, const struct patience *patience, struct err *err)
{
	_cleanup_buf_ struct buf text = BUF_INIT_SECRET;
	uint64_t version;
	bool dirty;
	int r = 0;

	pthread_mutex_lock(&handle->lock);
	dirty = handle->dirty;
	version = handle->version;
	if (handle->err.errnum) {
		*err = handle->err;
		r = -err->errnum;
	} else if (dirty) {
		buf_add(&text, buf_text(&handle->written), handle->written.len);
	}
	pthread_mutex_unlock(&handle->lock);
	if (r || !dirty)
		return r;
	if (buf_err(&text))
		return err_nomem(err);
	r = handle->row->store(
		&handle->at, (struct slice){ buf_text(&text), text.len }, patience, err);
	pthread_mutex_lock(&handle->lock);
	if (handle->version == version) {
		handle->dirty = r != 0;
		/* an interrupted close is one that many programs do not look at */
		handle->told = r && r != -ENODATA && r != -EINTR;
	}
	pthread_mutex_unlock(&handle->lock);
	return r;
}
