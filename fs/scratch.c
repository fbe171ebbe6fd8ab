#include "fs/scratch.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "io/clock.h"

struct scratch {
	atomic_uint references;
	uint64_t number;
	_Atomic int64_t touched; /* clock_monotonic_ms() */
	pthread_mutex_t lock;	 /* guards text */
	struct buf text;
};

struct entry {
	char *account; /* NULL: the entry is free */
	char *name;
	struct scratch *scratch;
};

struct scratches {
	pthread_mutex_t lock; /* guards all below */
	uint64_t last_number;
	struct entry entries[SCRATCH_COUNT];
};

struct scratch *scratch_ref(struct scratch *scratch)
{
	if (scratch)
		atomic_fetch_add(&scratch->references, 1);
	return scratch;
}

struct scratch *scratch_unref(struct scratch *scratch)
{
	if (!scratch || atomic_fetch_sub(&scratch->references, 1) > 1)
		return NULL;
	buf_done(&scratch->text);
	(void)pthread_mutex_destroy(&scratch->lock);
	free(scratch);
	return NULL;
}

uint64_t scratch_number(const struct scratch *scratch)
{
	return scratch->number;
}

/* Zeros up to @size, as in any file that is written behind its end. */
static int extend(struct buf *text, uint64_t size)
{
	if (size > SCRATCH_SIZE)
		return -EFBIG;
	while (text->len < size)
		buf_addc(text, '\0');
	return buf_err(text);
}

int scratch_write(struct scratch *scratch, struct slice data, uint64_t offset)
{
	int r = offset > SCRATCH_SIZE ? -EFBIG : 0;

	scratch->touched = clock_monotonic_ms();
	pthread_mutex_lock(&scratch->lock);
	if (!r)
		r = extend(&scratch->text, offset + data.len);
	if (!r && data.len)
		memcpy(scratch->text.data + offset, data.at, data.len);
	pthread_mutex_unlock(&scratch->lock);
	return r;
}

int scratch_truncate(struct scratch *scratch, uint64_t size)
{
	int r;

	scratch->touched = clock_monotonic_ms();
	pthread_mutex_lock(&scratch->lock);
	r = extend(&scratch->text, size);
	if (!r)
		buf_cut(&scratch->text, size);
	pthread_mutex_unlock(&scratch->lock);
	return r;
}

uint64_t scratch_size(struct scratch *scratch)
{
	uint64_t size;

	pthread_mutex_lock(&scratch->lock);
	size = scratch->text.len;
	pthread_mutex_unlock(&scratch->lock);
	return size;
}

void scratch_copy(struct scratch *scratch, struct buf *out)
{
	pthread_mutex_lock(&scratch->lock);
	buf_add(out, buf_text(&scratch->text), scratch->text.len);
	pthread_mutex_unlock(&scratch->lock);
}

struct scratches *scratches_new(struct err *err)
{
	struct scratches *scratches = calloc(1, sizeof(*scratches));

	if (scratches)
		(void)pthread_mutex_init(&scratches->lock, NULL);
	else
		(void)err_nomem(err);
	return scratches;
}

static void drop(struct entry *entry)
{
	free(entry->account);
	free(entry->name);
	entry->scratch = scratch_unref(entry->scratch);
	entry->account = entry->name = NULL;
}

struct scratches *scratches_free(struct scratches *scratches)
{
	if (!scratches)
		return NULL;
	for (size_t i = 0; i < SCRATCH_COUNT; i++)
		drop(&scratches->entries[i]);
	(void)pthread_mutex_destroy(&scratches->lock);
	free(scratches);
	return NULL;
}

static struct entry *find(
	struct scratches *scratches, const char *account, const char *name)
{
	for (size_t i = 0; i < SCRATCH_COUNT; i++) {
		struct entry *entry = &scratches->entries[i];

		if (entry->account && strcmp(entry->account, account) == 0 &&
			strcmp(entry->name, name) == 0)
			return entry;
	}
	return NULL;
}

/* Drops those that were left behind. */
static void expire(struct scratches *scratches)
{
	int64_t now = clock_monotonic_ms();

	for (size_t i = 0; i < SCRATCH_COUNT; i++) {
		struct entry *entry = &scratches->entries[i];

		if (entry->account && now - entry->scratch->touched > SCRATCH_KEEP_MS)
			drop(entry);
	}
}

void scratches_expire(struct scratches *scratches)
{
	pthread_mutex_lock(&scratches->lock);
	expire(scratches);
	pthread_mutex_unlock(&scratches->lock);
}

static struct entry *find_free(struct scratches *scratches)
{
	for (size_t i = 0; i < SCRATCH_COUNT; i++)
		if (!scratches->entries[i].account)
			return &scratches->entries[i];
	return NULL;
}

static struct scratch *scratch_new(uint64_t number)
{
	struct scratch *scratch = calloc(1, sizeof(*scratch));

	if (!scratch)
		return NULL;
	atomic_init(&scratch->references, 1);
	(void)pthread_mutex_init(&scratch->lock, NULL);
	scratch->number = number;
	scratch->text = (struct buf)BUF_INIT_SECRET;
	scratch->touched = clock_monotonic_ms();
	return scratch;
}

int scratches_make(struct scratches *scratches, const char *account, const char *name,
	struct scratch **ret_scratch)
{
	struct entry *entry;
	int r = 0;

	pthread_mutex_lock(&scratches->lock);
	expire(scratches);
	entry = find_free(scratches);
	if (find(scratches, account, name)) {
		r = -EEXIST;
	} else if (!entry) {
		r = -EDQUOT;
	} else {
		entry->account = strdup(account);
		entry->name = strdup(name);
		entry->scratch = scratch_new(++scratches->last_number);
		if (!entry->account || !entry->name || !entry->scratch) {
			drop(entry);
			r = -ENOMEM;
		} else {
			*ret_scratch = scratch_ref(entry->scratch);
		}
	}
	pthread_mutex_unlock(&scratches->lock);
	return r;
}

struct scratch *scratches_find(
	struct scratches *scratches, const char *account, const char *name)
{
	struct scratch *scratch = NULL;
	struct entry *entry;

	pthread_mutex_lock(&scratches->lock);
	entry = find(scratches, account, name);
	if (entry)
		scratch = scratch_ref(entry->scratch);
	pthread_mutex_unlock(&scratches->lock);
	return scratch;
}

int scratches_remove(struct scratches *scratches, const char *account, const char *name)
{
	struct entry *entry;

	pthread_mutex_lock(&scratches->lock);
	entry = find(scratches, account, name);
	if (entry)
		drop(entry);
	pthread_mutex_unlock(&scratches->lock);
	return entry ? 0 : -ENOENT;
}

int scratches_rename(struct scratches *scratches, const char *account, const char *name,
	const char *new_name)
{
	char *copy = strdup(new_name);
	struct entry *entry, *other;
	int r = copy ? 0 : -ENOMEM;

	pthread_mutex_lock(&scratches->lock);
	entry = find(scratches, account, name);
	if (!r && !entry)
		r = -ENOENT;
	if (!r) {
		other = find(scratches, account, new_name);
		if (other && other != entry)
			drop(other);
		free(entry->name);
		entry->name = take_ptr(copy);
	}
	pthread_mutex_unlock(&scratches->lock);
	free(copy);
	return r;
}
