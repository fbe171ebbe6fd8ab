#include "text/xml.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

struct trace {
	struct buf text;
	const char *stop_at; /* the element whose begin or end gives -ESTALE */
	bool stop_in_end;
};

static int on_begin(void *arg, const struct xml_at *at, struct err *err)
{
	struct trace *trace = arg;

	for (size_t i = 0; i < at->depth; i++)
		buf_addf(&trace->text, "/%s", at->path[i]);
	buf_addc(&trace->text, ' ');
	if (trace->stop_at && !trace->stop_in_end && xml_is(at, NULL, trace->stop_at))
		return err_set(err, ESTALE, "stopped");
	return 0;
}

static int on_end(void *arg, const struct xml_at *at, const char *text, struct err *err)
{
	struct trace *trace = arg;

	buf_addf(&trace->text, "%s=[%s] ", at->path[at->depth - 1], text);
	if (trace->stop_at && trace->stop_in_end && xml_is(at, NULL, trace->stop_at))
		return err_set(err, ESTALE, "stopped");
	return 0;
}

static const struct xml_reader reader = { on_begin, on_end };

static struct slice slice(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

static void test_reads(void **state)
{
	static const struct {
		const char *text, *trace;
	} rows[] = {
		{ "<a/>", "/a a=[] " },
		{ "<?xml version='1.0' encoding='UTF-8'?>\n<!-- c --><a> x\n</a>",
			"/a a=[x] " },
		{ "<a>1<b>2</b>3<c/>4</a>", "/a /a/b b=[2] /a/c c=[] a=[134] " },
		{ "<s:a xmlns:s='u' k='v'><s:b>t</s:b></s:a>", "/a /a/b b=[t] a=[] " },
		{ "<a>&lt;&amp;&#65;&#xe9;<![CDATA[<b>]]></a>",
			"/a a=[<&A\xc3\xa9<b>] " },
		{ "<a>  x  y  </a>", "/a a=[x  y] " },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct trace trace = { .text = BUF_INIT };
		int r = xml_read(slice(rows[i].text), &reader, &trace, NULL);

		assert_int_equal(r, 0);
		assert_string_equal(buf_text(&trace.text), rows[i].trace);
		buf_done(&trace.text);
	}
}

static void test_refuses(void **state)
{
	static const char *const rows[] = {
		"",
		" ",
		"x",
		"<a>",
		"\n<?xml version='1.0'?><a/>",
		"<a></b>",
		"<a/><b/>",
		"<a/>x",
		"<a>&x;</a>",
		"<a>&#x1;</a>",
		"<a>\xff</a>",
		"<a k='1' k='2'/>",
		"<!DOCTYPE a><a/>",
		"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
		"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
		"<html><br></html>",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err err = ERR_INIT;
		const struct xml_reader nothing = { NULL, NULL };

		assert_int_equal(
			xml_read(slice(rows[i]), &nothing, NULL, &err), -EBADMSG);
		assert_int_equal(err.errnum, EBADMSG);
		assert_null(strstr(err.text, "passwd"));
	}
}

static void repeat(struct buf *out, const char *text, size_t times)
{
	while (times-- > 0)
		buf_adds(out, text);
}

static void test_limits(void **state)
{
	static const struct {
		const char *start, *piece, *middle, *after, *end;
		size_t most;
	} rows[] = {
		{ "", "<a>", "", "</a>", "", XML_DEPTH_LIMIT },
		{ "<a>", "x", "", "", "</a>", XML_TEXT_LIMIT },
		{ "<a>", "&amp;", "", "", "</a>", XML_TEXT_LIMIT },
		{ "<", "a", "/>", "", "", 63 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (size_t more = 0; more < 2; more++) {
			_cleanup_buf_ struct buf text = BUF_INIT;
			const struct xml_reader nothing = { NULL, NULL };
			int r;

			buf_adds(&text, rows[i].start);
			repeat(&text, rows[i].piece, rows[i].most + more);
			buf_adds(&text, rows[i].middle);
			repeat(&text, rows[i].after, rows[i].most + more);
			buf_adds(&text, rows[i].end);
			r = xml_read((struct slice){ buf_text(&text), text.len },
				&nothing, NULL, NULL);
			assert_int_equal(r, more ? -EBADMSG : 0);
		}
	}
}

static void test_attribute_limit(void **state)
{
	(void)state;
	for (size_t more = 0; more < 2; more++) {
		_cleanup_buf_ struct buf text = BUF_INIT;
		const struct xml_reader nothing = { NULL, NULL };

		buf_adds(&text, "<a");
		for (unsigned i = 0; i < XML_ATTRIBUTE_LIMIT + more; i++)
			buf_addf(&text, " k%u=''", i);
		buf_adds(&text, "/>");
		assert_int_equal(xml_read((struct slice){ buf_text(&text), text.len },
					 &nothing, NULL, NULL),
			more ? -EBADMSG : 0);
	}
}

static void test_stops(void **state)
{
	static const struct {
		const char *stop_at;
		bool in_end;
		const char *trace;
	} rows[] = {
		{ "a", false, "/a " },
		{ "b", false, "/a /a/b " },
		{ "b", true, "/a /a/b b=[] " },
		{ "c", false, "/a /a/b b=[] /a/c " },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct trace trace = {
			.text = BUF_INIT,
			.stop_at = rows[i].stop_at,
			.stop_in_end = rows[i].in_end,
		};
		struct err err = ERR_INIT;

		assert_int_equal(
			xml_read(slice("<a><b/><c/></a>"), &reader, &trace, &err),
			-ESTALE);
		assert_string_equal(err.text, "stopped");
		assert_string_equal(buf_text(&trace.text), rows[i].trace);
		buf_done(&trace.text);
	}
}

static void test_is(void **state)
{
	const struct xml_at at = { .path = { "a", "b", "c" }, .depth = 3 };
	const struct xml_at root = { .path = { "a" }, .depth = 1 };
	const struct xml_at none = { .depth = 0 };

	(void)state;
	assert_true(xml_is(&at, NULL, "c"));
	assert_true(xml_is(&at, "b", "c"));
	assert_false(xml_is(&at, "a", "c"));
	assert_false(xml_is(&at, NULL, "b"));
	assert_true(xml_is(&root, NULL, "a"));
	assert_false(xml_is(&root, "a", "a"));
	assert_false(xml_is(&none, NULL, "a"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_attribute_limit),
		cmocka_unit_test(test_stops),
		cmocka_unit_test(test_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
