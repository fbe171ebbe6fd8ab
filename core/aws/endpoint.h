/* endpoint: which host answers for a service: regions, partitions, configured endpoints.
 * Pure (AWS SDKs and Tools Reference Guide, "Service-specific endpoints").  */
#pragma once

#include "base/err.h"
#include "text/awsfile.h"
#include "text/uri.h"

enum endpoint_service { ENDPOINT_STS, ENDPOINT_S3, ENDPOINT_DYNAMODB, ENDPOINT_SERVICES };

enum {
	REGION_SIZE = 33,
};

/* Whether @region may become part of a host name: [a-z0-9-]{1,32}, no `-` at either end.
 */
bool region_is_valid(const char *region);

/* Whether it looks like a region of a partition the SDKs know: `eu-west-1`, also one to
 * come, such as `eu-west-9`. */
bool region_is_known(const char *region);

/* The environment as it was when the program started; members may be NULL. */
struct endpoint_env {
	const char *region;			    /* AWS_REGION */
	const char *default_region;		    /* AWS_DEFAULT_REGION */
	const char *url;			    /* AWS_ENDPOINT_URL */
	const char *service_url[ENDPOINT_SERVICES]; /* AWS_ENDPOINT_URL_STS, ... */
	bool ignore_urls; /* AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true */
};

struct endpoint {
	struct uri uri;
	char region[REGION_SIZE];  /* to sign for */
	const char *region_source; /* "config", "environment", "default": static text */
	const char *url_source;	   /* NULL: by region; else "AWS_ENDPOINT_URL_STS", ... */
	bool configured;	   /* by a URL, so path-style and no partition rules */
};

/* Finds the endpoint of @service for @profile (a name in the two files).
 * Region: the profile (credentials file over config file, as SDKs merge), then the
 * environment, then us-east-1.  URL: as the SDKs order it: AWS_ENDPOINT_URL_<SERVICE>,
 * AWS_ENDPOINT_URL, the profile's `services` section, the profile's `endpoint_url`, else
 * the region's own host (partitions aws, aws-cn, aws-us-gov, aws-eusc). -EINVAL, with the
 * place and what to do: bad region, bad URL, a `services` section that is not there, http
 * to a host that is not loopback unless @allow_http. */
int endpoint_resolve(enum endpoint_service service, const struct awsfile *config,
	const struct awsfile *credentials, const char *profile,
	const struct endpoint_env *env, bool allow_http, struct endpoint *ret_endpoint,
	struct err *err);
