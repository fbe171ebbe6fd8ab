/* jobs with libfuse's own requests and interrupts: the test is the kernel at the other
 * end of a socket.  The linker puts a script in libcurl's place (--wrap). */
#include "fs/jobs.h"

#include <errno.h>
#include <linux/fuse.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/clock.h"
#include "support/home.h"
#include "support/http_script.h"

enum {
	SERVERS = 2,
	REQUESTS = 2048,
	SOON_MS = 5000,	   /* long enough for a slow machine ... */
	NEVER_MS = 100000, /* ... and for nobody to wait for */
	TIMEOUT_MS = 200000,
};

struct http *__wrap_http_curl_new(const struct http_settings *settings, struct err *err);

static struct http_script script;

struct http *__wrap_http_curl_new(const struct http_settings *settings, struct err *err)
{
	(void)settings;
	(void)err;
	return &script.http;
}

/* "/slow" never answers, "/fast" at once, others soon. */
#define OF_AWS "x-amz-request-id: 1"

static const struct http_step steps[] = {
	{ .when = "/slow/", .delay_ms = NEVER_MS, .again = true },
	{ .when = "/fast/", .status = 403, .headers = OF_AWS, .again = true },
	{ .status = 403, .headers = OF_AWS, .delay_ms = 20, .again = true },
};

struct place {
	struct home home;
	struct core *core;
	struct jobs *jobs;
	struct fuse_session *session;
	int kernel_fd;
	pthread_t servers[SERVERS];
	size_t server_count;
	_Atomic bool lazy; /* requests are taken up once they are interrupted */
	uint64_t last;	   /* number of the last request */
	size_t interrupts;
	int replies[REQUESTS]; /* by that number: how many there were */
	int results[REQUESTS]; /* and the error of the last */
};

/* ---- the file system */

static void on_reply(fuse_req_t req, void *arg, int r, struct err *err)
{
	assert_ptr_equal(arg, &script);
	if (r && err->errnum != -r)
		abort();
	(void)fuse_reply_err(req, -r);
}

/* Inode number: the account's number, then the question's. */
static void on_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct place *place = fuse_req_userdata(req);
	char account[16];
	int r;

	(void)fi;
	while (place->lazy && !fuse_req_interrupted(req))
		(void)usleep(100);
	(void)snprintf(account, sizeof(account), "p%d", (int)(ino / QUESTION_COUNT));
	r = jobs_ask(place->jobs, req, account, (enum question)(ino % QUESTION_COUNT),
		on_reply, &script);
	if (r)
		(void)fuse_reply_err(req, -r);
}

/* What work on the disk comes to; NEVER: when it is given up. */
enum outcome { GOOD, FULL, NEVER, OUTCOMES };

static const enum outcome outcomes[OUTCOMES] = { GOOD, FULL, NEVER };

static int work_for_request(void *arg, const struct patience *patience)
{
	switch (*(const enum outcome *)arg) {
	case FULL:
		return -ENOSPC;
	case NEVER:
		return patience_sleep(patience, NEVER_MS, NULL);
	default:
		return 0;
	}
}

static void on_access(fuse_req_t req, fuse_ino_t ino, int mask)
{
	struct place *place = fuse_req_userdata(req);
	int r;

	(void)mask;
	r = jobs_run(place->jobs, req, work_for_request, (void *)&outcomes[ino]);
	if (r)
		(void)fuse_reply_err(req, -r);
}

static const struct fuse_lowlevel_ops test_ops = {
	.access = on_access,
	.getattr = on_getattr,
};

static void serve_one(struct place *place)
{
	struct fuse_buf request = { .mem = NULL };

	if (fuse_session_receive_buf(place->session, &request) > 0)
		fuse_session_process_buf(place->session, &request);
	free(request.mem);
}

static void *serve(void *arg)
{
	struct place *place = arg;

	while (!fuse_session_exited(place->session))
		serve_one(place);
	return NULL;
}

/* ---- the kernel */

static void send_request(struct place *place, uint32_t opcode, uint64_t unique,
	uint64_t node, const void *data, size_t len)
{
	struct fuse_in_header header = {
		.len = (uint32_t)(sizeof(header) + len),
		.opcode = opcode,
		.unique = unique,
		.nodeid = node,
		.pid = (uint32_t)getpid(),
	};
	struct iovec parts[] = { { &header, sizeof(header) }, { (void *)data, len } };

	assert_int_equal(
		writev(place->kernel_fd, parts, 2), (ssize_t)(sizeof(header) + len));
}

