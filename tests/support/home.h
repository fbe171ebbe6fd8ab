/* home: a temporary folder with room for the two AWS files.  Whatever fails in here ends
 * the program. */
#pragma once

#include <stdbool.h>

struct home {
	char folder[64];
	char credentials[96]; /* paths: nothing is there yet */
	char config[96];
};

/* Also takes the variables of AWS out of the environment. */
void home_init(struct home *home);
void home_done(struct home *home); /* removes the folder and all that is in it */

/* Puts a new file of mode 0600 in the place of @path, as careful tools do. */
void home_replace(const char *path, const char *text);

/* Writes over the file itself, as careless tools do. */
void home_overwrite(const char *path, const char *text);

/* Whether the file's text is @text; tells on standard error when it is not. */
bool home_holds(const char *path, const char *text);
