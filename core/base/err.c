#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *err, int errnum, const char *format, ...)
{
	va_list args;

	if (!err)
		return -errnum;
	err->errnum = errnum;
	err->code[0] = '\0';
	va_start(args, format);
	(void)vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	return -errnum;
}

int err_sys(struct err *err, int errnum, const char *format, ...)
{
	char reason[128];
	va_list args;
	int n;

	if (!err)
		return -errnum;
	err->errnum = errnum;
	err->code[0] = '\0';
	va_start(args, format);
	n = vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	if (n >= 0 && (size_t)n < sizeof(err->text))
		(void)snprintf(err->text + n, sizeof(err->text) - (size_t)n, ": %s",
			strerror_r(errnum, reason, sizeof(reason)));
	return -errnum;
}

/* Puts two texts behind the first @len bytes, as far as there is room. */
static void add(struct err *err, size_t len, const char *first, const char *second)
{
	const size_t room = sizeof(err->text) - 1;

	for (; *first && len < room; first++)
		err->text[len++] = *first;
	for (; *second && len < room; second++)
		err->text[len++] = *second;
	err->text[len < room ? len : room] = '\0';
}

int err_add(struct err *err, const char *advice)
{
	if (!err)
		return -EIO;
	add(err, strlen(err->text), ": ", advice);
	return -err->errnum;
}

int err_wrap(struct err *err, const char *format, ...)
{
	char inner[ERR_TEXT_SIZE];
	va_list args;
	int n;

	if (!err)
		return -EIO;
	memcpy(inner, err->text, sizeof(inner));
	va_start(args, format);
	n = vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	add(err, n < 0 ? 0 : (size_t)n, ": ", inner);
	return -err->errnum;
}

int err_nomem(struct err *err)
{
	return err_set(err, ENOMEM, "out of memory");
}
