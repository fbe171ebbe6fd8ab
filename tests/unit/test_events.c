/* events: lines of text, a ring of them, many at it at once. */
#include "acct/events.h"

#include <malloc.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/macro.h"
#include "text/time.h"

enum {
	STAMP = 24, /* 2026-11-23T20:15:04.123Z */
	ADDERS = 4,
	READERS = 4,
	ADDED = 3000, /* by each: three rings full */
	MANY = 100000,
};

static int setup(void **state)
{
	*state = events_new(NULL);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	*state = events_free(*state);
	return 0;
}

/* All lines from *@offset on, which goes to their end. */
static void read_all(struct events *events, uint64_t *offset, struct buf *out)
{
	size_t before;

	do {
		before = out->len;
		events_read(events, offset, 4096, out);
		*offset += out->len - before;
	} while (out->len > before);
	assert_int_equal(buf_err(out), 0);
}

/* The newest line is @wanted behind its time. */
static void check_last(struct events *events, uint64_t *offset, const char *wanted)
{
	_cleanup_buf_ struct buf line = BUF_INIT;
	int64_t when;

	read_all(events, offset, &line);
	assert_true(line.len > STAMP);
	assert_int_equal(line.data[19], '.');
	assert_int_equal(line.data[STAMP - 1], 'Z');
	assert_int_equal(time_parse((struct slice){ line.data, STAMP }, &when), 0);
	assert_string_equal(line.data + STAMP, wanted);
}

static void fake_name(const char *account, char ret_file[static 256])
{
	(void)snprintf(ret_file, 256, "%s", account);
}

static void test_lines(void **state)
{
	static const struct {
		const char *account;
		const char *value;
		const char *wanted;
	} rows[] = {
		{ "acme", "1", " acme valid key=1\n" },
		{ NULL, "1", " - valid key=1\n" },
		{ "-", "1", " %2D valid key=1\n" },
		{ "a b", "1", " a%20b valid key=1\n" },
		/* coded already */
		{ "a%2Fb", "1", " a%2Fb valid key=1\n" },
		{ "acme", NULL, " acme valid\n" },
		{ "acme", "", " acme valid\n" },
		{ "acme", "two words\nand a line",
			" acme valid key=two%20words%0Aand%20a%20line\n" },
		{ "acme", "100%=\"\t", " acme valid key=100%25=\"%09\n" },
		{ "acme", "größe", " acme valid key=größe\n" },
		/* no characters, or ones that end lines or steer terminals */
		{ "acme", "\xff\x1b[m", " acme valid key=%FF%1B[m\n" },
		{ "acme", "\xc2\x85\xe2\x80\xa8\xc2\xa0",
			" acme valid key=%C2%85%E2%80%A8%C2%A0\n" },
		{ "acme", "\xc2\x9b\x7f", " acme valid key=%C2%9B%7F\n" },
	};
	struct events *events = events_new(fake_name);
	uint64_t offset = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		events_add(
			events, EVENT_VALID, rows[i].account, "key", rows[i].value, NULL);
		check_last(events, &offset, rows[i].wanted);
	}
	(void)events_free(events);
}

static void test_words(void **state)
{
	static const char *const words[] = { "written", "changed", "pending", "adopted",
		"declined", "expired", "expiring", "valid", "invalid", "failed", "broken",
		"repaired" };
	struct events *events = *state;
	uint64_t offset = 0;
	char wanted[64];

	assert_int_equal(ARRAY_SIZE(words), EVENT_COUNT - 1);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		events_add(events, (enum event)(i + 1), "a", NULL);
		(void)snprintf(wanted, sizeof(wanted), " a %s\n", words[i]);
		check_last(events, &offset, wanted);
	}
}

