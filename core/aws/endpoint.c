#include "aws/endpoint.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* clang-format off */
/* What the SDKs call a service in variables and in `services` sections. */
static const struct {
	const char *name;
	const char *variable;
} services[ENDPOINT_SERVICES] = {
	[ENDPOINT_STS]      = { "sts",      "AWS_ENDPOINT_URL_STS" },
	[ENDPOINT_S3]       = { "s3",       "AWS_ENDPOINT_URL_S3" },
	[ENDPOINT_DYNAMODB] = { "dynamodb", "AWS_ENDPOINT_URL_DYNAMODB" },
};

/* The first row whose prefix fits; what fits none is in partition aws.  (The SDKs'
 * partitions.json.) */
static const struct {
	const char *prefix;
	const char *suffix;
} partitions[] = {
	{ "cn-",      "amazonaws.com.cn" }, /* aws-cn */
	{ "eu-isoe-", "cloud.adc-e.uk" },   /* aws-iso-e */
	{ "eusc-",    "amazonaws.eu" },     /* aws-eusc */
	{ "us-gov-",  "amazonaws.com" },    /* aws-us-gov */
	{ "us-iso-",  "c2s.ic.gov" },       /* aws-iso */
	{ "us-isob-", "sc2s.sgov.gov" },    /* aws-iso-b */
	{ "us-isof-", "csp.hci.ic.gov" },   /* aws-iso-f */
	{ "",         "amazonaws.com" },    /* aws */
};
/* What stands before `-west-1` in regions of all partitions, and the names of none. */
static const char *const areas[] = { "af", "ap", "ca", "cn", "eu", "eu-isoe", "eusc-de",
	"il", "me", "mx", "sa", "us", "us-gov", "us-iso", "us-isob", "us-isof" };
static const char *const globals[] = { "aws-cn-global", "aws-global", "aws-iso-b-global",
	"aws-iso-e-global", "aws-iso-f-global", "aws-iso-global", "aws-us-gov-global" };
/* clang-format on */

static const char region_default[] = "us-east-1";
static const char region_global[] = "aws-global";

/* What one resolution reads. */
struct sources {
	const struct awsfile *config;
	const struct awsfile *credentials;
	const char *profile;
	const struct endpoint_env *env;
};

bool region_is_valid(const char *region)
{
	size_t len = strlen(region);

	if (len == 0 || len >= REGION_SIZE || region[0] == '-' || region[len - 1] == '-')
		return false;
	return strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

bool region_is_known(const char *region)
{
	for (size_t i = 0; i < ARRAY_SIZE(globals); i++)
		if (strcmp(region, globals[i]) == 0)
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(areas); i++) {
		size_t len = strlen(areas[i]), word, digits;
		const char *rest = region + len + 1;

		if (strncmp(region, areas[i], len) != 0 || region[len] != '-')
			continue;
		word = strspn(rest, "abcdefghijklmnopqrstuvwxyz0123456789_");
		if (!word || rest[word] != '-')
			continue;
		digits = strspn(rest + word + 1, "0123456789");
		if (digits && !rest[word + 1 + digits])
			return true;
	}
	return false;
}

/* Some SDKs end a value at ` #` or ` ;`, and no region, URL or name here holds a blank.
 */
static struct slice without_comment(struct slice value)
{
	for (size_t i = 1; i < value.len; i++)
		if ((value.at[i] == '#' || value.at[i] == ';') &&
			(value.at[i - 1] == ' ' || value.at[i - 1] == '\t')) {
			value.len = i - 1;
			break;
		}
	while (value.len && strchr(" \t", value.at[value.len - 1]))
		value.len--;
	return value;
}

/* The profile's value of @key; the credentials file wins, as SDKs merge the two. */
static bool profile_get(
	const struct sources *sources, const char *key, struct slice *ret_value)
{
	const struct awsfile *files[] = { sources->credentials, sources->config };

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct slice value;

		if (!files[i] || !awsfile_get(files[i], AWSFILE_PROFILE, sources->profile,
					 key, &value))
			continue;
		value = without_comment(value);
		if (!value.len)
			continue;
		*ret_value = value;
		return true;
	}
	return false;
}

/* Text from outside for a message: short, printable. */
static const char *shown(struct slice text, char to[static 65])
{
	size_t len = text.len < 64 ? text.len : 64;

	for (size_t i = 0; i < len; i++)
		to[i] = text.at[i] >= ' ' && text.at[i] <= '~' ? text.at[i] : '?';
	to[len] = '\0';
	return to;
}

static int region_take(struct slice value, const char *place, const char *source,
	struct endpoint *endpoint, struct err *err)
{
	char region[REGION_SIZE], text[65];

	if (value.len < sizeof(region)) {
		memcpy(region, value.at, value.len);
		region[value.len] = '\0';
		if (strlen(region) == value.len && region_is_valid(region)) {
			memcpy(endpoint->region, region, sizeof(region));
			endpoint->region_source = source;
			return 0;
		}
	}
	return err_set(err, EINVAL,
		"%s: `%s' is not the name of a region: write one such as eu-west-1",
		place, shown(value, text));
}

