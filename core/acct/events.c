#include "acct/events.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "io/clock.h"
#include "text/time.h"
#include "text/utf8.h"

static const char *const words[EVENT_COUNT] = {
	[EVENT_WRITTEN] = "written",
	[EVENT_CHANGED] = "changed",
	[EVENT_PENDING] = "pending",
	[EVENT_ADOPTED] = "adopted",
	[EVENT_DECLINED] = "declined",
	[EVENT_EXPIRED] = "expired",
	[EVENT_EXPIRING] = "expiring",
	[EVENT_VALID] = "valid",
	[EVENT_INVALID] = "invalid",
	[EVENT_FAILED] = "failed",
	[EVENT_BROKEN] = "broken",
	[EVENT_REPAIRED] = "repaired",
};

struct events {
	events_name_fn *name;
	pthread_mutex_t lock; /* guards all below */
	char *ring;	      /* byte N ever added stands at N % EVENTS_RING */
	uint64_t start;	      /* the oldest line kept */
	uint64_t end;
	int64_t time_ms;
	events_heard_fn *heard;
	void *arg;
};

struct events *events_new(events_name_fn *name)
{
	struct events *events = calloc(1, sizeof(*events));

	if (!events)
		return NULL;
	events->ring = malloc(EVENTS_RING);
	if (!events->ring) {
		free(events);
		return NULL;
	}
	events->name = name;
	(void)pthread_mutex_init(&events->lock, NULL);
	return events;
}

struct events *events_free(struct events *events)
{
	if (!events)
		return NULL;
	(void)pthread_mutex_destroy(&events->lock);
	free(events->ring);
	free(events);
	return NULL;
}

void events_listen(struct events *events, events_heard_fn *heard, void *arg)
{
	pthread_mutex_lock(&events->lock);
	events->heard = heard;
	events->arg = arg;
	pthread_mutex_unlock(&events->lock);
}

enum {
	STAMP = sizeof("2026-11-23T20:15:04.123Z") - 1,
};

/* A line as it is made, without its time and end; what does not fit is left out, never
 * half a character. */
struct line {
	char text[EVENTS_LINE - STAMP - 1];
	size_t len;
	bool full;
};

static void put(struct line *line, const char *text, size_t len)
{
	line->full = line->full || len > sizeof(line->text) - line->len;
	if (line->full)
		return;
	memcpy(line->text + line->len, text, len);
	line->len += len;
}

static bool is_plain(uint32_t c)
{
	return c > 0x20 && c != '%' && !(c >= 0x7f && c < 0xa0) && !utf8_is_blank(c);
}

/* Takes the first character of @text, or byte if it is none. */
static void put_first(struct line *line, struct slice *text)
{
	uint32_t c = 0;
	size_t len = utf8_first(*text, &c);
	char coded[4 * 3 + 1];

	if (len && is_plain(c)) {
		put(line, text->at, len);
	} else {
		len = len ? len : 1;
		for (size_t i = 0; i < len; i++)
			(void)snprintf(coded + 3 * i, 4, "%%%02X",
				(unsigned int)(unsigned char)text->at[i]);
		put(line, coded, 3 * len);
	}
	text->at += len;
	text->len -= len;
}

static void put_coded(struct line *line, const char *value)
{
	struct slice text = { value, strlen(value) };

	while (text.len)
		put_first(line, &text);
}

/* The name of a directory is percent-encoded already, but for its blanks; and `-' is no
 * name here. */
static void put_account(
	struct line *line, const struct events *events, const char *account)
{
	char file[256];

	if (events->name && account)
		events->name(account, file);
	else
		(void)snprintf(file, sizeof(file), "%s", account ? account : "");
	if (strcmp(file, "-") == 0)
		put(line, "%2D", 3);
	else if (!file[0])
		put(line, "-", 1);
	for (struct slice rest = { file, strcmp(file, "-") ? strlen(file) : 0 };
		rest.len;) {
		if (rest.at[0] == '%') {
			put(line, rest.at++, 1);
			rest.len--;
		} else {
			put_first(line, &rest);
		}
	}
}

