/* mountpoint: makes sure a mount point can be used before anything is mounted there. */
#pragma once

#include "base/err.h"

/* Gives the real path of the mount point @path (the caller frees it).  A mount of ours
 * that a crash left there is unmounted; a living one is refused (-EBUSY).  -ENOENT,
 * -ENOTDIR and others with a sentence for the terminal. */
int mountpoint_prepare(const char *path, char **ret_path, struct err *err);

/* Whether @path is, or would be, inside the folder @folder (links followed as far as it
 * exists). */
bool mountpoint_holds(const char *folder, const char *path);