static int region_find(
	const struct sources *sources, struct endpoint *endpoint, struct err *err)
{
	const struct {
		const char *name;
		const char *value;
	} variables[] = {
		{ "AWS_REGION", sources->env->region },
		{ "AWS_DEFAULT_REGION", sources->env->default_region },
	};
	struct slice value;
	int r;

	if (profile_get(sources, "region", &value)) {
		char name[65];

		r = region_take(value, "region", "config", endpoint, err);
		if (r == -EINVAL)
			return err_wrap(err, "profile `%s'",
				shown((struct slice){ sources->profile,
					      strlen(sources->profile) },
					name));
		return r;
	}
	for (size_t i = 0; i < ARRAY_SIZE(variables); i++)
		if (variables[i].value && *variables[i].value)
			return region_take((struct slice){ variables[i].value,
						   strlen(variables[i].value) },
				variables[i].name, "environment", endpoint, err);
	return region_take((struct slice){ region_default, strlen(region_default) },
		"region", "default", endpoint, err);
}

static bool ignores_urls(const struct sources *sources)
{
	struct slice value;

	return sources->env->ignore_urls ||
	       (profile_get(sources, "ignore_configured_endpoint_urls", &value) &&
		       slice_is_nocase(value, "true"));
}

/* The URL of the profile: of its `services` section, or its own. */
static int profile_url(const struct sources *sources, const char *service, char **ret_url,
	const char **ret_source, struct err *err)
{
	_cleanup_free_ char *section = NULL;
	struct slice value, url = { NULL, 0 };
	char text[65];

	if (profile_get(sources, "services", &value)) {
		section = slice_dup(value);
		if (!section)
			return err_nomem(err);
		if (!sources->config ||
			!awsfile_find(sources->config, AWSFILE_SERVICES, section))
			return err_set(err, EINVAL,
				"the config file has no section [services %s]: add it, "
				"or "
				"take `services' out of the profile",
				shown(value, text));
		if (awsfile_get_nested(sources->config, AWSFILE_SERVICES, section,
			    service, "endpoint_url", &value)) {
			url = without_comment(value);
			*ret_source = "services section";
		}
	}
	if (!url.len && profile_get(sources, "endpoint_url", &value)) {
		url = value;
		*ret_source = "endpoint_url";
	}
	if (!url.len)
		return 0;
	*ret_url = slice_dup(url);
	return *ret_url ? 0 : err_nomem(err);
}

/* Gives the configured URL, or leaves NULL. */
static int url_find(const struct sources *sources, enum endpoint_service service,
	char **ret_url, const char **ret_source, struct err *err)
{
	const struct endpoint_env *env = sources->env;
	const char *url = env->service_url[service];

	if (ignores_urls(sources))
		return 0;
	*ret_source = services[service].variable;
	if (!url || !*url) {
		url = env->url;
		*ret_source = "AWS_ENDPOINT_URL";
	}
	if (!url || !*url)
		return profile_url(
			sources, services[service].name, ret_url, ret_source, err);
	*ret_url = strdup(url);
	return *ret_url ? 0 : err_nomem(err);
}

/* `aws-global` is a name for the service's one old host; it signs for us-east-1. */
static void host_of_region(enum endpoint_service service, struct endpoint *endpoint)
{
	struct uri *uri = &endpoint->uri;
	size_t i = 0;

	uri->https = true;
	if (strcmp(endpoint->region, region_global) == 0) {
		memcpy(endpoint->region, region_default, sizeof(region_default));
		if (service == ENDPOINT_STS) {
			(void)snprintf(uri->host, sizeof(uri->host), "sts.amazonaws.com");
			return;
		}
	}
	while (strncmp(endpoint->region, partitions[i].prefix,
		       strlen(partitions[i].prefix)) != 0)
		i++;
	(void)snprintf(uri->host, sizeof(uri->host), "%s.%s.%s", services[service].name,
		endpoint->region, partitions[i].suffix);
}

static int use_url(const char *url, const char *source, bool allow_http,
	struct endpoint *endpoint, struct err *err)
{
	int r = uri_parse(url, &endpoint->uri, err);

	if (r)
		return err_wrap(err, "%s", source);
	if (!endpoint->uri.https && !allow_http && !uri_is_loopback(&endpoint->uri))
		return err_set(err, EINVAL,
			"%s: credentials would go to `%s' unencrypted: write https://, "
			"or mount with -o allow_http",
			source, endpoint->uri.host);
	if (strcmp(endpoint->region, region_global) == 0)
		memcpy(endpoint->region, region_default, sizeof(region_default));
	endpoint->url_source = source;
	endpoint->configured = true;
	return 0;
}

int endpoint_resolve(enum endpoint_service service, const struct awsfile *config,
	const struct awsfile *credentials, const char *profile,
	const struct endpoint_env *env, bool allow_http, struct endpoint *ret_endpoint,
	struct err *err)
{
	const struct sources sources = { config, credentials, profile, env };
	struct endpoint endpoint = { .configured = false };
	_cleanup_free_ char *url = NULL;
	const char *source = NULL;
	int r;

	r = region_find(&sources, &endpoint, err);
	if (!r)
		r = url_find(&sources, service, &url, &source, err);
	if (r)
		return r;
	if (!url)
		host_of_region(service, &endpoint);
	else
		r = use_url(url, source, allow_http, &endpoint, err);
	if (r)
		return r;
	*ret_endpoint = endpoint;
	return 0;
}
