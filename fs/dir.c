#include "fs/dir.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static size_t row_count(const struct node *row)
{
	size_t count = 0;

	while (row->rows && row->rows[count].mode)
		count++;
	return count;
}

static int add(struct dir *dir, const struct node *row, const char *account,
	const char *file, struct err *err)
{
	struct dir_entry *entry = &dir->entries[dir->count];

	entry->row = row;
	if (account) {
		entry->account = strdup(account);
		if (!entry->account)
			return err_nomem(err);
	}
	if (file)
		(void)snprintf(entry->file, sizeof(entry->file), "%s", file);
	else
		name_to_file(account, entry->file);
	dir->count++;
	return 0;
}

int dir_read(const struct node *row, const struct at *at, struct dir **ret_dir,
	struct err *err)
{
	_cleanup_names_ struct names names = NAMES_INIT;
	const struct node *each = tree_each(row);
	struct dir *dir;
	int r = 0;

	if (each)
		r = each->list(at, &names, err);
	if (r)
		return r;
	dir = calloc(1, sizeof(*dir));
	if (dir)
		dir->entries =
			calloc(row_count(row) + names.count + 2, sizeof(*dir->entries));
	if (!dir || !dir->entries) {
		free(dir);
		return err_nomem(err);
	}
	r = add(dir, row, at->account, ".", err);
	if (!r)
		r = add(dir, &tree_root, NULL, "..", err);
	for (size_t i = 0; i < dir->count; i++)
		dir->entries[i].is_dot = true;
	for (const struct node *child = row->rows; !r && child->mode; child++)
		if (child->name && !child->unlisted)
			r = add(dir, child, at->account, child->name, err);
	for (size_t i = 0; !r && i < names.count; i++)
		r = add(dir, each, names.list[i], NULL, err);
	if (r)
		(void)dir_free(dir);
	else
		*ret_dir = dir;
	return r;
}

struct dir *dir_free(struct dir *dir)
{
	if (!dir)
		return NULL;
	for (size_t i = 0; i < dir->count; i++)
		free(dir->entries[i].account);
	free(dir->entries);
	free(dir);
	return NULL;
}

/* Only the list can tell which name was cut to @file. */
static char *find_cut(const struct node *each, const struct at *at, const char *file)
{
	_cleanup_names_ struct names names = NAMES_INIT;
	char again[NAME_SIZE];

	if (each->list(at, &names, NULL))
		return NULL;
	for (size_t i = 0; i < names.count; i++) {
		name_to_file(names.list[i], again);
		if (strcmp(again, file) == 0)
			return strdup(names.list[i]);
	}
	return NULL;
}

const struct node *dir_find(const struct node *row, const struct at *at, const char *file,
	char **ret_name, struct err *err)
{
	const struct node *found = tree_row(row, file);
	char name[NAME_SIZE];

	if (found) {
		*ret_name = strdup("");
	} else {
		found = tree_each(row);
		if (!found || name_is_probe(file)) {
			(void)err_set(err, ENOENT, "there is no `%s'", file);
			return NULL;
		}
		if (name_is_cut(file)) {
			*ret_name = find_cut(found, at, file);
		} else if (name_from_file(file, name) && found->has(at, name)) {
			*ret_name = strdup(name);
		} else {
			(void)err_set(err, ENOENT, "there is no `%s'", file);
			return NULL;
		}
	}
	if (!*ret_name) {
		(void)err_set(err, ENOENT, "there is no `%s'", file);
		return NULL;
	}
	return found;
}
