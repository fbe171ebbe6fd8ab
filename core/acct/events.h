/* events: what happened to the accounts, one line each, the oldest ones forgotten.
 *
 *   2026-11-23T20:15:04.123Z acme written key=Q3XZ profile=acme
 *
 * Time, account (the name of its directory, `-' for none), word, details.  Blanks, control
 * characters and `%' within a field are percent-encoded, so that a line splits on blanks
 * and each detail on its first `='.  Callers give no secrets.
 *
 * Offsets count every byte ever added, so they only grow; what is no longer kept is
 * skipped.  Any thread. */
#pragma once

#include <stdint.h>

#include "base/buf.h"

enum {
	EVENTS_RING = 256 * 1024, /* bytes kept */
	EVENTS_LINE = 1024,	  /* bytes of one line at most, its line end too */
};

/* What happened; each has its word in a table of events.c. */
enum event {
	EVENT_NONE,
	EVENT_WRITTEN,	/* credentials were stored, or forgotten, through the mount */
	EVENT_CHANGED,	/* another tool changed the credentials */
	EVENT_PENDING,	/* a change waits for a decision */
	EVENT_ADOPTED,	/* ... which was to take it */
	EVENT_DECLINED, /* ... which was to keep the old ones */
	EVENT_EXPIRED,
	EVENT_EXPIRING,
	EVENT_VALID,
	EVENT_INVALID,
	EVENT_FAILED,	/* credentials were not stored */
	EVENT_BROKEN,	/* one of the AWS files cannot be read any more */
	EVENT_REPAIRED, /* ... and can again */
	EVENT_COUNT,
};

struct events;

/* Prints the name an account has in the mount. */
typedef void events_name_fn(const char *account, char ret_file[static 256]);

struct events *events_new(events_name_fn *name); /* NULL: its own; NULL: out of memory */
struct events *events_free(struct events *events); /* NULL-safe, returns NULL */

/* Calls @heard after each line, on the thread that added it and with a lock held: it may
 * not block, nor call back.  NULL: nobody any more; a call that is running has ended when
 * this returns. */
typedef void events_heard_fn(void *arg);
void events_listen(struct events *events, events_heard_fn *heard, void *arg);

/* Adds a line.  @account may be NULL; behind it come names and values in turn, ended by
 * NULL; a value that is NULL or "" is left out with its name. */
void events_add(struct events *events, enum event event, const char *account, ...)
	__attribute__((sentinel));

/* The bytes ever added, and when the last were (milliseconds since the epoch, 0: never). */
uint64_t events_size(struct events *events, int64_t *ret_time_ms);

/* Appends up to @size bytes from *@offset on, whole lines if one fits; nothing at the end.
 * An *@offset that is no longer kept becomes that of the oldest line. */
void events_read(struct events *events, uint64_t *offset, size_t size, struct buf *out);

/* The same, but not beyond the end of one line. */
void events_read_line(
	struct events *events, uint64_t *offset, size_t size, struct buf *out);
