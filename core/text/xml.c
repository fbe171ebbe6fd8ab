#include "text/xml.h"

#include <errno.h>
#include <expat.h>
#include <malloc.h>
#include <stdlib.h>

#include "base/buf.h"

enum {
	XML_SIZE_LIMIT = 16 * 1024 * 1024,
	XML_NAME_LIMIT = 64,
};

struct state {
	XML_Parser parser;
	const struct xml_reader *reader;
	void *arg;
	struct xml_at at;
	char names[XML_DEPTH_LIMIT][XML_NAME_LIMIT]; /* what at.path points to */
	struct buf text[XML_DEPTH_LIMIT];	     /* of each open element */
	struct err *err;
	int result;
};

/* Answers echo tokens, and expat keeps pieces of them: its memory is wiped too. */
static void wiping_free(void *block)
{
	if (block)
		explicit_bzero(block, malloc_usable_size(block));
	free(block);
}

static void *wiping_realloc(void *block, size_t size)
{
	size_t old = block ? malloc_usable_size(block) : 0;
	void *copy = malloc(size);

	if (!copy)
		return NULL;
	if (block)
		memcpy(copy, block, old < size ? old : size);
	wiping_free(block);
	return copy;
}

static const XML_Memory_Handling_Suite wiping = {
	.malloc_fcn = malloc,
	.realloc_fcn = wiping_realloc,
	.free_fcn = wiping_free,
};

static void stop(struct state *state, int result)
{
	state->result = result;
	(void)XML_StopParser(state->parser, XML_FALSE);
}

static void refuse(struct state *state, const char *why)
{
	stop(state, err_set(state->err, EBADMSG, "not XML we read: %s", why));
}

static void on_begin(void *arg, const XML_Char *name, const XML_Char **attributes)
{
	struct state *state = arg;
	const char *colon = strrchr(name, ':');
	size_t depth = state->at.depth, count = 0;
	int r;

	if (state->result)
		return;
	name = colon ? colon + 1 : name;
	while (attributes[count * 2] && count <= XML_ATTRIBUTE_LIMIT)
		count++;
	if (depth == XML_DEPTH_LIMIT)
		refuse(state, "nested too deeply");
	else if (count > XML_ATTRIBUTE_LIMIT)
		refuse(state, "too many attributes");
	else if (strlen(name) >= XML_NAME_LIMIT)
		refuse(state, "too long a name");
	if (state->result)
		return;
	memcpy(state->names[depth], name, strlen(name) + 1);
	state->at.path[depth] = state->names[depth];
	state->at.depth = depth + 1;
	buf_clear(&state->text[depth]);
	if (!state->reader->begin)
		return;
	r = state->reader->begin(state->arg, &state->at, state->err);
	if (r)
		stop(state, r);
}

static void on_text(void *arg, const XML_Char *text, int len)
{
	struct state *state = arg;
	struct buf *to;

	if (state->result || !state->at.depth)
		return;
	to = &state->text[state->at.depth - 1];
	if (to->len + (size_t)len > XML_TEXT_LIMIT)
		refuse(state, "too long a text");
	else
		buf_add(to, text, (size_t)len);
}

static const char *trimmed(struct buf *text)
{
	static const char blanks[] = " \t\r\n";

	while (text->len && strchr(blanks, text->data[text->len - 1]))
		buf_cut(text, text->len - 1);
	return buf_text(text) + strspn(buf_text(text), blanks);
}

static void on_end(void *arg, const XML_Char *name _unused_)
{
	struct state *state = arg;
	struct buf *text;
	int r = 0;

	if (state->result)
		return;
	text = &state->text[state->at.depth - 1];
	if (buf_err(text))
		r = err_nomem(state->err);
	else if (state->reader->end)
		r = state->reader->end(state->arg, &state->at, trimmed(text), state->err);
	state->at.depth--;
	if (r)
		stop(state, r);
}

/* Without a document type there are no entities to expand or to fetch. */
static void on_doctype(void *arg, const XML_Char *name _unused_,
	const XML_Char *system _unused_, const XML_Char *public _unused_,
	int has_subset _unused_)
{
	refuse(arg, "it declares a document type");
}

static int parse(struct state *state, struct slice text)
{
	enum XML_Error code;

	XML_SetUserData(state->parser, state);
	XML_SetElementHandler(state->parser, on_begin, on_end);
	XML_SetCharacterDataHandler(state->parser, on_text);
	XML_SetStartDoctypeDeclHandler(state->parser, on_doctype);
	if (XML_Parse(state->parser, text.len ? text.at : "", (int)text.len, XML_TRUE) ==
		XML_STATUS_OK)
		return state->result;
	if (state->result)
		return state->result;
	code = XML_GetErrorCode(state->parser);
	if (code == XML_ERROR_NO_MEMORY)
		return err_nomem(state->err);
	return err_set(state->err, EBADMSG, "not XML we read: %s in line %lu",
		XML_ErrorString(code), XML_GetCurrentLineNumber(state->parser));
}

int xml_read(
	struct slice text, const struct xml_reader *reader, void *arg, struct err *err)
{
	struct state state = { .reader = reader, .arg = arg, .err = err };
	int r;

	if (text.len > XML_SIZE_LIMIT)
		return err_set(err, EBADMSG, "not XML we read: too long");
	state.parser = XML_ParserCreate_MM(NULL, &wiping, NULL);
	if (!state.parser)
		return err_nomem(err);
	for (size_t i = 0; i < XML_DEPTH_LIMIT; i++)
		state.text[i].secret = true;
	r = parse(&state, text);
	for (size_t i = 0; i < XML_DEPTH_LIMIT; i++)
		buf_done(&state.text[i]);
	XML_ParserFree(state.parser);
	return r;
}

bool xml_is(const struct xml_at *at, const char *parent, const char *name)
{
	if (!at->depth || strcmp(at->path[at->depth - 1], name) != 0)
		return false;
	if (!parent)
		return true;
	return at->depth > 1 && strcmp(at->path[at->depth - 2], parent) == 0;
}
