#include "acct/pending.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ID     "ASIARZPUZDIKAAQWERTY"
#define OTHER  "ASIARZPUZDIKABBBBBBB"
#define LONG   "AKIARZPUZDIKAAQWERTY"
#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define TOKEN  "IQoJb3JpZ2luX2VjEXAMPLE//token+/=="

/* Adds what is not NULL. */
static void give(struct pending *pending, const char *key_id, const char *secret_key,
	const char *token, int64_t now)
{
	_cleanup_creds_ struct creds creds = CREDS_INIT;

	if (key_id)
		assert_int_equal(secret_set(&creds.key_id, key_id, strlen(key_id)), 0);
	if (secret_key)
		assert_int_equal(
			secret_set(&creds.secret_key, secret_key, strlen(secret_key)), 0);
	if (token)
		assert_int_equal(secret_set(&creds.token, token, strlen(token)), 0);
	assert_int_equal(pending_add(pending, &creds, now), 0);
}

static void tells(const struct pending *pending, const char *says)
{
	struct err err = ERR_INIT;

	assert_false(pending_is_whole(pending));
	assert_int_equal(pending_tell(pending, &err), -ENODATA);
	if (!strstr(err.text, says))
		fail_msg("no \"%s\" in: %s", says, err.text);
}

static void prints(const struct pending *pending, const char *text)
{
	_cleanup_buf_ struct buf out = BUF_INIT_SECRET;

	assert_true(pending_is_whole(pending));
	pending_print(pending, &out);
	assert_string_equal(buf_text(&out), text);
}

static void in_any_order(void **state)
{
	_cleanup_pending_ struct pending pending = PENDING_INIT;

	(void)state;
	give(&pending, ID, NULL, NULL, 1);
	tells(&pending, "1 of 3 values taken, the secret access key and the session "
			"token are missing");
	give(&pending, NULL, SECRET, NULL, 2);
	tells(&pending, "2 of 3 values taken, the session token is missing");
	give(&pending, NULL, NULL, TOKEN, 3);
	prints(&pending, "aws_access_key_id = " ID "\naws_secret_access_key = " SECRET
			 "\naws_session_token = " TOKEN "\n");
	pending_done(&pending);

	give(&pending, NULL, NULL, TOKEN, 1);
	tells(&pending, "1 of 3 values taken, the access key id and the secret access "
			"key are missing");
	give(&pending, NULL, SECRET, NULL, 2);
	tells(&pending, "2 of 3 values taken, the access key id is missing");
	give(&pending, ID, NULL, NULL, 3);
	assert_true(pending_is_whole(&pending));
}

static void long_term_keys_have_no_token(void **state)
{
	_cleanup_pending_ struct pending pending = PENDING_INIT;

	(void)state;
	give(&pending, NULL, NULL, TOKEN, 1);
	give(&pending, LONG, NULL, NULL, 2);
	tells(&pending, "1 of 2 values taken, the secret access key is missing");
	give(&pending, NULL, SECRET, NULL, 3);
	pending.force = true;
	prints(&pending, "force\naws_access_key_id = " LONG
			 "\naws_secret_access_key = " SECRET "\n");
}

static void values_are_replaced(void **state)
{
	_cleanup_pending_ struct pending pending = PENDING_INIT;

	(void)state;
	give(&pending, ID, "old", NULL, 1);
	give(&pending, NULL, SECRET, NULL, 2);
	assert_string_equal(secret_text(&pending.creds.secret_key), SECRET);
	/* the same key id again is no new beginning, another one is */
	give(&pending, ID, NULL, NULL, 3);
	tells(&pending, "2 of 3");
	give(&pending, OTHER, NULL, NULL, 4);
	tells(&pending, "1 of 3");
	assert_string_equal(secret_text(&pending.creds.key_id), OTHER);
	assert_false(secret_is_set(&pending.creds.secret_key));
}

static void values_expire(void **state)
{
	_cleanup_pending_ struct pending pending = PENDING_INIT;

	(void)state;
	give(&pending, ID, NULL, NULL, 1000);
	pending_expire(&pending, 1000 + PENDING_MS - 1);
	assert_true(secret_is_set(&pending.creds.key_id));
	pending_expire(&pending, 1000 + PENDING_MS);
	assert_false(secret_is_set(&pending.creds.key_id));
	/* each value gives the others more time, but not those that are over */
	give(&pending, ID, NULL, NULL, 1000);
	pending.force = true;
	give(&pending, NULL, SECRET, NULL, PENDING_MS);
	tells(&pending, "2 of 3");
	give(&pending, NULL, NULL, TOKEN, 2 * PENDING_MS);
	tells(&pending, "1 of 3");
	assert_false(pending.force);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_any_order),
		cmocka_unit_test(long_term_keys_have_no_token),
		cmocka_unit_test(values_are_replaced),
		cmocka_unit_test(values_expire),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
