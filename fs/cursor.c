#include "fs/cursor.h"

uint64_t cursor_find(const struct cursor *cursor, uint64_t offset)
{
	if (offset < cursor->first || offset > cursor->next)
		return offset;
	return offset + cursor->skew;
}

void cursor_move(struct cursor *cursor, uint64_t offset, uint64_t found, size_t size)
{
	if (offset < cursor->first || offset > cursor->next ||
		found != offset + cursor->skew) {
		cursor->first = offset;
		cursor->next = offset;
		cursor->skew = found - offset;
	}
	if (cursor->next < offset + size)
		cursor->next = offset + size;
}
