#include "fs/jobs.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "io/clock.h"

/* One request that waits for a question. */
struct waiter {
	fuse_req_t req;
	jobs_reply_fn *reply;
	void *arg;
	int wake_fd; /* of struct jobs, for the interrupt callback */
	atomic_bool
		interrupted; /* set by the interrupt callback, which may take no lock */
	struct waiter *next;
};

/* One question, waiting or being asked. */
struct job {
	char *account;
	enum question question;
	uint64_t server; /* core_server() */
	struct cancel cancel;
	int64_t deadline; /* clock_monotonic_ms(); counts from the first request */
	bool running;
	struct waiter *waiters;
	struct job *next;
};

/* Work on the disk. */
struct work {
	fuse_req_t req; /* NULL: nobody waits */
	int wake_fd;	/* of struct jobs, for the interrupt callback */
	jobs_work_fn *work;
	void *arg;
	struct cancel cancel;
	int64_t deadline; /* clock_monotonic_ms() */
	struct work *next;
};

/* Some threads with one main function. */
struct pool {
	pthread_t threads[JOBS_NET_THREADS];
	size_t count;
	size_t limit;
	size_t idle;  /* wait for `more` */
	size_t woken; /* of these: got a signal already */
	pthread_cond_t more;
};

struct jobs {
	struct core *core;
	int64_t timeout_ms;
	int wake_fd; /* an eventfd: some waiter was interrupted, or it is time to stop */
	pthread_mutex_t lock; /* guards all below */
	bool stopping;
	bool has_reaper;
	pthread_t reaper;
	struct pool net;
	struct pool disk;
	struct job *jobs;  /* in the order they came; running ones too */
	struct work *work; /* waiting, in the order it came */
	struct work **work_end;
	struct work *running;
};

struct jobs *jobs_new(struct core *core, int64_t timeout_ms, struct err *err)
{
	struct jobs *jobs = calloc(1, sizeof(*jobs));

	if (!jobs) {
		(void)err_nomem(err);
		return NULL;
	}
	jobs->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (jobs->wake_fd < 0) {
		(void)err_sys(err, errno, "cannot make an eventfd");
		free(jobs);
		return NULL;
	}
	jobs->core = core;
	jobs->timeout_ms = timeout_ms;
	jobs->net.limit = JOBS_NET_THREADS;
	jobs->disk.limit = JOBS_DISK_THREADS;
	jobs->work_end = &jobs->work;
	(void)pthread_mutex_init(&jobs->lock, NULL);
	(void)pthread_cond_init(&jobs->net.more, NULL);
	(void)pthread_cond_init(&jobs->disk.more, NULL);
	return jobs;
}

struct jobs *jobs_free(struct jobs *jobs)
{
	if (!jobs)
		return NULL;
	(void)pthread_cond_destroy(&jobs->net.more);
	(void)pthread_cond_destroy(&jobs->disk.more);
	(void)pthread_mutex_destroy(&jobs->lock);
	close(jobs->wake_fd);
	free(jobs);
	return NULL;
}

static void wake(int fd)
{
	uint64_t one = 1;

	/* a full counter wakes as well */
	(void)!write(fd, &one, sizeof(one));
}

/* libfuse calls this with a lock of the request held: no lock may be taken here. */
static void on_interrupt(fuse_req_t req, void *data)
{
	struct waiter *waiter = data;

	(void)req;
	atomic_store(&waiter->interrupted, true);
	wake(waiter->wake_fd);
}

static void finish(struct waiter *waiter, int r, struct err *err)
{
	/* waits for an interrupt callback that is just running, and is the last of them
	 */
	fuse_req_interrupt_func(waiter->req, NULL, NULL);
	waiter->reply(waiter->req, waiter->arg, r, err);
	free(waiter);
}

static void finish_all(struct waiter *waiters, int r, const struct err *err)
{
	while (waiters) {
		struct waiter *waiter = waiters;
		struct err own = *err;

		waiters = waiter->next;
		finish(waiter, r, &own);
	}
}

static void job_free(struct job *job)
{
	cancel_done(&job->cancel);
	free(job->account);
	free(job);
}

