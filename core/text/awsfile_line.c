#include "text/awsfile_line.h"

#include "text/utf8.h"

/* ASCII first: a credentials file hardly holds anything else. */
static size_t blank_first(struct slice text)
{
	uint32_t c;
	size_t len;

	if (text.len && text.at[0] > ' ')
		return 0;
	len = utf8_first(text, &c);
	return len && utf8_is_blank(c) ? len : 0;
}

static size_t blank_last(struct slice text)
{
	uint32_t c;
	size_t len;

	if (text.len && text.at[text.len - 1] > ' ')
		return 0;
	len = utf8_last(text, &c);
	return len && utf8_is_blank(c) ? len : 0;
}

struct slice awsfile_trim(struct slice text, size_t *ret_indent)
{
	size_t indent = 0, len;

	for (; (len = blank_first(text)); indent++) {
		text.at += len;
		text.len -= len;
	}
	while ((len = blank_last(text)))
		text.len -= len;
	if (ret_indent)
		*ret_indent = indent;
	return text;
}

bool awsfile_line_next(struct slice *rest, struct awsfile_line *ret_line)
{
	size_t len = 0, end = 0;

	if (!rest->len)
		return false;
	while (len < rest->len && rest->at[len] != '\n' && rest->at[len] != '\r')
		len++;
	if (len < rest->len)
		end = 1;
	if (len + 1 < rest->len && rest->at[len] == '\r' && rest->at[len + 1] == '\n')
		end = 2;
	ret_line->all = (struct slice){ rest->at, len + end };
	ret_line->end = (struct slice){ rest->at + len, end };
	ret_line->text = awsfile_trim((struct slice){ rest->at, len }, &ret_line->indent);
	rest->at += len + end;
	rest->len -= len + end;
	return true;
}

bool awsfile_line_is_blank(const struct awsfile_line *line)
{
	return line->text.len == 0;
}

bool awsfile_line_is_comment(const struct awsfile_line *line)
{
	return line->text.len && (line->text.at[0] == '#' || line->text.at[0] == ';');
}
