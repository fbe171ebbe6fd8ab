/* clock: what time it is. */
#pragma once

#include <stdint.h>

int64_t clock_now(void);	  /* seconds since the epoch */
int64_t clock_now_ms(void);	  /* the same in milliseconds */
int64_t clock_monotonic_ms(void); /* milliseconds since some fixed moment */
double clock_random(void);	  /* 0 <= r < 1, for the jitter of back-offs */
