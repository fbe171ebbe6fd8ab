#include "io/alarm.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

struct alarm {
	int timer_fd;
	int wake_fd;
};

int alarm_new(struct alarm **ret_alarm, struct err *err)
{
	struct alarm *alarm = calloc(1, sizeof(*alarm));
	int r;

	if (!alarm)
		return err_nomem(err);
	alarm->timer_fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	alarm->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (alarm->timer_fd < 0 || alarm->wake_fd < 0) {
		r = err_sys(err, errno, "cannot make a timer");
		(void)alarm_free(alarm);
		return r;
	}
	*ret_alarm = alarm;
	return 0;
}

struct alarm *alarm_free(struct alarm *alarm)
{
	if (!alarm)
		return NULL;
	if (alarm->timer_fd >= 0)
		(void)close(alarm->timer_fd);
	if (alarm->wake_fd >= 0)
		(void)close(alarm->wake_fd);
	free(alarm);
	return NULL;
}

void alarm_wait(struct alarm *alarm, int64_t time)
{
	const struct itimerspec when = { .it_value.tv_sec = (time_t)time };
	struct pollfd fds[] = {
		{ .fd = alarm->timer_fd, .events = POLLIN },
		{ .fd = alarm->wake_fd, .events = POLLIN },
	};
	uint64_t count;

	(void)timerfd_settime(alarm->timer_fd,
		TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when, NULL);
	(void)poll(fds, ARRAY_SIZE(fds), -1);
	/* the first fails with ECANCELED when the clock was set */
	(void)!read(alarm->timer_fd, &count, sizeof(count));
	(void)!read(alarm->wake_fd, &count, sizeof(count));
}

void alarm_wake(struct alarm *alarm)
{
	uint64_t one = 1;

	/* a full counter wakes as well */
	(void)!write(alarm->wake_fd, &one, sizeof(one));
}
