/* name: AWS names <-> file names.  Pure, and one to one: every AWS name has one file
 * name, and a file name that no AWS name has is refused.
 *
 * Almost every name stands for itself.  Percent-encoded (`%2F`) are: `/`, `%`, control
 * characters, the first byte of `.`, `..` and of a name that means something else in the
 * root of the mount (README, .git, ...).  The empty name is `%`.  A name over 255 bytes
 * is cut and ends in `%~` and sixteen hexadecimal digits of its hash. */
#pragma once

#include "base/macro.h"

enum {
	NAME_SIZE = 256, /* a file name and its NUL */
};

/* Prints the file name of AWS name @name. */
void name_to_file(const char *name, char ret_file[static NAME_SIZE]);

/* Reads a file name back into @ret_name; false when no name has it, or when it is one of
 * the cut ones, which only a list of names can tell. */
bool name_from_file(const char *file, char ret_name[static NAME_SIZE]);

/* Whether a file name is that of a cut name. */
bool name_is_cut(const char *file);

/* Whether version control, a desktop or a shell looks for @file in every folder: never
 * there, and the kernel may remember that. */
bool name_is_probe(const char *file);

/* Whether an editor moves the old text to @file before it writes the new one. */
bool name_is_backup(const char *file);

/* Whether a tool makes @file for itself: to rename it over the real one (`sed -i`, rsync,
 * git, Python's tempfile, perl -i), or as an editor's swap, backup or lock file.  One that
 * were refused an editor would make outside the mount, on the disk. */
bool name_is_scratch(const char *file);
