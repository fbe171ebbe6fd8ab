#include "fs/name.h"

#include <fnmatch.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Names of the root's own files, also of later ones, so that names never change. */
static const char *const own[] = { ".events.wait", "README", "accounts.tsv", "error",
	"events", "lint", "paste" };

static const char *const probes[] = { ".DS_Store", ".Spotlight*", ".Trash*", "._*",
	".bzr", ".dir-locals*.el", ".direnv", ".directory", ".editorconfig", ".envrc",
	".fdignore", ".fossil", ".git", ".gitignore", ".gitattributes", ".hg", ".hidden",
	".ignore", ".jj", ".rgignore", ".src", ".svn", ".xdg-volume-info", "BitKeeper",
	"CVS", "Makefile", "RCS", "SCCS", "TAGS", "_MTN", "_darcs", "autorun.inf",
	"desktop.ini", "package.json" };

static const char *const backups[] = { "*~" }; /* vim, emacs, nano */

#define SIX_ALNUM "[[:alnum:]][[:alnum:]][[:alnum:]][[:alnum:]][[:alnum:]][[:alnum:]]"

static const char *const scratches[] = { "#*#",	      /* emacs: auto-save */
	".#*",					      /* emacs: locks */
	".*.s[a-w][a-z]", ".*.s[a-w][a-z]x",	      /* vim; nano's lock */
	"4913",					      /* vim: can it make files? */
	".profile.??????",			      /* rsync */
	".profile.tmp*", "XX??????",		      /* perl -i */
	("profile" SIX_ALNUM),			      /* busybox sed -i */
	"profile.gawk.??????",			      /* gawk -i inplace */
	"profile.lock",				      /* git config -f */
	"profile.tmp*", "sed??????", "tmp????????" }; /* Python's tempfile */

static bool matches(const char *const *rows, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (fnmatch(rows[i], name, 0) == 0)
			return true;
	return false;
}

bool name_is_probe(const char *file)
{
	return matches(probes, ARRAY_SIZE(probes), file);
}

bool name_is_backup(const char *file)
{
	return matches(backups, ARRAY_SIZE(backups), file);
}

bool name_is_scratch(const char *file)
{
	return name_is_backup(file) || matches(scratches, ARRAY_SIZE(scratches), file);
}

static bool is_taken(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || name_is_probe(name) ||
	       matches(own, ARRAY_SIZE(own), name);
}

static uint64_t hash_of(const char *name)
{
	uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 0x100000001b3u;
	return hash;
}

void name_to_file(const char *name, char ret_file[static NAME_SIZE])
{
	enum { TAIL = 2 + 16, ROOM = NAME_SIZE - 1 };
	static const char digits[] = "0123456789ABCDEF";
	bool first_coded = is_taken(name);
	size_t len = 0, cut = 0;

	if (!name[0]) {
		(void)strcpy(ret_file, "%");
		return;
	}
	for (size_t i = 0; name[i]; i++) {
		unsigned char c = (unsigned char)name[i];
		bool coded = c < 0x20 || c == 0x7f || c == '/' || c == '%' ||
			     (i == 0 && first_coded);
		size_t need = coded ? 3 : 1;

		if (len + need > ROOM) {
			(void)snprintf(ret_file + cut, NAME_SIZE - cut, "%%~%016llx",
				(unsigned long long)hash_of(name));
			return;
		}
		if (coded) {
			ret_file[len++] = '%';
			ret_file[len++] = digits[c >> 4];
			ret_file[len++] = digits[c & 15];
		} else {
			ret_file[len++] = (char)c;
		}
		if (len <= ROOM - TAIL)
			cut = len;
	}
	ret_file[len] = '\0';
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool name_is_cut(const char *file)
{
	size_t len = strlen(file);

	return len >= 18 && memcmp(file + len - 18, "%~", 2) == 0;
}

bool name_from_file(const char *file, char ret_name[static NAME_SIZE])
{
	char again[NAME_SIZE];
	size_t len = 0;

	if (strlen(file) >= NAME_SIZE)
		return false;
	for (const char *at = file; *at; at++) {
		int high, low;

		if (*at != '%') {
			ret_name[len++] = *at;
			continue;
		}
		high = digit(at[1]);
		low = high < 0 ? -1 : digit(at[2]);
		if (low < 0 || (high == 0 && low == 0)) {
			ret_name[0] = '\0';
			return strcmp(file, "%") == 0;
		}
		ret_name[len++] = (char)(high * 16 + low);
		at += 2;
	}
	ret_name[len] = '\0';
	/* only the one spelling that name_to_file() gives is a name */
	name_to_file(ret_name, again);
	return file[0] && strcmp(again, file) == 0;
}
