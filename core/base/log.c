#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>

/* The only mutable static data: set before threads start, read only afterwards. */
static enum log_level level_shown = LOG_LEVEL_INFO;
static bool behind;

void log_level_set(enum log_level level)
{
	level_shown = level;
}

void log_to_syslog(const char *program)
{
	openlog(program, LOG_PID, LOG_USER);
	behind = true;
}

void log_line(enum log_level level, const char *format, ...)
{
	static const int priority[] = {
		[LOG_LEVEL_ERROR] = LOG_ERR,
		[LOG_LEVEL_INFO] = LOG_INFO,
		[LOG_LEVEL_DEBUG] = LOG_DEBUG,
	};
	va_list args;
	char line[1024];

	if (level > level_shown)
		return;
	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (behind)
		syslog(priority[level], "%s", line);
	else
		(void)fprintf(stderr, "acctfs: %s\n", line);
}
