/* awsfile_index: finding sections and keys again, and the ones that repeat.  For the
 * reader in awsfile.c.  Pure. */
#pragma once

#include <stddef.h>

#include "base/macro.h"
#include "text/awsfile.h"

/* Notes what a strict reader refuses the file for, unless an earlier line is noted. */
void awsfile_note(struct awsfile *file, size_t line, const char *format, ...)
	_printf_(3, 4);

/* Puts the sections in order for awsfile_find() and notes those and the keys that repeat,
 * once everything is read.  0 or -ENOMEM. */
int awsfile_index(struct awsfile *file);
