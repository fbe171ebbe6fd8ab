/* http_error: what libcurl says went wrong -> struct err.  For the transport only. */
#pragma once

#include <curl/curl.h>

#include "base/err.h"

/* Fills @err with a sentence about @host and returns -errno as http.h lists them. @detail
 * is libcurl's own words or "", @os_errno what CURLINFO_OS_ERRNO gave. */
int http_error_set(struct err *err, CURLcode code, const char *host, const char *detail,
	long os_errno);
