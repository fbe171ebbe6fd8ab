#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "text/awsfile.h"
#include "text/awsfile_line.h"

enum {
	CHANGES_MAX = 8,
};

static struct slice text_of(const struct buf *buf)
{
	return (struct slice){ buf_text(buf), buf->len };
}

static void assert_text(struct slice text, struct slice wanted, const char *what)
{
	if (text.len != wanted.len || memcmp(text.at, wanted.at, text.len) != 0)
		fail_msg("%s: got\n%.*s\nwanted\n%.*s", what, (int)text.len, text.at,
			(int)wanted.len, wanted.at);
}

static void slurp(const char *name, const char *suffix, struct buf *out)
{
	char path[4096], piece[4096];
	FILE *file;
	size_t n;

	(void)snprintf(path, sizeof(path), "%s/awsfile/%s.%s", getenv("ACCTFS_TEST_DATA"),
		name, suffix);
	file = fopen(path, "rb");
	if (!file)
		fail_msg("%s: %s", path, strerror(errno));
	while ((n = fread(piece, 1, sizeof(piece), file)) > 0)
		buf_add(out, piece, n);
	(void)fclose(file);
}

/* NAME.in becomes NAME.out by the profile and the changes in NAME.edit. */
static const char *const edits[] = {
	"aligned",
	"behind-nested",
	"blank-end",
	"blank-lines-at-end",
	"blanks-in-header",
	"capitals",
	"colon",
	"commented-out",
	"continuation",
	"crlf",
	"empty-file",
	"header-in-value",
	"header-only",
	"indented-comment",
	"indented-header",
	"indented-section",
	"inline-comment",
	"lone-cr",
	"mixed-line-ends",
	"nested",
	"no-final-newline",
	"no-final-newline-in-section",
	"no-value",
	"quoted-name",
	"refused-but-right",
	"remove",
	"remove-and-add",
	"remove-nothing",
	"replace",
	"replace-last-line",
	"same",
	"twice-but-right",
};

/* First line the profile, then key=value, and key= to remove it. */
static size_t read_changes(char *text, struct awsfile_change changes[static CHANGES_MAX])
{
	char *rest = text, *line;
	size_t count = 0;

	(void)strsep(&rest, "\n");
	while ((line = strsep(&rest, "\n")) && *line) {
		char *value = strchr(line, '=');

		assert_non_null(value);
		assert_true(count < CHANGES_MAX);
		*value++ = '\0';
		changes[count++] = (struct awsfile_change){ line, *value ? value : NULL };
	}
	return count;
}

static void edits_are_as_written_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(edits); i++) {
		_cleanup_buf_ struct buf in = BUF_INIT, edit = BUF_INIT,
					 wanted = BUF_INIT;
		_cleanup_buf_ struct buf out = BUF_INIT, again = BUF_INIT;
		struct awsfile_change changes[CHANGES_MAX];
		struct err err = ERR_INIT;
		size_t count;

		slurp(edits[i], "in", &in);
		slurp(edits[i], "edit", &edit);
		slurp(edits[i], "out", &wanted);
		assert_true(edit.len > 0);
		count = read_changes(edit.data, changes);
		if (awsfile_edit(text_of(&in), edit.data, changes, count, &out, &err))
			fail_msg("%s: %s", edits[i], err.text);
		assert_text(text_of(&out), text_of(&wanted), edits[i]);
		assert_int_equal(awsfile_edit(text_of(&out), edit.data, changes, count,
					 &again, &err),
			0);
		assert_text(text_of(&again), text_of(&out), edits[i]);
		assert_true(out.secret);
	}
}

static void files_that_botocore_refuses_are_left_alone(void **state)
{
	static const struct {
		const char *text;
		const char *says;
	} rows[] = {
		{ "[work]\nk=1\n\n[work]\nj=1\n", "line 4: " },
		{ "[a]\nk=1\nK=2\n", "line 3: " },
		{ "junk\n[work]\n", "line 1: " },
		{ "\xef\xbb\xbf[work]\n", "line 1: " },
		{ "[work]\n[ work ]\n", "line 2: " },
		{ "[work]\ns3 =\n  x\n", "line 3: " },
		{ "# \xff\n[work]\n", "line 1: " },
		/* other SDKs read these, or a person will: they must not go unasked */
		{ "[work]\naws_access_key_id = x\n [b]\n k = 1\n", "line 3: " },
		{ "[work]\naws_access_key_id = x\n# c\n\tregion = 1\n", "line 4: " },
		{ "[work]\naws_access_key_id =\n  region: 1\n", "line 3: " },
		{ "[work]\nk = 1\n [b]\naws_access_key_id = b\n", "line 3: " },
	};
	static const struct awsfile_change change = { "aws_access_key_id", "NEW" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_buf_ struct buf out = BUF_INIT;
		struct err err = ERR_INIT;
		struct slice text = { rows[i].text, strlen(rows[i].text) };

		assert_int_equal(
			awsfile_edit(text, "work", &change, 1, &out, &err), -EBADMSG);
		assert_ptr_equal(strstr(err.text, rows[i].says), err.text);
		assert_int_equal(out.len, 0);
	}
}

