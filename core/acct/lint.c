/* `lint`: what is wrong with the two AWS files together, and with their modes. */
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "acct/core_impl.h"
#include "aws/endpoint.h"
#include "text/awslint.h"
#include "text/keyid.h"

enum {
	CHAIN_MAX = 64,	 /* source profiles followed */
	KEY_ID_LEN = 20, /* of keys of AWS; emulators have others */
};

static const enum awslint_sdk NOBODY = AWSLINT_NOBODY, ALL = AWSLINT_ALL;

/* One of the two files, and what is wrong with it. */
struct lint {
	const struct view *view;
	const struct files_part *part;
	const struct awsfile *file;
	enum awsfile_kind kind;
	const char *path;
	struct awslint found;
};

/* A profile's section of one file. */
struct profile {
	struct lint *lint;
	const struct awsfile_section *section;
	const char *name;
};

static const struct awsfile_key *key_of(const struct profile *profile, const char *name)
{
	const struct awsfile_key *key =
		awslint_key(profile->lint->file, profile->section, name);

	return key && key->value.len ? key : NULL;
}

static bool is_in(const struct view *view, const char *profile, const char *key)
{
	struct slice value;

	return awsfile_get(
		       &view->credentials.file, AWSFILE_PROFILE, profile, key, &value) ||
	       awsfile_get(&view->config.file, AWSFILE_PROFILE, profile, key, &value);
}

static bool has_keys(const struct view *view, const char *profile)
{
	return is_in(view, profile, "aws_access_key_id") &&
	       is_in(view, profile, "aws_secret_access_key");
}

/* A copy of what the key names; NULL also when there is no memory. */
static char *named_by(const struct awsfile_key *key)
{
	return slice_dup(awslint_value(key->value));
}

/* Modes */

static void check_folder(struct lint *lint)
{
	const char *slash = strrchr(lint->path, '/');
	_cleanup_free_ char *folder = NULL;
	struct file_version version;

	if (!slash)
		return;
	folder = strndup(lint->path, (size_t)(slash - lint->path) + 1);
	if (!folder) {
		lint->found.failed = true;
		return;
	}
	if (file_look(folder, &version, NULL) == 0 && version.exists &&
		(version.mode & 022))
		awslint_add(&lint->found, 1, NOBODY,
			"is in a folder that others may write to: chmod go-w it", 0);
}

static bool holds_keys(const struct awsfile *file)
{
	for (size_t i = 0; i < file->key_count; i++)
		if (slice_is_nocase(file->keys[i].name, "aws_secret_access_key"))
			return true;
	return false;
}

static void check_modes(struct lint *lint)
{
	mode_t mode = lint->part->version.mode;
	bool secret = lint->kind == AWSFILE_CREDENTIALS || holds_keys(lint->file);

	if (!lint->part->version.exists)
		return;
	if (mode & 022)
		awslint_add(&lint->found, 1, NOBODY,
			"is in a file that others may change: chmod 600 it", 0);
	else if (secret && (mode & 044))
		awslint_add(&lint->found, 1, NOBODY,
			"is in a file that others may read: chmod 600 it", 0);
	check_folder(lint);
}

/* Keys that name something */

static void check_region(const struct profile *profile, const char *name)
{
	const struct awsfile_key *key = key_of(profile, name);
	_cleanup_free_ char *region = key ? named_by(key) : NULL;

	if (region && !region_is_known(region))
		awslint_add(&profile->lint->found, key->line, NOBODY,
			"is a region that no partition has", 0);
}

static void check_section(
	const struct profile *profile, const char *name, enum awsfile_type type)
{
	const struct awsfile_key *key = key_of(profile, name);
	_cleanup_free_ char *section = key ? named_by(key) : NULL;

	if (section && !awsfile_find(&profile->lint->view->config.file, type, section))
		awslint_add(&profile->lint->found, key->line, ALL,
			"names a section that the config file does not have", 0);
}

/* The profile that @name's credentials come from, to free; NULL: none. */
static char *source_of(const struct view *view, const char *name)
{
	const struct awsfile *files[] = { &view->credentials.file, &view->config.file };
	struct slice value;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (awsfile_get(
			    files[i], AWSFILE_PROFILE, name, "source_profile", &value))
			return slice_dup(awslint_value(value));
	return NULL;
}

