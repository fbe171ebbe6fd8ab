/* acctfs: your AWS accounts as a folder.
 *
 * This file: the program's start and end.  The map of all others, from the top down; a
 * file includes only what stands below it.
 *
 * fs/         main.c          start, threads, signals, end
 *             options.c       the command line
 *             mountpoint.c    is the mount point fit, did a crash leave a mount there
 *             ops.c           the kernel's requests for names, attributes, directories
 *             ops_file.c      ... for open files
 *             ops_scratch.c   ... for files that a tool renames over real ones
 *             ops_stream.c    ... for files that grow while they are open
 *             jobs.c          work that waits, off the FUSE threads
 *             notify.c        tells the kernel when accounts came or went
 *             dir.c           one reading of a directory
 *             handle.c        one open file: what was read, what is written
 *             cursor.c        where a reader of a growing file stands
 *             inode.c         the numbers the kernel knows
 *             scratch.c       the text of a file that a tool is about to rename
 *             name.c          AWS name <-> file name
 *             tree.c          THE TABLE of all files: start reading here
 *             show_*.c        the small functions its rows point to
 * core/acct/  core.c          all that fs/ knows: accounts, profiles, failures
 *             ask.c           questions to AWS and their answers
 *             take.c          takes what was pasted: whose it is, is it whole
 *             owner.c         which AWS account and role a profile has
 *             route.c         which profile a paste is for
 *             pending.c       values that come one at a time
 *             store.c         which lines of the credentials file a paste changes
 *             news.c          what views and answers tell that is new
 *             events.c        what happened, a line each
 *             expiry.c        which tokens end when
 *             answer.c        what a question brought
 *             status.c        what is known of credentials, in words
 *             session.c       the credentials of a profile
 *             lint.c          what is wrong with the two AWS files
 *             files.c         the two AWS files as they stand
 * core/aws/   sts.c s3.c dynamodb.c   one service each
 *             call.c          sign, send, judge, try again
 *             endpoint.c      regions, partitions, hosts
 *             awserr.c        what AWS's errors mean; errtext.c cleans their words
 *             sigv4.c         Signature Version 4; canonical.c its canonical request
 * core/io/    http_*.c        one request and its answer, through libcurl
 *             file.c          reads whole files
 *             file_*.c fd.c   replace the user's files, losing nothing
 *             path.c          opens paths, but never into our own mount
 *             watch.c         tells when a file changed
 *             alarm.c         waits for a time of day
 *             cancel.c clock.c
 * core/text/  awsfile*.c      the AWS files' format, read and edited without loss
 *             awslint*.c      what in one of them surprises some SDK
 *             paste*.c        pasted credentials
 *             keyid.c json.c xml.c uri.c utf8.c time.c crc32.c
 * core/base/  buf.c creds.c err.c log.c names.c secret.c
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "fs/mountpoint.h"
#include "fs/name.h"
#include "fs/notify.h"
#include "fs/ops.h"
#include "fs/options.h"
#include "io/clock.h"
#include "io/path.h"

enum {
	FUSE_THREADS = 2, /* they never wait, so two do */
	READY_MS = 20000, /* how long the kernel may take to answer the mount */
	TIDY_MS = 20000,  /* how often forgotten texts are looked for */
	EXIT_USAGE = 2,
};

struct program {
	struct options options;
	struct mount mount;
	struct fuse_session *session;
	struct notify *notify;
	pthread_t threads[FUSE_THREADS];
	size_t thread_count;
	int ended_fd; /* an eventfd: the mount was ended by somebody else */
	int signal_fd;
	int parent_fd; /* where the process that was started waits for our success, or -1
			*/
};

/* Keeps the keys out of core dumps and from other processes of the user. */
static void harden(void)
{
	const struct rlimit none = { 0, 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
#if !defined(__SANITIZE_ADDRESS__) && !defined(ACCTFS_SANITIZED)
	/* the leak checker of a test build must look into its own process */
	(void)prctl(PR_SET_DUMPABLE, 0);
#endif
}

/* libfuse's own loops keep what was read, pasted keys too, in buffers they never wipe. */
static void *serve(void *arg)
{
	struct program *program = arg;
	struct fuse_buf request = { .mem = NULL };
	uint64_t one = 1;
	int r = 0;

	while (!fuse_session_exited(program->session)) {
		r = fuse_session_receive_buf(program->session, &request);
		if (r == -EINTR)
			continue;
		if (r <= 0)
			break;
		fuse_session_process_buf(program->session, &request);
		explicit_bzero(request.mem, (size_t)r);
	}
	free(request.mem);
	(void)!write(program->ended_fd, &one, sizeof(one));
	return NULL;
}

static void on_wake(int number)
{
	(void)number;
}

/* All signals come through a file descriptor, but for SIGUSR1, which wakes a thread. */
static int take_signals(struct program *program, struct err *err)
{
	const struct sigaction wake = { .sa_handler = on_wake };
	sigset_t set;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigaction(SIGUSR1, &wake, NULL);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGTERM);
	(void)pthread_sigmask(SIG_BLOCK, &set, NULL);
	program->signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
	program->ended_fd = eventfd(0, EFD_CLOEXEC);
	program->mount.ready_fd = eventfd(0, EFD_CLOEXEC);
	if (program->signal_fd < 0 || program->ended_fd < 0 ||
		program->mount.ready_fd < 0)
		return err_sys(err, errno, "cannot take signals");
	return 0;
}

