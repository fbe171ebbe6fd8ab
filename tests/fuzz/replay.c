/* replay: gives every file of the corpus folders on the command line to a fuzz target
 * once, so that each build runs them without libFuzzer. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = NULL;
	size_t size = 0, n;

	if (!file) {
		perror(path);
		return -1;
	}
	do {
		uint8_t *more = realloc(data, size + 65536);

		if (!more)
			abort();
		data = more;
		n = fread(data + size, 1, 65536, file);
		size += n;
	} while (n > 0);
	fclose(file);
	/* an allocation of the exact size, so that a read behind it is seen */
	data = realloc(data, size ? size : 1);
	(void)LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 0;
}

int main(int argc, char **argv)
{
	unsigned long done = 0;

	for (int i = 1; i < argc; i++) {
		struct dirent **list;
		int n = scandir(argv[i], &list, NULL, alphasort);

		if (n < 0) {
			perror(argv[i]);
			return 1;
		}
		for (int k = 0; k < n; k++) {
			char path[4096];

			(void)snprintf(
				path, sizeof(path), "%s/%s", argv[i], list[k]->d_name);
			if (list[k]->d_name[0] != '.' && replay_file(path) == 0)
				done++;
			free(list[k]);
		}
		free(list);
	}
	printf("%lu inputs\n", done);
	return done ? 0 : 1;
}
