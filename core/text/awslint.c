#include "text/awslint_internal.h"

#include <errno.h>
#include <stdint.h>

void awslint_done(struct awslint *lint)
{
	free(lint->list);
	*lint = (struct awslint)AWSLINT_INIT;
}

void awslint_add(struct awslint *lint, size_t line, unsigned breaks, const char *text,
	size_t other)
{
	if (!lint->list)
		lint->list = calloc(AWSLINT_LIMIT, sizeof(*lint->list));
	if (!lint->list) {
		lint->failed = true;
	} else if (lint->count == AWSLINT_LIMIT) {
		lint->more = true;
	} else {
		lint->list[lint->count] = (struct awslint_finding){ line, breaks, text,
			other, lint->count };
		lint->count++;
	}
}

const struct awsfile_key *awslint_key(const struct awsfile *file,
	const struct awsfile_section *section, const char *name)
{
	for (size_t i = section->key_count; i-- > 0;) {
		const struct awsfile_key *key = &file->keys[section->first_key + i];

		if (key->parent == SIZE_MAX && slice_is_nocase(key->name, name))
			return key;
	}
	return NULL;
}

struct slice awslint_uncomment(struct slice value)
{
	if (!awslint_may_have_mark(value))
		return value;
	for (size_t i = 1; i < value.len; i++)
		if (awslint_is_mark(value, value.at + i))
			value.len = i;
	return awsfile_trim(value, NULL);
}

bool awslint_is_quoted(struct slice value)
{
	return value.len >= 2 && (value.at[0] == '"' || value.at[0] == '\'') &&
	       value.at[value.len - 1] == value.at[0];
}

struct slice awslint_value(struct slice value)
{
	value = awslint_uncomment(value);
	if (awslint_is_quoted(value)) {
		value.at++;
		value.len -= 2;
	}
	return value;
}

/* Where the walk over the lines stands. */
struct walk {
	struct awslint_place place;
	size_t section; /* the next one */
	size_t key;	/* the next one */
	const struct awsfile_key *above;
};

static void take_line(struct walk *walk)
{
	struct awslint_place *place = &walk->place;
	const struct awsfile *file = place->file;

	place->key = NULL;
	if (walk->section < file->section_count &&
		file->sections[walk->section].line == place->number) {
		place->on = ON_HEADER;
		place->section = &file->sections[walk->section++];
		walk->above = NULL;
	} else if (walk->key < file->key_count &&
		   file->keys[walk->key].line == place->number) {
		place->key = &file->keys[walk->key++];
		place->on = place->key->parent == SIZE_MAX ? ON_KEY : ON_NESTED;
		if (place->on == ON_KEY)
			walk->above = place->key;
	} else if (awsfile_line_is_comment(&place->line)) {
		place->on = ON_COMMENT;
	} else if (walk->above &&
		   (walk->above->value.len || *place->line.text.at == '[') &&
		   place->line.all.at < walk->above->lines.at + walk->above->lines.len) {
		place->on = ON_MORE;
	} else {
		place->on = ON_OTHER;
	}
}

static void check_lines(
	struct awslint *lint, enum awsfile_kind kind, const struct awsfile *file)
{
	static const struct slice mark = { "\xef\xbb\xbf", 3 };
	struct walk walk = { .place = { .file = file, .kind = kind } };
	struct awslint_place *place = &walk.place;
	struct slice rest = file->text;
	bool bare = false;

	if (rest.len >= mark.len && memcmp(rest.at, mark.at, mark.len) == 0) {
		rest.at += mark.len;
		rest.len -= mark.len;
	}
	/* who has that much to mend comes back */
	while (!lint->more && awsfile_line_next(&rest, &place->line)) {
		place->number++;
		if (!bare && slice_is(place->line.end, "\r")) {
			bare = true;
			awslint_add(lint, place->number, AWSLINT_ALL & ~AWSLINT_BOTOCORE,
				"ends with a carriage return alone", 0);
		}
		if (awsfile_line_is_blank(&place->line))
			continue;
		take_line(&walk);
		awslint_line(lint, place);
		if (place->on == ON_HEADER && place->section->type == AWSFILE_PROFILE)
			awslint_profile(lint, file, place->section);
	}
}