static void what_no_file_can_hold_is_refused(void **state)
{
	static const struct {
		const char *name, *key, *value;
		int result;
	} rows[] = {
		{ "a", "k", "v", 0 },
		{ "123456789012_Admin", "k", "v", 0 },
		{ "a b", "k", "v", 0 },
		{ "\xc3\xa9", "k", "\xc3\xa9", 0 },
		{ "a=b,c", "k", "a;b#c", 0 },
		{ "a", "k", "a = b: [c]", 0 },
		{ "", "k", "v", -EINVAL },
		{ " a", "k", "v", -EINVAL },
		{ "a\xc2\xa0", "k", "v", -EINVAL },
		{ "a\nb", "k", "v", -EINVAL },
		{ "a\x1b", "k", "v", -EINVAL },
		{ "a]", "k", "v", -EINVAL },
		{ "a[b", "k", "v", -EINVAL },
		{ "a#b", "k", "v", -EINVAL },
		{ "\xff", "k", "v", -EINVAL },
		{ "DEFAULT", "k", "v", -EINVAL },
		{ "profile a", "k", "v", -EINVAL },
		{ "a", "", "v", -EINVAL },
		{ "a", "K", "v", -EINVAL },
		{ "a", "k k", "v", -EINVAL },
		{ "a", "k=", "v", -EINVAL },
		{ "a", "[k]", "v", -EINVAL },
		{ "a", "#k", "v", -EINVAL },
		{ "a", "k", "", -EINVAL },
		{ "a", "k", " v", -EINVAL },
		{ "a", "k", "v ", -EINVAL },
		{ "a", "k", "v\n[b]", -EINVAL },
		{ "a", "k", "v\rw", -EINVAL },
		{ "a", "k", "v\tw", -EINVAL },
		{ "a", "k", "v\x7f", -EINVAL },
		{ "a", "k", "v # w", -EINVAL },
		{ "a", "k", "v ;w", -EINVAL },
		{ "a", "k", "\xe2\x80\x8a", -EINVAL },
		{ "a", "k", "\xc3", -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct awsfile_change change = { rows[i].key, rows[i].value };
		_cleanup_buf_ struct buf out = BUF_INIT;
		struct err err = ERR_INIT;

		if (awsfile_edit((struct slice){ "", 0 }, rows[i].name, &change, 1, &out,
			    &err) != rows[i].result)
			fail_msg("[%s] %s = %s: %s", rows[i].name, rows[i].key,
				rows[i].value, err.text);
		assert_true(!rows[i].result || !out.len);
		/* no message quotes a value */
		assert_true(
			strlen(rows[i].value) < 4 || !strstr(err.text, rows[i].value));
	}
}

static void a_key_twice_is_refused(void **state)
{
	static const struct awsfile_change changes[] = { { "k", "1" }, { "k", NULL } };
	_cleanup_buf_ struct buf out = BUF_INIT;

	(void)state;
	assert_int_equal(
		awsfile_edit((struct slice){ "", 0 }, "a", changes, 2, &out, NULL),
		-EINVAL);
}

/* xorshift64: the same files on every machine */
static uint64_t next_random(uint64_t *random)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return *random;
}

static const char *pick(uint64_t *random, const char *const *list, size_t count)
{
	return list[next_random(random) % count];
}

#define PICK(random, list) pick(random, list, ARRAY_SIZE(list))

static const char *const random_keys[] = { "aws_access_key_id", "aws_secret_access_key",
	"aws_session_token", "aws_security_token", "region", "output", "k", "x y",
	"AWS_ACCESS_KEY_ID", "Region" };
static const char *const random_names[] = { "work", "a", "b c", "default", " a ",
	"DEFAULT", "profile x", "1_Admin", "\xc3\xa9", "z]", "a#b" };

