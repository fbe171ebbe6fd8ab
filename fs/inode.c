#include "fs/inode.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct inodes {
	pthread_mutex_t lock; /* guards all below */
	struct inode **slots;
	size_t slot_count; /* a power of two */
	size_t count;
	struct inode root; /* is never forgotten */
};

struct inodes *inodes_new(struct err *err)
{
	struct inodes *inodes = calloc(1, sizeof(*inodes));

	if (inodes) {
		inodes->slot_count = 256;
		inodes->slots = calloc(inodes->slot_count, sizeof(struct inode *));
	}
	if (!inodes || !inodes->slots) {
		free(inodes);
		(void)err_nomem(err);
		return NULL;
	}
	(void)pthread_mutex_init(&inodes->lock, NULL);
	inodes->root.number = INODE_ROOT;
	inodes->root.row = &tree_root;
	return inodes;
}

static void inode_free(struct inode *inode)
{
	(void)scratch_unref(inode->scratch);
	free(inode->account);
	free(inode);
}

struct inodes *inodes_free(struct inodes *inodes)
{
	if (!inodes)
		return NULL;
	for (size_t i = 0; i < inodes->slot_count; i++)
		while (inodes->slots[i]) {
			struct inode *inode = inodes->slots[i];

			inodes->slots[i] = inode->next;
			inode_free(inode);
		}
	(void)pthread_mutex_destroy(&inodes->lock);
	free(inodes->slots);
	free(inodes);
	return NULL;
}

static uint64_t mix(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3u; /* FNV-1a */
	return (hash ^ 0xff) * 0x100000001b3u;
}

uint64_t inode_number(
	const struct node *row, const char *account, const struct scratch *scratch)
{
	uint64_t hash = 0xcbf29ce484222325u;

	if (row == &tree_root)
		return INODE_ROOT;
	hash = mix(hash, account ? account : "");
	hash = mix(hash, row->name ? row->name : "/");
	if (scratch)
		hash = (hash ^ scratch_number(scratch)) * 0x100000001b3u;
	/* 0 means "no inode" to the kernel and 1 is the root */
	return hash < 2 ? hash + 2 : hash;
}

static struct inode *find(const struct inodes *inodes, uint64_t number)
{
	struct inode *inode = inodes->slots[number & (inodes->slot_count - 1)];

	while (inode && inode->number != number)
		inode = inode->next;
	return inode;
}

struct inode *inodes_get(struct inodes *inodes, uint64_t number)
{
	struct inode *inode;

	if (number == INODE_ROOT)
		return &inodes->root;
	pthread_mutex_lock(&inodes->lock);
	inode = find(inodes, number);
	pthread_mutex_unlock(&inodes->lock);
	return inode;
}

static void grow(struct inodes *inodes)
{
	size_t count = inodes->slot_count * 2;
	struct inode **slots = calloc(count, sizeof(struct inode *));

	if (!slots)
		return; /* longer chains still work */
	for (size_t i = 0; i < inodes->slot_count; i++)
		while (inodes->slots[i]) {
			struct inode *inode = inodes->slots[i];
			struct inode **slot = &slots[inode->number & (count - 1)];

			inodes->slots[i] = inode->next;
			inode->next = *slot;
			*slot = inode;
		}
	free(inodes->slots);
	inodes->slots = slots;
	inodes->slot_count = count;
}

static bool is_same(const struct inode *inode, const struct node *row,
	const char *account, const struct scratch *scratch)
{
	if (inode->row != row || inode->scratch != scratch)
		return false;
	if (!inode->account || !account)
		return inode->account == account;
	return strcmp(inode->account, account) == 0;
}

static struct inode *add(struct inodes *inodes, uint64_t number, const struct node *row,
	const char *account, struct scratch *scratch)
{
	struct inode *inode = calloc(1, sizeof(*inode));
	struct inode **slot;

	if (!inode)
		return NULL;
	if (account) {
		inode->account = strdup(account);
		if (!inode->account) {
			free(inode);
			return NULL;
		}
	}
	if (inodes->count >= inodes->slot_count)
		grow(inodes);
	inode->number = number;
	inode->row = row;
	inode->scratch = scratch_ref(scratch);
	slot = &inodes->slots[number & (inodes->slot_count - 1)];
	inode->next = *slot;
	*slot = inode;
	inodes->count++;
	return inode;
}

struct inode *inodes_look_up(struct inodes *inodes, const struct node *row,
	const char *account, struct scratch *scratch)
{
	uint64_t number = inode_number(row, account, scratch);
	struct inode *inode;

	if (number == INODE_ROOT)
		return &inodes->root;
	pthread_mutex_lock(&inodes->lock);
	/* two things with one hash: the later one takes the next free number */
	while ((inode = find(inodes, number)) && !is_same(inode, row, account, scratch))
		number = number + 1 < 2 ? 2 : number + 1;
	if (!inode)
		inode = add(inodes, number, row, account, scratch);
	if (inode)
		inode->lookups++;
	pthread_mutex_unlock(&inodes->lock);
	return inode;
}

void inodes_forget(struct inodes *inodes, uint64_t number, uint64_t count)
{
	struct inode *inode, **at;

	if (number == INODE_ROOT)
		return;
	pthread_mutex_lock(&inodes->lock);
	inode = find(inodes, number);
	if (inode && inode->lookups > count) {
		inode->lookups -= count;
		inode = NULL;
	}
	if (inode) {
		at = &inodes->slots[number & (inodes->slot_count - 1)];
		while (*at != inode)
			at = &(*at)->next;
		*at = inode->next;
		inodes->count--;
	}
	pthread_mutex_unlock(&inodes->lock);
	if (inode)
		inode_free(inode);
}
