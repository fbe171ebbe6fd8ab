#include "aws/errtext.h"

#include <stdbool.h>
#include <string.h>

enum {
	SECRET_LEAST = 40,     /* a secret key has 40 characters, a token hundreds */
	SECRET_URL_LEAST = 65, /* in base64url; role names reach 64 */
	KEY_ID_LEAST = 20,     /* AKIA and 16 */
	KEY_ID_SHOWN = 4,
};

static bool is_capital_or_digit(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_letter_or_digit(char c)
{
	return is_capital_or_digit(c) || (c >= 'a' && c <= 'z');
}

static bool is_base64(char c)
{
	return is_letter_or_digit(c) || c == '/' || c == '+' || c == '=';
}

static bool is_base64url(char c)
{
	return is_letter_or_digit(c) || c == '-' || c == '_';
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

/* Percent-encoding does not end a run. */
static size_t base64_len(const char *text)
{
	size_t len = 0;

	for (;;) {
		if (is_base64(text[len]))
			len++;
		else if (text[len] == '%' && is_hex(text[len + 1]) &&
			 is_hex(text[len + 2]))
			len += 3;
		else
			return len;
	}
}

static size_t base64url_len(const char *text)
{
	size_t len = 0;

	while (is_base64url(text[len]))
		len++;
	return len;
}

/* The length of the key id that begins here, or 0. */
static size_t key_id_len(const char *text)
{
	size_t len = 0;

	if (strncmp(text, "AKIA", 4) != 0 && strncmp(text, "ASIA", 4) != 0)
		return 0;
	while (is_capital_or_digit(text[len]))
		len++;
	return len >= KEY_ID_LEAST ? len : 0;
}

/* The length of the secret that begins here, @before being the character before, or 0.
 * All that hangs together with a secret belongs to it. */
static size_t secret_len(const char *text, char before)
{
	size_t base64 = is_base64(before) ? 0 : base64_len(text);
	size_t base64url = is_base64url(before) ? 0 : base64url_len(text);
	size_t len = base64 > base64url ? base64 : base64url, more;

	if (base64 < SECRET_LEAST && base64url < SECRET_URL_LEAST)
		return 0;
	do {
		more = base64_len(text + len);
		more += base64url_len(text + len + more);
		len += more;
	} while (more);
	return len;
}

struct line {
	char *at, *end;
};

static bool line_add(struct line *line, const char *text, size_t len)
{
	if (len > (size_t)(line->end - line->at))
		return false;
	memcpy(line->at, text, len);
	line->at += len;
	return true;
}

/* Runs of blanks and control characters become one blank, a character beyond ASCII one
 * `?`: it could turn the line around. */
static bool line_add_char(struct line *line, const char *start, char c)
{
	if ((unsigned char)c >= 0xc0)
		return line_add(line, "?", 1);
	if ((unsigned char)c >= 0x80)
		return true;
	if (c > ' ' && c != 0x7f)
		return line_add(line, &c, 1);
	if (line->at == start || line->at[-1] == ' ')
		return true;
	return line_add(line, " ", 1);
}

void errtext_clean(const char *text, char *ret_text, size_t size)
{
	struct line line = { ret_text, ret_text + size - 1 };
	const char *at = text;
	bool room = true;

	while (room && *at) {
		char before = (char)(at > text ? at[-1] : ' ');
		size_t len = secret_len(at, before);

		if (len) {
			room = line_add(&line, "...", 3);
		} else if (key_id_len(at)) {
			len = key_id_len(at);
			room = line_add(&line, "...", 3) &&
			       line_add(&line, at + len - KEY_ID_SHOWN, KEY_ID_SHOWN);
		} else {
			len = 1;
			room = line_add_char(&line, ret_text, *at);
		}
		at += len;
	}
	while (line.at > ret_text && line.at[-1] == ' ')
		line.at--;
	*line.at = '\0';
}

/* Some codes are as long as a secret, but have letters only. */
static bool code_is_harmless(const char *code, size_t len)
{
	bool digits = false;

	for (size_t i = 0; i < len; i++) {
		if ((!is_base64url(code[i]) && code[i] != '.') || key_id_len(code + i))
			return false;
		digits |= strchr("0123456789-_", code[i]) != NULL;
	}
	return len > 0 && (!digits || len < KEY_ID_LEAST);
}

void errtext_code(const char *text, char *ret_code, size_t size)
{
	size_t len = strcspn(text, ":");
	const char *hash = memrchr(text, '#', len);

	if (hash) {
		len -= (size_t)(hash + 1 - text);
		text = hash + 1;
	}
	ret_code[0] = '\0';
	if (len >= size || !code_is_harmless(text, len))
		return;
	memcpy(ret_code, text, len);
	ret_code[len] = '\0';
}