/* Whether the sources of @source's credentials lead to @name. */
static bool leads_to(const struct view *view, const char *source, const char *name)
{
	_cleanup_free_ char *at = strdup(source);

	for (int i = 0; at && i < CHAIN_MAX; i++) {
		char *next;

		if (strcmp(at, name) == 0)
			return true;
		next = source_of(view, at);
		/* one that names itself ends a chain */
		if (next && strcmp(next, at) == 0) {
			free(next);
			return false;
		}
		free(at);
		at = next;
	}
	return false;
}

static void check_source(const struct profile *profile)
{
	const struct view *view = profile->lint->view;
	const struct awsfile_key *key = key_of(profile, "source_profile");
	_cleanup_free_ char *source = key ? named_by(key) : NULL;
	const char *text = NULL;

	if (!source)
		return;
	if (!view_has(view, source))
		text = "names a profile that neither file has";
	else if (strcmp(source, profile->name) == 0)
		text = has_keys(view, source)
			       ? NULL
			       : "names its own profile, which has no keys";
	else if (leads_to(view, source, profile->name))
		text = "goes round in a circle of profiles";
	if (text)
		awslint_add(&profile->lint->found, key->line, ALL, text, 0);
}

static void check_role(const struct profile *profile)
{
	static const char *const sources[] = { "credential_source", "source_profile",
		"web_identity_token_file" };
	const struct awsfile_key *key = key_of(profile, "role_arn");

	for (size_t i = 0; key && i < ARRAY_SIZE(sources); i++)
		if (is_in(profile->lint->view, profile->name, sources[i]))
			return;
	if (key)
		awslint_add(&profile->lint->found, key->line,
			AWSLINT_BOTOCORE | AWSLINT_REFERENCE,
			"has no source_profile or credential_source beside it", 0);
}

/* What goes before keys */

static bool is_own_source(const struct profile *profile)
{
	_cleanup_free_ char *source = source_of(profile->lint->view, profile->name);

	return source && strcmp(source, profile->name) == 0;
}

/* The first key of each group that stands there is the finding.  (The SDKs' order of
 * providers for a profile.) */
static void check_shadows(const struct profile *profile)
{
	/* clang-format off */
	static const struct {
		int group;
		const char *key;
		unsigned breaks;
		const char *text;
	} rows[] = {
		{ 1, "sso_session",    AWSLINT_BOTOCORE | AWSLINT_RUST | AWSLINT_JAVA,
			"makes some sign in with SSO and ignore the profile's keys" },
		{ 1, "sso_start_url",  AWSLINT_BOTOCORE | AWSLINT_RUST | AWSLINT_JAVA,
			"makes some sign in with SSO and ignore the profile's keys" },
		{ 1, "sso_account_id", AWSLINT_BOTOCORE | AWSLINT_RUST | AWSLINT_JAVA,
			"makes some sign in with SSO and ignore the profile's keys" },
		{ 1, "sso_role_name",  AWSLINT_BOTOCORE | AWSLINT_RUST | AWSLINT_JAVA,
			"makes some sign in with SSO and ignore the profile's keys" },
		{ 2, "web_identity_token_file", AWSLINT_BOTOCORE | AWSLINT_RUST | AWSLINT_JAVA,
			"makes some take a web identity and ignore the profile's keys" },
		{ 2, "source_profile", AWSLINT_ALL,
			"makes all use that profile and ignore this one's keys" },
		{ 2, "credential_source", AWSLINT_ALL & ~AWSLINT_GO,
			"makes some assume a role and ignore the profile's keys" },
		{ 3, "credential_process", AWSLINT_JAVA,
			"makes some run the process and ignore the profile's keys" },
		{ 4, "login_session",  AWSLINT_RUST,
			"makes some use the console's login and ignore the profile's keys" },
	};
	/* clang-format on */
	int told = 0;

	if (!has_keys(profile->lint->view, profile->name))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct awsfile_key *key = key_of(profile, rows[i].key);

		if (!key || told == rows[i].group)
			continue;
		if (rows[i].group == 2 &&
			(is_own_source(profile) ||
				!is_in(profile->lint->view, profile->name, "role_arn")))
			continue;
		told = rows[i].group;
		awslint_add(&profile->lint->found, key->line, rows[i].breaks,
			rows[i].text, 0);
	}
}

/* A profile of the config file that leads to no credentials.  [default] often holds what
 * goes with the environment's. */
