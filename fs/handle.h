/* handle: one open file: the text it was opened with, and the text written to it.
 *
 * Reading gives one moment's text to the end, whatever happens meanwhile.  Writing
 * collects; the text is taken (handle_commit) when it is complete:
 *
 *   write    judged at once: what cannot become good is refused, and all that follows
 *   flush    commit; not complete: an error for the process that opened, else wait
 *   fsync    commit; not complete: an error
 *   release  last try if nobody was told of a failure; nobody hears of this one
 *
 * A handle that was truncated but never written changes nothing: every `>` of a shell
 * truncates first and may fail before it writes.  Any thread. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "fs/tree.h"

enum {
	HANDLE_LIMIT = 64 * 1024, /* bytes of written text */
};

struct handle;

/* Copies @at's names. */
struct handle *handle_new(const struct node *row, const struct at *at, int flags,
	pid_t opener);				    /* NULL: out of memory */
struct handle *handle_ref(struct handle *handle);   /* returns @handle */
struct handle *handle_unref(struct handle *handle); /* wipes; NULL-safe, returns NULL */

const struct at *handle_at(const struct handle *handle);
const struct node *handle_row(const struct handle *handle);
pid_t handle_opener(const struct handle *handle);

/* Takes the row's text of this moment.  0 or -errno. */
int handle_show(struct handle *handle, struct err *err);

/* Appends up to @size bytes of the text from @offset to @out. */
void handle_read(struct handle *handle, uint64_t offset, size_t size, struct buf *out);

/* The text handle_read() gives while nothing was written: borrowed, never changing; false
 * once something was. */
bool handle_snapshot(struct handle *handle, struct slice *ret_text);

/* -EFBIG, -EINVAL (judged), -ENOMEM. */
int handle_write(
	struct handle *handle, struct slice data, uint64_t offset, struct err *err);
int handle_truncate(struct handle *handle, uint64_t size, struct err *err);

/* Whether the last failure is news: true once for each. */
bool handle_is_new_failure(struct handle *handle);

/* Whether handle_commit() has something to do or to say. */
bool handle_is_dirty(struct handle *handle);

/* Whether the text ends in the middle of a line, so that more may well follow. */
bool handle_is_unfinished(struct handle *handle);

/* Whether there is text that was neither taken nor refused. */
bool handle_is_pending(struct handle *handle);

/* Takes the written text, durably.  0: taken, or nothing new was written; -ENODATA: it is
 * not complete; else why it was refused. */
int handle_commit(
	struct handle *handle, const struct patience *patience, struct err *err);
