/* crc32: the checksum of ISO 3309 and gzip (RFC 1952, 8), which DynamoDB sends as
 * x-amz-crc32.  Pure. */
#pragma once

#include <stdint.h>

#include "base/slice.h"

uint32_t crc32_of(struct slice data);
