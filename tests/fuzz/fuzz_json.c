/* Reads a document, walks it, and prints it: what is printed reads as the same again. */
#include <stdint.h>
#include <string.h>

#include "text/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(const struct json *value)
{
	int64_t whole;
	double number;
	bool flag;

	(void)json_int64(value, &whole);
	(void)json_number(value, &number);
	(void)json_bool(value, &flag);
	(void)json_text(value);
	(void)json_member(value, "__type");
	for (size_t i = 0; i < json_count(value); i++)
		walk(json_element(value, i));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_json_ struct json *root = NULL, *again = NULL;
	_cleanup_buf_ struct buf text = BUF_INIT, once_more = BUF_INIT;

	if (json_parse((struct slice){ (const char *)data, size }, &root, NULL))
		return 0;
	walk(root);
	if (json_print(root, &text) ||
		json_parse((struct slice){ text.data, text.len }, &again, NULL) ||
		json_print(again, &once_more) || text.len != once_more.len ||
		memcmp(text.data, once_more.data, text.len) != 0)
		abort();
	return 0;
}
