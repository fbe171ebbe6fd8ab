#include "text/json.h"

#include <jansson.h>

#include <errno.h>
#include <malloc.h>
#include <string.h>

enum {
	JSON_SIZE_LIMIT = 16 * 1024 * 1024,
};

/* A struct json is a json_t under a name that keeps jansson in this file. */
static json_t *inner(const struct json *value)
{
	return (json_t *)(uintptr_t)value;
}

static struct json *outer(const json_t *value)
{
	return (struct json *)(uintptr_t)value;
}

static void wipe_and_free(void *ptr)
{
	if (ptr)
		explicit_bzero(ptr, malloc_usable_size(ptr));
	free(ptr);
}

/* Before any other thread can be in jansson. */
__attribute__((constructor)) static void wipe_what_is_freed(void)
{
	json_set_alloc_funcs(malloc, wipe_and_free);
}

int json_parse(struct slice text, struct json **ret_root, struct err *err)
{
	json_error_t why;
	json_t *root;

	if (text.len > JSON_SIZE_LIMIT)
		return err_set(err, EBADMSG, "not JSON we read: too long");
	root = json_loadb(
		text.len ? text.at : "", text.len, JSON_REJECT_DUPLICATES, &why);
	if (!root && json_error_code(&why) == json_error_out_of_memory)
		return err_nomem(err);
	/* why.text quotes the document */
	if (!root)
		return err_set(err, EBADMSG, "not JSON we read: line %d, column %d",
			why.line, why.column);
	*ret_root = outer(root);
	return 0;
}

struct json *json_unref(struct json *root)
{
	json_decref(inner(root));
	return NULL;
}

const struct json *json_member(const struct json *object, const char *name)
{
	return outer(json_object_get(inner(object), name));
}

const struct json *json_element(const struct json *array, size_t index)
{
	return outer(json_array_get(inner(array), index));
}

bool json_is_map(const struct json *value)
{
	return json_is_object(inner(value));
}

bool json_is_list(const struct json *value)
{
	return json_is_array(inner(value));
}

size_t json_count(const struct json *array)
{
	return json_array_size(inner(array));
}

const char *json_text(const struct json *value)
{
	return json_string_value(inner(value));
}

bool json_int64(const struct json *value, int64_t *ret_number)
{
	if (!json_is_integer(inner(value)))
		return false;
	*ret_number = json_integer_value(inner(value));
	return true;
}

bool json_number(const struct json *value, double *ret_number)
{
	if (!json_is_number(inner(value)))
		return false;
	*ret_number = json_number_value(inner(value));
	return true;
}

bool json_bool(const struct json *value, bool *ret_bool)
{
	if (!json_is_boolean(inner(value)))
		return false;
	*ret_bool = json_is_true(inner(value));
	return true;
}

int json_each(const struct json *object,
	int (*each)(void *arg, const char *name, const struct json *value), void *arg)
{
	const char *name;
	json_t *value;

	json_object_foreach(inner(object), name, value)
	{
		int r = each(arg, name, outer(value));

		if (r)
			return r;
	}
	return 0;
}

struct json *json_new_object(void)
{
	return outer(json_object());
}

struct json *json_new_array(void)
{
	return outer(json_array());
}

struct json *json_new_text(const char *text)
{
	return outer(text ? json_string(text) : json_null());
}

struct json *json_new_integer(int64_t number)
{
	return outer(json_integer(number));
}

struct json *json_new_bool(bool value)
{
	return outer(json_boolean(value));
}

int json_set(struct json *object, const char *name, struct json *value)
{
	return json_object_set_new(inner(object), name, inner(value)) ? -ENOMEM : 0;
}

int json_append(struct json *array, struct json *value)
{
	return json_array_append_new(inner(array), inner(value)) ? -ENOMEM : 0;
}

static int append(const char *text, size_t len, void *arg)
{
	struct buf *out = arg;

	buf_add(out, text, len);
	return buf_err(out);
}

int json_print(const struct json *root, struct buf *out)
{
	if (json_dump_callback(
		    inner(root), append, out, JSON_INDENT(2) | JSON_ENCODE_ANY))
		return -ENOMEM;
	buf_addc(out, '\n');
	return buf_err(out);
}
