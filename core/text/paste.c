#include "text/paste.h"

#include <errno.h>

#include "text/paste_scan.h"

enum {
	HEADER_TOLD_MAX = 64,
};

/* A clean copy of the text, and what its lines tell. */
struct work {
	struct buf plain;
	struct paste_scan scan;
};

#define WORK_INIT                                                 \
	{                                                         \
		.plain = BUF_INIT_SECRET, .scan = PASTE_SCAN_INIT \
	}

static void work_done(struct work *work)
{
	paste_scan_done(&work->scan);
	buf_done(&work->plain);
}

/* Names of profiles may be told, what only looks like one may not. */
static bool may_be_told(const char *header)
{
	return header && strlen(header) <= HEADER_TOLD_MAX &&
	       paste_bare_slot((struct slice){ header, strlen(header) }) ==
		       PASTE_SLOT_COUNT;
}

static int name_profile(struct work *work, int r, struct err *err)
{
	const char *header = paste_blocks_last(&work->scan.blocks)->paste.header;

	if (r != -ENOMEM && work->scan.blocks.many && may_be_told(header))
		(void)err_wrap(err, "profile `%s'", header);
	return r;
}

static int work_read(
	struct work *work, struct slice text, bool many, bool open, struct err *err)
{
	int r;

	if (text.len > PASTE_LIMIT)
		return err_set(
			err, EFBIG, "the text is longer than %d KiB", PASTE_LIMIT / 1024);
	r = paste_clean(text, open, &work->plain, err);
	if (r)
		return r;
	work->scan.blocks.many = many;
	r = paste_scan_text(&work->scan,
		(struct slice){ buf_text(&work->plain), work->plain.len }, open, err);
	return r ? name_profile(work, r, err) : 0;
}

static int work_finish(struct work *work, struct err *err)
{
	int r = paste_scan_finish(&work->scan, err);

	return r ? name_profile(work, r, err) : 0;
}

static int parse_one(
	struct slice text, bool part, struct paste *ret_paste, struct err *err)
{
	_cleanup_(work_done) struct work work = WORK_INIT;
	struct err lacks = ERR_INIT;
	int r = work_read(&work, text, false, false, err);

	if (r)
		return r;
	r = work_finish(&work, &lacks);
	if (r && !(part && r == -ENODATA)) {
		if (err)
			*err = lacks;
		return r;
	}
	if (paste_block_take(paste_blocks_last(&work.scan.blocks), ret_paste))
		return err_nomem(err);
	ret_paste->force = work.scan.force;
	return 0;
}

int paste_parse(struct slice text, struct paste *ret_paste, struct err *err)
{
	return parse_one(text, false, ret_paste, err);
}

int paste_parse_part(struct slice text, struct paste *ret_paste, struct err *err)
{
	return parse_one(text, true, ret_paste, err);
}

int paste_parse_blocks(
	struct slice text, struct paste **ret_list, size_t *ret_count, struct err *err)
{
	_cleanup_(work_done) struct work work = WORK_INIT;
	struct paste_blocks *blocks = &work.scan.blocks;
	size_t count;
	struct paste *list;
	int r = work_read(&work, text, true, false, err);

	if (!r)
		r = work_finish(&work, err);
	if (r)
		return r;
	count = blocks->count ? blocks->count : 1;
	list = calloc(count, sizeof(*list));
	if (!list)
		return err_nomem(err);
	for (size_t i = 0; i < count && !r; i++)
		r = paste_block_take(
			blocks->count ? &blocks->list[i] : &blocks->first, &list[i]);
	if (r) {
		paste_list_free(list, count);
		return err_nomem(err);
	}
	list[0].force = work.scan.force;
	*ret_list = list;
	*ret_count = count;
	return 0;
}

static int judge(struct slice begin, bool many, struct err *err)
{
	_cleanup_(work_done) struct work work = WORK_INIT;

	return work_read(&work, begin, many, true, err);
}

int paste_judge(struct slice begin, struct err *err)
{
	return judge(begin, false, err);
}

int paste_judge_blocks(struct slice begin, struct err *err)
{
	return judge(begin, true, err);
}

void paste_extra_done(struct paste_extra *extra)
{
	if (extra->value)
		explicit_bzero(extra->value, strlen(extra->value));
	free(extra->value);
	free(extra->name);
	*extra = (struct paste_extra){ .name = NULL };
}

void paste_done(struct paste *paste)
{
	for (size_t i = 0; i < paste->extra_count; i++)
		paste_extra_done(&paste->extras[i]);
	free(paste->extras);
	free(paste->header);
	free(paste->account);
	free(paste->role);
	creds_done(&paste->creds);
	*paste = (struct paste)PASTE_INIT;
}

struct paste *paste_list_free(struct paste *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		paste_done(&list[i]);
	free(list);
	return NULL;
}
