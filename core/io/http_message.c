#include "io/http.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

static void header_done(struct http_header *header)
{
	free(header->name);
	if (header->value)
		explicit_bzero(header->value, strlen(header->value));
	free(header->value);
}

int http_headers_add(struct http_headers *headers, const char *name, const char *value)
{
	struct http_header header = { .name = NULL };

	if (headers->count == headers->cap) {
		size_t cap = headers->cap ? headers->cap * 2 : 8;
		struct http_header *list =
			reallocarray(headers->list, cap, sizeof(*list));

		if (!list)
			return -ENOMEM;
		headers->list = list;
		headers->cap = cap;
	}
	header.name = strdup(name);
	header.value = strdup(value);
	if (!header.name || !header.value) {
		header_done(&header);
		return -ENOMEM;
	}
	headers->list[headers->count++] = header;
	return 0;
}

int http_headers_set(struct http_headers *headers, const char *name, const char *value)
{
	size_t kept = 0;

	for (size_t i = 0; i < headers->count; i++) {
		if (strcasecmp(headers->list[i].name, name) == 0)
			header_done(&headers->list[i]);
		else
			headers->list[kept++] = headers->list[i];
	}
	headers->count = kept;
	return http_headers_add(headers, name, value);
}

const char *http_headers_get(const struct http_headers *headers, const char *name)
{
	for (size_t i = 0; i < headers->count; i++)
		if (strcasecmp(headers->list[i].name, name) == 0)
			return headers->list[i].value;
	return NULL;
}

void http_headers_done(struct http_headers *headers)
{
	for (size_t i = 0; i < headers->count; i++)
		header_done(&headers->list[i]);
	free(headers->list);
	headers->list = NULL;
	headers->count = headers->cap = 0;
}

void http_request_done(struct http_request *request)
{
	buf_done(&request->target);
	http_headers_done(&request->headers);
	buf_done(&request->body);
}

void http_answer_done(struct http_answer *answer)
{
	http_headers_done(&answer->headers);
	buf_done(&answer->body);
}
