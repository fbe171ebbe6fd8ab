/* fixture: what most tests of AWS calls begin with. */
#pragma once

#include "aws/call.h"
#include "base/buf.h"
#include "support/http_script.h"

/* Reads tests/data/@name; ends the program when it is not there. */
void fixture_read(const char *name, struct buf *out);

/* Calls made with made-up credentials over a script. */
struct fixture {
	struct http_script script;
	struct aws *aws;
	struct creds creds;
	struct endpoint endpoint;
	struct cancel cancel;
	struct patience patience; /* 5 s */
	struct aws_scope scope;
	struct err err;
};

void fixture_init(struct fixture *fixture, enum endpoint_service service,
	const struct http_step *steps, size_t count);
void fixture_done(struct fixture *fixture);
