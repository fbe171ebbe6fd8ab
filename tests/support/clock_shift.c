#include "support/clock_shift.h"

#include <stdatomic.h>

#include "io/clock.h"

int64_t __real_clock_now(void);
int64_t __wrap_clock_now(void);
int64_t __real_clock_monotonic_ms(void);
int64_t __wrap_clock_monotonic_ms(void);

static _Atomic int64_t shift_ms;

void clock_forward(int64_t ms)
{
	shift_ms += ms;
}

int64_t __wrap_clock_now(void)
{
	return __real_clock_now() + shift_ms / 1000;
}

int64_t __wrap_clock_monotonic_ms(void)
{
	return __real_clock_monotonic_ms() + shift_ms;
}
