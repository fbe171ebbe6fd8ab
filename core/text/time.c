#include "text/time.h"

#include <errno.h>
#include <stdio.h>

enum {
	MINUTE = 60,
	HOUR = 60 * MINUTE,
	DAY = 24 * HOUR,
	EPOCH_DIGITS = 13, /* milliseconds until the year 2286 */
};

/* From here on a plain number counts milliseconds: 1e11 seconds is the year 5138. */
static const int64_t MILLISECONDS_FROM = 100000000000;

/* What four digits of a year can say. */
static const int64_t FIRST = -62167219200;
static const int64_t LAST = 253402300799;

struct moment {
	int year, month, day, hour, minute, second;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void skip(struct slice *text, size_t len)
{
	text->at += len;
	text->len -= len;
}

/* Takes exactly @count digits. */
static bool take_number(struct slice *text, size_t count, int *ret_number)
{
	int number = 0;

	if (text->len < count)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!is_digit(text->at[i]))
			return false;
		number = number * 10 + (text->at[i] - '0');
	}
	skip(text, count);
	*ret_number = number;
	return true;
}

/* Takes one character of @set. */
static bool take_any(struct slice *text, const char *set)
{
	if (!text->len || !text->at[0] || !strchr(set, text->at[0]))
		return false;
	skip(text, 1);
	return true;
}

static bool take_word(struct slice *text, const char *word)
{
	size_t len = strlen(word);

	if (text->len < len || strncasecmp(text->at, word, len) != 0)
		return false;
	skip(text, len);
	return true;
}

/* Takes `.` or `,` and digits, or nothing. */
static bool take_fraction(struct slice *text)
{
	if (!take_any(text, ".,"))
		return true;
	if (!text->len || !is_digit(text->at[0]))
		return false;
	while (text->len && is_digit(text->at[0]))
		skip(text, 1);
	return true;
}

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* A leap second (60) is taken for the second after it. */
static bool moment_is_real(const struct moment *m)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	if (m->month < 1 || m->month > 12)
		return false;
	if (m->day < 1 ||
		m->day > days[m->month - 1] + (m->month == 2 && is_leap(m->year)))
		return false;
	return m->hour <= 23 && m->minute <= 59 && m->second <= 60;
}

/* Years are counted from March, so that the leap day is the last one: then the days
 * before a month are (153 * month + 2) / 5.  400 years are 146097 days; 719468 days lie
 * between 0000-03-01 and 1970-01-01. */
static int64_t moment_print_epoch(const struct moment *m)
{
	int64_t year = m->year - (m->month <= 2) + 400;
	int64_t month = (m->month + 9) % 12;
	int64_t days = year * 365 + year / 4 - year / 100 + year / 400;

	days += (153 * month + 2) / 5 + m->day - 1;
	days -= 146097 + 719468;
	return days * DAY + m->hour * HOUR + m->minute * MINUTE + m->second;
}

static void moment_parse_epoch(struct moment *m, int64_t time)
{
	int64_t days, second, era, day_of_era, year, day, month;

	if (time < FIRST)
		time = FIRST;
	if (time > LAST)
		time = LAST;
	time += 719468 * (int64_t)DAY + 146097 * (int64_t)DAY;
	days = time / DAY;
	second = time % DAY;
	era = days / 146097;
	day_of_era = days % 146097;
	year = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
		       day_of_era / 146096) /
	       365;
	day = day_of_era - (365 * year + year / 4 - year / 100);
	month = (5 * day + 2) / 153;
	m->day = (int)(day - (153 * month + 2) / 5 + 1);
	m->month = (int)(month < 10 ? month + 3 : month - 9);
	m->year = (int)(year + (era - 1) * 400 + (m->month <= 2));
	m->hour = (int)(second / HOUR);
	m->minute = (int)(second / MINUTE % 60);
	m->second = (int)(second % 60);
}

/* `Z`, `UTC`, `GMT`, an offset, `+0000 UTC` as Go prints it, or nothing. */
static bool take_zone(struct slice *text, int *ret_seconds)
{
	int hours = 0, minutes = 0, sign;

	*ret_seconds = 0;
	(void)take_any(text, " ");
	if (!text->len || take_any(text, "zZ") || take_word(text, "UTC") ||
		take_word(text, "GMT"))
		return true;
	sign = text->at[0] == '-' ? -1 : 1;
	if (!take_any(text, "+-") || !take_number(text, 2, &hours))
		return false;
	if (text->len && text->at[0] != ' ') {
		(void)take_any(text, ":");
		if (!take_number(text, 2, &minutes))
			return false;
	}
	if (hours > 23 || minutes > 59)
		return false;
	(void)take_word(text, " UTC");
	*ret_seconds = sign * (hours * HOUR + minutes * MINUTE);
	return true;
}

