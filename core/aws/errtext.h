/* errtext: makes what a stranger wrote fit to be shown: one printable line without
 * anything that looks like a credential.  Pure. */
#pragma once

#include <stddef.h>

/* Writes @text as one line of printable ASCII, cut to @size.  Long runs of letters and
 * digits that may be a secret become `...`, key ids `...` and their last four characters.
 */
void errtext_clean(const char *text, char *ret_text, size_t size);

/* Writes the error code in @text: without a namespace before its last `#` and without
 * what follows a `:`.  "" when it does not look like a code. */
void errtext_code(const char *text, char *ret_code, size_t size);
