/* awsfile_index: finding sections and keys again, and the ones that repeat.  For the
 * reader in awsfile.c.  Pure. */
#pragma once

#include <stddef.h>

#include "base/macro.h"
#include "text/awsfile.h"

/* Notes what a strict reader refuses the file for; @before: see struct awsfile_problem. */
void awsfile_note(
	struct awsfile *file, enum awsfile_fault fault, size_t line, size_t before);

/* Puts the sections in order for awsfile_find() and notes those and the keys that repeat,
 * once everything is read.  0 or -ENOMEM. */
int awsfile_index(struct awsfile *file);
