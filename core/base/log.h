/* log: lines for whoever runs the daemon: standard error in the foreground, syslog
 * behind.
 *
 * Only boundaries log (fs/ops.c, fs/main.c, a watch's callback), never with secrets. */
#pragma once

#include "base/macro.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Sets the most talkative level shown; the default is LOG_LEVEL_INFO.  Call before
 * threads. */
void log_level_set(enum log_level level);

/* From now on to syslog(3) instead of standard error.  Call before threads. */
void log_to_syslog(const char *program);

void log_line(enum log_level level, const char *format, ...) _printf_(2, 3);

#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_info(...)  log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)