/* Takes one reply; false: there was none for @ms. */
static bool receive(struct place *place, int ms)
{
	struct pollfd poll_fd = { .fd = place->kernel_fd, .events = POLLIN };
	union {
		struct fuse_out_header header;
		char space[4096];
	} in;

	if (poll(&poll_fd, 1, ms) <= 0 ||
		read(place->kernel_fd, &in, sizeof(in)) < (ssize_t)sizeof(in.header))
		return false;
	/* an interrupt that came too late is answered, too */
	if (in.header.unique % 2 == 0 && in.header.unique / 2 < REQUESTS) {
		place->replies[in.header.unique / 2]++;
		place->results[in.header.unique / 2] = in.header.error;
	}
	return true;
}

/* Requests have even numbers, and interrupts the odd ones behind them. */
static uint64_t ask(struct place *place, int account, enum question question)
{
	const struct fuse_getattr_in in = { .getattr_flags = 0 };
	uint64_t node = (uint64_t)account * QUESTION_COUNT + question;

	assert_true(++place->last < REQUESTS);
	/* so that neither end of the socket ever waits for the other */
	while (receive(place, 0))
		;
	send_request(place, FUSE_GETATTR, place->last * 2, node, &in, sizeof(in));
	return place->last;
}

static uint64_t ask_disk(struct place *place, enum outcome outcome)
{
	const struct fuse_access_in in = { .mask = 0 };

	assert_true(++place->last < REQUESTS);
	send_request(place, FUSE_ACCESS, place->last * 2, outcome, &in, sizeof(in));
	return place->last;
}

static void interrupt(struct place *place, uint64_t request)
{
	const struct fuse_interrupt_in in = { .unique = request * 2 };

	send_request(place, FUSE_INTERRUPT, request * 2 + 1, 0, &in, sizeof(in));
	place->interrupts++;
}

/* What the request came to, or 1: nothing within @ms. */
static int result(struct place *place, uint64_t request, int ms)
{
	int64_t until = clock_monotonic_ms() + ms;
	int64_t left;

	while (!place->replies[request]) {
		left = until - clock_monotonic_ms();
		if (left <= 0 || !receive(place, (int)left))
			return 1;
	}
	return place->results[request];
}

/* libfuse keeps an interrupt of what it does not know, and frees one with each request
 * that follows. */
static void flush_interrupts(struct place *place)
{
	for (; place->interrupts; place->interrupts--) {
		assert_true(++place->last < REQUESTS);
		send_request(place, FUSE_STATFS, place->last * 2, 1, NULL, 0);
		assert_int_equal(result(place, place->last, SOON_MS), 0);
	}
}

/* Nothing more comes, and no request was answered twice. */
static void check_replies(struct place *place)
{
	while (receive(place, 20))
		;
	for (uint64_t i = 1; i <= place->last; i++)
		if (place->replies[i] != 1)
			fail_msg("request %d: %d replies", (int)i, place->replies[i]);
}

/* ---- each test's own */

static void start_servers(struct place *place)
{
	for (; place->server_count < SERVERS; place->server_count++)
		assert_int_equal(pthread_create(&place->servers[place->server_count],
					 NULL, serve, place),
			0);
}

static void stop_servers(struct place *place)
{
	char unread[4096];

	place->lazy = false;
	flush_interrupts(place);
	fuse_session_exit(place->session);
	for (size_t i = 0; i < place->server_count; i++)
		send_request(place, FUSE_STATFS, 1, 1, NULL, 0);
	for (size_t i = 0; i < place->server_count; i++)
		(void)pthread_join(place->servers[i], NULL);
	place->server_count = 0;
	while (recv(fuse_session_fd(place->session), unread, sizeof(unread),
		       MSG_DONTWAIT) > 0)
		;
	/* from now on the test reads its requests itself */
	fuse_session_reset(place->session);
}

/* Profiles p0 to p149; the tens say how each answers: slow, fast, soon, and again slow, but
 * all of these on one server. */
static void write_profiles(struct place *place)
{
	_cleanup_buf_ struct buf credentials = BUF_INIT;
	_cleanup_buf_ struct buf config = BUF_INIT;

	for (int i = 0; i < 150; i++) {
		buf_addf(&credentials,
			"[p%d]\naws_access_key_id = k\naws_secret_access_key = s\n", i);
		buf_addf(&config,
			"[profile p%d]\nendpoint_url = http://127.0.0.1:%d/%s\n", i,
			i < 100 ? 1 + i : 1000,
			i < 80	  ? "slow"
			: i < 90  ? "fast"
			: i < 100 ? "soon"
				  : "slow");
	}
	home_replace(place->home.credentials, buf_text(&credentials));
	home_replace(place->home.config, buf_text(&config));
}

