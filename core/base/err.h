/* err: why something failed, for a program (errnum, code) and for a person (text).
 *
 * A struct err lives on the caller's stack, needs no memory and cannot fail itself.  A
 * function that can fail takes it last, fills it on failure only and returns -errnum.
 * The text never holds a secret; it says what was done, on what, what the other side said
 * and what to do now. */
#pragma once

#include "base/macro.h"

enum {
	ERR_CODE_SIZE = 64,
	ERR_TEXT_SIZE = 512,
};

struct err {
	int errnum;		  /* positive errno */
	char code[ERR_CODE_SIZE]; /* the other side's name for it ("ExpiredToken"), or ""
				   */
	char text[ERR_TEXT_SIZE];
};

#define ERR_INIT            \
	{                   \
		.errnum = 0 \
	}

/* Fills @err and returns -@errnum.  @err may be NULL. */
int err_set(struct err *err, int errnum, const char *format, ...) _printf_(3, 4);

/* The same, with what strerror says of @errnum at the end. */
int err_sys(struct err *err, int errnum, const char *format, ...) _printf_(3, 4);

/* Puts "context: " before the text and returns -errnum. */
int err_wrap(struct err *err, const char *format, ...) _printf_(2, 3);

/* Puts ": advice" behind the text and returns -errnum. */
int err_add(struct err *err, const char *advice);

/* Out of memory: fills @err and returns -ENOMEM. */
int err_nomem(struct err *err);
