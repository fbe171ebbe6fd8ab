/* alarm: waits for a time of day, also over a suspend and when the clock is set. */
#pragma once

#include <stdint.h>

#include "base/err.h"

struct alarm;

int alarm_new(struct alarm **ret_alarm, struct err *err);
struct alarm *alarm_free(struct alarm *alarm); /* NULL-safe, returns NULL */

/* Waits until the clock is at @time (seconds since the epoch; 0: never), somebody set the
 * clock, or alarm_wake() was called.  It may also return for none of these.  One thread. */
void alarm_wait(struct alarm *alarm, int64_t time);

/* Ends the wait, or the next one.  Any thread. */
void alarm_wake(struct alarm *alarm);