enum { SLOW = 0, FAST = 80, SOON = 90, DEAD = 100 };

static void begin_jobs(struct place *place, int64_t timeout_ms)
{
	if (place->jobs)
		jobs_stop(place->jobs);
	place->jobs = jobs_free(place->jobs);
	place->jobs = jobs_new(place->core, timeout_ms, NULL);
	assert_non_null(place->jobs);
}

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	const struct core_settings settings = {
		.credentials_path = place->home.credentials,
		.config_path = place->home.config,
	};
	const struct fuse_init_in in = { .major = 7, .minor = 31, .max_readahead = 4096 };
	char *argv[] = { (char *)"test_jobs", NULL };
	struct fuse_args args = FUSE_ARGS_INIT(1, argv);
	char mountpoint[32];
	int fds[2];

	home_init(&place->home);
	write_profiles(place);
	http_script_init(&script, steps, ARRAY_SIZE(steps));
	assert_int_equal(core_new(&settings, &place->core, NULL), 0);
	begin_jobs(place, TIMEOUT_MS);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
	place->kernel_fd = fds[0];
	place->session = fuse_session_new(&args, &test_ops, sizeof(test_ops), place);
	assert_non_null(place->session);
	fuse_opt_free_args(&args);
	/* a file descriptor that somebody else has opened */
	(void)snprintf(mountpoint, sizeof(mountpoint), "/dev/fd/%d", fds[1]);
	assert_int_equal(fuse_session_mount(place->session, mountpoint), 0);
	send_request(place, FUSE_INIT, 1, 0, &in, sizeof(in));
	serve_one(place);
	assert_true(receive(place, SOON_MS));
	start_servers(place);
	*state = place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;
	size_t unexpected;

	stop_servers(place);
	jobs_stop(place->jobs);
	check_replies(place);
	place->jobs = jobs_free(place->jobs);
	fuse_session_unmount(place->session);
	fuse_session_destroy(place->session);
	(void)close(place->kernel_fd);
	(void)core_free(place->core);
	unexpected = script.unexpected;
	http_script_done(&script);
	home_done(&place->home);
	free(place);
	return unexpected ? -1 : 0;
}

static size_t asked(void)
{
	size_t count;

	(void)pthread_mutex_lock(&script.lock);
	count = script.seen_count;
	(void)pthread_mutex_unlock(&script.lock);
	return count;
}

static unsigned running(void)
{
	unsigned count;

	(void)pthread_mutex_lock(&script.lock);
	count = script.running;
	(void)pthread_mutex_unlock(&script.lock);
	return count;
}

static void wait_until_running(unsigned count)
{
	int64_t until = clock_monotonic_ms() + SOON_MS;

	while (running() != count && clock_monotonic_ms() < until)
		(void)usleep(1000);
	assert_int_equal(running(), count);
}

static void test_answer(void **state)
{
	struct place *place = *state;

	assert_int_equal(result(place, ask(place, FAST, QUESTION_S3), SOON_MS), -EACCES);
	assert_int_equal(asked(), 1);
	/* another time, another question: nobody keeps answers here (the ttl is 0) */
	assert_int_equal(result(place, ask(place, FAST, QUESTION_S3), SOON_MS), -EACCES);
	assert_int_equal(asked(), 2);
	/* the error of what is not there comes all the same */
	assert_int_equal(result(place, ask(place, 1000, QUESTION_S3), SOON_MS), -ENOENT);
}

/* However many wait for one answer, it is asked for once. */
static void test_one_question_for_all(void **state)
{
	enum { WAITERS = 50 };
	struct place *place = *state;
	uint64_t requests[WAITERS];

	for (int i = 0; i < WAITERS; i++)
		requests[i] = ask(place, SLOW, QUESTION_STATUS);
	wait_until_running(1);
	/* others of the account are asked beside it */
	(void)ask(place, SLOW, QUESTION_S3);
	wait_until_running(2);
	assert_int_equal(result(place, requests[0], 50), 1);
	assert_int_equal(asked(), 2);
	for (int i = 0; i < WAITERS; i++)
		interrupt(place, requests[i]);
	for (int i = 0; i < WAITERS; i++)
		assert_int_equal(result(place, requests[i], SOON_MS), -EINTR);
}

