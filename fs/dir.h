/* dir: what is in a directory at one moment, for one reader of it. */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "fs/name.h"
#include "fs/tree.h"

struct dir_entry {
	const struct node *row;
	char *account; /* the account the entry is of, NULL in the root */
	char file[NAME_SIZE];
	bool is_dot; /* `.' or `..' */
};

struct dir {
	struct dir_entry *entries;
	size_t count;
};

/* Reads the directory @row at @at.  The caller calls dir_free(). */
int dir_read(const struct node *row, const struct at *at, struct dir **ret_dir,
	struct err *err);
struct dir *dir_free(struct dir *dir); /* NULL-safe, returns NULL */

/* Finds the row that @file stands for in a directory, and the AWS name it is bound to (""
 * for a row with a name of its own); NULL: there is none. */
const struct node *dir_find(const struct node *row, const struct at *at, const char *file,
	char **ret_name, struct err *err);
