/* clock_shift: lets time pass that nobody waits for.  Tests that use it are linked with
 * --wrap for clock_now and clock_monotonic_ms.  Any thread. */
#pragma once

#include <stdint.h>

/* From now on both clocks are @ms further on. */
void clock_forward(int64_t ms);