/* All who wait get the answer. */
static void test_answer_for_all(void **state)
{
	enum { WAITERS = 50 };
	struct place *place = *state;
	uint64_t requests[WAITERS];

	for (int i = 0; i < WAITERS; i++)
		requests[i] = ask(place, SOON, QUESTION_S3);
	for (int i = 0; i < WAITERS; i++)
		assert_int_equal(result(place, requests[i], SOON_MS), -EACCES);
	assert_true(asked() < WAITERS / 2);
}

static void test_slow_account_delays_no_other(void **state)
{
	struct place *place = *state;

	(void)ask(place, SLOW, QUESTION_STATUS);
	(void)ask(place, SLOW, QUESTION_S3);
	(void)ask(place, SLOW, QUESTION_DYNAMODB);
	wait_until_running(3);
	for (int i = 0; i < 10; i++)
		assert_int_equal(
			result(place, ask(place, FAST + i, QUESTION_S3), SOON_MS),
			-EACCES);
}

/* The interrupted one ends; the others wait on, for the same question. */
static void test_interrupt_of_one(void **state)
{
	struct place *place = *state;
	uint64_t one = ask(place, SLOW, QUESTION_S3);
	uint64_t other = ask(place, SLOW, QUESTION_S3);
	uint64_t late;

	wait_until_running(1);
	interrupt(place, one);
	assert_int_equal(result(place, one, SOON_MS), -EINTR);
	assert_int_equal(result(place, other, 50), 1);
	assert_int_equal(running(), 1);
	/* and one who comes later joins them */
	late = ask(place, SLOW, QUESTION_S3);
	assert_int_equal(result(place, late, 50), 1);
	assert_int_equal(asked(), 1);
}

/* What nobody waits for is given up, and asked again for who comes then. */
static void test_interrupt_of_all(void **state)
{
	struct place *place = *state;
	uint64_t one = ask(place, SLOW, QUESTION_S3);
	uint64_t other = ask(place, SLOW, QUESTION_S3);

	wait_until_running(1);
	interrupt(place, one);
	interrupt(place, other);
	assert_int_equal(result(place, one, SOON_MS), -EINTR);
	assert_int_equal(result(place, other, SOON_MS), -EINTR);
	wait_until_running(0);
	one = ask(place, SLOW, QUESTION_S3);
	wait_until_running(1);
	assert_int_equal(asked(), 2);
	assert_int_equal(result(place, one, 50), 1);
}

/* The kernel may send the interrupt right behind the request, or before it is read. */
static void test_interrupt_at_once(void **state)
{
	struct place *place = *state;

	for (int i = 0; i < 150; i++) {
		uint64_t request = ask(place, SLOW + i % 5, QUESTION_S3);

		interrupt(place, request);
		/* one that is read first waits for the next message of the kernel */
		if (result(place, request, 50) == 1)
			interrupt(place, request);
		assert_int_equal(result(place, request, SOON_MS), -EINTR);
	}
	wait_until_running(0);
}

/* An interrupt that comes before its request waits for anything. */
static void test_interrupt_before_waiting(void **state)
{
	struct place *place = *state;

	/* all threads are there */
	interrupt(place, ask(place, SLOW, QUESTION_S3));
	assert_int_equal(result(place, place->last, SOON_MS), -EINTR);
	place->lazy = true;
	for (int i = 0; i < 300; i++) {
		uint64_t request = ask(place, SLOW, QUESTION_S3);

		interrupt(place, request);
		assert_int_equal(result(place, request, SOON_MS), -EINTR);
	}
	place->lazy = false;
}

static void test_deadline(void **state)
{
	struct place *place = *state;

	stop_servers(place);
	begin_jobs(place, 50);
	(void)ask(place, SLOW, QUESTION_S3);
	serve_one(place);
	assert_int_equal(result(place, place->last, SOON_MS), -ETIMEDOUT);
}

