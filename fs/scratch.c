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
	atomic_uint opens;	 /* changed under `lock` */
	pthread_mutex_t lock;	 /* guards all below */
	bool dropped;		 /* no name leads to it any longer */
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

static void wipe(struct scratch *scratch)
{
	buf_done(&scratch->text);
	scratch->text = (struct buf)BUF_INIT_SECRET;
}

int scratch_open(struct scratch *scratch)
{
	int r = 0;

	pthread_mutex_lock(&scratch->lock);
	if (scratch->dropped)
		r = -ESTALE;
	else
		scratch->opens++;
	pthread_mutex_unlock(&scratch->lock);
	return r;
}

void scratch_close(struct scratch *scratch)
{
	scratch->touched = clock_monotonic_ms();
	pthread_mutex_lock(&scratch->lock);
	if (--scratch->opens == 0 && scratch->dropped)
		wipe(scratch);
	pthread_mutex_unlock(&scratch->lock);
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

/* Frees the place in the table; what was there is for scratch_drop(), after unlocking. */
static struct scratch *take(struct entry *entry)
{
	free(entry->account);
	free(entry->name);
	entry->account = entry->name = NULL;
	return take_ptr(entry->scratch);
}

/* The kernel may remember its inode for long: so its text goes now. */
static void scratch_drop(struct scratch *scratch)
{
	if (!scratch)
		return;
	pthread_mutex_lock(&scratch->lock);
	scratch->dropped = true;
	if (scratch->opens == 0)
		wipe(scratch);
	pthread_mutex_unlock(&scratch->lock);
	(void)scratch_unref(scratch);
}

struct scratches *scratches_free(struct scratches *scratches)
{
	if (!scratches)
		return NULL;
	for (size_t i = 0; i < SCRATCH_COUNT; i++)
		scratch_drop(take(&scratches->entries[i]));
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

void scratches_expire(struct scratches *scratches)
{
	struct scratch *left[SCRATCH_COUNT] = { NULL };
	int64_t now = clock_monotonic_ms();

	pthread_mutex_lock(&scratches->lock);
	for (size_t i = 0; i < SCRATCH_COUNT; i++) {
		struct entry *entry = &scratches->entries[i];

		if (entry->account && entry->scratch->opens == 0 &&
			now - entry->scratch->touched > SCRATCH_KEEP_MS)
			left[i] = take(entry);
	}
	pthread_mutex_unlock(&scratches->lock);
	for (size_t i = 0; i < SCRATCH_COUNT; i++)
		scratch_drop(left[i]);
}

/* A free place, or that of the one left longest ago: an editor that is refused would go to
 * the disk. */
static struct entry *find_place(struct scratches *scratches)
{
	int64_t oldest = clock_monotonic_ms() - SCRATCH_LEAST_MS;
	struct entry *place = NULL;

	for (size_t i = 0; i < SCRATCH_COUNT; i++) {
		struct entry *entry = &scratches->entries[i];

		if (!entry->account)
			return entry;
		if (entry->scratch->opens == 0 && entry->scratch->touched < oldest) {
			oldest = entry->scratch->touched;
			place = entry;
		}
	}
	return place;
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
	struct scratch *old = NULL, *failed = NULL;
	struct entry *entry;
	int r = 0;

	scratches_expire(scratches);
	pthread_mutex_lock(&scratches->lock);
	entry = find_place(scratches);
	if (find(scratches, account, name)) {
		r = -EEXIST;
	} else if (!entry) {
		r = -EDQUOT;
	} else {
		if (entry->account)
			old = take(entry);
		entry->account = strdup(account);
		entry->name = strdup(name);
		entry->scratch = scratch_new(++scratches->last_number);
		if (!entry->account || !entry->name || !entry->scratch) {
			failed = take(entry);
			r = -ENOMEM;
		} else {
			*ret_scratch = scratch_ref(entry->scratch);
		}
	}
	pthread_mutex_unlock(&scratches->lock);
	scratch_drop(old);
	scratch_drop(failed);
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
	struct scratch *scratch = NULL;
	struct entry *entry;

	pthread_mutex_lock(&scratches->lock);
	entry = find(scratches, account, name);
	if (entry)
		scratch = take(entry);
	pthread_mutex_unlock(&scratches->lock);
	scratch_drop(scratch);
	return entry ? 0 : -ENOENT;
}

int scratches_rename(struct scratches *scratches, const char *account, const char *name,
	const char *new_name)
{
	char *copy = strdup(new_name);
	struct scratch *replaced = NULL;
	struct entry *entry, *other;
	int r = copy ? 0 : -ENOMEM;

	pthread_mutex_lock(&scratches->lock);
	entry = find(scratches, account, name);
	if (!r && !entry)
		r = -ENOENT;
	if (!r) {
		other = find(scratches, account, new_name);
		if (other && other != entry)
			replaced = take(other);
		entry->scratch->touched = clock_monotonic_ms();
		free(entry->name);
		entry->name = take_ptr(copy);
	}
	pthread_mutex_unlock(&scratches->lock);
	scratch_drop(replaced);
	free(copy);
	return r;
}