static void unlink_job(struct jobs *jobs, const struct job *job)
{
	struct job **at = &jobs->jobs;

	while (*at && *at != job)
		at = &(*at)->next;
	if (*at)
		*at = job->next;
}

/* Starts a thread when all are busy and there may be one more.  -EAGAIN: there is no
 * thread at all to do the work.  Call with the lock held. */
static int pool_need(struct pool *pool, void *(*main_fn)(void *), void *arg)
{
	if (pool->idle > pool->woken) {
		pool->woken++;
		pthread_cond_signal(&pool->more);
		return 0;
	}
	if (pool->count < pool->limit &&
		pthread_create(&pool->threads[pool->count], NULL, main_fn, arg) == 0)
		pool->count++;
	return pool->count ? 0 : -EAGAIN;
}

/* Waits for work.  Call with @lock held. */
static void pool_wait(struct pool *pool, pthread_mutex_t *lock)
{
	pool->idle++;
	pthread_cond_wait(&pool->more, lock);
	pool->idle--;
	if (pool->woken)
		pool->woken--;
}

/* Whether the server may get one thread more: it never has more than others could still
 * get.  So the first dead one takes half of them, the next half of the rest. */
static bool may_run(const struct jobs *jobs, uint64_t server)
{
	size_t all = 0, same = 0;

	for (const struct job *job = jobs->jobs; job; job = job->next) {
		all += job->running;
		same += job->running && job->server == server;
	}
	return same < jobs->net.limit - all;
}

static struct job *next_job(const struct jobs *jobs)
{
	for (struct job *job = jobs->jobs; job; job = job->next)
		if (!job->running && may_run(jobs, job->server))
			return job;
	return NULL;
}

static void run_job(struct jobs *jobs, struct job *job)
{
	struct patience patience = {
		.deadline = job->deadline,
		.cancel = &job->cancel,
	};
	struct err err = ERR_INIT;
	struct waiter *waiters;
	int r;

	r = core_ask(jobs->core, job->account, job->question, &patience, &err);
	pthread_mutex_lock(&jobs->lock);
	unlink_job(jobs, job);
	waiters = take_ptr(job->waiters);
	pthread_mutex_unlock(&jobs->lock);
	finish_all(waiters, r, &err);
	job_free(job);
}

static void *net_main(void *arg)
{
	struct jobs *jobs = arg;
	struct job *job;

	pthread_mutex_lock(&jobs->lock);
	while (!jobs->stopping) {
		job = next_job(jobs);
		if (!job) {
			pool_wait(&jobs->net, &jobs->lock);
			continue;
		}
		job->running = true;
		/* one that ended may have made room for two */
		if (jobs->net.idle > jobs->net.woken && next_job(jobs))
			(void)pool_need(&jobs->net, net_main, jobs);
		pthread_mutex_unlock(&jobs->lock);
		run_job(jobs, job);
		pthread_mutex_lock(&jobs->lock);
	}
	pthread_mutex_unlock(&jobs->lock);
	return NULL;
}

static void work_free(struct work *work)
{
	cancel_done(&work->cancel);
	free(work);
}

static void run_work(struct jobs *jobs, struct work *work)
{
	const struct patience patience = {
		.deadline = work->deadline,
		.cancel = &work->cancel,
	};
	struct work **at = &jobs->running;
	int r = work->work(work->arg, &patience);

	pthread_mutex_lock(&jobs->lock);
	while (*at != work)
		at = &(*at)->next;
	*at = work->next;
	pthread_mutex_unlock(&jobs->lock);
	if (work->req) {
		fuse_req_interrupt_func(work->req, NULL, NULL);
		fuse_reply_err(work->req, -r);
	}
	work_free(work);
}

/* Takes a piece of work out of the queue, to be run; only an interrupted one if
 * @interrupted, NULL when there is none.  Call with the lock held. */
static struct work *take_work(struct jobs *jobs, bool interrupted)
{
	struct work **at = &jobs->work;
	struct work *work;

	while (interrupted && *at && !cancel_is_set(&(*at)->cancel))
		at = &(*at)->next;
	work = *at;
	if (!work)
		return NULL;
	*at = work->next;
	if (!*at)
		jobs->work_end = at;
	work->next = jobs->running;
	jobs->running = work;
	return work;
}