/* The pool is bounded; who waits for a place in it can be interrupted as well. */
static void test_full_pool(void **state)
{
	struct place *place = *state;
	uint64_t waiting;

	for (int i = 0; i < JOBS_NET_THREADS; i++)
		(void)ask(place, SLOW + i, QUESTION_S3);
	wait_until_running(JOBS_NET_THREADS);
	waiting = ask(place, SLOW + JOBS_NET_THREADS, QUESTION_S3);
	assert_int_equal(result(place, waiting, 50), 1);
	assert_int_equal(running(), JOBS_NET_THREADS);
	interrupt(place, waiting);
	assert_int_equal(result(place, waiting, SOON_MS), -EINTR);
	/* a thread that becomes free takes what waits */
	waiting = ask(place, FAST, QUESTION_S3);
	assert_int_equal(result(place, waiting, 50), 1);
	interrupt(place, 1);
	assert_int_equal(result(place, waiting, SOON_MS), -EACCES);
}

/* One dead server, however many accounts ask it, leaves room for the others. */
static void test_dead_server(void **state)
{
	struct place *place = *state;

	for (int i = 0; i < 50; i++)
		(void)ask(place, DEAD + i, QUESTION_S3);
	wait_until_running(JOBS_NET_THREADS / 2);
	assert_int_equal(result(place, ask(place, FAST, QUESTION_S3), SOON_MS), -EACCES);
	for (int i = 0; i < 20; i++)
		(void)ask(place, SLOW + i, QUESTION_S3);
	wait_until_running(JOBS_NET_THREADS / 2 + 20);
	assert_int_equal(result(place, ask(place, FAST, QUESTION_S3), SOON_MS), -EACCES);
}

/* The end of the mount is the end of all waiting. */
static void test_stop(void **state)
{
	enum { WAITERS = 20 };
	struct place *place = *state;
	uint64_t requests[WAITERS];
	int64_t begin = clock_monotonic_ms();

	for (int i = 0; i < WAITERS; i++)
		requests[i] = ask(place, SLOW + i % 7, QUESTION_S3);
	wait_until_running(7);
	/* all of them have been read */
	assert_int_equal(result(place, ask(place, FAST, QUESTION_S3), SOON_MS), -EACCES);
	stop_servers(place);
	jobs_stop(place->jobs);
	for (int i = 0; i < WAITERS; i++)
		assert_int_equal(result(place, requests[i], SOON_MS), -ENOTCONN);
	assert_true(clock_monotonic_ms() - begin < 4 * SOON_MS);
	assert_int_equal(running(), 0);
	/* nothing begins any more */
	requests[0] = ask(place, FAST, QUESTION_S3);
	serve_one(place);
	assert_int_equal(result(place, requests[0], SOON_MS), -ENOTCONN);
	place->jobs = jobs_free(place->jobs);
	begin_jobs(place, TIMEOUT_MS);
}

static void test_stop_of_nothing(void **state)
{
	struct jobs *jobs = jobs_new(((struct place *)*state)->core, 1, NULL);

	jobs_stop(jobs);
	assert_null(jobs_free(jobs));
	assert_null(jobs_free(NULL));
}

/* Any requests and interrupts: one reply each, and -EINTR for nobody else. */
static void test_storm(void **state)
{
	enum { COUNT = 400 };
	struct place *place = *state;
	uint64_t requests[COUNT];
	bool interrupted[COUNT] = { false };
	unsigned seed = 4711;

	for (int i = 0; i < COUNT; i++) {
		int victim = i - rand_r(&seed) % 4;

		requests[i] = ask(place, SOON + rand_r(&seed) % 4, QUESTION_S3);
		if (rand_r(&seed) % 2 || victim < 0 || interrupted[victim])
			continue;
		interrupted[victim] = true;
		interrupt(place, requests[victim]);
	}
	for (int i = 0; i < COUNT; i++) {
		int r = result(place, requests[i], SOON_MS);

		if (r != -EACCES && !(r == -EINTR && interrupted[i]))
			fail_msg("request %d: %d", i, r);
	}
	wait_until_running(0);
}

/* ---- the disk */

enum { WORKS = 200 };

struct work {
	_Atomic int done;
	_Atomic bool go;
};

static int do_work(void *arg, const struct patience *patience)
{
	struct work *work = arg;

	assert_true(patience_left(patience) > 0);
	while (!work->go)
		(void)usleep(1000);
	work->done++;
	return 0;
}

/* Work on the disk is never lost, and waits for no network. */
static void test_disk(void **state)
{
	struct place *place = *state;
	struct work work = { .go = true };
	int64_t until = clock_monotonic_ms() + SOON_MS;

	for (int i = 0; i < JOBS_NET_THREADS; i++)
		(void)ask(place, SLOW + i, QUESTION_S3);
	wait_until_running(JOBS_NET_THREADS);
	for (int i = 0; i < WORKS; i++)
		assert_int_equal(jobs_run(place->jobs, NULL, do_work, &work), 0);
	while (work.done < WORKS && clock_monotonic_ms() < until)
		(void)usleep(1000);
	assert_int_equal(work.done, WORKS);
}

