#include "io/cancel.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/clock.h"

static void *set_soon(void *arg)
{
	(void)usleep(20 * 1000);
	cancel_set(arg);
	return NULL;
}

static void set_is_seen_by_poll(void **state)
{
	struct cancel cancel;
	struct pollfd fd = { .events = POLLIN };

	(void)state;
	assert_int_equal(cancel_init(&cancel, NULL), 0);
	fd.fd = cancel.fd;
	assert_false(cancel_is_set(&cancel));
	assert_int_equal(poll(&fd, 1, 0), 0);
	cancel_set(&cancel);
	cancel_set(&cancel);
	assert_true(cancel_is_set(&cancel));
	assert_int_equal(poll(&fd, 1, 0), 1);
	cancel_done(&cancel);
	cancel_done(&cancel);
	assert_false(cancel_is_set(NULL));
}

static void sleep_takes_its_time(void **state)
{
	int64_t start = clock_monotonic_ms();
	const struct patience patience = { .deadline = start + 1000 };

	(void)state;
	assert_int_equal(patience_sleep(&patience, 20, NULL), 0);
	assert_in_range(clock_monotonic_ms() - start, 20, 500);
	assert_int_equal(patience_sleep(&patience, 0, NULL), 0);
	assert_int_equal(patience_sleep(&patience, -5, NULL), 0);
}

static void sleep_past_the_deadline_fails_at_once(void **state)
{
	int64_t start = clock_monotonic_ms();
	const struct patience patience = { .deadline = start + 200 };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(patience_sleep(&patience, 5000, &err), -ETIMEDOUT);
	assert_int_equal(err.errnum, ETIMEDOUT);
	assert_true(clock_monotonic_ms() - start < 100);
}

static void sleep_ends_when_cancelled(void **state)
{
	int64_t start = clock_monotonic_ms();
	struct cancel cancel;
	const struct patience patience = { .deadline = start + 9000, .cancel = &cancel };
	struct err err = ERR_INIT;
	pthread_t thread;

	(void)state;
	assert_int_equal(cancel_init(&cancel, NULL), 0);
	assert_int_equal(pthread_create(&thread, NULL, set_soon, &cancel), 0);
	assert_int_equal(patience_sleep(&patience, 5000, &err), -EINTR);
	assert_int_equal(err.errnum, EINTR);
	assert_true(clock_monotonic_ms() - start < 2000);
	/* and once set it stays set */
	assert_int_equal(patience_sleep(&patience, 5000, NULL), -EINTR);
	assert_int_equal(pthread_join(thread, NULL), 0);
	cancel_done(&cancel);
}

static void left_never_is_negative(void **state)
{
	struct patience patience = { .deadline = clock_monotonic_ms() + 60000 };

	(void)state;
	assert_in_range(patience_left(&patience), 50000, 60000);
	patience.deadline = clock_monotonic_ms() - 5;
	assert_int_equal(patience_left(&patience), 0);
	patience.deadline = INT64_MAX;
	assert_true(patience_left(&patience) > 0);
}

static void random_is_within(void **state)
{
	double sum = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		double r = clock_random();

		assert_true(r >= 0 && r < 1);
		sum += r;
	}
	assert_true(sum > 400 && sum < 600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_is_seen_by_poll),
		cmocka_unit_test(sleep_takes_its_time),
		cmocka_unit_test(sleep_past_the_deadline_fails_at_once),
		cmocka_unit_test(sleep_ends_when_cancelled),
		cmocka_unit_test(left_never_is_negative),
		cmocka_unit_test(random_is_within),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
