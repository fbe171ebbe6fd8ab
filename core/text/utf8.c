#include "text/utf8.h"

enum {
	CHAR_MAX_BYTES = 4,
};

/* The length its first byte announces, and the smallest character of that length. */
static const struct {
	unsigned char mask, lead;
	size_t len;
	uint32_t least;
} shapes[] = {
	{ 0x80, 0x00, 1, 0x0 },
	{ 0xe0, 0xc0, 2, 0x80 },
	{ 0xf0, 0xe0, 3, 0x800 },
	{ 0xf8, 0xf0, 4, 0x10000 },
};

static bool is_character(uint32_t c)
{
	return c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff);
}

size_t utf8_first(struct slice text, uint32_t *ret_char)
{
	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		unsigned char lead;
		uint32_t c;

		if (text.len < shapes[i].len)
			return 0;
		lead = (unsigned char)text.at[0];
		if ((lead & shapes[i].mask) != shapes[i].lead)
			continue;
		c = lead & (unsigned char)~shapes[i].mask;
		for (size_t k = 1; k < shapes[i].len; k++) {
			unsigned char next = (unsigned char)text.at[k];

			if ((next & 0xc0) != 0x80)
				return 0;
			c = c << 6 | (next & 0x3f);
		}
		if (c < shapes[i].least || !is_character(c))
			return 0;
		*ret_char = c;
		return shapes[i].len;
	}
	return 0;
}

size_t utf8_last(struct slice text, uint32_t *ret_char)
{
	for (size_t len = 1; len <= CHAR_MAX_BYTES && len <= text.len; len++) {
		struct slice tail = { text.at + text.len - len, len };

		if (((unsigned char)tail.at[0] & 0xc0) == 0x80)
			continue;
		return utf8_first(tail, ret_char) == len ? len : 0;
	}
	return 0;
}

bool utf8_is_valid(struct slice text)
{
	while (text.len) {
		uint32_t c;
		size_t len = 1;

		/* most text is ASCII */
		if ((unsigned char)text.at[0] >= 0x80)
			len = utf8_first(text, &c);
		if (!len)
			return false;
		text.at += len;
		text.len -= len;
	}
	return true;
}

/* Not every second byte can follow E0, ED, F0 and F4: the least and the greatest
 * continuation tell whether any can. */
bool utf8_is_unfinished(struct slice text)
{
	static const char fills[] = { '\x80', '\x9f', '\xa0', '\xbf' };
	char full[CHAR_MAX_BYTES];
	uint32_t c;

	if (!text.len || text.len >= CHAR_MAX_BYTES || utf8_first(text, &c))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(fills); i++) {
		memset(full, fills[i], sizeof(full));
		memcpy(full, text.at, text.len);
		if (utf8_first((struct slice){ full, sizeof(full) }, &c) > text.len)
			return true;
	}
	return false;
}

bool utf8_is_blank(uint32_t c)
{
	static const struct {
		uint32_t from, to;
	} blanks[] = {
		{ 0x09, 0x0d },
		{ 0x1c, 0x20 },
		{ 0x85, 0x85 },
		{ 0xa0, 0xa0 },
		{ 0x1680, 0x1680 },
		{ 0x2000, 0x200a },
		{ 0x2028, 0x2029 },
		{ 0x202f, 0x202f },
		{ 0x205f, 0x205f },
		{ 0x3000, 0x3000 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(blanks); i++)
		if (c >= blanks[i].from && c <= blanks[i].to)
			return true;
	return false;
}
