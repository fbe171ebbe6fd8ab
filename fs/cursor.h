/* cursor: where a reader of a file that forgets its beginning stands.  Pure.
 *
 * The kernel counts the bytes a reader got; the file counts all it ever had.  The two part
 * when a reader asks for what is forgotten and gets what is oldest instead: from there on
 * its offsets stand for later ones of the file, and so do those it goes back to.  An
 * offset outside of what it read that way is one of the file again. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct cursor {
	uint64_t first, next; /* between these offsets of the reader ... */
	uint64_t skew;	      /* ... the file's are that much further on */
};

/* The file's offset for @offset of the reader. */
uint64_t cursor_find(const struct cursor *cursor, uint64_t offset);

/* At @offset the reader got @size bytes, which the file has at @found. */
void cursor_move(struct cursor *cursor, uint64_t offset, uint64_t found, size_t size);
