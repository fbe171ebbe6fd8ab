#include "aws/endpoint.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char services_file[] = "[profile p]\n"
				    "endpoint_url = https://own.example\n"
				    "services = mine\n"
				    "[services mine]\n"
				    "sts =\n"
				    "  endpoint_url = https://sts.example/path/\n"
				    "s3 =\n"
				    "  addressing_style = path\n";

/* clang-format off */
static const struct {
	const char *what;
	enum endpoint_service service;
	const char *config;
	const char *credentials;
	struct endpoint_env env;
	bool allow_http;
	const char *host; /* NULL: -EINVAL, and `region` must be in the text */
	const char *region;
	const char *region_source;
	const char *url_source;
} cases[] = {
	/* the region */
	{ "nothing at all", ENDPOINT_STS, "", "", { 0 }, false,
		"sts.us-east-1.amazonaws.com", "us-east-1", "default", NULL },
	{ "AWS_DEFAULT_REGION", ENDPOINT_STS, "", "", { .default_region = "eu-north-1" },
		false, "sts.eu-north-1.amazonaws.com", "eu-north-1", "environment",
		NULL },
	{ "AWS_REGION wins", ENDPOINT_STS, "", "",
		{ .region = "eu-west-1", .default_region = "eu-north-1" }, false,
		"sts.eu-west-1.amazonaws.com", "eu-west-1", "environment", NULL },
	{ "an empty AWS_REGION is none", ENDPOINT_STS, "", "",
		{ .region = "", .default_region = "eu-north-1" }, false,
		"sts.eu-north-1.amazonaws.com", "eu-north-1", "environment", NULL },
	{ "the profile wins", ENDPOINT_STS, "[profile p]\nregion=ap-south-1\n", "",
		{ .region = "eu-west-1" }, false, "sts.ap-south-1.amazonaws.com",
		"ap-south-1", "config", NULL },
	{ "the credentials file wins", ENDPOINT_STS, "[profile p]\nregion=ap-south-1\n",
		"[p]\nregion = sa-east-1\n", { 0 }, false, "sts.sa-east-1.amazonaws.com",
		"sa-east-1", "config", NULL },
	{ "another profile's does not count", ENDPOINT_STS,
		"[profile q]\nregion=ap-south-1\n", "", { 0 }, false,
		"sts.us-east-1.amazonaws.com", "us-east-1", "default", NULL },
	{ "a comment behind it", ENDPOINT_STS, "[profile p]\nregion=ap-south-1 # here\n",
		"", { 0 }, false, "sts.ap-south-1.amazonaws.com", "ap-south-1", "config",
		NULL },
	{ "a host in the region", ENDPOINT_STS, "[profile p]\nregion=evil.example/\n", "",
		{ 0 }, false, NULL, "profile `p': region: `evil.example/'", NULL, NULL },
	{ "a region too long", ENDPOINT_STS, "", "",
		{ .region = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }, false, NULL,
		"AWS_REGION: `aaaa", NULL, NULL },
	{ "a bad AWS_DEFAULT_REGION", ENDPOINT_STS, "", "", { .default_region = "EU" },
		false, NULL, "AWS_DEFAULT_REGION: `EU'", NULL, NULL },
	/* partitions */
	{ "s3 is regional", ENDPOINT_S3, "", "", { 0 }, false,
		"s3.us-east-1.amazonaws.com", "us-east-1", "default", NULL },
	{ "China", ENDPOINT_S3, "", "", { .region = "cn-north-1" }, false,
		"s3.cn-north-1.amazonaws.com.cn", "cn-north-1", "environment", NULL },
	{ "GovCloud", ENDPOINT_DYNAMODB, "", "", { .region = "us-gov-west-1" }, false,
		"dynamodb.us-gov-west-1.amazonaws.com", "us-gov-west-1", "environment",
		NULL },
	{ "the European sovereign cloud", ENDPOINT_STS, "", "",
		{ .region = "eusc-de-east-1" }, false, "sts.eusc-de-east-1.amazonaws.eu",
		"eusc-de-east-1", "environment", NULL },
	{ "iso", ENDPOINT_STS, "", "", { .region = "us-iso-east-1" }, false,
		"sts.us-iso-east-1.c2s.ic.gov", "us-iso-east-1", "environment", NULL },
	{ "iso-b", ENDPOINT_STS, "", "", { .region = "us-isob-east-1" }, false,
		"sts.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1", "environment",
		NULL },
	{ "a region of tomorrow", ENDPOINT_DYNAMODB, "", "", { .region = "xx-new-9" },
		false, "dynamodb.xx-new-9.amazonaws.com", "xx-new-9", "environment",
		NULL },
	{ "the global sts", ENDPOINT_STS, "", "", { .region = "aws-global" }, false,
		"sts.amazonaws.com", "us-east-1", "environment", NULL },
	{ "s3 has none", ENDPOINT_S3, "", "", { .region = "aws-global" }, false,
		"s3.us-east-1.amazonaws.com", "us-east-1", "environment", NULL },
	/* configured URLs, strongest first */
	{ "AWS_ENDPOINT_URL_STS", ENDPOINT_STS, services_file, "",
		{ .url = "https://all.example",
			.service_url = { "https://one.example" } },
		false, "one.example", "us-east-1", "default", "AWS_ENDPOINT_URL_STS" },
	{ "AWS_ENDPOINT_URL_S3 is not for sts", ENDPOINT_STS, "", "",
		{ .service_url = { NULL, "https://one.example" } }, false,
		"sts.us-east-1.amazonaws.com", "us-east-1", "default", NULL },
	{ "AWS_ENDPOINT_URL_DYNAMODB", ENDPOINT_DYNAMODB, "", "",
		{ .service_url = { NULL, NULL, "https://one.example" } }, false,
		"one.example", "us-east-1", "default", "AWS_ENDPOINT_URL_DYNAMODB" },
	{ "AWS_ENDPOINT_URL", ENDPOINT_STS, services_file, "",
		{ .url = "https://all.example", .service_url = { "" } }, false,
		"all.example", "us-east-1", "default", "AWS_ENDPOINT_URL" },
	{ "the services section", ENDPOINT_STS, services_file, "", { 0 }, false,
		"sts.example/path", "us-east-1", "default", "services section" },
	{ "one without this service", ENDPOINT_DYNAMODB, services_file, "", { 0 }, false,
		"own.example", "us-east-1", "default", "endpoint_url" },
	{ "one without a URL", ENDPOINT_S3, services_file, "", { 0 }, false,
		"own.example", "us-east-1", "default", "endpoint_url" },
	{ "endpoint_url in the credentials file wins", ENDPOINT_S3,
		"[profile p]\nendpoint_url=https://config.example\n",
		"[p]\nendpoint_url=https://creds.example\n", { 0 }, false,
		"creds.example", "us-east-1", "default", "endpoint_url" },
	{ "a services section that is not there", ENDPOINT_STS,
		"[profile p]\nservices = gone\n", "", { 0 }, false, NULL,
		"[services gone]", NULL, NULL },
	{ "which does not matter then", ENDPOINT_STS, "[profile p]\nservices = gone\n",
		"", { .url = "https://all.example" }, false, "all.example", "us-east-1",
		"default", "AWS_ENDPOINT_URL" },
	{ "all ignored by the environment", ENDPOINT_STS, services_file, "",
		{ .url = "https://all.example",
			.service_url = { "https://one.example" },
			.ignore_urls = true },
		false, "sts.us-east-1.amazonaws.com", "us-east-1", "default", NULL },
	{ "all ignored by the profile", ENDPOINT_STS,
		"[profile p]\nignore_configured_endpoint_urls = TRUE\n"
		"endpoint_url = https://own.example\n",
		"", { .url = "https://all.example" }, false,
		"sts.us-east-1.amazonaws.com", "us-east-1", "default", NULL },
	{ "not ignored", ENDPOINT_STS,
		"[profile p]\nignore_configured_endpoint_urls = false\n"
		"endpoint_url = https://own.example\n",
		"", { 0 }, false, "own.example", "us-east-1", "default", "endpoint_url" },
	{ "the global region signs for us-east-1 also there", ENDPOINT_STS, "", "",
		{ .region = "aws-global", .url = "https://all.example" }, false,
		"all.example", "us-east-1", "environment", "AWS_ENDPOINT_URL" },
	/* http */
	{ "http to loopback", ENDPOINT_STS, "", "", { .url = "http://127.0.0.1:4566" },
		false, "127.0.0.1:4566", "us-east-1", "default", "AWS_ENDPOINT_URL" },
	{ "http to ::1", ENDPOINT_STS, "", "", { .url = "http://[::1]:4566" }, false,
		"[::1]:4566", "us-east-1", "default", "AWS_ENDPOINT_URL" },
	{ "http elsewhere", ENDPOINT_STS, "", "", { .url = "http://aws.example" }, false,
		NULL, "`aws.example' unencrypted", NULL, NULL },
	{ "http elsewhere, allowed", ENDPOINT_STS, "", "",
		{ .url = "http://aws.example" }, true, "aws.example", "us-east-1",
		"default", "AWS_ENDPOINT_URL" },
	{ "not a URL", ENDPOINT_STS, "", "", { .url = "aws.example" }, false, NULL,
		"AWS_ENDPOINT_URL: ", NULL, NULL },
	{ "a user in it", ENDPOINT_STS,
		"[profile p]\nendpoint_url=https://a:b@c.example\n", "", { 0 }, false,
		NULL, "endpoint_url: ", NULL, NULL },
};
/* clang-format on */

