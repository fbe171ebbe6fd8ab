#include "text/uri.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>

enum {
	PORT_HTTP = 80,
	PORT_HTTPS = 443,
	PORT_LAST = 65535,
};

static bool is_letter_or_digit(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* RFC 3986 2.3 */
static bool is_unreserved(char c)
{
	return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

void uri_encode(struct buf *out, struct slice text, bool keep_slash)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];

		if (is_unreserved((char)c) || (keep_slash && c == '/'))
			buf_addc(out, (char)c);
		else
			buf_add(out, (char[]){ '%', digits[c >> 4], digits[c & 15] }, 3);
	}
}

void uri_decode(struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (c == '%' && text.len - i > 2) {
			int high = hex_value(text.at[i + 1]),
			    low = hex_value(text.at[i + 2]);

			if (high >= 0 && low >= 0) {
				c = (char)(high << 4 | low);
				i += 2;
			}
		}
		buf_addc(out, c);
	}
}

/* A name, an IPv4 address, or an IPv6 address in brackets. */
static bool host_parse(struct slice text, char *ret_host, size_t size)
{
	struct in6_addr address;
	char *last;

	if (!text.len || text.len >= size)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		ret_host[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
	}
	ret_host[text.len] = '\0';
	if (ret_host[0] == '[') {
		last = ret_host + text.len - 1;
		if (*last != ']')
			return false;
		*last = '\0';
		if (inet_pton(AF_INET6, ret_host + 1, &address) != 1)
			return false;
		*last = ']';
		return true;
	}
	if (!is_letter_or_digit(ret_host[0]))
		return false;
	for (const char *c = ret_host; *c; c++)
		if (!is_letter_or_digit(*c) && !strchr("-._", *c))
			return false;
	return !strstr(ret_host, "..");
}

static bool port_parse(struct slice text, unsigned *ret_port)
{
	unsigned port = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		port = port * 10 + (unsigned)(text.at[i] - '0');
		if (port > PORT_LAST)
			return false;
	}
	*ret_port = port;
	return port != 0;
}

static bool path_parse(struct slice text, char *ret_path, size_t size)
{
	while (text.len && text.at[text.len - 1] == '/')
		text.len--;
	if (text.len >= size)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] <= ' ' || text.at[i] > '~' ||
			strchr("?#\"<>\\^`{|}", text.at[i]))
			return false;
	if (text.len)
		memcpy(ret_path, text.at, text.len);
	ret_path[text.len] = '\0';
	return true;
}

static bool parts_parse(const char *url, struct uri *uri)
{
	struct slice host, port = { .len = 0 }, path;
	const char *colon;

	if (strncasecmp(url, "https://", 8) == 0)
		uri->https = true;
	else if (strncasecmp(url, "http://", 7) != 0)
		return false;
	url += uri->https ? 8 : 7;
	host = (struct slice){ url, strcspn(url, "/") };
	path = (struct slice){ url + host.len, strlen(url + host.len) };

	/* the colons of an IPv6 address stand before its `]` */
	colon = memrchr(host.at, ':', host.len);
	if (colon && !memchr(colon, ']', host.len - (size_t)(colon - host.at))) {
		port.at = colon + 1;
		port.len = host.len - (size_t)(colon + 1 - host.at);
		host.len = (size_t)(colon - host.at);
		if (!port_parse(port, &uri->port))
			return false;
		if (uri->port == (unsigned)(uri->https ? PORT_HTTPS : PORT_HTTP))
			uri->port = 0;
	}
	return host_parse(host, uri->host, sizeof(uri->host)) &&
	       path_parse(path, uri->path, sizeof(uri->path));
}

int uri_parse(const char *url, struct uri *ret_uri, struct err *err)
{
	struct uri uri = { .https = false };

	/* the text is not quoted: it may hold a password */
	if (!parts_parse(url, &uri))
		return err_set(err, EINVAL,
			"the endpoint is no URL of this form: write "
			"http[s]://host[:port][/path]");
	*ret_uri = uri;
	return 0;
}

void uri_print_host(const struct uri *uri, struct buf *out)
{
	buf_adds(out, uri->host);
	if (uri->port && uri->port != (unsigned)(uri->https ? PORT_HTTPS : PORT_HTTP))
		buf_addf(out, ":%u", uri->port);
}

bool uri_is_loopback(const struct uri *uri)
{
	static const char suffix[] = ".localhost";
	size_t len = strlen(uri->host);
	struct in6_addr address6;
	struct in_addr address;
	char inner[INET6_ADDRSTRLEN + 1];

	if (strcmp(uri->host, "localhost") == 0)
		return true;
	if (len >= sizeof(suffix) &&
		strcmp(uri->host + len + 1 - sizeof(suffix), suffix) == 0)
		return true;
	if (inet_pton(AF_INET, uri->host, &address) == 1)
		return ntohl(address.s_addr) >> 24 == IN_LOOPBACKNET;
	if (uri->host[0] != '[' || len < 3 || len - 2 >= sizeof(inner))
		return false;
	memcpy(inner, uri->host + 1, len - 2);
	inner[len - 2] = '\0';
	return inet_pton(AF_INET6, inner, &address6) == 1 &&
	       IN6_IS_ADDR_LOOPBACK(&address6);
}