static struct slice trim(struct slice text)
{
	while (text.len && strchr(" \t\r\n", text.at[0]) && text.at[0])
		skip(&text, 1);
	while (text.len && strchr(" \t\r\n", text.at[text.len - 1]) &&
		text.at[text.len - 1])
		text.len--;
	return text;
}

static int parse_epoch(struct slice text, int64_t *ret_time)
{
	int64_t number = 0;
	size_t digits = 0;

	for (; digits < text.len && is_digit(text.at[digits]); digits++) {
		if (digits == EPOCH_DIGITS)
			return -EINVAL;
		number = number * 10 + (text.at[digits] - '0');
	}
	if (!digits)
		return -EINVAL;
	skip(&text, digits);
	if (!take_fraction(&text) || text.len)
		return -EINVAL;
	*ret_time = number >= MILLISECONDS_FROM ? number / 1000 : number;
	return 0;
}

int time_parse(struct slice text, int64_t *ret_time)
{
	struct moment m = { .year = 0 };
	struct slice rest = trim(text);
	int zone = 0;

	if (parse_epoch(rest, ret_time) == 0)
		return 0;
	if (!take_number(&rest, 4, &m.year) || !take_any(&rest, "-") ||
		!take_number(&rest, 2, &m.month) || !take_any(&rest, "-") ||
		!take_number(&rest, 2, &m.day) || !take_any(&rest, "Tt ") ||
		!take_number(&rest, 2, &m.hour) || !take_any(&rest, ":") ||
		!take_number(&rest, 2, &m.minute) || !take_any(&rest, ":") ||
		!take_number(&rest, 2, &m.second) || !take_fraction(&rest) ||
		!take_zone(&rest, &zone) || rest.len || !moment_is_real(&m))
		return -EINVAL;
	*ret_time = moment_print_epoch(&m) - zone;
	return 0;
}

int time_parse_http(struct slice text, int64_t *ret_time)
{
	static const char days[] = "Mon,Tue,Wed,Thu,Fri,Sat,Sun,";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct moment m = { .year = 0 };
	struct slice rest = trim(text);
	bool known = false;

	for (const char *day = days; *day; day += 4)
		known |= rest.len >= 4 && memcmp(rest.at, day, 4) == 0;
	if (!known)
		return -EINVAL;
	skip(&rest, 4);
	if (!take_any(&rest, " ") || !take_number(&rest, 2, &m.day) ||
		!take_any(&rest, " "))
		return -EINVAL;
	for (int i = 0; i < 12 && rest.len >= 3; i++)
		if (memcmp(rest.at, months + (ptrdiff_t)i * 3, 3) == 0)
			m.month = i + 1;
	if (!m.month)
		return -EINVAL;
	skip(&rest, 3);
	if (!take_any(&rest, " ") || !take_number(&rest, 4, &m.year) ||
		!take_any(&rest, " ") || !take_number(&rest, 2, &m.hour) ||
		!take_any(&rest, ":") || !take_number(&rest, 2, &m.minute) ||
		!take_any(&rest, ":") || !take_number(&rest, 2, &m.second) ||
		!slice_is(rest, " GMT") || !moment_is_real(&m))
		return -EINVAL;
	*ret_time = moment_print_epoch(&m);
	return 0;
}

int time_parse_amz(struct slice text, int64_t *ret_time)
{
	struct moment m = { .year = 0 };
	struct slice rest = text;

	if (!take_number(&rest, 4, &m.year) || !take_number(&rest, 2, &m.month) ||
		!take_number(&rest, 2, &m.day) || !take_any(&rest, "T") ||
		!take_number(&rest, 2, &m.hour) || !take_number(&rest, 2, &m.minute) ||
		!take_number(&rest, 2, &m.second) || !slice_is(rest, "Z") ||
		!moment_is_real(&m))
		return -EINVAL;
	*ret_time = moment_print_epoch(&m);
	return 0;
}

static void moment_print(int64_t time, const char *dash, const char *colon,
	char ret_text[static TIME_SIZE])
{
	struct moment m;

	moment_parse_epoch(&m, time);
	(void)snprintf(ret_text, TIME_SIZE, "%04d%s%02d%s%02dT%02d%s%02d%s%02dZ", m.year,
		dash, m.month, dash, m.day, m.hour, colon, m.minute, colon, m.second);
}

void time_print(int64_t time, char ret_text[static TIME_SIZE])
{
	moment_print(time, "-", ":", ret_text);
}

void time_print_amz(int64_t time, char ret_text[static TIME_SIZE])
{
	moment_print(time, "", "", ret_text);
}
