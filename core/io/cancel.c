#include "io/cancel.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "io/clock.h"

int cancel_init(struct cancel *cancel, struct err *err)
{
	atomic_init(&cancel->set, false);
	cancel->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (cancel->fd < 0)
		return err_sys(err, errno, "cannot make an event file descriptor");
	return 0;
}

void cancel_done(struct cancel *cancel)
{
	if (cancel->fd >= 0)
		(void)close(cancel->fd);
	cancel->fd = -1;
}

void cancel_set(struct cancel *cancel)
{
	uint64_t one = 1;

	if (atomic_exchange(&cancel->set, true))
		return;
	/* it fails only when the counter is full, and then it is readable */
	if (write(cancel->fd, &one, sizeof(one)) < 0)
		return;
}

bool cancel_is_set(const struct cancel *cancel)
{
	return cancel && atomic_load(&cancel->set);
}

int64_t patience_left(const struct patience *patience)
{
	int64_t left = patience->deadline - clock_monotonic_ms();

	return left > 0 ? left : 0;
}

int patience_sleep(const struct patience *patience, int64_t ms, struct err *err)
{
	struct pollfd cancelled = {
		.fd = patience->cancel ? patience->cancel->fd : -1,
		.events = POLLIN,
	};
	int64_t until = clock_monotonic_ms() + ms;

	if (cancel_is_set(patience->cancel))
		return err_set(err, EINTR, "interrupted");
	if (until > patience->deadline)
		return err_set(err, ETIMEDOUT, "no time left to wait: try again later");
	for (;;) {
		int64_t left = until - clock_monotonic_ms();

		if (left <= 0)
			return 0;
		/* a signal only wakes the loop */
		(void)poll(&cancelled, 1, left < INT_MAX ? (int)left : INT_MAX);
		if (cancel_is_set(patience->cancel))
			return err_set(err, EINTR, "interrupted");
	}
}
