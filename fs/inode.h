/* inode: what a number the kernel knows stands for: a row and the names bound on the way.
 *
 * Numbers are hashes of what they stand for: the same in every mount, never reused for
 * something else.  An inode lives as long as the kernel counts look-ups of it, and so
 * does a pointer to it in a request.  Any thread. */
#pragma once

#include <stdint.h>

#include "fs/scratch.h"
#include "fs/tree.h"

enum { INODE_ROOT = 1 };

struct inode {
	uint64_t number;
	const struct node *row;
	char *account;		 /* NULL in the root */
	struct scratch *scratch; /* the text of a tree_scratch row, else NULL */
	uint64_t lookups;	 /* guarded by the table's lock, like next */
	struct inode *next;
};

struct inodes;

struct inodes *inodes_new(struct err *err);
struct inodes *inodes_free(struct inodes *inodes); /* NULL-safe, returns NULL */

/* The inode of a number the kernel holds. */
struct inode *inodes_get(struct inodes *inodes, uint64_t number);

/* The inode of that row, account and scratch text, one look-up more; NULL: out of memory.
 * @scratch's reference stays the caller's. */
struct inode *inodes_look_up(struct inodes *inodes, const struct node *row,
	const char *account, struct scratch *scratch);

/* The kernel drops @count look-ups. */
void inodes_forget(struct inodes *inodes, uint64_t number, uint64_t count);

/* The number that row and account have, whether or not the kernel knows it. */
uint64_t inode_number(
	const struct node *row, const char *account, const struct scratch *scratch);
