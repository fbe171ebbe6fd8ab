/* Whatever the document, the reader keeps its limits and tells of elements in pairs. */
#include <stdint.h>
#include <string.h>

#include "text/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	size_t begun, ended;
};

static void check(bool good)
{
	if (!good)
		abort();
}

static int on_begin(void *arg, const struct xml_at *at, struct err *err _unused_)
{
	struct seen *seen = arg;

	seen->begun++;
	check(at->depth >= 1 && at->depth <= XML_DEPTH_LIMIT);
	check(!strchr(at->path[at->depth - 1], ':'));
	return 0;
}

static int on_end(
	void *arg, const struct xml_at *at, const char *text, struct err *err _unused_)
{
	struct seen *seen = arg;

	seen->ended++;
	check(at->depth >= 1 && at->depth <= XML_DEPTH_LIMIT);
	check(strlen(text) <= XML_TEXT_LIMIT);
	check(xml_is(at, NULL, at->path[at->depth - 1]));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct xml_reader reader = { on_begin, on_end };
	struct seen seen = { 0, 0 };
	struct err err = ERR_INIT;
	int r = xml_read(
		(struct slice){ (const char *)data, size }, &reader, &seen, &err);

	check(r ? err.errnum == -r : seen.begun == seen.ended && seen.begun > 0);
	return 0;
}
