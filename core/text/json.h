/* json: JSON through jansson, with checked types; the only file that includes jansson.h.
 * Pure.  What jansson gives back to the heap is wiped: documents may hold credentials.  A `struct json` is one value; children are borrowed from the root. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

struct json;

/* Reads one document; duplicate keys, bad UTF-8 and too deep nesting are refused with
 * -EBADMSG (no text of the document in @err).  The caller drops it with json_unref(). */
int json_parse(struct slice text, struct json **ret_root, struct err *err);

struct json *json_unref(struct json *root); /* NULL-safe, returns NULL */

/* Readers: NULL or false when @value is NULL, of another type, or has no such member.
 * (json_integer is a name of jansson's.) */
const struct json *json_member(const struct json *object, const char *name);
const struct json *json_element(const struct json *array, size_t index);
bool json_is_map(const struct json *value);	 /* an object */
bool json_is_list(const struct json *value);	 /* an array */
size_t json_count(const struct json *array);	 /* 0 when it is no array */
const char *json_text(const struct json *value); /* a string's characters */
bool json_int64(const struct json *value, int64_t *ret_number);
bool json_number(const struct json *value, double *ret_number); /* integers too */
bool json_bool(const struct json *value, bool *ret_bool);

/* Calls @each for the members of an object in their order; a result that is not 0 ends it
 * and is returned. */
int json_each(const struct json *object,
	int (*each)(void *arg, const char *name, const struct json *value), void *arg);

/* Makers: NULL when memory is out, and NULL arguments give NULL, so that a whole tree can
 * be built and checked once.  json_set and json_append take @value over, also when they
 * fail. */
struct json *json_new_object(void);
struct json *json_new_array(void);
struct json *json_new_text(const char *text); /* JSON null for NULL */
struct json *json_new_integer(int64_t number);
struct json *json_new_bool(bool value);
int json_set(
	struct json *object, const char *name, struct json *value); /* 0 or -ENOMEM */
int json_append(struct json *array, struct json *value);

/* Appends the document, indented, members in the order they were set, and a line end. */
int json_print(const struct json *root, struct buf *out); /* 0 or -ENOMEM */

static inline void cleanup_json(struct json **root)
{
	*root = json_unref(*root);
}
#define _cleanup_json_ _cleanup_(cleanup_json)