static void run(size_t i)
{
	_cleanup_awsfile_ struct awsfile config = AWSFILE_INIT;
	_cleanup_awsfile_ struct awsfile credentials = AWSFILE_INIT;
	_cleanup_buf_ struct buf place = BUF_INIT;
	const struct slice config_text = { cases[i].config, strlen(cases[i].config) };
	const struct slice creds_text = { cases[i].credentials,
		strlen(cases[i].credentials) };
	struct endpoint endpoint = { .configured = false };
	struct err err = ERR_INIT;
	int r;

	print_message("%s\n", cases[i].what);
	assert_int_equal(awsfile_parse(&config, AWSFILE_CONFIG, config_text, NULL), 0);
	assert_int_equal(
		awsfile_parse(&credentials, AWSFILE_CREDENTIALS, creds_text, NULL), 0);
	r = endpoint_resolve(cases[i].service, &config, &credentials, "p", &cases[i].env,
		cases[i].allow_http, &endpoint, &err);
	if (!cases[i].host) {
		assert_int_equal(r, -EINVAL);
		assert_non_null(strstr(err.text, cases[i].region));
		assert_int_equal(endpoint.region[0], '\0');
		return;
	}
	assert_int_equal(r, 0);
	uri_print_host(&endpoint.uri, &place);
	buf_adds(&place, endpoint.uri.path);
	assert_string_equal(buf_text(&place), cases[i].host);
	assert_string_equal(endpoint.region, cases[i].region);
	assert_string_equal(endpoint.region_source, cases[i].region_source);
	assert_int_equal(endpoint.configured, cases[i].url_source != NULL);
	if (cases[i].url_source)
		assert_string_equal(endpoint.url_source, cases[i].url_source);
	else
		assert_null(endpoint.url_source);
	assert_true(endpoint.uri.https || endpoint.configured);
}

