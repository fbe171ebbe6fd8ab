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
	if (n < 0)
		n = 0;
	for (const char *at = ": "; *at && (size_t)n < sizeof(err->text) - 1; at++)
		err->text[n++] = *at;
	for (const char *at = inner; *at && (size_t)n < sizeof(err->text) - 1; at++)
		err->text[n++] = *at;
	if ((size_t)n < sizeof(err->text))
		err->text[n] = '\0';
	return -err->errnum;
}

int err_nomem(struct err *err)
{
	return err_set(err, ENOMEM, "out of memory");
}
