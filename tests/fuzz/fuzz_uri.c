/* uri and time: what was printed reads as the same again. */
#include <stdint.h>
#include <string.h>

#include "text/time.h"
#include "text/uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
	if (!good)
		abort();
}

static void check_coding(struct slice text)
{
	_cleanup_buf_ struct buf encoded = BUF_INIT, decoded = BUF_INIT;

	uri_encode(&encoded, text, text.len % 2);
	uri_decode(&decoded, (struct slice){ buf_text(&encoded), encoded.len });
	check(decoded.len == text.len);
	check(!text.len || memcmp(decoded.data, text.at, text.len) == 0);
	buf_clear(&decoded);
	uri_decode(&decoded, text);
	check(decoded.len <= text.len);
}

static void check_uri(const char *url)
{
	_cleanup_buf_ struct buf printed = BUF_INIT;
	struct uri uri, again;

	if (uri_parse(url, &uri, NULL))
		return;
	buf_adds(&printed, uri.https ? "https://" : "http://");
	uri_print_host(&uri, &printed);
	check(strcspn(buf_text(&printed), "@?#\\ \r\n") == printed.len);
	buf_adds(&printed, uri.path);
	check(!uri_parse(buf_text(&printed), &again, NULL));
	check(strcmp(uri.host, again.host) == 0 && strcmp(uri.path, again.path) == 0);
	check(uri.port == again.port && uri.https == again.https);
	check(uri_is_loopback(&uri) == uri_is_loopback(&again));
}

static void check_time(struct slice text)
{
	int64_t time, again;
	char printed[TIME_SIZE];

	if (!time_parse(text, &time)) {
		time_print(time, printed);
		check(strlen(printed) == 20);
		check(!time_parse((struct slice){ printed, strlen(printed) }, &again));
		/* a zone may lead out of the years that four digits say */
		check(time == again || time < -62167219200 || time > 253402300799);
	}
	if (!time_parse_amz(text, &time)) {
		time_print_amz(time, printed);
		check(!time_parse_amz(
			(struct slice){ printed, strlen(printed) }, &again));
		check(time == again || time > 253402300799);
	}
	(void)time_parse_http(text, &time);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	_cleanup_free_ char *copy = slice_dup(text);

	check(copy);
	check_coding(text);
	check_uri(copy);
	check_time(text);
	return 0;
}