/* Who waits for the disk is told, and can be interrupted. */
static void test_disk_for_requests(void **state)
{
	struct place *place = *state;
	uint64_t one, other;

	assert_int_equal(result(place, ask_disk(place, GOOD), SOON_MS), 0);
	assert_int_equal(result(place, ask_disk(place, FULL), SOON_MS), -ENOSPC);
	one = ask_disk(place, NEVER);
	other = ask_disk(place, NEVER);
	assert_int_equal(result(place, one, 50), 1);
	interrupt(place, one);
	assert_int_equal(result(place, one, SOON_MS), -EINTR);
	assert_int_equal(result(place, other, 50), 1);
	/* also before its turn comes */
	one = ask_disk(place, NEVER);
	interrupt(place, ask_disk(place, NEVER));
	interrupt(place, one);
	interrupt(place, other);
	assert_int_equal(result(place, one, SOON_MS), -EINTR);
	assert_int_equal(result(place, other, SOON_MS), -EINTR);
	assert_int_equal(result(place, place->last, SOON_MS), -EINTR);
}

static void test_disk_deadline(void **state)
{
	struct place *place = *state;

	stop_servers(place);
	begin_jobs(place, 50);
	(void)ask_disk(place, NEVER);
	serve_one(place);
	assert_int_equal(result(place, place->last, SOON_MS), -ETIMEDOUT);
	/* nothing begins any more */
	jobs_stop(place->jobs);
	(void)ask_disk(place, GOOD);
	serve_one(place);
	assert_int_equal(result(place, place->last, SOON_MS), -ENOTCONN);
	place->jobs = jobs_free(place->jobs);
	begin_jobs(place, TIMEOUT_MS);
}

static void *let_go(void *arg)
{
	(void)usleep(100000);
	((struct work *)arg)->go = true;
	return NULL;
}

static int wait_for_ever(void *arg, const struct patience *patience)
{
	struct work *work = arg;
	int r;

	do
		r = patience_sleep(patience, 5, NULL);
	while (!r);
	work->done += r == -EINTR;
	return r;
}

/* Work that waits for somebody else's lock is given up, running or not. */
static void test_stop_waits_for_nobody(void **state)
{
	struct place *place = *state;
	struct jobs *jobs = jobs_new(place->core, 60 * 1000, NULL);
	struct work work = { .done = 0 };
	int64_t begin = clock_monotonic_ms();

	for (int i = 0; i < WORKS; i++)
		assert_int_equal(jobs_run(jobs, NULL, wait_for_ever, &work), 0);
	(void)usleep(50000);
	jobs_stop(jobs);
	assert_int_equal(work.done, WORKS);
	assert_true(clock_monotonic_ms() - begin < SOON_MS);
	(void)jobs_free(jobs);
}

static void test_stop_finishes_the_disk(void **state)
{
	struct place *place = *state;
	struct jobs *jobs = jobs_new(place->core, TIMEOUT_MS, NULL);
	struct work work = { .go = false };
	pthread_t thread;

	for (int i = 0; i < WORKS; i++)
		assert_int_equal(jobs_run(jobs, NULL, do_work, &work), 0);
	assert_int_equal(pthread_create(&thread, NULL, let_go, &work), 0);
	jobs_stop(jobs);
	assert_int_equal(work.done, WORKS);
	assert_int_equal(jobs_run(jobs, NULL, do_work, &work), -ENOTCONN);
	(void)pthread_join(thread, NULL);
	(void)jobs_free(jobs);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_answer),
		CASE(test_one_question_for_all),
		CASE(test_answer_for_all),
		CASE(test_slow_account_delays_no_other),
		CASE(test_interrupt_of_one),
		CASE(test_interrupt_of_all),
		CASE(test_interrupt_at_once),
		CASE(test_interrupt_before_waiting),
		CASE(test_deadline),
		CASE(test_full_pool),
		CASE(test_dead_server),
		CASE(test_stop),
		CASE(test_stop_of_nothing),
		CASE(test_storm),
		CASE(test_disk),
		CASE(test_disk_for_requests),
		CASE(test_disk_deadline),
		CASE(test_stop_finishes_the_disk),
		CASE(test_stop_waits_for_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