static void *disk_main(void *arg)
{
	struct jobs *jobs = arg;
	struct work *work;

	pthread_mutex_lock(&jobs->lock);
	while (jobs->work || !jobs->stopping) {
		work = take_work(jobs, false);
		if (!work) {
			pool_wait(&jobs->disk, &jobs->lock);
			continue;
		}
		pthread_mutex_unlock(&jobs->lock);
		run_work(jobs, work);
		pthread_mutex_lock(&jobs->lock);
	}
	pthread_mutex_unlock(&jobs->lock);
	return NULL;
}

/* Takes the interrupted waiters out of all jobs; a job nobody waits for is given up, and
 * is no longer found by those who come later. */
static struct waiter *take_interrupted(struct jobs *jobs)
{
	struct waiter *taken = NULL;
	struct job **at = &jobs->jobs;

	while (*at) {
		struct job *job = *at;
		struct waiter **link = &job->waiters;
		bool any = false;

		while (*link) {
			struct waiter *waiter = *link;

			if (!atomic_load(&waiter->interrupted)) {
				link = &waiter->next;
				continue;
			}
			*link = waiter->next;
			waiter->next = taken;
			taken = waiter;
			any = true;
		}
		if (any && !job->waiters) {
			*at = job->next;
			cancel_set(&job->cancel);
			if (!job->running)
				job_free(job);
		} else {
			at = &job->next;
		}
	}
	return taken;
}

static void *reaper_main(void *arg)
{
	const struct err interrupted = { .errnum = EINTR, .text = "interrupted" };
	struct jobs *jobs = arg;
	struct waiter *taken;
	struct work *work;
	uint64_t count;
	bool stopping;

	do {
		struct pollfd poll_fd = { .fd = jobs->wake_fd, .events = POLLIN };

		(void)poll(&poll_fd, 1, -1);
		(void)!read(jobs->wake_fd, &count, sizeof(count));
		pthread_mutex_lock(&jobs->lock);
		taken = take_interrupted(jobs);
		stopping = jobs->stopping;
		pthread_mutex_unlock(&jobs->lock);
		finish_all(taken, -EINTR, &interrupted);
		do {
			pthread_mutex_lock(&jobs->lock);
			work = take_work(jobs, true);
			pthread_mutex_unlock(&jobs->lock);
			/* it waits for nobody any more, so it is soon done */
			if (work)
				run_work(jobs, work);
		} while (work);
	} while (!stopping);
	return NULL;
}

/* The job for that question which still may be joined, made when there is none.  Call
 * with the lock held. */
static struct job *find_job(
	struct jobs *jobs, const char *account, enum question question, uint64_t server)
{
	struct job **at = &jobs->jobs;
	struct job *job;

	for (; *at; at = &(*at)->next)
		if ((*at)->question == question && strcmp((*at)->account, account) == 0)
			return *at;
	job = calloc(1, sizeof(*job));
	if (!job)
		return NULL;
	job->question = question;
	job->server = server;
	job->deadline = clock_monotonic_ms() + jobs->timeout_ms;
	job->account = strdup(account);
	if (!job->account || cancel_init(&job->cancel, NULL)) {
		free(job->account);
		free(job);
		return NULL;
	}
	*at = job;
	return job;
}

/* Starts the reaper when it does not run yet.  Call with the lock held. */
static int need_reaper(struct jobs *jobs)
{
	int r = 0;

	if (jobs->stopping)
		return -ENOTCONN;
	if (!jobs->has_reaper)
		r = pthread_create(&jobs->reaper, NULL, reaper_main, jobs);
	if (!r)
		jobs->has_reaper = true;
	return -r;
}

static int attach(struct jobs *jobs, struct waiter *waiter, const char *account,
	enum question question, uint64_t server)
{
	struct job *job;
	int r;

	r = need_reaper(jobs);
	if (r)
		return r;
	job = find_job(jobs, account, question, server);
	if (!job)
		return -ENOMEM;
	if (!job->running && !job->waiters)
		r = pool_need(&jobs->net, net_main, jobs);
	if (r) {
		if (!job->waiters) {
			unlink_job(jobs, job);
			job_free(job);
		}
		return r;
	}
	waiter->next = job->waiters;
	job->waiters = waiter;
	return 0;
}

