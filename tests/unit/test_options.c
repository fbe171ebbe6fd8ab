#include "fs/options.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { ARGS = 12 };

static int parse(const char *const *words, struct options *options, struct err *err)
{
	char *argv[ARGS + 1] = { (char *)"acctfs" };
	int argc = 1;

	for (; *words; words++) {
		assert_true(argc < ARGS);
		argv[argc++] = (char *)*words;
	}
	return options_parse(argc, argv, options, err);
}

/* All that libfuse gets to see, one word behind the other. */
static const char *session(const struct options *options)
{
	static char text[2048];

	text[0] = '\0';
	for (int i = 0; i < options->session.argc; i++)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s ",
			options->session.argv[i]);
	return text;
}

#define OURS "-osubtype=acctfs,default_permissions,nosuid,nodev,noexec,noatime,fsname="

struct row {
	const char *words[ARGS];
	const char *mountpoint;
	const char *source;
	const char *credentials;
	const char *config;
	unsigned ttl;
	unsigned timeout;
	bool foreground;
	bool debug;
	bool allow_http;
	const char *session; /* behind "acctfs " and ours */
};

static const struct row rows[] = {
	{ { "mnt" }, "mnt", NULL, NULL, NULL, 30, 10, false, false, false, "" },
	{ { "-f", "mnt" }, "mnt", NULL, NULL, NULL, 30, 10, true, false, false, "" },
	{ { "mnt", "-f" }, "mnt", NULL, NULL, NULL, 30, 10, true, false, false, "" },
	{ { "-d", "mnt" }, "mnt", NULL, NULL, NULL, 30, 10, true, true, false,
		"-odebug " },
	{ { "-o", "debug", "mnt" }, "mnt", NULL, NULL, NULL, 30, 10, true, true, false,
		"-odebug " },
	{ { "-o", "ttl=0,timeout=1", "mnt" }, "mnt", NULL, NULL, NULL, 0, 1, false, false,
		false, "" },
	{ { "-ottl=86400,timeout=300", "mnt" }, "mnt", NULL, NULL, NULL, 86400, 300,
		false, false, false, "" },
	{ { "-o", "ttl=5", "-o", "ttl=6", "mnt" }, "mnt", NULL, NULL, NULL, 6, 10, false,
		false, false, "" },
	{ { "-o", "credentials=/a b/c,config=/d", "mnt" }, "mnt", NULL, "/a b/c", "/d",
		30, 10, false, false, false, "" },
	{ { "-o", "credentials=/a\\,b", "mnt" }, "mnt", NULL, "/a,b", NULL, 30, 10, false,
		false, false, "" },
	{ { "-o", "credentials=/a", "-o", "credentials=/b", "mnt" }, "mnt", NULL, "/b",
		NULL, 30, 10, false, false, false, "" },
	{ { "-o", "allow_http", "mnt" }, "mnt", NULL, NULL, NULL, 30, 10, false, false,
		true, "" },
	/* libfuse's own go on to it, and behind ours */
	{ { "-o", "allow_other,ro", "mnt" }, "mnt", NULL, NULL, NULL, 30, 10, false,
		false, false, "-o allow_other,ro " },
	{ { "-oexec", "mnt", "-ofsname=x" }, "mnt", NULL, NULL, NULL, 30, 10, false,
		false, false, "-o exec,fsname=x " },
	/* as mount(8), fstab and systemd call it */
	{ { "aws", "mnt", "-o", "rw,user,noauto,x-systemd.automount,_netdev" }, "mnt",
		"aws", NULL, NULL, 30, 10, false, false, false, "-o rw " },
	{ { "aws", "mnt", "-o", "rw,dev,suid,ttl=7" }, "mnt", "aws", NULL, NULL, 7, 10,
		false, false, false, "-o rw " },
	{ { "-o", "defaults,nofail,users,nouser,auto,comment=x-y", "aws", "mnt" }, "mnt",
		"aws", NULL, NULL, 30, 10, false, false, false, "" },
	/* what only libfuse's own loop knows */
	{ { "-s", "-o", "clone_fd,max_threads=3,max_idle_threads=2", "mnt" }, "mnt", NULL,
		NULL, NULL, 30, 10, false, false, false, "" },
	/* a folder with an odd name */
	{ { "--", "-f" }, "-f", NULL, NULL, NULL, 30, 10, false, false, false, "" },
	{ { "-f", "--", "a b", "-o" }, "-o", "a b", NULL, NULL, 30, 10, true, false,
		false, "" },
};

static void check(const char *is, const char *wanted)
{
	if (wanted)
		assert_string_equal(is ? is : "(none)", wanted);
	else
		assert_null(is);
}

static void test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		char wanted[512];
		struct options options;
		struct err err = ERR_INIT;

		if (parse(row->words, &options, &err))
			fail_msg("row %zu: %s", i, err.text);
		check(options.mountpoint, row->mountpoint);
		check(options.source, row->source);
		check(options.credentials, row->credentials);
		check(options.config, row->config);
		assert_int_equal(options.ttl, row->ttl);
		assert_int_equal(options.timeout, row->timeout);
		assert_int_equal(options.foreground, row->foreground);
		assert_int_equal(options.debug, row->debug);
		assert_int_equal(options.allow_http, row->allow_http);
		assert_false(options.help || options.version);
		(void)snprintf(wanted, sizeof(wanted), "acctfs " OURS "%s %s",
			row->source ? row->source : "acctfs:aws", row->session);
		assert_string_equal(session(&options), wanted);
		options_done(&options);
		options_done(&options);
	}
}

