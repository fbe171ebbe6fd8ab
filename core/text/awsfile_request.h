/* awsfile_request: what may be asked of the editor in awsfile_edit.c.  Pure. */
#pragma once

#include <stddef.h>

#include "text/awsfile.h"

/* 0, or -EINVAL: a name, key or value that the format cannot hold, or a key twice.
 * -ENOMEM. */
int awsfile_request_check(const char *name, const struct awsfile_change *changes,
	size_t count, struct err *err);