/* However long what it tells, it is one line, with no half of an escape. */
static void test_long(void **state)
{
	static const char *const pieces[] = { "x", "ö", " ", "\xff" };
	struct events *events = *state;
	uint64_t offset = 0;

	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
		_cleanup_buf_ struct buf value = BUF_INIT, line = BUF_INIT;
		char account[400];
		const char *end;

		memset(account, 'a', sizeof(account));
		account[sizeof(account) - 1] = '\0';
		while (value.len < 3000)
			buf_adds(&value, pieces[i]);
		events_add(events, EVENT_FAILED, account, "error", buf_text(&value),
			"more", "1", NULL);
		read_all(events, &offset, &line);
		assert_in_range(line.len, EVENTS_LINE - 8, EVENTS_LINE);
		end = strchr(line.data, '\n');
		assert_ptr_equal(end, line.data + line.len - 1);
		assert_null(strstr(line.data, "more="));
		assert_true(i < 2 || end[-3] == '%');
		assert_true(i != 1 || (unsigned char)end[-1] == 0xb6);
	}
}

/* Numbered lines of odd lengths. */
static void add_number(struct events *events, unsigned number)
{
	char text[16], fill[128];

	(void)snprintf(text, sizeof(text), "%u", number);
	memset(fill, '.', sizeof(fill));
	fill[number * 7 % 100] = '\0';
	events_add(events, EVENT_WRITTEN, "acme", "n", text, "fill", fill, NULL);
}

/* Reads whole lines of @text: their numbers follow each other from *@next on, if it is not
 * 0.  Gives how many. */
static unsigned check_numbers(const struct buf *text, unsigned *next)
{
	const char *at = buf_text(text);
	unsigned count = 0;

	for (const char *end; (end = strchr(at, '\n')); at = end + 1, count++) {
		const char *number = strstr(at, " written n=");
		unsigned long value;

		assert_true(number && number < end);
		value = strtoul(number + 11, NULL, 10);
		assert_true(*next == 0 || value == *next);
		*next = (unsigned)value + 1;
	}
	assert_int_equal(*at, '\0');
	return count;
}

static void test_wrap(void **state)
{
	struct events *events = *state;
	uint64_t follower = 0, sleeper = 0;
	unsigned followed = 1, woken = 0;
	_cleanup_buf_ struct buf text = BUF_INIT;

	for (unsigned i = 1; i <= 20000; i++) {
		add_number(events, i);
		if (i % 100)
			continue;
		buf_clear(&text);
		read_all(events, &follower, &text);
		assert_int_equal(check_numbers(&text, &followed), 100);
	}
	assert_int_equal(follower, events_size(events, NULL));
	assert_true(follower > 5 * EVENTS_RING);
	/* who slept goes on at a whole line, and misses none from there on */
	buf_clear(&text);
	read_all(events, &sleeper, &text);
	assert_in_range(text.len, EVENTS_RING - EVENTS_LINE, EVENTS_RING);
	assert_int_equal(sleeper, follower);
	(void)check_numbers(&text, &woken);
	assert_int_equal(woken, 20001);
}

/* The offset that was asked for, or that of the oldest line. */
static void test_offsets(void **state)
{
	struct events *events = *state;
	_cleanup_buf_ struct buf one = BUF_INIT, rest = BUF_INIT;
	uint64_t offset = 3, oldest = 0;

	assert_int_equal(events_size(events, NULL), 0);
	events_read(events, &offset, 100, &one);
	assert_int_equal(offset, 3);
	assert_int_equal(one.len, 0);
	for (unsigned i = 1; i <= 10000; i++)
		add_number(events, i);
	events_read_line(events, &oldest, 4096, &one);
	assert_true(oldest > 0 && one.len > STAMP);
	assert_ptr_equal(strchr(one.data, '\n'), one.data + one.len - 1);
	/* in the middle of a line that is kept: from there on */
	offset = oldest + 5;
	events_read_line(events, &offset, 4096, &rest);
	assert_int_equal(offset, oldest + 5);
	assert_string_equal(rest.data, one.data + 5);
	/* a byte before it: the line */
	buf_clear(&rest);
	offset = oldest - 1;
	events_read_line(events, &offset, 10, &rest);
	assert_int_equal(offset, oldest);
	assert_int_equal(rest.len, 10);
	assert_memory_equal(rest.data, one.data, 10);
	/* whole lines where one fits, else a part */
	buf_clear(&rest);
	offset = oldest;
	events_read(events, &offset, one.len + 3, &rest);
	assert_string_equal(rest.data, one.data);
	buf_clear(&rest);
	events_read(events, &offset, one.len - 3, &rest);
	assert_int_equal(rest.len, one.len - 3);
	/* behind the end: nothing */
	buf_clear(&rest);
	offset = events_size(events, NULL) + 1000;
	events_read(events, &offset, 100, &rest);
	assert_int_equal(rest.len, 0);
}

