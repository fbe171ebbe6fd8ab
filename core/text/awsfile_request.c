#include "text/awsfile_request.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

static bool has_control(const char *text)
{
	for (; *text; text++)
		if (iscntrl((unsigned char)*text))
			return true;
	return false;
}

/* A blank and `#` or `;`: an inline comment for all but botocore. */
static bool has_comment(const char *text)
{
	for (; *text; text++)
		if ((text[0] == ' ') && (text[1] == '#' || text[1] == ';'))
			return true;
	return false;
}

/* Whether our own reader takes `[name]`, `key = value` for just that. */
static int reads_back(
	const char *name, const char *key, const char *value, bool *ret_same)
{
	_cleanup_buf_ struct buf text = BUF_INIT_SECRET;
	_cleanup_awsfile_ struct awsfile file = AWSFILE_INIT;
	int r;

	buf_addc(&text, '[');
	buf_adds(&text, name);
	buf_adds(&text, "]\n");
	buf_adds(&text, key);
	buf_adds(&text, " = ");
	buf_adds(&text, value);
	r = buf_err(&text);
	if (!r)
		r = awsfile_parse(&file, AWSFILE_CREDENTIALS,
			(struct slice){ buf_text(&text), text.len }, NULL);
	if (r)
		return r;
	*ret_same = !file.problem_line && file.section_count == 1 &&
		    file.sections[0].type == AWSFILE_PROFILE &&
		    strcmp(file.sections[0].name, name) == 0 &&
		    slice_is(file.sections[0].header, name) && file.key_count == 1 &&
		    slice_is(file.keys[0].name, key) &&
		    slice_is(file.keys[0].value, value);
	return 0;
}

static int check_name(const char *name, struct err *err)
{
	bool same = false;
	int r = reads_back(name, "key", "value", &same);

	if (r)
		return err_nomem(err);
	if (!same || has_control(name))
		return err_set(err, EINVAL,
			"no section of a credentials file can have the profile's name");
	return 0;
}

static int check_change(const struct awsfile_change *change, struct err *err)
{
	const char *value = change->value ? change->value : "value";
	bool same = false;
	int r;

	if (strspn(change->key, "abcdefghijklmnopqrstuvwxyz0123456789_-.") !=
			strlen(change->key) ||
		!change->key[0])
		return err_set(
			err, EINVAL, "a key has a character that is not a-z 0-9 _ - .");
	r = reads_back("name", change->key, value, &same);
	if (r)
		return err_nomem(err);
	if (!same || !value[0] || has_control(value) || has_comment(value))
		return err_set(err, EINVAL,
			"the value of `%s' cannot stand in a credentials file",
			change->key);
	return 0;
}

int awsfile_request_check(const char *name, const struct awsfile_change *changes,
	size_t count, struct err *err)
{
	int r = check_name(name, err);

	for (size_t i = 0; !r && i < count; i++) {
		r = check_change(&changes[i], err);
		for (size_t k = 0; !r && k < i; k++)
			if (strcmp(changes[i].key, changes[k].key) == 0)
				r = err_set(err, EINVAL, "the key `%s' is given twice",
					changes[i].key);
	}
	return r;
}
