/* bench_client: measures two or more ways to do the same thing in turn (ABAB...), so that
 * whatever else the machine does meanwhile hits all of them alike.
 *
 * usage: bench_client open|stat ROUNDS MS PATH...
 *        bench_client write ROUNDS PATH TEXT_A TEXT_B [replace DIR BYTES_A BYTES_B]
 *        bench_client run ROUNDS -- COMMAND... [-- COMMAND...]...
 *
 *   open    open, read to the end, close: how often a second, MS milliseconds a turn
 *   stat    stat of the path, likewise
 *   write   writes TEXT_A and TEXT_B to PATH by turns, as `cat >` does, each a change;
 *           and, when asked, has the files BYTES_A and BYTES_B take the place of DIR/file
 *           by turns: write, fsync, rename, fsync of the folder, nothing else
 *   run     runs each command to its end, output to /dev/null; all must succeed
 *
 * Prints one line for each way: the median of all rounds (a rate, or microseconds), the
 * median of the rounds' ratios to the first way (rate: first / this; time: this / first),
 * and the smallest and largest of the rounds. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	WAYS = 8,
	ROUNDS = 10000,
	TEXT_LIMIT = 16 * 1024 * 1024,
};

struct results {
	size_t ways;
	size_t rounds;
	bool rates; /* more is better */
	double *of[WAYS];
};

static _Noreturn void die(const char *what)
{
	(void)fprintf(stderr, "bench_client: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static double now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void results_new(struct results *results, size_t ways, const char *rounds)
{
	results->ways = ways;
	results->rounds = strtoul(rounds, NULL, 10);
	if (!ways || ways > WAYS || !results->rounds || results->rounds > ROUNDS) {
		errno = EINVAL;
		die("rounds or number of ways");
	}
	for (size_t i = 0; i < ways; i++) {
		results->of[i] = calloc(results->rounds, sizeof(double));
		if (!results->of[i])
			die("memory");
	}
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

/* Sorts. */
static double median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare);
	return count % 2 ? values[count / 2]
			 : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static void results_print(struct results *results)
{
	size_t rounds = results->rounds;
	double *ratios = calloc(results->ways * rounds, sizeof(double));

	if (!ratios)
		die("memory");
	for (size_t i = 0; i < results->ways; i++)
		for (size_t k = 0; k < rounds; k++) {
			double first = results->of[0][k], this = results->of[i][k];

			ratios[i * rounds + k] =
				results->rates ? first / this : this / first;
		}
	for (size_t i = 0; i < results->ways; i++) {
		double middle = median(results->of[i], rounds);

		(void)printf("%.1f\t%.3f\t%.1f\t%.1f\n", middle,
			median(ratios + i * rounds, rounds), results->of[i][0],
			results->of[i][rounds - 1]);
		free(results->of[i]);
	}
	free(ratios);
}

static void read_once(const char *path)
{
	static char text[64 * 1024];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		die(path);
	while ((got = read(fd, text, sizeof(text))) > 0)
		continue;
	if (got < 0 || close(fd))
		die(path);
}

static void stat_once(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		die(path);
}

static double rate_of(void (*once)(const char *), const char *path, double seconds)
{
	double start = now(), end;
	uint64_t count = 0;

	do {
		for (int i = 0; i < 16; i++)
			once(path);
		count += 16;
		end = now();
	} while (end - start < seconds);
	return (double)count / (end - start);
}

static void rates(void (*once)(const char *), char **args, size_t paths)
{
	struct results results = { .rates = true };
	double seconds = strtod(args[1], NULL) / 1000;

	results_new(&results, paths, args[0]);
	for (size_t k = 0; k < results.rounds; k++)
		for (size_t i = 0; i < paths; i++)
			results.of[i][k] = rate_of(once, args[2 + i], seconds);
	results_print(&results);
}

struct text {
	char *at;
	size_t len;
};

static struct text text_read(const char *path)
{
	struct text text = { .at = malloc(TEXT_LIMIT) };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0 || !text.at)
		die(path);
	while ((got = read(fd, text.at + text.len, TEXT_LIMIT - text.len)) > 0)
		text.len += (size_t)got;
	(void)close(fd);
	return text;
}

static void put(const char *path, int flags, const struct text *text, bool sync)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | flags, 0600);

	if (fd < 0)
		die(path);
	if (write(fd, text->at, text->len) != (ssize_t)text->len || (sync && fsync(fd)) ||
		close(fd))
		die(path);
}

static void replace(int dir, const struct text *text)
{
	if (fchdir(dir))
		die("fchdir");
	put("file.new", O_CREAT, text, true);
	if (rename("file.new", "file") || fsync(dir))
		die("rename");
}

static void writes(char **args, size_t count)
{
	struct results results = { .rates = false };
	struct text texts[] = { text_read(args[2]), text_read(args[3]) }, bytes[2];
	bool both = count > 4;
	int home = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), dir = -1;
	double start;

	results_new(&results, both ? 2 : 1, args[0]);
	if (both) {
		dir = open(args[5], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		bytes[0] = text_read(args[6]);
		bytes[1] = text_read(args[7]);
		if (dir < 0)
			die(args[5]);
	}
	for (size_t k = 0; k < results.rounds; k++) {
		start = now();
		put(args[1], 0, &texts[k % 2], false);
		results.of[0][k] = (now() - start) * 1e6;
		if (!both)
			continue;
		start = now();
		replace(dir, &bytes[k % 2]);
		results.of[1][k] = (now() - start) * 1e6;
		if (fchdir(home))
			die("fchdir");
	}
	results_print(&results);
}

static double time_of(char **command)
{
	posix_spawn_file_actions_t actions;
	double start = now();
	int status = 0;
	pid_t pid;

	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_addopen(
		&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	errno = posix_spawnp(&pid, command[0], &actions, NULL, command, environ);
	if (errno || waitpid(pid, &status, 0) != pid)
		die(command[0]);
	(void)posix_spawn_file_actions_destroy(&actions);
	if (status) {
		(void)fprintf(stderr, "bench_client: %s failed with status %d\n",
			command[0], WIFEXITED(status) ? WEXITSTATUS(status) : -1);
		exit(EXIT_FAILURE);
	}
	return (now() - start) * 1e6;
}

static void runs(char **args, size_t count)
{
	struct results results = { .rates = false };
	char **commands[WAYS + 1];
	size_t ways = 0;

	for (size_t i = 1; i < count && ways <= WAYS; i++)
		if (strcmp(args[i], "--") == 0) {
			args[i] = NULL;
			commands[ways++] = &args[i + 1];
		}
	results_new(&results, ways, args[0]);
	for (size_t k = 0; k < results.rounds; k++)
		for (size_t i = 0; i < ways; i++)
			results.of[i][k] = time_of(commands[i]);
	results_print(&results);
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";
	size_t count = argc > 2 ? (size_t)argc - 2 : 0;

	if (strcmp(what, "open") == 0 && count > 2)
		rates(read_once, argv + 2, count - 2);
	else if (strcmp(what, "stat") == 0 && count > 2)
		rates(stat_once, argv + 2, count - 2);
	else if (strcmp(what, "write") == 0 && (count == 4 || count == 8))
		writes(argv + 2, count);
	else if (strcmp(what, "run") == 0 && count > 2)
		runs(argv + 2, count);
	else {
		(void)fprintf(stderr, "bench_client: see the head of bench_client.c\n");
		return 2;
	}
	return EXIT_SUCCESS;
}