static void random_file(uint64_t *random, struct buf *out)
{
	static const char *const eols[] = { "\n", "\n", "\r\n", "\r\n", "\r" };
	static const char *const indents[] = { "", "", "", "", "  ", "\t", " " };
	static const char *const separators[] = { " = ", "=", "= ", " =", ": ", " : ",
		"\t=\t" };
	static const char *const values[] = { "v", "v", "a/b+c==", "", "v # c", "\"v\"",
		"a=b" };
	static const char *const others[] = { "", "", "# c", "  # c", "  ; c", " ",
		"  x = 1", "   more=1", "[" };
	const char *eol = PICK(random, eols);
	size_t sections = next_random(random) % 5;

	for (size_t i = 0; i < sections; i++) {
		size_t lines = next_random(random) % 7;

		buf_addf(out, "%s[%s]%s%s", next_random(random) % 8 ? "" : " ",
			PICK(random, random_names), next_random(random) % 4 ? "" : " # c",
			next_random(random) % 16 ? eol : PICK(random, eols));
		for (size_t k = 0; k < lines; k++) {
			if (next_random(random) % 3)
				buf_addf(out, "%s%s%s%s", PICK(random, indents),
					PICK(random, random_keys),
					PICK(random, separators), PICK(random, values));
			else
				buf_adds(out, PICK(random, others));
			buf_adds(
				out, next_random(random) % 16 ? eol : PICK(random, eols));
		}
	}
	if (out->len && next_random(random) % 4 == 0)
		buf_cut(out, out->len - 1);
}

static size_t random_changes(
	uint64_t *random, struct awsfile_change changes[static CHANGES_MAX])
{
	static const char *const keys[] = { "aws_access_key_id", "aws_secret_access_key",
		"aws_session_token", "aws_security_token", "region" };
	static const char *const values[] = { "NEW", "v", "a/b+c==", NULL };
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (next_random(random) % 2)
			changes[count++] =
				(struct awsfile_change){ keys[i], PICK(random, values) };
	return count;
}

static const struct awsfile_change *change_of(const struct awsfile_change *changes,
	size_t count, const struct awsfile *file, const struct awsfile_key *key)
{
	if (key->parent != SIZE_MAX)
		key = &file->keys[key->parent];
	for (size_t i = 0; i < count; i++)
		if (slice_is_nocase(key->name, changes[i].key))
			return &changes[i];
	return NULL;
}

static bool is_named(const struct awsfile_section *section, const char *name)
{
	return section->type == AWSFILE_PROFILE && strcmp(section->name, name) == 0;
}

/* The blank lines and comments among a key's lines, without indent if the key goes. */
static void print_comments(const struct awsfile_key *key, bool stays, struct buf *out)
{
	struct slice rest = key->lines;
	struct awsfile_line line;

	while (awsfile_line_next(&rest, &line))
		if (awsfile_line_is_blank(&line))
			buf_add(out, line.all.at, line.all.len);
		else if (awsfile_line_is_comment(&line))
			buf_add(out, stays ? line.all.at : line.text.at,
				(size_t)(rest.at - (stays ? line.all.at : line.text.at)));
}

/* What must be the same before and after: all lines but those of changed keys. */
static void print_rest(struct slice text, const char *name,
	const struct awsfile_change *changes, size_t count, bool cut, struct buf *out)
{
	_cleanup_awsfile_ struct awsfile file = AWSFILE_INIT;
	const char *from = text.at;

	assert_int_equal(awsfile_parse(&file, AWSFILE_CREDENTIALS, text, NULL), 0);
	for (size_t i = 0; i < file.section_count; i++) {
		const struct awsfile_section *section = &file.sections[i];

		if (!is_named(section, name))
			continue;
		for (size_t k = 0; k < section->key_count; k++) {
			const struct awsfile_key *key =
				&file.keys[section->first_key + k];
			const struct awsfile_change *change =
				change_of(changes, count, &file, key);

			if (key->parent != SIZE_MAX || !change)
				continue;
			buf_add(out, from, (size_t)(key->lines.at - from));
			print_comments(key, change->value != NULL, out);
			from = key->lines.at + key->lines.len;
		}
	}
	buf_add(out, from, (size_t)(text.at + text.len - from));
	/* a line end that was missing where something is added */
	while (cut && out->len && strchr("\r\n", out->data[out->len - 1]))
		buf_cut(out, out->len - 1);
}

static void check_values(struct slice text, const char *name,
	const struct awsfile_change *changes, size_t count)
{
	_cleanup_awsfile_ struct awsfile file = AWSFILE_INIT;

	assert_int_equal(awsfile_parse(&file, AWSFILE_CREDENTIALS, text, NULL), 0);
	assert_int_equal(awsfile_check(&file, NULL), 0);
	for (size_t i = 0; i < count; i++) {
		struct slice value = { NULL, 0 };
		bool found =
			awsfile_get(&file, AWSFILE_PROFILE, name, changes[i].key, &value);

		assert_int_equal(found, changes[i].value != NULL);
		assert_true(!found || slice_is(value, changes[i].value));
	}
}