int jobs_ask(struct jobs *jobs, fuse_req_t req, const char *account,
	enum question question, jobs_reply_fn *reply, void *arg)
{
	struct waiter *waiter = calloc(1, sizeof(*waiter));
	uint64_t server;
	int r;

	if (!waiter)
		return -ENOMEM;
	server = core_server(jobs->core, account, question);
	waiter->req = req;
	waiter->reply = reply;
	waiter->arg = arg;
	waiter->wake_fd = jobs->wake_fd;
	/* before a thread may answer and free the waiter */
	fuse_req_interrupt_func(req, on_interrupt, waiter);
	pthread_mutex_lock(&jobs->lock);
	r = attach(jobs, waiter, account, question, server);
	/* an interrupt before now found nothing to take out */
	if (!r && atomic_load(&waiter->interrupted))
		wake(jobs->wake_fd);
	pthread_mutex_unlock(&jobs->lock);
	if (r) {
		fuse_req_interrupt_func(req, NULL, NULL);
		free(waiter);
	}
	return r;
}

/* As on_interrupt(): cancel_set() takes no lock. */
static void on_work_interrupt(fuse_req_t req, void *data)
{
	struct work *work = data;

	(void)req;
	cancel_set(&work->cancel);
	wake(work->wake_fd);
}

int jobs_run(struct jobs *jobs, fuse_req_t req, jobs_work_fn *work_fn, void *arg)
{
	struct work *work = calloc(1, sizeof(*work));
	int r;

	if (!work)
		return -ENOMEM;
	r = cancel_init(&work->cancel, NULL);
	if (r) {
		free(work);
		return r;
	}
	work->req = req;
	work->wake_fd = jobs->wake_fd;
	work->work = work_fn;
	work->arg = arg;
	work->deadline = clock_monotonic_ms() + jobs->timeout_ms;
	if (req)
		fuse_req_interrupt_func(req, on_work_interrupt, work);
	pthread_mutex_lock(&jobs->lock);
	r = need_reaper(jobs);
	if (!r)
		r = pool_need(&jobs->disk, disk_main, jobs);
	if (!r) {
		*jobs->work_end = work;
		jobs->work_end = &work->next;
		/* an interrupt before now found nothing to take out */
		if (cancel_is_set(&work->cancel))
			wake(jobs->wake_fd);
	}
	pthread_mutex_unlock(&jobs->lock);
	if (r) {
		if (req)
			fuse_req_interrupt_func(req, NULL, NULL);
		work_free(work);
	}
	return r;
}

static void pool_join(struct pool *pool)
{
	for (size_t i = 0; i < pool->count; i++)
		(void)pthread_join(pool->threads[i], NULL);
}

static void cancel_all(struct work *work)
{
	for (; work; work = work->next)
		cancel_set(&work->cancel);
}

void jobs_stop(struct jobs *jobs)
{
	const struct err gone = { .errnum = ENOTCONN, .text = "the mount is ending" };
	struct waiter *waiters = NULL;
	struct job *job, *next;

	pthread_mutex_lock(&jobs->lock);
	jobs->stopping = true;
	for (job = jobs->jobs; job; job = next) {
		next = job->next;
		while (job->waiters) {
			struct waiter *waiter = job->waiters;

			job->waiters = waiter->next;
			waiter->next = waiters;
			waiters = waiter;
		}
		cancel_set(&job->cancel);
		if (!job->running) {
			unlink_job(jobs, job);
			job_free(job);
		}
	}
	cancel_all(jobs->work);
	cancel_all(jobs->running);
	pthread_cond_broadcast(&jobs->net.more);
	pthread_cond_broadcast(&jobs->disk.more);
	pthread_mutex_unlock(&jobs->lock);

	wake(jobs->wake_fd);
	finish_all(waiters, -ENOTCONN, &gone);
	pool_join(&jobs->net);
	pool_join(&jobs->disk);
	if (jobs->has_reaper)
		(void)pthread_join(jobs->reaper, NULL);
}
