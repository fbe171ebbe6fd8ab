/* macro: attributes and small helpers used everywhere. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#define _printf_(a, b) __attribute__((format(printf, a, b)))
#define _cleanup_(fn)  __attribute__((cleanup(fn)))
#define _unused_       __attribute__((unused))
#define _must_check_   __attribute__((warn_unused_result))

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* Hands a pointer over: gives its value and leaves NULL behind. */
#define take_ptr(ptr)                                      \
	({                                                 \
		__typeof__(ptr) *_take_from = &(ptr);      \
		__typeof__(ptr) _take_value = *_take_from; \
		*_take_from = NULL;                        \
		_take_value;                               \
	})

static inline void cleanup_free(void *ptr)
{
	free(*(void **)ptr);
}
#define _cleanup_free_ _cleanup_(cleanup_free)
