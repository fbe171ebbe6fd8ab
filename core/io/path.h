/* path: opens what a path leads to, but never what this very process serves.
 *
 * A daemon that looks at a path inside its own mount waits for itself, and no signal helps.
 * A link that somebody makes can lead there at any time, so every path of the user's files
 * is opened here. */
#pragma once

#include <sys/types.h>

/* From now on nothing on the file system with this device number is entered.  Call once,
 * before other threads use the functions below. */
void path_forbid(dev_t device);

/* As open(2) with O_CLOEXEC; O_CREAT is not for here.  A descriptor or -errno: -ELOOP also
 * for a path that leads into what is forbidden.  Any thread. */
int path_open(const char *path, int flags);

/* The folder that @path is in (links on the way followed, a link at its end not): a
 * descriptor with @flags, or -errno.  *@ret_name points to the last part within @path. */
int path_open_folder(const char *path, int flags, const char **ret_name);
