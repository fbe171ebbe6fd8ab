/* Any bytes are a name with one file name, and a file name of one name or of none. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fs/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* Every name has a file name that a directory can hold, and that leads back to it. */
static void check_name(const char *name)
{
	char file[NAME_SIZE], again[NAME_SIZE], back[NAME_SIZE];
	size_t len;

	memset(file, 'x', sizeof(file));
	name_to_file(name, file);
	len = strnlen(file, sizeof(file));
	must(len > 0 && len < sizeof(file));
	must(strcmp(file, ".") != 0 && strcmp(file, "..") != 0);
	for (size_t i = 0; i < len; i++)
		must((unsigned char)file[i] >= 0x20 && file[i] != 0x7f && file[i] != '/');
	must(!name_is_probe(file));
	name_to_file(name, again);
	must(strcmp(file, again) == 0);
	if (name_is_cut(file)) {
		/* for a list only, and never without need */
		must(!name_from_file(file, back) && 3 * strlen(name) >= NAME_SIZE);
	} else {
		must(name_from_file(file, back));
		must(strcmp(back, name) == 0);
	}
}

/* A file name that is taken for a name is the one that the name has. */
static void check_file(const char *file)
{
	char name[NAME_SIZE], again[NAME_SIZE];

	if (!name_from_file(file, name))
		return;
	must(strnlen(name, sizeof(name)) < sizeof(name));
	must(!name_is_cut(file) && !name_is_probe(file));
	name_to_file(name, again);
	must(strcmp(again, file) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	must(text != NULL);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	check_name(text);
	check_file(text);
	(void)name_is_backup(text);
	(void)name_is_scratch(text);
	free(text);
	return 0;
}
