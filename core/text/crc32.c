#include "text/crc32.h"

uint32_t crc32_of(struct slice data)
{
	uint32_t crc = 0xffffffffU;

	/* bit by bit: the answers it is for are a few kilobytes */
	for (size_t i = 0; i < data.len; i++) {
		crc ^= (unsigned char)data.at[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ (0xedb88320U & (0U - (crc & 1U)));
	}
	return ~crc;
}
