#include <errno.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/macro.h"
#include "io/file_internal.h"

enum { XATTR_MAX = 65536 }; /* the kernel's own limit, of a value and of the list */

static const char acl[] = "system.posix_acl_access";

static bool wanted(const char *name)
{
	return strncmp(name, "user.", 5) == 0 || strcmp(name, "security.selinux") == 0;
}

/* The list (no @name) or a value of @from, to be freed: its length or -errno. */
static ssize_t take(int from, const char *name, char **ret_value)
{
	_cleanup_free_ char *value = malloc(XATTR_MAX);
	ssize_t n;

	if (!value)
		return -ENOMEM;
	n = name ? fgetxattr(from, name, value, XATTR_MAX)
		 : flistxattr(from, value, XATTR_MAX);
	if (n < 0)
		return -errno;
	*ret_value = take_ptr(value);
	return n;
}

/* 0 also for one that we may not set or that is gone: those hold no text of the user's */
static int copy_one(int from, const char *name, int to)
{
	_cleanup_free_ char *value = NULL;
	ssize_t n = take(from, name, &value);

	if (n == -ENODATA || n == -ENOTSUP || n == -EACCES || n == -EPERM)
		return 0;
	if (n < 0)
		return (int)n;
	if (!fsetxattr(to, name, value, (size_t)n, 0))
		return 0;
	return errno == ENOTSUP || errno == EACCES || errno == EPERM ? 0 : -errno;
}

static int copy_xattrs(int from, int to)
{
	_cleanup_free_ char *list = NULL;
	ssize_t n = take(from, NULL, &list);
	int r = 0;

	if (n == -ENOTSUP)
		return 0;
	if (n < 0)
		return (int)n;
	for (const char *name = list; !r && name < list + n; name += strlen(name) + 1)
		if (wanted(name))
			r = copy_one(from, name, to);
	return r;
}

/* Whether the access list of @to is now the one of @from.  The folder may have given @to
 * one of its own; then having none is something to copy, too. */
static bool copy_acl(int from, int to)
{
	_cleanup_free_ char *value = NULL;
	ssize_t n = take(from, acl, &value);

	if (n >= 0)
		return !fsetxattr(to, acl, value, (size_t)n, 0);
	if (n != -ENODATA && n != -ENOTSUP)
		return false;
	return !fremovexattr(to, acl) || errno == ENODATA || errno == ENOTSUP;
}

int file_copy_meta(int from, const struct stat *st, int to)
{
	mode_t mode = st->st_mode & 0777;
	struct stat now;
	int r;

	if (fstat(to, &now))
		return -errno;
	if ((now.st_uid != st->st_uid || now.st_gid != st->st_gid) &&
		fchown(to, st->st_uid, st->st_gid))
		return errno == EINVAL ? -EPERM : -errno;
	r = copy_xattrs(from, to);
	if (r)
		return r;
	/* without its list the group's bits would mean another set of people */
	if (!copy_acl(from, to))
		mode &= 0700;
	return fchmod(to, mode) ? -errno : 0;
}