static int build(struct program *program, struct err *err)
{
	const struct options *options = &program->options;
	const struct core_settings settings = {
		.credentials_path = options->credentials,
		.config_path = options->config,
		.ttl_ms = (int64_t)options->ttl * 1000,
		.allow_http = options->allow_http,
		.file_name = name_to_file,
		.warnings = options->warnings,
		.warning_count = options->warning_count,
	};
	struct mount *mount = &program->mount;
	int r;

	r = core_new(&settings, &mount->core, err);
	if (r)
		return r;
	mount->uid = getuid();
	mount->gid = getgid();
	mount->started = clock_now();
	mount->inodes = inodes_new(err);
	if (mount->inodes)
		mount->scratches = scratches_new(err);
	if (mount->scratches)
		mount->streams = streams_new(mount->core, err);
	if (mount->streams)
		mount->jobs =
			jobs_new(mount->core, (int64_t)options->timeout * 1000, err);
	return mount->jobs ? 0 : -err->errnum;
}

/* The daemon would wait for itself. */
static int check_paths(
	const struct program *program, const char *mountpoint, struct err *err)
{
	const char *paths[] = { core_credentials_path(program->mount.core),
		core_config_path(program->mount.core) };

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		if (mountpoint_holds(mountpoint, paths[i]))
			return err_set(err, EINVAL,
				"%s is inside the mount point %s: choose another mount "
				"point",
				paths[i], mountpoint);
	return 0;
}

static int wait_ready(const struct program *program, struct err *err)
{
	struct pollfd fds[] = {
		{ .fd = program->mount.ready_fd, .events = POLLIN },
		{ .fd = program->ended_fd, .events = POLLIN },
	};
	int r;

	do
		r = poll(fds, ARRAY_SIZE(fds), READY_MS);
	while (r < 0 && errno == EINTR);
	if (r > 0 && (fds[0].revents & POLLIN))
		return 0;
	return err_set(err, EIO, "the kernel did not answer the mount");
}

/* Asks the kernel only: nobody serves the mount yet. */
static int forbid_mount(const char *mountpoint, struct err *err)
{
	struct statx st;

	if (statx(AT_FDCWD, mountpoint, AT_STATX_DONT_SYNC, STATX_TYPE, &st))
		return err_sys(err, errno, "cannot look at the new mount");
	path_forbid(makedev(st.stx_dev_major, st.stx_dev_minor));
	return 0;
}

static int start(struct program *program, const char *mountpoint, struct err *err)
{
	int r;

	program->session = fuse_session_new(
		&program->options.session, &ops, sizeof(ops), &program->mount);
	if (!program->session)
		return err_set(
			err, EINVAL, "libfuse refused the options (see acctfs -h)");
	if (fuse_session_mount(program->session, mountpoint))
		return err_set(err, EIO, "cannot mount at %s", mountpoint);
	harden();
	r = forbid_mount(mountpoint, err);
	if (r)
		return r;
	for (size_t i = 0; i < FUSE_THREADS; i++) {
		r = pthread_create(&program->threads[i], NULL, serve, program);
		if (r)
			return err_sys(err, r, "cannot start a thread");
		program->thread_count++;
	}
	r = wait_ready(program, err);
	if (!r)
		r = notify_new(&program->mount, program->session, &program->notify, err);
	return r;
}

/* Tells the process that was started, and leaves its terminal. */
static void go_behind(struct program *program)
{
	int null_fd;

	if (program->parent_fd < 0)
		return;
	log_to_syslog("acctfs");
	(void)!chdir("/");
	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null_fd >= 0) {
		for (int fd = 0; fd <= 2; fd++)
			(void)dup2(null_fd, fd);
		(void)close(null_fd);
	}
	(void)!write(program->parent_fd, "", 1);
	(void)close(program->parent_fd);
	program->parent_fd = -1;
}

