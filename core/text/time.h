/* time: points in time as AWS and people write them.  Pure: seconds since the epoch, UTC.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum {
	TIME_SIZE = 32, /* room for each printed form */
};

/* Reads ISO 8601 with `Z`, `UTC`, `+00:00`, `+0200` or nothing behind it, `T` or a blank
 * between, fractions or none; also plain epoch seconds or milliseconds.  0 or -EINVAL. */
int time_parse(struct slice text, int64_t *ret_time);

/* Reads an HTTP date, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 5.6.7).  0 or -EINVAL. */
int time_parse_http(struct slice text, int64_t *ret_time);

/* Reads `20150830T123600Z`.  0 or -EINVAL. */
int time_parse_amz(struct slice text, int64_t *ret_time);

void time_print(int64_t time, char ret_text[static TIME_SIZE]); /* 2015-08-30T12:36:00Z */
void time_print_amz(int64_t time, char ret_text[static TIME_SIZE]); /* 20150830T123600Z */
