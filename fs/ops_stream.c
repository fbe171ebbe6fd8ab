#include "fs/ops_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "fs/cursor.h"

/* One open file. */
struct stream {
	struct streams *streams;
	bool waits;
	struct cursor cursor; /* of one that does not wait */
	uint64_t next;	      /* of one that waits: what it reads next */
	struct fuse_pollhandle
		*poll_handle; /* somebody wants to hear of a line, or NULL */
	struct stream *before, *after;
};

/* A read that waits. */
struct reader {
	fuse_req_t req;
	struct stream *stream;
	size_t size;
	int wake_fd; /* of struct streams, for the interrupt callback */
	atomic_bool
		interrupted; /* set by the interrupt callback, which may take no lock */
	struct reader *after;
};

struct streams {
	struct events *events;
	int wake_fd; /* an eventfd: a line, an interrupt, or it is time to stop */
	pthread_mutex_t lock; /* guards all below, and all in the streams */
	bool stopping;
	bool has_thread;
	pthread_t thread;
	struct stream *list;
	struct reader *readers;
};

static void wake(int fd)
{
	uint64_t one = 1;

	/* a full counter wakes as well */
	(void)!write(fd, &one, sizeof(one));
}

static void on_event(void *arg)
{
	wake(((struct streams *)arg)->wake_fd);
}

/* libfuse calls this with a lock of the request held: no lock may be taken here. */
static void on_interrupt(fuse_req_t req, void *data)
{
	struct reader *reader = data;

	(void)req;
	atomic_store(&reader->interrupted, true);
	wake(reader->wake_fd);
}

struct streams *streams_new(struct core *core, struct err *err)
{
	struct streams *streams = calloc(1, sizeof(*streams));

	if (!streams) {
		(void)err_nomem(err);
		return NULL;
	}
	streams->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (streams->wake_fd < 0) {
		(void)err_sys(err, errno, "cannot make an eventfd");
		free(streams);
		return NULL;
	}
	streams->events = core_events(core);
	(void)pthread_mutex_init(&streams->lock, NULL);
	events_listen(streams->events, on_event, streams);
	return streams;
}

/* Reading */

/* Appends the next line, or as much of it as fits; nothing when there is none yet.  Each
 * part of it goes to one reader of the open file. */
static void take_line(struct stream *stream, size_t size, struct buf *out)
{
	struct streams *streams = stream->streams;
	bool taken = false;

	while (!taken) {
		uint64_t from, at;

		pthread_mutex_lock(&streams->lock);
		from = stream->next;
		pthread_mutex_unlock(&streams->lock);
		at = from;
		buf_clear(out);
		events_read_line(streams->events, &at, size, out);
		pthread_mutex_lock(&streams->lock);
		taken = stream->next == from;
		if (taken)
			stream->next = at + out->len;
		pthread_mutex_unlock(&streams->lock);
	}
}

/* Answers a read that may have waited.  Once it has its answer the stream may be gone. */
static void reply_line(fuse_req_t req, const struct buf *line)
{
	if (buf_err(line))
		fuse_reply_err(req, ENOMEM);
	else
		fuse_reply_buf(req, buf_text(line), line->len);
}

static void read_on(struct stream *stream, fuse_req_t req, size_t size, uint64_t offset)
{
	struct streams *streams = stream->streams;
	_cleanup_buf_ struct buf text = BUF_INIT;
	uint64_t found;

	pthread_mutex_lock(&streams->lock);
	found = cursor_find(&stream->cursor, offset);
	pthread_mutex_unlock(&streams->lock);
	events_read(streams->events, &found, size, &text);
	pthread_mutex_lock(&streams->lock);
	cursor_move(&stream->cursor, offset, found, text.len);
	pthread_mutex_unlock(&streams->lock);
	reply_line(req, &text);
}

/* The thread */

static void finish(struct reader *reader, int r)
{
	/* waits for an interrupt callback that is just running, and is the last of them
	 */
	fuse_req_interrupt_func(reader->req, NULL, NULL);
	if (r)
		fuse_reply_err(reader->req, -r);
	else
		fuse_reply_buf(reader->req, NULL, 0);
	free(reader);
}

