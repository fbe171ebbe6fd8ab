/* buf: text that grows.  The first failure sticks: append freely, ask buf_err() once.
 *
 * The data is always terminated by a NUL that len does not count.  A buffer marked secret
 * is wiped whenever its memory is given back, also when it grows. */
#pragma once

#include <stddef.h>

#include "base/macro.h"

struct buf {
	char *data; /* NULL while empty: read it through buf_text() */
	size_t len;
	size_t cap;
	int error; /* 0 or the positive errno of the first failure */
	bool secret;
};

#define BUF_INIT                \
	{                       \
		.secret = false \
	}
#define BUF_INIT_SECRET        \
	{                      \
		.secret = true \
	}

void buf_done(struct buf *buf);	 /* frees (and wipes); safe twice */
void buf_clear(struct buf *buf); /* empties (and wipes), keeps the memory */

void buf_add(struct buf *buf, const void *data, size_t len);
void buf_adds(struct buf *buf, const char *text);
void buf_addc(struct buf *buf, char c);
void buf_addf(struct buf *buf, const char *format, ...) _printf_(2, 3);

/* Makes room for @len more bytes and returns where they start, or NULL.  The caller sets
 * them and adds @len to len. */
char *buf_room(struct buf *buf, size_t len);

/* Cuts the text to its first @len bytes (and wipes the rest). */
void buf_cut(struct buf *buf, size_t len);

/* Exchanges two buffers. */
void buf_swap(struct buf *a, struct buf *b);

/* Gives the data to the caller, who frees it, and leaves the buffer empty.  NULL if
 * empty. */
char *buf_take(struct buf *buf);

/* The text, never NULL. */
const char *buf_text(const struct buf *buf);

/* 0, or -errno of the first append that failed. */
int buf_err(const struct buf *buf);

#define _cleanup_buf_ _cleanup_(buf_done)