static void test_refused(void **state)
{
	static const struct {
		const char *words[ARGS];
		const char *says;
	} refused[] = {
		{ { NULL }, "no mount point" },
		{ { "-f" }, "no mount point" },
		{ { "-o", "ttl=5" }, "no mount point" },
		{ { "a", "b", "c" }, "give [SOURCE] MOUNTPOINT" },
		{ { "-o", "ttl=x", "mnt" }, "ttl=x" },
		{ { "-o", "ttl=", "mnt" }, "ttl=" },
		{ { "-o", "ttl=1s", "mnt" }, "ttl=1s" },
		{ { "-o", "ttl=1.5", "mnt" }, "ttl=1.5" },
		{ { "-o", "ttl=-1", "mnt" }, "ttl=-1" },
		{ { "-o", "ttl=86401", "mnt" }, "0 to 86400" },
		{ { "-o", "ttl=99999999999999999999", "mnt" }, "0 to 86400" },
		{ { "-o", "timeout=0", "mnt" }, "1 to 300" },
		{ { "-o", "timeout=301", "mnt" }, "timeout=301" },
		{ { "-o", "timeout= -1", "mnt" }, "timeout= -1" },
		{ { "-o", "expiry_warnings=", "mnt" }, "expiry_warnings=:" },
		{ { "-o", "expiry_warnings=0", "mnt" }, "1 to 10080" },
		{ { "-o", "expiry_warnings=10081", "mnt" }, "1 to 10080" },
		{ { "-o", "expiry_warnings=5:", "mnt" }, "expiry_warnings=5:" },
		{ { "-o", "expiry_warnings=5:-1", "mnt" }, "as 60:15:5" },
		{ { "-o", "expiry_warnings=5m", "mnt" }, "expiry_warnings=5m" },
		{ { "-o", "expiry_warnings=1:2:3:4:5:6:7:8:9", "mnt" }, "up to 8" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		struct options options;
		struct err err = ERR_INIT;
		int r = parse(refused[i].words, &options, &err);

		if (r != -EINVAL || err.errnum != EINVAL ||
			!strstr(err.text, refused[i].says))
			fail_msg("row %zu: %d: %s", i, r, err.text);
		options_done(&options);
	}
}

/* In minutes as they are given, in seconds and the most first as they are used. */
static void test_warnings(void **state)
{
	static const struct {
		const char *words[ARGS];
		size_t count;
		int64_t minutes[EXPIRY_WARNINGS];
	} given[] = {
		{ { "mnt" }, 3, { 60, 15, 5 } },
		{ { "-o", "expiry_warnings=none", "mnt" }, 0, { 0 } },
		{ { "-o", "expiry_warnings=7", "mnt" }, 1, { 7 } },
		{ { "-o", "ttl=1,expiry_warnings=1:10080:30", "mnt" }, 3,
			{ 10080, 30, 1 } },
		{ { "-o", "expiry_warnings=1:2:3:4:5:6:7:8", "mnt" }, 8,
			{ 8, 7, 6, 5, 4, 3, 2, 1 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(given); i++) {
		struct options options;

		assert_int_equal(parse(given[i].words, &options, NULL), 0);
		assert_int_equal(options.warning_count, given[i].count);
		for (size_t k = 0; k < given[i].count; k++)
			assert_int_equal(options.warnings[k], given[i].minutes[k] * 60);
		options_done(&options);
	}
}

static void test_information(void **state)
{
	static const struct {
		const char *words[ARGS];
		bool help;
		bool version;
	} asked[] = {
		{ { "-h" }, true, false },
		{ { "--help" }, true, false },
		{ { "-V" }, false, true },
		{ { "--version" }, false, true },
		/* needs no mount point and minds no other mistake */
		{ { "-f", "-V", "mnt" }, false, true },
		{ { "-o", "ttl=x", "-h" }, true, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
		struct options options;

		assert_int_equal(parse(asked[i].words, &options, NULL), 0);
		assert_int_equal(options.help, asked[i].help);
		assert_int_equal(options.version, asked[i].version);
		options_done(&options);
	}
}

/* A name that is longer than the kernel takes must not end the option in its middle. */
static void test_long_source(void **state)
{
	char source[1000];
	const char *const words[] = { source, "mnt", NULL };
	struct options options;

	(void)state;
	memset(source, 'x', sizeof(source));
	source[sizeof(source) - 1] = '\0';
	assert_int_equal(parse(words, &options, NULL), 0);
	assert_int_equal(strncmp(session(&options), "acctfs " OURS "xxx",
				 strlen("acctfs " OURS "xxx")),
		0);
	options_done(&options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_information),
		cmocka_unit_test(test_long_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