static void wait_end(struct program *program)
{
	struct pollfd fds[] = {
		{ .fd = program->signal_fd, .events = POLLIN },
		{ .fd = program->ended_fd, .events = POLLIN },
	};

	do {
		scratches_expire(program->mount.scratches);
		core_tidy(program->mount.core);
		(void)poll(fds, ARRAY_SIZE(fds), TIDY_MS);
	} while (!(fds[0].revents | fds[1].revents));
}

/* Ends the notifier, answers whoever still waits, ends the FUSE threads, then unmounts. */
static void stop(struct program *program)
{
	struct timespec until;

	program->notify = notify_free(program->notify);
	if (program->mount.jobs)
		jobs_stop(program->mount.jobs);
	if (program->mount.streams)
		streams_stop(program->mount.streams);
	if (program->session)
		fuse_session_exit(program->session);
	for (size_t i = 0; i < program->thread_count; i++) {
		do {
			/* again and again: a thread may just be about to read */
			(void)pthread_kill(program->threads[i], SIGUSR1);
			(void)clock_gettime(CLOCK_REALTIME, &until);
			until.tv_nsec += 5000000;
			if (until.tv_nsec >= 1000000000) {
				until.tv_nsec -= 1000000000;
				until.tv_sec++;
			}
		} while (pthread_timedjoin_np(program->threads[i], NULL, &until) ==
			 ETIMEDOUT);
	}
	if (program->session) {
		fuse_session_unmount(program->session);
		fuse_session_destroy(program->session);
	}
	program->mount.jobs = jobs_free(program->mount.jobs);
	program->mount.streams = streams_free(program->mount.streams);
	program->mount.inodes = inodes_free(program->mount.inodes);
	program->mount.scratches = scratches_free(program->mount.scratches);
	program->mount.core = core_free(program->mount.core);
}

static int run(struct program *program, struct err *err)
{
	_cleanup_free_ char *mountpoint = NULL;
	int r;

	r = take_signals(program, err);
	if (!r)
		r = mountpoint_prepare(program->options.mountpoint, &mountpoint, err);
	if (!r)
		r = build(program, err);
	if (!r)
		r = check_paths(program, mountpoint, err);
	if (!r)
		r = start(program, mountpoint, err);
	if (!r) {
		go_behind(program);
		wait_end(program);
	}
	stop(program);
	return r;
}

/* Forks the daemon and waits until it is mounted, so that every failure to start is seen
 * on the terminal and in the exit status.  In the daemon: returns -1. */
static int detach(struct program *program)
{
	int fds[2], status = 0;
	char done;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC)) {
		log_error("cannot make a pipe: %s", strerror(errno));
		return EXIT_FAILURE;
	}
	pid = fork();
	if (pid < 0) {
		log_error("cannot fork: %s", strerror(errno));
		return EXIT_FAILURE;
	}
	if (pid == 0) {
		(void)close(fds[0]);
		(void)setsid();
		program->parent_fd = fds[1];
		return -1;
	}
	(void)close(fds[1]);
	if (read(fds[0], &done, 1) == 1)
		return EXIT_SUCCESS;
	(void)waitpid(pid, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status)
							: EXIT_FAILURE;
}

/* What is opened here must not become standard input, output or error, which a daemon
 * closes. */
static void open_stdio(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= 2);
	if (fd > 2)
		(void)close(fd);
}

static int print_information(const struct options *options)
{
	if (options->help) {
		options_print_help();
		fuse_lowlevel_help();
	} else {
		(void)printf("acctfs %s\nFUSE library %s\n", ACCTFS_VERSION,
			fuse_pkgversion());
	}
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct program program = { .parent_fd = -1, .signal_fd = -1, .ended_fd = -1 };
	struct err err = ERR_INIT;
	int status = -1;

	open_stdio();
	/* threads that mostly wait need no heaps of their own */
	(void)mallopt(M_ARENA_MAX, 2);
	if (options_parse(argc, argv, &program.options, &err)) {
		log_error("%s", err.text);
		status = EXIT_USAGE;
	} else if (program.options.help || program.options.version) {
		status = print_information(&program.options);
	} else if (!program.options.foreground) {
		status = detach(&program);
	}
	if (status < 0) {
		if (program.options.debug)
			log_level_set(LOG_LEVEL_DEBUG);
		status = EXIT_SUCCESS;
		if (run(&program, &err)) {
			log_error("%s", err.text);
			status = EXIT_FAILURE;
		}
	}
	options_done(&program.options);
	return status;
}
