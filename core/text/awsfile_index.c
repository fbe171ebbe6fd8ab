#include "text/awsfile_index.h"

#include <errno.h>
#include <stdint.h>

/* A key and the section it adds to: the first one with the same header. */
struct place {
	size_t section;
	const struct awsfile_key *key;
};

const char *awsfile_fault_text(enum awsfile_fault fault)
{
	static const char *const texts[AWSFILE_FAULTS] = {
		[AWSFILE_BAD_UTF8] = "is not UTF-8 text",
		[AWSFILE_MARK] = "begins with a byte order mark",
		[AWSFILE_NO_KEY] = "is neither [section] nor key = value nor comment",
		[AWSFILE_NO_SECTION] = "stands before the first [section]",
		[AWSFILE_NOT_NESTED] =
			"is no key = value, but stands under a key without a value",
		[AWSFILE_SAME_KEY] = "has the same key as line",
		[AWSFILE_SAME_SECTION] = "begins the same section as line",
	};

	return texts[fault];
}

void awsfile_note(
	struct awsfile *file, enum awsfile_fault fault, size_t line, size_t before)
{
	const struct awsfile_problem problem = { fault, line, before };

	if (!file->problem_line || line < file->problem_line) {
		file->problem = problem;
		file->problem_line = line;
	}
	if (!file->problems)
		file->problems = calloc(AWSFILE_PROBLEMS, sizeof(*file->problems));
	if (file->problems && file->problem_count < AWSFILE_PROBLEMS)
		file->problems[file->problem_count++] = problem;
	else
		file->more_problems = true;
}