static void add_problems(struct awslint *lint, const struct awsfile *file)
{
	static const unsigned breaks[AWSFILE_FAULTS] = {
		[AWSFILE_BAD_UTF8] = AWSLINT_BOTOCORE | AWSLINT_RUST | AWSLINT_JS,
		[AWSFILE_MARK] = AWSLINT_ALL & ~AWSLINT_JS,
		[AWSFILE_NO_KEY] = AWSLINT_BOTOCORE | AWSLINT_REFERENCE,
		[AWSFILE_NO_SECTION] = AWSLINT_BOTOCORE | AWSLINT_REFERENCE,
		[AWSFILE_NOT_NESTED] = AWSLINT_BOTOCORE | AWSLINT_REFERENCE,
		[AWSFILE_SAME_KEY] = AWSLINT_BOTOCORE,
		[AWSFILE_SAME_SECTION] = AWSLINT_BOTOCORE,
	};

	for (size_t i = 0; i < file->problem_count; i++) {
		const struct awsfile_problem *problem = &file->problems[i];

		awslint_add(lint, problem->line, breaks[problem->fault],
			awsfile_fault_text(problem->fault), problem->before);
	}
	lint->more = lint->more || file->more_problems;
}

void awslint_check(
	struct awslint *lint, enum awsfile_kind kind, const struct awsfile *file)
{
	add_problems(lint, file);
	check_lines(lint, kind, file);
}

static bool has_bare_cr(struct slice text)
{
	const char *end = text.at + text.len;

	for (const char *at = text.at; (at = memchr(at, '\r', (size_t)(end - at))); at++)
		if (at + 1 == end || at[1] != '\n')
			return true;
	return false;
}

/* The numbers editors give to lines, where those are others: a CR alone ends no line for
 * them.  0, *ret_numbers NULL: they are the same. */
static int number_lines(const struct awsfile *file, size_t **ret_numbers)
{
	struct slice rest = file->text;
	struct awsfile_line line;
	size_t *numbers;
	size_t number = 1;

	if (!has_bare_cr(rest))
		return 0;
	numbers = calloc(file->line_count + 2, sizeof(*numbers));
	if (!numbers)
		return -ENOMEM;
	numbers[1] = 1;
	for (size_t i = 1; i <= file->line_count && awsfile_line_next(&rest, &line);
		i++) {
		numbers[i] = number;
		number += !slice_is(line.end, "\r");
	}
	*ret_numbers = numbers;
	return 0;
}

static int compare_findings(const void *a, const void *b)
{
	const struct awslint_finding *one = a, *two = b;

	if (one->line != two->line)
		return one->line > two->line ? 1 : -1;
	return (one->order > two->order) - (one->order < two->order);
}

static void print_breaks(unsigned breaks, struct buf *out)
{
	static const struct {
		enum awslint_sdk sdk;
		const char *name;
	} rows[] = {
		{ AWSLINT_BOTOCORE, "botocore" },
		{ AWSLINT_C, "aws-c" },
		{ AWSLINT_RUST, "rust" },
		{ AWSLINT_JAVA, "java" },
		{ AWSLINT_JS, "js" },
		{ AWSLINT_GO, "go" },
	};
	const char *between = " (breaks: ";

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!(breaks & rows[i].sdk))
			continue;
		buf_addf(out, "%s%s", between, rows[i].name);
		between = ", ";
	}
	if (breaks)
		buf_addc(out, ')');
}

int awslint_print(struct awslint *lint, const struct awsfile *file, const char *path,
	struct buf *out)
{
	_cleanup_free_ size_t *numbers = NULL;
	size_t last = 1;

	if (!lint->count && !lint->failed)
		return 0;
	if (lint->failed || number_lines(file, &numbers))
		return -ENOMEM;
	qsort(lint->list, lint->count, sizeof(*lint->list), compare_findings);
	for (size_t i = 0; i < lint->count; i++) {
		const struct awslint_finding *finding = &lint->list[i];

		last = numbers ? numbers[finding->line] : finding->line;
		buf_addf(out, "%s:%zu: %s", path, last, finding->text);
		if (finding->other)
			buf_addf(out, " %zu",
				numbers ? numbers[finding->other] : finding->other);
		print_breaks(finding->breaks, out);
		buf_addc(out, '\n');
	}
	if (lint->more)
		buf_addf(out, "%s:%zu: there is more: mend these first\n", path, last);
	return buf_err(out);
}
