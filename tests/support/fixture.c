#include "support/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/clock.h"

void fixture_read(const char *name, struct buf *out)
{
	const char *folder = getenv("ACCTFS_TEST_DATA");
	_cleanup_buf_ struct buf path = BUF_INIT;
	char piece[4096];
	FILE *file;
	size_t n;

	buf_addf(&path, "%s/%s", folder ? folder : "tests/data", name);
	file = fopen(buf_text(&path), "rb");
	if (!file) {
		perror(buf_text(&path));
		abort();
	}
	while ((n = fread(piece, 1, sizeof(piece), file)) > 0)
		buf_add(out, piece, n);
	(void)fclose(file);
}

static void set(struct secret *secret, const char *text)
{
	if (secret_set(secret, text, strlen(text)))
		abort();
}

void fixture_init(struct fixture *fixture, enum endpoint_service service,
	const struct http_step *steps, size_t count)
{
	const struct endpoint_env env = { .region = "eu-west-1" };

	memset(fixture, 0, sizeof(*fixture));
	http_script_init(&fixture->script, steps, count);
	set(&fixture->creds.key_id, "ASIAQWERTYUIOPASDFGH");
	set(&fixture->creds.secret_key, "made/up+secret/key/00000000000000000000");
	set(&fixture->creds.token, "made-up-token");
	fixture->aws = aws_new(&fixture->script.http, &fixture->err);
	if (!fixture->aws || cancel_init(&fixture->cancel, &fixture->err) ||
		endpoint_resolve(service, NULL, NULL, "p", &env, false,
			&fixture->endpoint, &fixture->err))
		abort();
	fixture->patience.deadline = clock_monotonic_ms() + 5000;
	fixture->patience.cancel = &fixture->cancel;
	fixture->scope.creds = &fixture->creds;
	fixture->scope.endpoint = &fixture->endpoint;
	fixture->scope.patience = &fixture->patience;
}

void fixture_done(struct fixture *fixture)
{
	fixture->aws = aws_free(fixture->aws);
	http_script_done(&fixture->script);
	creds_done(&fixture->creds);
	cancel_done(&fixture->cancel);
}
