#include "support/home.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_SIZE = 64 * 1024 };

static void die(const char *path)
{
	perror(path);
	abort();
}

void home_init(struct home *home)
{
	static const char *const variables[] = { "AWS_CA_BUNDLE", "AWS_CONFIG_FILE",
		"AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB",
		"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_STS",
		"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_REGION",
		"AWS_SHARED_CREDENTIALS_FILE" };
	const char *where = getenv("TMPDIR");

	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
		(void)unsetenv(variables[i]);
	if (!where || strlen(where) > 32)
		where = "/tmp";
	(void)snprintf(
		home->folder, sizeof(home->folder), "%s/acctfs-test-XXXXXX", where);
	if (!mkdtemp(home->folder))
		die(home->folder);
	(void)snprintf(home->credentials, sizeof(home->credentials), "%s/credentials",
		home->folder);
	(void)snprintf(home->config, sizeof(home->config), "%s/config", home->folder);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

void home_done(struct home *home)
{
	if (nftw(home->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS))
		die(home->folder);
}

static void write_text(const char *path, int flags, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
	size_t len = strlen(text);

	if (fd < 0 || write(fd, text, len) != (ssize_t)len || close(fd))
		die(path);
}

void home_replace(const char *path, const char *text)
{
	char new_path[128];

	(void)snprintf(new_path, sizeof(new_path), "%s.new", path);
	write_text(new_path, O_EXCL, text);
	if (rename(new_path, path))
		die(path);
}

void home_overwrite(const char *path, const char *text)
{
	write_text(path, O_TRUNC, text);
}

bool home_holds(const char *path, const char *text)
{
	static _Thread_local char found[TEXT_SIZE];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		die(path);
	len = read(fd, found, sizeof(found) - 1);
	if (len < 0 || close(fd))
		die(path);
	found[len] = '\0';
	if (strcmp(found, text) == 0)
		return true;
	(void)fprintf(stderr, "%s holds:\n%s\ninstead of:\n%s\n", path, found, text);
	return false;
}
