/* tool_awsfile: the reader and the editor of text/awsfile.h for other programs' tests.
 *
 *   tool_awsfile dump < IN               sections and keys, names and values as hex
 *   tool_awsfile lint credentials|config < IN    what awslint finds
 *   tool_awsfile edit NAME K=V... < IN > OUT    `K=` removes K
 *
 * Exit status 3: awsfile_check() or awsfile_edit() refuses the file; 4: the request. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "text/awsfile.h"
#include "text/awslint.h"

enum {
	EXIT_REFUSED = 3,
	EXIT_REQUEST = 4,
};

static int read_all(struct buf *text)
{
	char piece[65536];
	size_t n;

	while ((n = fread(piece, 1, sizeof(piece), stdin)) > 0)
		buf_add(text, piece, n);
	return ferror(stdin) ? -EIO : buf_err(text);
}

static void print_hex(const char *label, struct slice text)
{
	printf("%s", label);
	for (size_t i = 0; i < text.len; i++)
		printf("%02x", (unsigned char)text.at[i]);
}

static void print_file(const struct awsfile *file)
{
	for (size_t i = 0; i < file->section_count; i++) {
		const struct awsfile_section *section = &file->sections[i];

		printf("section type=%d line=%zu", (int)section->type, section->line);
		print_hex(" header=", section->header);
		print_hex(
			" name=", (struct slice){ section->name, strlen(section->name) });
		putchar('\n');
		for (size_t k = 0; k < section->key_count; k++) {
			const struct awsfile_key *key =
				&file->keys[section->first_key + k];

			printf("%s line=%zu", key->parent == SIZE_MAX ? "key" : "nested",
				key->line);
			print_hex(" name=", key->name);
			print_hex(" value=", key->value);
			putchar('\n');
		}
	}
}

static int dump(struct slice text)
{
	_cleanup_awsfile_ struct awsfile file = AWSFILE_INIT;
	struct err err = ERR_INIT;

	if (awsfile_parse(&file, AWSFILE_CREDENTIALS, text, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return EXIT_FAILURE;
	}
	print_file(&file);
	if (!awsfile_check(&file, &err))
		return EXIT_SUCCESS;
	fprintf(stderr, "%s\n", err.text);
	return EXIT_REFUSED;
}

static int edit(struct slice text, const char *name, char **words, size_t count)
{
	_cleanup_free_ struct awsfile_change *changes =
		calloc(count + 1, sizeof(*changes));
	_cleanup_buf_ struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	int r;

	if (!changes)
		return EXIT_FAILURE;
	for (size_t i = 0; i < count; i++) {
		char *value = strchr(words[i], '=');

		if (!value)
			return EXIT_REQUEST;
		*value++ = '\0';
		changes[i] = (struct awsfile_change){ words[i], *value ? value : NULL };
	}
	r = awsfile_edit(text, name, changes, count, &out, &err);
	if (r) {
		fprintf(stderr, "%s\n", err.text);
		return r == -EBADMSG ? EXIT_REFUSED : EXIT_REQUEST;
	}
	return fwrite(buf_text(&out), 1, out.len, stdout) == out.len ? EXIT_SUCCESS
								     : EXIT_FAILURE;
}

static int lint(struct slice text, enum awsfile_kind kind)
{
	_cleanup_awsfile_ struct awsfile file = AWSFILE_INIT;
	_cleanup_awslint_ struct awslint found = AWSLINT_INIT;
	_cleanup_buf_ struct buf out = BUF_INIT;

	if (awsfile_parse(&file, kind, text, NULL))
		return EXIT_FAILURE;
	awslint_check(&found, kind, &file);
	if (awslint_print(&found, &file, "file", &out))
		return EXIT_FAILURE;
	return fwrite(buf_text(&out), 1, out.len, stdout) == out.len ? EXIT_SUCCESS
								     : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	struct slice in;

	if (argc < 2 || read_all(&text))
		return EXIT_FAILURE;
	in = (struct slice){ buf_text(&text), text.len };
	if (strcmp(argv[1], "dump") == 0)
		return dump(in);
	if (strcmp(argv[1], "lint") == 0 && argc > 2)
		return lint(in, strcmp(argv[2], "config") == 0 ? AWSFILE_CONFIG
							       : AWSFILE_CREDENTIALS);
	if (strcmp(argv[1], "edit") == 0 && argc > 2)
		return edit(in, argv[2], argv + 3, (size_t)argc - 3);
	return EXIT_FAILURE;
}