/* False: there is no line for it yet. */
static bool answer(struct reader *reader)
{
	_cleanup_buf_ struct buf line = BUF_INIT;

	if (atomic_load(&reader->interrupted)) {
		finish(reader, -EINTR);
		return true;
	}
	take_line(reader->stream, reader->size, &line);
	if (line.len == 0 && !buf_err(&line))
		return false;
	fuse_req_interrupt_func(reader->req, NULL, NULL);
	reply_line(reader->req, &line);
	free(reader);
	return true;
}

static void keep(struct streams *streams, struct reader *reader)
{
	pthread_mutex_lock(&streams->lock);
	reader->after = streams->readers;
	streams->readers = reader;
	pthread_mutex_unlock(&streams->lock);
}

static void answer_all(struct streams *streams)
{
	struct reader *readers;

	pthread_mutex_lock(&streams->lock);
	readers = take_ptr(streams->readers);
	pthread_mutex_unlock(&streams->lock);
	while (readers) {
		struct reader *reader = readers;

		readers = reader->after;
		if (!answer(reader))
			keep(streams, reader);
	}
}

/* The next poll that can be told of a line or of the end, or NULL. */
static struct fuse_pollhandle *take_poll(struct streams *streams)
{
	uint64_t end = events_size(streams->events, NULL);
	struct fuse_pollhandle *taken = NULL;

	pthread_mutex_lock(&streams->lock);
	for (struct stream *at = streams->list; at && !taken; at = at->after)
		if (at->next < end || streams->stopping)
			taken = take_ptr(at->poll_handle);
	pthread_mutex_unlock(&streams->lock);
	return taken;
}

static void tell_all(struct streams *streams)
{
	struct fuse_pollhandle *poll_handle;

	while ((poll_handle = take_poll(streams))) {
		(void)fuse_lowlevel_notify_poll(poll_handle);
		fuse_pollhandle_destroy(poll_handle);
	}
}

static bool is_stopping(struct streams *streams)
{
	bool stopping;

	pthread_mutex_lock(&streams->lock);
	stopping = streams->stopping;
	pthread_mutex_unlock(&streams->lock);
	return stopping;
}

static void *stream_main(void *arg)
{
	struct streams *streams = arg;
	struct pollfd poll_fd = { .fd = streams->wake_fd, .events = POLLIN };
	uint64_t count;

	while (!is_stopping(streams)) {
		(void)poll(&poll_fd, 1, -1);
		(void)!read(streams->wake_fd, &count, sizeof(count));
		answer_all(streams);
		tell_all(streams);
	}
	return NULL;
}

/* 0, or why there is no thread.  Call with the lock held. */
static int need_thread(struct streams *streams)
{
	int r = 0;

	if (streams->stopping)
		return -ENOTCONN;
	if (!streams->has_thread)
		r = pthread_create(&streams->thread, NULL, stream_main, streams);
	streams->has_thread = r == 0;
	return -r;
}

void streams_stop(struct streams *streams)
{
	struct reader *readers;
	bool has_thread;

	events_listen(streams->events, NULL, NULL);
	pthread_mutex_lock(&streams->lock);
	streams->stopping = true;
	has_thread = streams->has_thread;
	pthread_mutex_unlock(&streams->lock);
	wake(streams->wake_fd);
	if (has_thread)
		(void)pthread_join(streams->thread, NULL);
	answer_all(streams);
	pthread_mutex_lock(&streams->lock);
	readers = take_ptr(streams->readers);
	pthread_mutex_unlock(&streams->lock);
	while (readers) {
		struct reader *reader = readers;

		readers = reader->after;
		finish(reader, 0);
	}
	tell_all(streams);
}

static void stream_free(struct stream *stream)
{
	if (stream->poll_handle)
		fuse_pollhandle_destroy(stream->poll_handle);
	free(stream);
}

struct streams *streams_free(struct streams *streams)
{
	if (!streams)
		return NULL;
	while (streams->list) {
		struct stream *stream = streams->list;

		streams->list = stream->after;
		stream_free(stream);
	}
	(void)pthread_mutex_destroy(&streams->lock);
	(void)close(streams->wake_fd);
	free(streams);
	return NULL;
}

/* Requests */

static struct stream *stream_of(const struct fuse_file_info *fi)
{
	return (struct stream *)(uintptr_t)fi->fh;
}

static void add_stream(struct streams *streams, struct stream *stream)
{
	pthread_mutex_lock(&streams->lock);
	stream->after = streams->list;
	if (stream->after)
		stream->after->before = stream;
	streams->list = stream;
	pthread_mutex_unlock(&streams->lock);
}