static void check_dangling(const struct profile *profile)
{
	static const char *const ways[] = { "credential_process", "credential_source",
		"login_session", "role_arn", "source_profile", "sso_account_id",
		"sso_session", "sso_start_url", "web_identity_token_file" };

	if (profile->lint->kind != AWSFILE_CONFIG ||
		strcmp(profile->name, "default") == 0 ||
		is_in(profile->lint->view, profile->name, "aws_access_key_id") ||
		is_in(profile->lint->view, profile->name, "aws_secret_access_key"))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		if (is_in(profile->lint->view, profile->name, ways[i]))
			return;
	awslint_add(&profile->lint->found, profile->section->line, NOBODY,
		"begins a profile that has no credentials in either file", 0);
}

static void check_profile(struct lint *lint, const struct awsfile_section *section)
{
	const struct profile profile = { lint, section, section->name };

	check_region(&profile, "region");
	check_section(&profile, "sso_session", AWSFILE_SSO_SESSION);
	check_section(&profile, "services", AWSFILE_SERVICES);
	check_region(&profile, "sso_region");
	check_source(&profile);
	check_role(&profile);
	check_shadows(&profile);
	check_dangling(&profile);
}

/* Equal keys */

struct owner {
	struct slice key_id;
	const struct awsfile_section *section;
};

static int compare_owners(const void *a, const void *b)
{
	const struct owner *one = a, *two = b;
	int order = memcmp(one->key_id.at, two->key_id.at, KEY_ID_LEN);

	if (order)
		return order;
	return (one->section->line > two->section->line) -
	       (one->section->line < two->section->line);
}

static void check_same_keys(struct lint *lint)
{
	const struct awsfile *file = lint->file;
	_cleanup_free_ struct owner *owners =
		calloc(file->section_count + 1, sizeof(*owners));
	size_t count = 0;

	if (!owners) {
		lint->found.failed = true;
		return;
	}
	for (size_t i = 0; i < file->section_count; i++) {
		const struct awsfile_section *section = &file->sections[i];
		const struct awsfile_key *key =
			awslint_key(file, section, "aws_access_key_id");
		struct slice value;

		if (section->type != AWSFILE_PROFILE || !key)
			continue;
		value = awslint_value(key->value);
		if (value.len == KEY_ID_LEN)
			owners[count++] = (struct owner){ value, section };
	}
	qsort(owners, count, sizeof(*owners), compare_owners);
	for (size_t i = 1; i < count; i++)
		if (memcmp(owners[i].key_id.at, owners[i - 1].key_id.at, KEY_ID_LEN) ==
				0 &&
			strcmp(owners[i].section->name, owners[i - 1].section->name) != 0)
			awslint_add(&lint->found, owners[i].section->line, NOBODY,
				"begins a profile with the same key id as the one of "
				"line",
				owners[i - 1].section->line);
}

static int check_file(struct lint *lint, struct buf *out, struct err *err)
{
	const struct err *wrong = &lint->part->err;
	int r;

	if (wrong->errnum)
		buf_addf(out, "%s:1: %s\n", lint->path, wrong->text);
	check_modes(lint);
	awslint_check(&lint->found, lint->kind, lint->file);
	/* what has too much to mend may be too slow to look through */
	for (size_t i = 0; !lint->found.more && i < lint->file->section_count; i++) {
		const struct awsfile_section *section = &lint->file->sections[i];

		if (section->type == AWSFILE_PROFILE)
			check_profile(lint, section);
		else if (section->type == AWSFILE_SSO_SESSION)
			check_region(
				&(struct profile){ lint, section, "" }, "sso_region");
	}
	if (!lint->found.more)
		check_same_keys(lint);
	r = awslint_print(&lint->found, lint->file, lint->path, out);
	awslint_done(&lint->found);
	return r ? err_nomem(err) : 0;
}

int core_lint(
	struct core *core, struct buf *out, struct timespec *ret_mtime, struct err *err)
{
	_cleanup_view_ struct view *view = NULL;
	int r;

	r = files_view(core->files, &view, err);
	if (r)
		return r;
	for (size_t i = 0; !r && i < 2; i++) {
		struct files_part *part = i ? &view->config : &view->credentials;
		struct lint lint = {
			.view = view,
			.part = part,
			.file = &part->file,
			.kind = i ? AWSFILE_CONFIG : AWSFILE_CREDENTIALS,
			.path = i ? core_config_path(core) : core_credentials_path(core),
		};

		r = check_file(&lint, out, err);
	}
	*ret_mtime = view_time(view);
	return r;
}