static void count(void *arg)
{
	(*(unsigned *)arg)++;
}

static void test_listen(void **state)
{
	struct events *events = *state;
	unsigned heard = 0;
	int64_t time_ms = -1;

	(void)events_size(events, &time_ms);
	assert_int_equal(time_ms, 0);
	add_number(events, 1);
	(void)events_size(events, &time_ms);
	assert_true(time_ms > 1000000000000);
	events_listen(events, count, &heard);
	add_number(events, 2);
	add_number(events, 3);
	assert_int_equal(heard, 2);
	events_listen(events, NULL, NULL);
	add_number(events, 4);
	assert_int_equal(heard, 2);
}

/* A hundred thousand lines take no more memory than a ring of them. */
static void test_memory(void **state)
{
	struct events *events = *state;
	struct mallinfo2 before, after;

	for (unsigned i = 1; i < MANY / 10; i++)
		add_number(events, i);
	before = mallinfo2();
	for (unsigned i = 1; i < MANY; i++)
		add_number(events, i);
	after = mallinfo2();
	assert_true(
		after.uordblks + after.hblkhd <= before.uordblks + before.hblkhd + 4096);
}

struct crowd {
	struct events *events;
	atomic_uint next, adding;
};

static void *adder(void *arg)
{
	struct crowd *crowd = arg;

	for (int i = 0; i < ADDED; i++) {
		char number[16];

		(void)snprintf(
			number, sizeof(number), "%u", atomic_fetch_add(&crowd->next, 1));
		events_add(crowd->events, EVENT_WRITTEN, "acme", "n", number, NULL);
	}
	atomic_fetch_sub(&crowd->adding, 1);
	return NULL;
}

/* Sees whole lines only, whose times never go back. */
static void *reader(void *arg)
{
	struct crowd *crowd = arg;
	_cleanup_buf_ struct buf line = BUF_INIT;
	char last[STAMP + 1] = "";
	uint64_t offset = 0;
	bool more = true;

	while (more) {
		more = atomic_load(&crowd->adding);
		for (;;) {
			buf_clear(&line);
			events_read_line(crowd->events, &offset, 4096, &line);
			if (line.len == 0)
				break;
			offset += line.len;
			if (line.len <= STAMP || line.data[line.len - 1] != '\n' ||
				!strstr(line.data, "Z acme written n=") ||
				memcmp(line.data, last, STAMP) < 0)
				return (void *)"a line that is none";
			memcpy(last, line.data, STAMP);
		}
	}
	return offset == events_size(crowd->events, NULL) ? NULL
							  : (void *)"it missed the end";
}

static void test_crowd(void **state)
{
	struct crowd crowd = { .events = *state };
	pthread_t adders[ADDERS], readers[READERS];
	void *fault;

	atomic_init(&crowd.next, 1);
	atomic_init(&crowd.adding, ADDERS);
	for (size_t i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&readers[i], NULL, reader, &crowd), 0);
	for (size_t i = 0; i < ADDERS; i++)
		assert_int_equal(pthread_create(&adders[i], NULL, adder, &crowd), 0);
	for (size_t i = 0; i < ADDERS; i++)
		assert_int_equal(pthread_join(adders[i], NULL), 0);
	for (size_t i = 0; i < READERS; i++) {
		assert_int_equal(pthread_join(readers[i], &fault), 0);
		if (fault)
			fail_msg("%s", (const char *)fault);
	}
	assert_true(events_size(crowd.events, NULL) > EVENTS_RING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test_setup_teardown(test_words, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrap, setup, teardown),
		cmocka_unit_test_setup_teardown(test_offsets, setup, teardown),
		cmocka_unit_test_setup_teardown(test_listen, setup, teardown),
		cmocka_unit_test_setup_teardown(test_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(test_crowd, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
