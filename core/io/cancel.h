/* cancel: tells work under way in another thread to stop; and the limit of a wait.
 *
 * cancel_set() may be called from any thread and inside libfuse's interrupt callback: it
 * takes no lock. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#include "base/err.h"

struct cancel {
	atomic_bool set;
	int fd; /* an eventfd, readable once set: for poll() */
};

int cancel_init(struct cancel *cancel, struct err *err);
void cancel_done(struct cancel *cancel);
void cancel_set(struct cancel *cancel);
bool cancel_is_set(const struct cancel *cancel); /* NULL: no */

/* How long a call may wait, handed down through all layers. */
struct patience {
	int64_t deadline;	     /* clock_monotonic_ms() at which to give up */
	const struct cancel *cancel; /* NULL: cannot be cancelled */
};

/* Sleeps @ms.  0, -EINTR when cancelled, -ETIMEDOUT at once when the deadline would
 * pass. */
int patience_sleep(const struct patience *patience, int64_t ms, struct err *err);

/* Milliseconds left, 0 when there are none. */
int64_t patience_left(const struct patience *patience);
