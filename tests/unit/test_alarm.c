/* alarm: a time of day that comes, and who does not want to wait for it. */
#include "io/alarm.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/clock.h"

static int setup(void **state)
{
	return alarm_new((struct alarm **)state, NULL);
}

static int teardown(void **state)
{
	*state = alarm_free(*state);
	return 0;
}

static void test_time(void **state)
{
	int64_t time = clock_now() + 2;

	/* a clock that is set in these seconds ends the wait early */
	while (clock_now() < time) {
		alarm_wait(*state, time);
		assert_in_range(clock_now(), time - 1, time + 5);
	}
	/* it was long ago */
	alarm_wait(*state, 1);
}

static void *wake_soon(void *arg)
{
	(void)usleep(50000);
	alarm_wake(arg);
	return NULL;
}

static void test_wake(void **state)
{
	int64_t before = clock_monotonic_ms();
	pthread_t thread;

	for (int i = 0; i < 2; i++) {
		/* never, or in an hour */
		int64_t time = i ? clock_now() + 3600 : 0;

		alarm_wake(*state);
		alarm_wake(*state);
		alarm_wait(*state, time);
		assert_int_equal(pthread_create(&thread, NULL, wake_soon, *state), 0);
		alarm_wait(*state, time);
		assert_int_equal(pthread_join(thread, NULL), 0);
	}
	assert_in_range(clock_monotonic_ms() - before, 100, 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_time, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wake, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
