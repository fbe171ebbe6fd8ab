/* utf8: characters of more than one byte, as far as lines of text need them.  Pure. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"
#include "base/slice.h"

/* Reads the character @text begins with.  Gives its length in bytes, or 0: @text is
 * empty, or begins with bytes that are no character (RFC 3629: shortest form, no
 * surrogates). */
size_t utf8_first(struct slice text, uint32_t *ret_char);

/* The same for the character @text ends with. */
size_t utf8_last(struct slice text, uint32_t *ret_char);

bool utf8_is_valid(struct slice text);

/* Whether @text is no character yet but bytes behind it could make it one. */
bool utf8_is_unfinished(struct slice text);

/* A blank of any script, as Python's str.isspace() has it; line ends are blanks too. */
bool utf8_is_blank(uint32_t c);