static void remove_stream(struct stream *stream)
{
	struct streams *streams = stream->streams;

	pthread_mutex_lock(&streams->lock);
	if (stream->before)
		stream->before->after = stream->after;
	else
		streams->list = stream->after;
	if (stream->after)
		stream->after->before = stream->before;
	pthread_mutex_unlock(&streams->lock);
	stream_free(stream);
}

void streams_open(struct streams *streams, fuse_req_t req, const struct node *row,
	struct fuse_file_info *fi)
{
	struct stream *stream = calloc(1, sizeof(*stream));

	if (!stream) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	stream->streams = streams;
	stream->waits = row->stream == STREAM_WAIT;
	stream->next = events_size(streams->events, NULL);
	add_stream(streams, stream);
	fi->fh = (uintptr_t)stream;
	fi->direct_io = 1;
	fi->nonseekable = stream->waits;
	fi->noflush = 1;
	/* the opener is gone: there will be no release */
	if (fuse_reply_open(req, fi) == -ENOENT)
		remove_stream(stream);
}

/* Keeps the request until there is a line.  0, or -errno and it was not kept. */
static int read_later(struct stream *stream, fuse_req_t req, size_t size)
{
	struct streams *streams = stream->streams;
	struct reader *reader = calloc(1, sizeof(*reader));
	int r;

	if (!reader)
		return -ENOMEM;
	*reader = (struct reader){
		.req = req,
		.stream = stream,
		.size = size,
		.wake_fd = streams->wake_fd,
	};
	/* before the thread may answer and free the reader */
	fuse_req_interrupt_func(req, on_interrupt, reader);
	pthread_mutex_lock(&streams->lock);
	r = need_thread(streams);
	if (!r) {
		reader->after = streams->readers;
		streams->readers = reader;
	}
	pthread_mutex_unlock(&streams->lock);
	if (r) {
		fuse_req_interrupt_func(req, NULL, NULL);
		free(reader);
		return r;
	}
	/* a line or an interrupt before now found nobody */
	wake(streams->wake_fd);
	return 0;
}

void streams_read(
	fuse_req_t req, size_t size, off_t offset, const struct fuse_file_info *fi)
{
	struct stream *stream = stream_of(fi);
	_cleanup_buf_ struct buf line = BUF_INIT;
	int r = 0;

	if (!stream->waits) {
		read_on(stream, req, size, (uint64_t)offset);
		return;
	}
	take_line(stream, size, &line);
	if (line.len || buf_err(&line))
		reply_line(req, &line);
	else if (fi->flags & O_NONBLOCK)
		fuse_reply_err(req, EAGAIN);
	else
		r = read_later(stream, req, size);
	if (r == -ENOTCONN)
		fuse_reply_buf(req, NULL, 0);
	else if (r)
		fuse_reply_err(req, -r);
}

/* A poll that cannot be told later is told that there is something, so that it reads. */
static unsigned int poll_wait(struct stream *stream, struct fuse_pollhandle **poll_handle)
{
	struct streams *streams = stream->streams;
	struct fuse_pollhandle *old = NULL;
	uint64_t next;
	int r = 0;

	pthread_mutex_lock(&streams->lock);
	if (*poll_handle)
		r = need_thread(streams);
	if (*poll_handle && !r) {
		old = stream->poll_handle;
		stream->poll_handle = take_ptr(*poll_handle);
	}
	next = stream->next;
	pthread_mutex_unlock(&streams->lock);
	if (old)
		fuse_pollhandle_destroy(old);
	/* looked at behind the keeping: a line in between is either seen or told */
	return r || next < events_size(streams->events, NULL) ? POLLIN | POLLRDNORM : 0;
}

void streams_poll(fuse_req_t req, const struct fuse_file_info *fi,
	struct fuse_pollhandle *poll_handle)
{
	struct stream *stream = stream_of(fi);
	unsigned int events = POLLIN | POLLRDNORM;

	if (stream->waits)
		events = poll_wait(stream, &poll_handle);
	if (poll_handle)
		fuse_pollhandle_destroy(poll_handle);
	fuse_reply_poll(req, events);
}

void streams_release(fuse_req_t req, const struct fuse_file_info *fi)
{
	remove_stream(stream_of(fi));
	fuse_reply_err(req, 0);
}
