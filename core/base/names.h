/* names: a list of strings, in the order they were added. */
#pragma once

#include <stddef.h>

#include "base/macro.h"

struct names {
	char **list; /* count strings, owned */
	size_t count;
	size_t cap;
};

#define NAMES_INIT           \
	{                    \
		.list = NULL \
	}

/* Adds a copy of @name.  0 or -ENOMEM. */
int names_add(struct names *names, const char *name);
bool names_has(const struct names *names, const char *name);
void names_done(struct names *names); /* safe twice */

#define _cleanup_names_ _cleanup_(names_done)