static int compare_slices(struct slice a, struct slice b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len ? memcmp(a.at, b.at, len) : 0;

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

static unsigned char lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* Not strncasecmp(): a name may hold a NUL. */
static int compare_nocase(struct slice a, struct slice b)
{
	for (size_t i = 0; i < a.len && i < b.len; i++)
		if (lower(a.at[i]) != lower(b.at[i]))
			return lower(a.at[i]) - lower(b.at[i]);
	return (a.len > b.len) - (a.len < b.len);
}

static int compare_name(
	const struct awsfile_section *section, enum awsfile_type type, const char *name)
{
	if (section->type != type)
		return section->type > type ? 1 : -1;
	return strcmp(section->name, name);
}

static int compare_sections(const void *a, const void *b, void *arg)
{
	const struct awsfile *file = arg;
	size_t i = *(const size_t *)a, k = *(const size_t *)b;
	const struct awsfile_section *one = &file->sections[i];
	const struct awsfile_section *other = &file->sections[k];
	int order = compare_name(one, other->type, other->name);

	if (!order)
		order = compare_slices(one->header, other->header);
	return order ? order : (i > k) - (i < k);
}

static int compare_places(const void *a, const void *b)
{
	const struct place *one = a, *other = b;
	int order;

	if (one->section != other->section)
		return one->section > other->section ? 1 : -1;
	order = compare_nocase(one->key->name, other->key->name);
	return order ? order : (one->key > other->key) - (one->key < other->key);
}

/* botocore's [DEFAULT] is no section: it may repeat, its keys may not. */
static void note_sections(struct awsfile *file, size_t *firsts)
{
	for (size_t i = 0; i < file->section_count; i++) {
		const struct awsfile_section *section = &file->sections[file->order[i]];
		const struct awsfile_section *before;

		firsts[file->order[i]] = file->order[i];
		if (!i)
			continue;
		before = &file->sections[file->order[i - 1]];
		if (compare_slices(section->header, before->header) != 0)
			continue;
		firsts[file->order[i]] = firsts[file->order[i - 1]];
		if (!slice_is(section->header, "DEFAULT"))
			awsfile_note(
				file, AWSFILE_SAME_SECTION, section->line, before->line);
	}
}

static void note_keys(struct awsfile *file, const size_t *firsts, struct place *places)
{
	size_t count = 0;

	for (size_t i = 0; i < file->section_count; i++) {
		const struct awsfile_section *section = &file->sections[i];

		for (size_t k = 0; k < section->key_count; k++) {
			const struct awsfile_key *key =
				&file->keys[section->first_key + k];

			if (key->parent == SIZE_MAX)
				places[count++] = (struct place){ firsts[i], key };
		}
	}
	qsort(places, count, sizeof(*places), compare_places);
	for (size_t i = 1; i < count; i++)
		if (places[i].section == places[i - 1].section &&
			compare_nocase(places[i].key->name, places[i - 1].key->name) == 0)
			awsfile_note(file, AWSFILE_SAME_KEY, places[i].key->line,
				places[i - 1].key->line);
}

int awsfile_index(struct awsfile *file)
{
	_cleanup_free_ size_t *firsts = NULL;
	_cleanup_free_ struct place *places = NULL;

	if (!file->section_count)
		return 0;
	file->order = calloc(file->section_count, sizeof(*file->order));
	firsts = calloc(file->section_count, sizeof(*firsts));
	places = calloc(file->key_count + 1, sizeof(*places));
	if (!file->order || !firsts || !places)
		return -ENOMEM;
	for (size_t i = 0; i < file->section_count; i++)
		file->order[i] = i;
	qsort_r(file->order, file->section_count, sizeof(*file->order), compare_sections,
		file);
	note_sections(file, firsts);
	note_keys(file, firsts, places);
	return 0;
}

/* The sections of one type and name: places of order[]. */
struct group {
	size_t from, end;
	bool prefixed; /* one says `profile`: in it [default] counts for nothing */
};

static bool is_prefixed(const struct awsfile_section *section)
{
	return memmem(section->header.at, section->header.len, "profile",
		       strlen("profile")) != NULL;
}

static struct group group_of(
	const struct awsfile *file, enum awsfile_type type, const char *name)
{
	size_t low = 0, high = file->section_count;
	struct group group;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_name(&file->sections[file->order[middle]], type, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	group = (struct group){ .from = low, .end = low };
	for (; group.end < file->section_count; group.end++) {
		const struct awsfile_section *section =
			&file->sections[file->order[group.end]];

		if (compare_name(section, type, name) != 0)
			break;
		group.prefixed = group.prefixed || is_prefixed(section);
	}
	return group;
}

/* The section at place @at of order[], or NULL if it does not count. */
static const struct awsfile_section *member(
	const struct awsfile *file, const struct group *group, size_t at)
{
	const struct awsfile_section *section = &file->sections[file->order[at]];

	return group->prefixed && !is_prefixed(section) ? NULL : section;
}

const struct awsfile_section *awsfile_find(
	const struct awsfile *file, enum awsfile_type type, const char *name)
{
	const struct awsfile_section *found = NULL;
	struct group group = group_of(file, type, name);

	for (size_t i = group.from; i < group.end; i++) {
		const struct awsfile_section *section = member(file, &group, i);

		if (section && (!found || section->line < found->line))
			found = section;
	}
	return found;
}

/* The last key of that name in the section, nested under @group or, if NULL, not nested.
 */
static const struct awsfile_key *last_key(const struct awsfile *file,
	const struct awsfile_section *section, const char *group, const char *name)
{
	for (size_t i = section->key_count; i-- > 0;) {
		const struct awsfile_key *key = &file->keys[section->first_key + i];

		if ((key->parent != SIZE_MAX) != (group != NULL))
			continue;
		if (group && !slice_is_nocase(file->keys[key->parent].name, group))
			continue;
		if (slice_is_nocase(key->name, name))
			return key;
	}
	return NULL;
}

static bool get_value(const struct awsfile *file, enum awsfile_type type,
	const char *section_name, const char *group, const char *name,
	struct slice *ret_value)
{
	struct group sections = group_of(file, type, section_name);
	const struct awsfile_key *found = NULL;

	for (size_t i = sections.from; i < sections.end; i++) {
		const struct awsfile_section *section = member(file, &sections, i);
		const struct awsfile_key *key;

		key = section ? last_key(file, section, group, name) : NULL;
		if (key && (!found || key > found))
			found = key;
	}
	if (!found || !found->value.len)
		return false;
	*ret_value = found->value;
	return true;
}

bool awsfile_get(const struct awsfile *file, enum awsfile_type type, const char *section,
	const char *name, struct slice *ret_value)
{
	return get_value(file, type, section, NULL, name, ret_value);
}

bool awsfile_get_nested(const struct awsfile *file, enum awsfile_type type,
	const char *section, const char *group, const char *name, struct slice *ret_value)
{
	return get_value(file, type, section, group, name, ret_value);
}
