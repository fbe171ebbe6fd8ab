#include <errno.h>

#include "text/paste_scan.h"
#include "text/utf8.h"

static bool is_invisible(uint32_t c)
{
	return c == 0xad || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x2060 && c <= 0x2064) || c == 0xfeff;
}

static bool is_control(uint32_t c)
{
	return (c < 0x20 && c != '\t') || (c >= 0x7f && c <= 0x9f);
}

int paste_clean(struct slice text, bool open, struct buf *out, struct err *err)
{
	size_t line = 1;

	/* at once: growing would leave nothing behind, but move all of it again */
	(void)buf_room(out, text.len);
	while (text.len) {
		uint32_t c = 0;
		size_t len = utf8_first(text, &c);

		if (!len && open && utf8_is_unfinished(text))
			break;
		if (!len)
			return err_set(err, EINVAL, "line %zu: is not UTF-8 text", line);
		if (c == '\n' || c == '\r') {
			if (c == '\r' && text.len > 1 && text.at[1] == '\n')
				len = 2;
			buf_addc(out, '\n');
			line++;
		} else if (is_control(c)) {
			return err_set(
				err, EINVAL, "line %zu: has a control character", line);
		} else if (utf8_is_blank(c)) {
			buf_addc(out, ' ');
		} else if (!is_invisible(c)) {
			buf_add(out, text.at, len);
		}
		text.at += len;
		text.len -= len;
	}
	return buf_err(out) ? err_nomem(err) : 0;
}