/* All sections and keys but the changed ones are read the same from both. */
static void check_others(struct slice before, struct slice after, const char *name,
	const struct awsfile_change *changes, size_t count)
{
	struct slice texts[] = { before, after };
	struct buf prints[] = { BUF_INIT, BUF_INIT };

	for (size_t i = 0; i < 2; i++) {
		_cleanup_awsfile_ struct awsfile file = AWSFILE_INIT;

		assert_int_equal(
			awsfile_parse(&file, AWSFILE_CREDENTIALS, texts[i], NULL), 0);
		for (size_t k = 0; k < file.section_count; k++) {
			const struct awsfile_section *section = &file.sections[k];

			if (!is_named(section, name))
				buf_addf(&prints[i], "[%s]\n", section->name);
			for (size_t n = 0; n < section->key_count; n++) {
				const struct awsfile_key *key =
					&file.keys[section->first_key + n];

				if (is_named(section, name) &&
					change_of(changes, count, &file, key))
					continue;
				buf_addf(&prints[i], "%.*s=%.*s\n", (int)key->name.len,
					key->name.at, (int)key->value.len, key->value.at);
			}
		}
	}
	assert_string_equal(buf_text(&prints[0]), buf_text(&prints[1]));
	buf_done(&prints[0]);
	buf_done(&prints[1]);
}

static bool random_edit(uint64_t *random)
{
	_cleanup_buf_ struct buf in = BUF_INIT, out = BUF_INIT, again = BUF_INIT;
	_cleanup_buf_ struct buf before = BUF_INIT, after = BUF_INIT;
	struct awsfile_change changes[CHANGES_MAX];
	const char *name = next_random(random) % 2 ? "work" : "a";
	struct err err = ERR_INIT;
	size_t count;
	bool cut;
	int r;

	random_file(random, &in);
	count = random_changes(random, changes);
	r = awsfile_edit(text_of(&in), name, changes, count, &out, &err);
	if (r) {
		assert_int_equal(r, -EBADMSG);
		return false;
	}
	if (out.len == in.len && memcmp(buf_text(&in), buf_text(&out), in.len) == 0)
		return true;
	check_values(text_of(&out), name, changes, count);
	check_others(text_of(&in), text_of(&out), name, changes, count);
	assert_int_equal(
		awsfile_edit(text_of(&out), name, changes, count, &again, &err), 0);
	assert_text(text_of(&again), text_of(&out), "the second edit");
	cut = in.len && !strchr("\r\n", in.data[in.len - 1]);
	print_rest(text_of(&in), name, changes, count, cut, &before);
	print_rest(text_of(&out), name, changes, count, cut, &after);
	/* a new section comes behind */
	if (after.len > before.len)
		buf_cut(&after, before.len);
	assert_text(text_of(&after), text_of(&before), "the other lines");
	return true;
}

static void edits_lose_nothing(void **state)
{
	uint64_t random = 0x9e3779b97f4a7c15u;
	size_t edited = 0;

	(void)state;
	print_message("seed %#llx\n", (unsigned long long)random);
	for (size_t i = 0; i < 20000; i++) {
		if (random_edit(&random))
			edited++;
	}
	assert_true(edited > 5000);
}

static void large_files_take_no_time(void **state)
{
	static const struct awsfile_change changes[] = {
		{ "aws_access_key_id", "NEW" },
		{ "aws_session_token", "NEW" },
		{ "aws_security_token", NULL },
	};
	_cleanup_buf_ struct buf in = BUF_INIT, out = BUF_INIT;
	struct timespec begin, end;
	double ms;

	(void)state;
	for (size_t i = 0; i < 5000; i++)
		buf_addf(&in,
			"[profile-%zu]\naws_access_key_id = %032zu\n"
			"aws_secret_access_key = %040zu\naws_session_token = %064zu\n\n",
			i, i, i, i);
	assert_int_equal(buf_err(&in), 0);
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	assert_int_equal(
		awsfile_edit(text_of(&in), "profile-4999", changes, 3, &out, NULL), 0);
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	ms = (double)(end.tv_sec - begin.tv_sec) * 1e3 +
	     (double)(end.tv_nsec - begin.tv_nsec) / 1e6;
	print_message("%zu bytes: %.1f ms\n", in.len, ms);
	assert_true(ms < 500); /* 10 without sanitizers and on a quiet machine */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits_are_as_written_down),
		cmocka_unit_test(files_that_botocore_refuses_are_left_alone),
		cmocka_unit_test(what_no_file_can_hold_is_refused),
		cmocka_unit_test(a_key_twice_is_refused),
		cmocka_unit_test(edits_lose_nothing),
		cmocka_unit_test(large_files_take_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
