#include "base/names.h"

#include <errno.h>
#include <string.h>

int names_add(struct names *names, const char *name)
{
	char *copy;

	if (names->count == names->cap) {
		size_t cap = names->cap ? names->cap * 2 : 16;
		char **list = reallocarray(names->list, cap, sizeof(*list));

		if (!list)
			return -ENOMEM;
		names->list = list;
		names->cap = cap;
	}
	copy = strdup(name);
	if (!copy)
		return -ENOMEM;
	names->list[names->count++] = copy;
	return 0;
}

bool names_has(const struct names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->list[i], name) == 0)
			return true;
	return false;
}

void names_done(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->list[i]);
	free(names->list);
	names->list = NULL;
	names->count = names->cap = 0;
}