static void all_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		run(i);
}

static void without_files(void **state)
{
	const struct endpoint_env env = { .region = "eu-west-1" };
	struct endpoint endpoint;

	(void)state;
	assert_int_equal(endpoint_resolve(ENDPOINT_S3, NULL, NULL, "p", &env, false,
				 &endpoint, NULL),
		0);
	assert_string_equal(endpoint.uri.host, "s3.eu-west-1.amazonaws.com");
}

static void region_names(void **state)
{
	static const char *const good[] = { "eu-west-1", "a", "us-gov-west-1",
		"abcdefghijklmnopqrstuvwxyz012345" };
	static const char *const bad[] = { "", "-a", "a-", "eu_west", "eu.west", "EU",
		"a b", "a/b", "a@b", "abcdefghijklmnopqrstuvwxyz0123456", "\xc3\xa9" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(region_is_valid(good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(region_is_valid(bad[i]));
}

static void regions_of_partitions(void **state)
{
	static const char *const known[] = { "af-south-1", "ap-southeast-7", "aws-global",
		"aws-us-gov-global", "ca-west-1", "cn-northwest-1", "eu-isoe-west-1",
		"eu-west-12", "eusc-de-east-1", "il-central-1", "me-south-1",
		"mx-central-1", "sa-east-1", "us-east-1", "us-gov-east-1",
		"us-iso-west-1", "us-isob-east-1", "us-isof-south-1" };
	static const char *const unknown[] = { "", "eu", "eu-", "eu-west", "eu-west-",
		"eu-west-1a", "eu-west-x", "eu--1", "us-east1", "useast-1", "global",
		"xx-west-1", "us-gov-1-x", "eusc-east-1", "EU-west-1", "eu-west-1-1",
		"local" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (!region_is_known(known[i]))
			fail_msg("%s", known[i]);
	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++)
		if (region_is_known(unknown[i]))
			fail_msg("%s", unknown[i]);
}

/* What a file says must not reach the terminal as it is. */
static void message_is_printable(void **state)
{
	const struct endpoint_env env = { .region = "a\033[2J\n\xff" };
	struct endpoint endpoint;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(endpoint_resolve(ENDPOINT_S3, NULL, NULL, "p", &env, false,
				 &endpoint, &err),
		-EINVAL);
	assert_non_null(strstr(err.text, "`a?[2J?"
					 "?'"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_cases),
		cmocka_unit_test(without_files),
		cmocka_unit_test(region_names),
		cmocka_unit_test(regions_of_partitions),
		cmocka_unit_test(message_is_printable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
