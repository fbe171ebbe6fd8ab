#include "text/crc32.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

/* The check value that every catalogue of checksums has, and zlib's own answers. */
static void known_values(void **state)
{
	(void)state;
	assert_int_equal(crc32_of((struct slice){ "123456789", 9 }), 0xcbf43926U);
	assert_int_equal(crc32_of((struct slice){ "", 0 }), 0);
	assert_int_equal(crc32_of((struct slice){ NULL, 0 }), 0);
	assert_int_equal(crc32_of((struct slice){ "\0\xff", 2 }), 0x6cdbfd72U);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(known_values) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
