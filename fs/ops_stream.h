/* ops_stream: open files whose text grows while they are open: `events', which ends where
 * the text ends now, and `.events.wait', of which each read waits for the next line.
 *
 * Reads that wait are kept, as jobs does; one thread, started with the first of them,
 * answers them when there is a line, when the reader is interrupted or when the mount
 * ends, and tells whoever polls. */
#pragma once

#include <stdint.h>

#define FUSE_USE_VERSION 312
#include <fuse_lowlevel.h>

#include "fs/tree.h"

struct streams;

struct streams *streams_new(struct core *core, struct err *err);

/* Gives all that wait, from now on too, the end of the file; ends the thread.  FUSE
 * threads may still run. */
void streams_stop(struct streams *streams);

/* After streams_stop(); what is still open goes too.  NULL-safe, returns NULL. */
struct streams *streams_free(struct streams *streams);

/* The requests for a row that is a stream. */
void streams_open(struct streams *streams, fuse_req_t req, const struct node *row,
	struct fuse_file_info *fi);
void streams_read(
	fuse_req_t req, size_t size, off_t offset, const struct fuse_file_info *fi);
void streams_poll(
	fuse_req_t req, const struct fuse_file_info *fi, struct fuse_pollhandle *poll);
void streams_release(fuse_req_t req, const struct fuse_file_info *fi);