static void put_details(struct line *line, va_list details)
{
	const char *name, *value;

	while ((name = va_arg(details, const char *))) {
		value = va_arg(details, const char *);
		if (!value || !value[0])
			continue;
		put(line, " ", 1);
		put(line, name, strlen(name));
		put(line, "=", 1);
		put_coded(line, value);
	}
}

static char byte_at(const struct events *events, uint64_t offset)
{
	return events->ring[offset % EVENTS_RING];
}

/* The offset behind the line that @from is in, at most @end. */
static uint64_t line_end(const struct events *events, uint64_t from, uint64_t end)
{
	while (from < end && byte_at(events, from++) != '\n')
		continue;
	return from;
}

/* Forgets the oldest lines until @len bytes more fit. */
static void make_room(struct events *events, size_t len)
{
	while (events->end + len - events->start > EVENTS_RING)
		events->start = line_end(events, events->start, events->end);
}

static void ring_add(struct events *events, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		events->ring[events->end++ % EVENTS_RING] = text[i];
}

/* Call with the lock held, so that the lines are in the order of their times. */
static void add_line(struct events *events, const struct line *line)
{
	char when[TIME_SIZE], stamp[STAMP + 8];
	int64_t now = clock_now_ms();

	time_print(now / 1000, when);
	(void)snprintf(stamp, sizeof(stamp), "%.19s.%03dZ", when, (int)(now % 1000));
	make_room(events, STAMP + line->len + 1);
	ring_add(events, stamp, STAMP);
	ring_add(events, line->text, line->len);
	ring_add(events, "\n", 1);
	events->time_ms = now;
}

void events_add(struct events *events, enum event event, const char *account, ...)
{
	struct line line = { .len = 0 };
	va_list details;

	put(&line, " ", 1);
	put_account(&line, events, account);
	put(&line, " ", 1);
	put(&line, words[event], strlen(words[event]));
	va_start(details, account);
	put_details(&line, details);
	va_end(details);
	pthread_mutex_lock(&events->lock);
	add_line(events, &line);
	if (events->heard)
		events->heard(events->arg);
	pthread_mutex_unlock(&events->lock);
}

uint64_t events_size(struct events *events, int64_t *ret_time_ms)
{
	uint64_t end;

	pthread_mutex_lock(&events->lock);
	end = events->end;
	if (ret_time_ms)
		*ret_time_ms = events->time_ms;
	pthread_mutex_unlock(&events->lock);
	return end;
}

/* Appends what stands from @from to @to.  Call with the lock held. */
static void copy(const struct events *events, uint64_t from, uint64_t to, struct buf *out)
{
	size_t at = from % EVENTS_RING, len = (size_t)(to - from);
	size_t first = len < EVENTS_RING - at ? len : EVENTS_RING - at;

	buf_add(out, events->ring + at, first);
	buf_add(out, events->ring, len - first);
}

/* The end of what a read from @from gives. */
static uint64_t read_end(
	const struct events *events, uint64_t from, size_t size, bool one_line)
{
	uint64_t end = events->end - from < size ? events->end : from + size;
	uint64_t whole;

	if (one_line)
		return line_end(events, from, end);
	/* a read that goes on later, behind the oldest line, has no half line before */
	for (whole = end; whole > from && byte_at(events, whole - 1) != '\n'; whole--)
		continue;
	return whole > from ? whole : end;
}

static void read_ring(struct events *events, uint64_t *offset, size_t size, bool one_line,
	struct buf *out)
{
	uint64_t end;

	pthread_mutex_lock(&events->lock);
	if (*offset < events->start)
		*offset = events->start;
	if (*offset < events->end) {
		end = read_end(events, *offset, size, one_line);
		copy(events, *offset, end, out);
	}
	pthread_mutex_unlock(&events->lock);
}

void events_read(struct events *events, uint64_t *offset, size_t size, struct buf *out)
{
	read_ring(events, offset, size, false, out);
}

void events_read_line(
	struct events *events, uint64_t *offset, size_t size, struct buf *out)
{
	read_ring(events, offset, size, true, out);
}
