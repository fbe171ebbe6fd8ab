/* Signs any target with any headers: the signature does not depend on the order of the
 * query or of different headers, the canonical query is its own canonical form, and
 * neither key nor token get into the Authorization.
 *
 * First byte: the scope's switches; the first line: the target; then headers, one a line.
 */
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "aws/sigv4.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char secret_key[] = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
static const char token[] =
	"FwoGZXIvYXdzEXAMPLE0123456789abcdefghijklmnopqrstuvwxyz+/A==";

static void check(bool good)
{
	if (!good)
		abort();
}

/* Keeps the lines that are headers, one of each name, and ends their names. */
static size_t keep_headers(char **lines, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		char *colon = strchr(lines[i], ':');
		bool known = !colon || colon == lines[i];

		if (colon)
			*colon = '\0';
		for (size_t k = 0; k < kept; k++)
			known |= strcasecmp(lines[k], lines[i]) == 0;
		if (!known)
			lines[kept++] = lines[i];
	}
	return kept;
}

static void sign(const char *target, char *const *lines, size_t count, unsigned switches,
	bool backwards, struct buf *canonical, struct buf *authorization)
{
	_cleanup_http_request_ struct http_request request = HTTP_REQUEST_INIT;
	_cleanup_creds_ struct creds creds = CREDS_INIT;
	struct sigv4_scope scope = {
		.region = "us-east-1",
		.service = "s3",
		.normalize_path = switches & 1,
		.double_encode = switches & 2,
		.sign_body = switches & 4,
		.omit_token = switches & 8,
	};
	struct sigv4_stages stages = { .canonical_request = canonical };

	check(!secret_set(&creds.key_id, "AKIDEXAMPLE", 11));
	check(!secret_set(&creds.secret_key, secret_key, strlen(secret_key)));
	check(!secret_set(&creds.token, token, strlen(token)));
	buf_adds(&request.target, target);
	for (size_t i = 0; i < count; i++) {
		const char *name = lines[backwards ? count - 1 - i : i];

		check(!http_headers_add(&request.headers, name, name + strlen(name) + 1));
	}
	if (sigv4_sign(&request, &creds, &scope, 1440938160, &stages, NULL)) {
		check(target[0] != '/');
		return;
	}
	check(strcmp(buf_text(&request.target), target) == 0);
	buf_adds(authorization, http_headers_get(&request.headers, "Authorization"));
}

static struct slice canonical_line(const struct buf *canonical, size_t number)
{
	const char *at = buf_text(canonical);

	while (number-- > 0)
		at = strchr(at, '\n') + 1;
	return (struct slice){ at, strcspn(at, "\n") };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_buf_ struct buf one = BUF_INIT, other = BUF_INIT, third = BUF_INIT;
	_cleanup_buf_ struct buf auth = BUF_INIT, auth_back = BUF_INIT,
				 auth_third = BUF_INIT;
	_cleanup_buf_ struct buf target = BUF_INIT;
	_cleanup_free_ char *text = NULL;
	char *lines[8], *rest;
	size_t count = 0;
	struct slice query, again;

	if (!size)
		return 0;
	text = strndup((const char *)data + 1, size - 1);
	check(text);
	rest = text;
	for (char *line; count < ARRAY_SIZE(lines) && (line = strsep(&rest, "\n"));)
		lines[count++] = line;
	count = keep_headers(lines + 1, count - 1);
	sign(lines[0], lines + 1, count, *data, false, &one, &auth);
	sign(lines[0], lines + 1, count, *data, true, &other, &auth_back);
	check(strcmp(buf_text(&auth), buf_text(&auth_back)) == 0);
	check(!strstr(buf_text(&auth), secret_key) && !strstr(buf_text(&auth), token));
	if (!auth.len)
		return 0;
	query = canonical_line(&one, 2);
	buf_adds(&target, "/?");
	buf_add(&target, query.at, query.len);
	sign(buf_text(&target), lines + 1, count, *data, true, &third, &auth_third);
	again = canonical_line(&third, 2);
	check(query.len == again.len && memcmp(query.at, again.at, query.len) == 0);
	return 0;
}
