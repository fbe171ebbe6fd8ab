/* Every form that portals, tools and terminals give credentials in: each is taken whole,
 * with each line end, and so is every beginning of it. */
#include "text/paste.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "paste_fixture.h"

enum {
	TOKEN_FIRST = 2,
	NO_TOKEN = 1,	     /* the form has none */
	DECADE = 1767225600, /* 2026-01-01T00:00:00Z */
};

/* What a form tells beside the three values. */
static const struct row {
	const char *name;
	const char *text; /* @K, @S and @T stand for the values, @<, @= and @> for thirds
			     of the token */
	const char *header, *account, *role;
	int64_t expires;
	int flags;
} rows[] = {
	/* the portal, all three tabs, today and in 2021 */
	{ "option 1, bash",
		"export AWS_ACCESS_KEY_ID=\"@K\"\nexport AWS_SECRET_ACCESS_KEY=\"@S\"\n"
		"export AWS_SESSION_TOKEN=\"@T\"\n",
		.flags = 0 },
	{ "option 1, cmd",
		"SET AWS_ACCESS_KEY_ID=@K\nSET AWS_SECRET_ACCESS_KEY=@S\n"
		"SET AWS_SESSION_TOKEN=@T\n",
		.flags = 0 },
	{ "option 1, PowerShell",
		"$Env:AWS_ACCESS_KEY_ID=\"@K\"\n$Env:AWS_SECRET_ACCESS_KEY=\"@S\"\n"
		"$Env:AWS_SESSION_TOKEN=\"@T\"\n",
		.flags = 0 },
	{ "option 2",
		"[123456789012_AdministratorAccess]\naws_access_key_id=@K\n"
		"aws_secret_access_key=@S\naws_session_token=@T\n",
		"123456789012_AdministratorAccess", "123456789012", "AdministratorAccess",
		0, 0 },
	{ "option 2 of 2021",
		"[123456789012_Power+User=x]\naws_access_key_id = @K\n"
		"aws_secret_access_key = @S\naws_session_token = @T\n",
		"123456789012_Power+User=x", "123456789012", "Power+User=x", 0, 0 },
	{ "option 3, with labels",
		"AWS Access Key Id\n@K\nAWS Secret access key\n@S\n"
		"AWS session token\n@T\n",
		.flags = 0 },
	{ "option 3, with labels of today",
		"AWS access key ID:\n@K\n\nAWS secret access key:\n@S\n\n"
		"AWS session token:\n@T\n",
		.flags = 0 },
	{ "option 3, values alone", "@K\n@S\n@T\n", .flags = 0 },
	{ "option 3, token first", "@T \n@S\n@K", .flags = TOKEN_FIRST },
	/* other producers */
	{ "academy",
		"[default]\naws_access_key_id=@K\naws_secret_access_key=@S\n"
		"aws_session_token=@T\n",
		"default", .flags = 0 },
	{ "exports with a region",
		"export AWS_ACCESS_KEY_ID=@K\nexport AWS_SECRET_ACCESS_KEY=@S\n"
		"export AWS_SESSION_TOKEN=@T\nexport AWS_DEFAULT_REGION=us-west-2\n",
		.flags = 0 },
	{ "browser extension",
		"aws configure set profile.dev.aws_access_key_id \"@K\"\n"
		"aws configure set profile.dev.aws_secret_access_key \"@S\"\n"
		"aws configure set profile.dev.aws_session_token \"@T\"\n",
		"dev", .flags = 0 },
	{ "configure, --profile behind",
		"aws configure set aws_access_key_id @K --profile dev.a\n"
		"aws configure set aws_secret_access_key '@S' --profile=dev.a\n"
		"aws configure set aws_session_token @T --profile dev.a\n"
		"aws configure set region us-east-1 --profile dev.a\n",
		"dev.a", .flags = 0 },
	{ "configure, --profile before",
		"aws --profile 123456789012_x configure set aws_access_key_id @K\n"
		"aws configure --profile 123456789012_x set aws_secret_access_key @S\n"
		"aws configure set --profile 123456789012_x aws_session_token @T\n",
		"123456789012_x", "123456789012", "x", 0, 0 },
	{ "configure, without a profile",
		"aws configure set aws_access_key_id @K && aws configure set "
		"aws_secret_access_key @S && aws configure set aws_session_token @T\n",
		.flags = 0 },
	{ "aws configure's questions",
		"$ aws configure\nAWS Access Key ID [None]: @K\n"
		"AWS Secret Access Key [****************abcd]: @S\n"
		"Default region name [us-east-1]: \nDefault output format [None]:\n"
		"AWS Session Token: @T\n",
		.flags = 0 },
	{ "saml2aws script",
		"export AWS_ACCESS_KEY_ID=@K\nexport AWS_SECRET_ACCESS_KEY=@S\n"
		"export AWS_SESSION_TOKEN=@T\nexport AWS_SECURITY_TOKEN=@T\n"
		"export SAML2AWS_PROFILE=saml\n"
		"export AWS_CREDENTIAL_EXPIRATION=2026-01-01T00:00:00Z\n",
		.expires = DECADE },
	{ "saml2aws, fish",
		"set -gx AWS_ACCESS_KEY_ID @K\nset -gx AWS_SECRET_ACCESS_KEY '@S'\n"
		"set -gx AWS_SESSION_TOKEN \"@T\";\nset -gx AWS_SECURITY_TOKEN @T\n"
		"set -gx AWS_CREDENTIAL_EXPIRATION '2026-01-01T00:00:00Z'\n",
		.expires = DECADE },
	{ "fish, long options",
		"set --export --global AWS_ACCESS_KEY_ID @K\n"
		"set -x -U AWS_SECRET_ACCESS_KEY @S\nset -Ux AWS_SESSION_TOKEN @T\n",
		.flags = 0 },
	{ "saml2aws, PowerShell",
		"$env:AWS_ACCESS_KEY_ID='@K'\n$env:AWS_SECRET_ACCESS_KEY='@S'\n"
		"$env:AWS_SESSION_TOKEN='@T'\n$env:SAML2AWS_PROFILE='saml'\n",
		.flags = 0 },
	{ "saml2aws's section",
		"[saml]\naws_access_key_id        = @K\naws_secret_access_key    = @S\n"
		"aws_session_token        = @T\naws_security_token       = @T\n"
		"x_principal_arn          = arn:aws:sts::123456789012:assumed-role/R/j\n"
		"x_security_token_expires = 2026-01-01T01:00:00+01:00\n",
		"saml", "123456789012", "R", DECADE, 0 },
	{ "okta-aws-cli, Windows",
		"setx AWS_ACCESS_KEY_ID @K\nsetx AWS_SECRET_ACCESS_KEY @S\n"
		"setx AWS_SESSION_TOKEN @T\n",
		.flags = 0 },
	{ "setx with quotes",
		"setx AWS_ACCESS_KEY_ID \"@K\" \nsetx AWS_SECRET_ACCESS_KEY \"@S\"\n"
		"setx AWS_SESSION_TOKEN \"@T\"\n",
		.flags = 0 },
	{ "set with quotes around all",
		"set \"AWS_ACCESS_KEY_ID=@K\"\nset \"AWS_SECRET_ACCESS_KEY=@S\"\n"
		"set \"AWS_SESSION_TOKEN=@T\"\n",
		.flags = 0 },
	{ "gimme-aws-creds",
		"export AWS_ROLE_ARN=arn:aws:iam::123456789012:role/a/b/R\n"
		"export AWS_ACCESS_KEY_ID=@K\nexport AWS_SECRET_ACCESS_KEY=@S\n"
		"export AWS_SESSION_TOKEN=@T\nexport AWS_SECURITY_TOKEN=@T\n",
		NULL, "123456789012", "R", 0, 0 },
	{ "assume-role",
		"export AWS_ACCESS_KEY_ID=\"@K\"\nexport AWS_SECRET_ACCESS_KEY=\"@S\"\n"
		"export AWS_SESSION_TOKEN=\"@T\"\nexport ASSUMED_ROLE=\"\"\n"
		"# Run this to configure your shell:\n# eval $(assume-role x)\n",
		.flags = 0 },
	{ "aws-vault",
		"[dev]\naws_access_key_id=@K\naws_secret_access_key=@S\n"
		"aws_session_token=@T\naws_credential_expiration=2026-01-01T00:00:00Z\n"
		"region=eu-west-1\n",
		"dev", .expires = DECADE },
	{ ".env",
		"AWS_ACCESS_KEY_ID=@K\nAWS_SECRET_ACCESS_KEY='@S'\n"
		"AWS_SESSION_TOKEN=\"@T\"\nAWS_REGION=eu-west-1\n",
		.flags = 0 },
	{ "Docker",
		"ENV AWS_ACCESS_KEY_ID=@K\nENV AWS_SECRET_ACCESS_KEY @S\n"
		"ENV AWS_SESSION_TOKEN=@T\n",
		.flags = 0 },
	{ "csh",
		"setenv AWS_ACCESS_KEY_ID @K\nsetenv AWS_SECRET_ACCESS_KEY \"@S\"\n"
		"setenv AWS_SESSION_TOKEN @T;\n",
		.flags = 0 },
	{ "declare",
		"declare -x AWS_ACCESS_KEY_ID=\"@K\"\n"
		"typeset -gx AWS_SECRET_ACCESS_KEY=@S\n"
		"declare -gx AWS_SESSION_TOKEN=\"@T\"\nunset AWS_SECURITY_TOKEN\n",
		.flags = 0 },
	{ ".NET",
		"[Environment]::SetEnvironmentVariable(\"AWS_ACCESS_KEY_ID\", \"@K\", "
		"\"User\")\n[System.Environment]::SetEnvironmentVariable("
		"'AWS_SECRET_ACCESS_KEY','@S',[System.EnvironmentVariableTarget]::User)\n"
		"[Environment]::SetEnvironmentVariable(\"AWS_SESSION_TOKEN\", \"@T\")\n",
		.flags = 0 },
	{ "PowerShell with braces",
		"${Env:AWS_ACCESS_KEY_ID} = \"@K\"\n${env:AWS_SECRET_ACCESS_KEY}='@S'\n"
		"${Env:AWS_SESSION_TOKEN}=\"@T\"\n",
		.flags = 0 },
	/* all in one line */
	{ "PowerShell, blanks",
		"$Env:AWS_ACCESS_KEY_ID=\"@K\" $Env:AWS_SECRET_ACCESS_KEY=\"@S\" "
		"$Env:AWS_SESSION_TOKEN=\"@T\"\n",
		.flags = 0 },
	{ "PowerShell, semicolons",
		"$Env:AWS_ACCESS_KEY_ID=\"@K\";$Env:AWS_SECRET_ACCESS_KEY=\"@S\"; "
		"$Env:AWS_SESSION_TOKEN=\"@T\"; aws s3 ls\n",
		.flags = 0 },
	{ "a command behind",
		"AWS_ACCESS_KEY_ID=@K AWS_SECRET_ACCESS_KEY=@S AWS_SESSION_TOKEN=@T "
		"aws s3 ls s3://bucket --recursive\n",
		.flags = 0 },
	{ "env and a command",
		"env AWS_REGION=x AWS_ACCESS_KEY_ID=@K AWS_SECRET_ACCESS_KEY=\"@S\" "
		"AWS_SESSION_TOKEN='@T' terraform apply\n",
		.flags = 0 },
	{ "one export",
		"export AWS_ACCESS_KEY_ID=@K AWS_SECRET_ACCESS_KEY=@S "
		"AWS_SESSION_TOKEN=@T\n",
		.flags = 0 },
	{ "exports with &&",
		"export AWS_ACCESS_KEY_ID=@K && export AWS_SECRET_ACCESS_KEY=@S&&export "
		"AWS_SESSION_TOKEN=@T && aws sts get-caller-identity\n",
		.flags = 0 },
	{ "exports with semicolons",
		"export AWS_ACCESS_KEY_ID=@K;export AWS_SECRET_ACCESS_KEY=@S ; export "
		"AWS_SESSION_TOKEN=@T;\n",
		.flags = 0 },
	{ "cmd with &&",
		"set AWS_ACCESS_KEY_ID=@K&& set AWS_SECRET_ACCESS_KEY=@S& set "
		"AWS_SESSION_TOKEN=@T\n",
		.flags = 0 },
	{ "continued lines",
		"AWS_ACCESS_KEY_ID=@K \\\n  AWS_SECRET_ACCESS_KEY=@S \\\n  "
		"AWS_SESSION_TOKEN=@T \\\n  aws s3 ls\n",
		.flags = 0 },
	{ "continued with &&",
		"export AWS_ACCESS_KEY_ID=@K &&\nexport AWS_SECRET_ACCESS_KEY=@S &&\n"
		"export AWS_SESSION_TOKEN=@T\n",
		.flags = 0 },
	/* prompts and fences */
	{ "prompts",
		"$ export AWS_ACCESS_KEY_ID=@K\n$ export AWS_SECRET_ACCESS_KEY=@S\n"
		"$ export AWS_SESSION_TOKEN=@T\n$ \n",
		.flags = 0 },
	{ "prompts of Windows",
		"C:\\Users\\jane doe>SET AWS_ACCESS_KEY_ID=@K\n"
		"C:\\>SET AWS_SECRET_ACCESS_KEY=@S\nC:\\> SET AWS_SESSION_TOKEN=@T\n"
		"\nC:\\>\n",
		.flags = 0 },
	{ "prompts of PowerShell",
		"PS C:\\Users\\jane> $Env:AWS_ACCESS_KEY_ID=\"@K\"\n"
		"PS /home/jane> $Env:AWS_SECRET_ACCESS_KEY=\"@S\"\n"
		"PS> $Env:AWS_SESSION_TOKEN=\"@T\"\nPS C:\\>\n",
		.flags = 0 },
	{ "prompts with names",
		"jane@host:~/src$ export AWS_ACCESS_KEY_ID=@K\n"
		"[jane@host ~]$ export AWS_SECRET_ACCESS_KEY=@S\n"
		"(venv) jane@mac ~ % export AWS_SESSION_TOKEN=@T\n"
		"root@host:/# \nmac:~ jane$ ls -l\nbash-5.1$ pwd\n",
		.flags = 0 },
	{ "prompts with glyphs",
		"\xe2\x9d\xaf export AWS_ACCESS_KEY_ID=@K\n"
		"\xe2\x9e\x9c  ~ export AWS_SECRET_ACCESS_KEY=@S\n"
		"\xe2\x9e\x9c  src git:(main) \xe2\x9c\x97 export "
		"AWS_SESSION_TOKEN=@T\n",
		.flags = 0 },
	{ "a fence",
		"```bash\nexport AWS_ACCESS_KEY_ID=@K\nexport AWS_SECRET_ACCESS_KEY=@S\n"
		"export AWS_SESSION_TOKEN=@T\n```\n",
		.flags = 0 },
	{ "a fence with a section",
		"~~~\n[a]\naws_access_key_id=@K\naws_secret_access_key=@S\n"
		"aws_session_token=@T\n~~~\n",
		"a", .flags = 0 },
	{ "a fence with a document",
		"```json\n{\"AccessKeyId\":\"@K\",\"SecretAccessKey\":\"@S\",\n"
		"\"SessionToken\":\"@T\"}\n```",
		.flags = 0 },
	{ "a mail's quote",
		"> [a]\n> aws_access_key_id = @K\n> aws_secret_access_key = @S\n"
		"> aws_session_token = @T\n>\n",
		"a", .flags = 0 },
	{ "a command and its output",
		"jane@host:~$ cat creds\n[a]\naws_access_key_id = @K\n"
		"aws_secret_access_key = @S\naws_session_token = @T\njane@host:~$ exit\n",
		"a", .flags = 0 },
	/* fragments */
	{ "YAML",
		"credentials:\n  aws_access_key_id: \"@K\"\n"
		"  aws_secret_access_key: @S\n  aws_session_token: '@T'\n"
		"  region: eu-west-1\n",
		.flags = 0 },
	{ "compose",
		"environment:\n  - AWS_ACCESS_KEY_ID=@K\n  - AWS_SECRET_ACCESS_KEY=@S\n"
		"  - AWS_SESSION_TOKEN=@T\n  - OTHER=1\n",
		.flags = 0 },
	{ "YAML without a head",
		"aws_access_key_id: @K\naws_secret_access_key: @S\n"
		"aws_session_token: @T\n",
		.flags = 0 },
	{ "JavaScript",
		"  accessKeyId: '@K',\n  secretAccessKey: '@S',\n  sessionToken: '@T',\n",
		.flags = 0 },
	{ "JavaScript, a client",
		"const client = new S3Client({\n  region: \"us-east-1\",\n"
		"  credentials: {\n    accessKeyId: \"@K\",\n    secretAccessKey: "
		"\"@S\",\n    sessionToken: \"@T\", // today's\n  },\n});\n",
		.flags = 0 },
	{ "JavaScript in one line",
		"credentials: { accessKeyId: '@K', secretAccessKey: '@S', sessionToken: "
		"'@T' },\n",
		.flags = 0 },
	{ "JavaScript, an object",
		"{ accessKeyId: '@K', secretAccessKey: '@S',\n  sessionToken: '@T' }\n",
		.flags = 0 },
	{ "JavaScript, variables",
		"process.env.AWS_ACCESS_KEY_ID = '@K';\n"
		"process.env.AWS_SECRET_ACCESS_KEY = '@S';\n"
		"process.env.AWS_SESSION_TOKEN = '@T';\n",
		.flags = 0 },
	{ "Terraform",
		"provider \"aws\" {\n  region     = \"us-west-2\"\n"
		"  access_key = \"@K\"\n  secret_key = \"@S\"\n  token      = "
		"\"@T\"\n}\n",
		.flags = 0 },
	{ "Terraform, the middle",
		"access_key = \"@K\"\nsecret_key = \"@S\"\ntoken = \"@T\"\n",
		.flags = 0 },
	{ "Python",
		"session = boto3.Session(\n    aws_access_key_id='@K',\n"
		"    aws_secret_access_key='@S',\n    aws_session_token='@T',\n)\n",
		.flags = 0 },
	{ "Python, a dictionary",
		"{'AccessKeyId': '@K', 'SecretAccessKey': '@S', 'SessionToken': '@T'}\n",
		.flags = 0 },
	{ "lines of a document",
		"    \"AccessKeyId\": \"@K\",\n    \"SecretAccessKey\": \"@S\",\n"
		"    \"SessionToken\": \"@T\",\n"
		"    \"Expiration\": \"2026-01-01T00:00:00Z\"\n",
		.expires = DECADE },
	/* documents */
	{ "assume-role's document",
		"{\n    \"Credentials\": {\n        \"AccessKeyId\": \"@K\",\n"
		"        \"SecretAccessKey\": \"@S\",\n        \"SessionToken\": "
		"\"@T\",\n        \"Expiration\": \"2026-01-01T00:00:00+00:00\"\n"
		"    },\n    \"AssumedRoleUser\": {\n        \"AssumedRoleId\": "
		"\"AROAX:sess\",\n        \"Arn\": "
		"\"arn:aws:sts::123456789012:assumed-role/R/sess\"\n    }\n}\n",
		NULL, "123456789012", "R", DECADE, 0 },
	{ "the same of a permission set",
		"{\"AssumedRoleUser\":{\"Arn\":\"arn:aws-cn:sts::123456789012:assumed-"
		"role/AWSReservedSSO_Power_User_0123456789abcdef/jane@x\"},"
		"\"Credentials\":{\"AccessKeyId\":\"@K\",\"SecretAccessKey\":\"@S\","
		"\"SessionToken\":\"@T\"}}",
		NULL, "123456789012", "Power_User", 0, 0 },
	{ "credential_process",
		"{\"Version\":1,\"AccessKeyId\":\"@K\",\"SecretAccessKey\":\"@S\","
		"\"SessionToken\":\"@T\",\"Expiration\":\"2026-01-01T00:00:00+00:00\","
		"\"AccountId\":\"123456789012\"}",
		NULL, "123456789012", NULL, DECADE, 0 },
	{ "get-role-credentials",
		"{\"roleCredentials\":{\"accessKeyId\":\"@K\",\"secretAccessKey\":\"@S\","
		"\"sessionToken\":\"@T\",\"expiration\":1767225600000}}\n",
		.expires = DECADE },
	{ "seconds",
		"{\"Credentials\":{\"AccessKeyId\":\"@K\",\"SecretKey\":\"@S\","
		"\"SessionToken\":\"@T\",\"Expiration\":1767225600.0}}\n",
		.expires = DECADE },
	{ "the cache",
		"{\"ProviderType\":\"sso\",\"Credentials\":{\"AccessKeyId\":\"@K\","
		"\"SecretAccessKey\":\"@S\",\"SessionToken\":\"@T\",\"Expiration\":"
		"\"2026-01-01T00:00:00Z\"}}   // ~/.aws/cli/cache\n",
		.expires = DECADE },
	{ "instance metadata",
		"{\"Code\":\"Success\",\"AccessKeyId\":\"@K\",\"SecretAccessKey\":\"@S\","
		"\"Token\":\"@T\",\"Expiration\":\"2026-01-01T00:00:00Z\"}",
		.expires = DECADE },
	{ "containers",
		"{\"AccessKeyId\":\"@K\",\"SecretAccessKey\":\"@S\",\"Token\":\"@T\","
		"\"Expiration\":\"2026-01-01T00:00:00Z\",\"RoleArn\":"
		"\"arn:aws:iam::123456789012:role/R\"}",
		NULL, "123456789012", "R", DECADE, 0 },
	{ "JavaScript's document",
		"{\"accessKeyId\":\"@K\",\"secretAccessKey\":\"@S\",\"sessionToken\":"
		"\"@T\",\"expiration\":\"2026-01-01T00:00:00.000Z\"}",
		.expires = DECADE },
	{ "gimme -o json",
		"{\"credentials\":{\"aws_access_key_id\":\"@K\","
		"\"aws_secret_access_key\":\"@S\",\"aws_session_token\":\"@T\","
		"\"aws_security_token\":\"@T\",\"expiration\":\"2026-01-01T00:00:00Z\"},"
		"\"profile\":{\"name\":\"acme\"},\"role\":{\"arn\":"
		"\"arn:aws:iam::123456789012:role/R\",\"name\":\"R\"}}",
		"acme", "123456789012", "R", DECADE, 0 },
	{ "a command and its document",
		"$ aws sts get-session-token --duration-seconds 900\n"
		"{\n  \"Credentials\": {\"AccessKeyId\": \"@K\",\n\"SecretAccessKey\": "
		"\"@S\", \"SessionToken\": \"@<\n@=\n@>\"}\n}\n$ \n",
		.flags = 0 },
	{ "a header and a document",
		"[acme]\n{\"AccessKeyId\":\"@K\",\"SecretAccessKey\":\"@S\","
		"\"SessionToken\":\"@T\",\"X\":null,\"Y\":[1,{\"z\":\"\\\"}\"}]};\n",
		"acme", .flags = 0 },
	/* wrapped by the terminal */
	{ "wrapped section",
		"[a]\naws_access_key_id=@K\naws_secret_access_key=@S\n"
		"aws_session_token=@<\n@=\n@>\nregion=eu-west-1\n",
		"a", .flags = 0 },
	{ "wrapped export",
		"export AWS_SESSION_TOKEN=\"@<\n@=\n@>\"\n"
		"export AWS_ACCESS_KEY_ID=\"@K\"\nexport AWS_SECRET_ACCESS_KEY=\"@S\"\n",
		.flags = TOKEN_FIRST },
	{ "wrapped, bare", "@K\n@S\n@<\n@=\n@>\n", .flags = 0 },
	{ "wrapped, bare, first", "@<\n@=\n@>\n@S\n@K\n", .flags = TOKEN_FIRST },
	/* long-term keys */
	{ "create-access-key",
		"{\"AccessKey\": {\"UserName\": \"Bob\", \"AccessKeyId\": \"@L\", "
		"\"Status\": \"Active\", \"SecretAccessKey\": \"@S\"}}\n",
		.flags = NO_TOKEN },
	{ "long-term exports",
		"export AWS_ACCESS_KEY_ID=@L\nexport AWS_SECRET_ACCESS_KEY=@S\n"
		"export AWS_SESSION_TOKEN=\n",
		.flags = NO_TOKEN },
	/* oddities */
	{ "force",
		"force\n[a]\naws_access_key_id=@K\naws_secret_access_key=@S\n"
		"aws_session_token=@T\n",
		"a", .flags = 0 },
	{ "invisible",
		"\xef\xbb\xbf\xe2\x80\x8b[a]\xc2\xa0\n\xc2\xa0 aws_access_key_id\xc2\xa0="
		"\xe2\x80\x8b@K\n\taws_secret_access_key=@S\xe2\x80\x8e\n"
		"aws_session_token=@T\xef\xbb\xbf\n",
		"a", .flags = 0 },
};

static bool is_forced(const struct row *row)
{
	return strcmp(row->name, "force") == 0;
}

static void assert_told(const char *got, const char *wanted, const char *name)
{
	if (!got != !wanted || (wanted && strcmp(got, wanted) != 0))
		fail_msg("%s: told %s, not %s", name, got ? got : "nothing",
			wanted ? wanted : "nothing");
}

static void paste_check(const struct row *row, const struct paste *paste)
{
	assert_told(paste->header, row->header, row->name);
	assert_told(paste->account, row->account, row->name);
	assert_told(paste->role, row->role, row->name);
	if (paste->expires != row->expires)
		fail_msg("%s: expires %lld", row->name, (long long)paste->expires);
	assert_true(paste->complete);
	assert_false(paste->forget);
	assert_int_equal(paste->force, is_forced(row));
	assert_true(paste->line > 0);
	if (!fixture_keys_are(&paste->creds, 1, row->flags & NO_TOKEN))
		fail_msg("%s: other values", row->name);
}

static void form_check(const struct row *row, const struct buf *text)
{
	_cleanup_paste_ struct paste paste = PASTE_INIT;
	_cleanup_paste_ struct paste part = PASTE_INIT;
	struct slice whole = { text->data, text->len };
	struct paste *list = NULL;
	size_t count = 0;
	struct err err = ERR_INIT;

	if (paste_parse(whole, &paste, &err))
		fail_msg("%s: %s\n%s", row->name, err.text, text->data);
	paste_check(row, &paste);
	assert_int_equal(paste_parse_part(whole, &part, &err), 0);
	paste_check(row, &part);
	if (paste_parse_blocks(whole, &list, &count, &err))
		fail_msg("%s: blocks: %s", row->name, err.text);
	assert_int_equal(count, 1);
	paste_check(row, &list[0]);
	paste_list_free(list, count);
}

static void beginnings_check(const struct row *row, const struct buf *text)
{
	struct err err = ERR_INIT;

	for (size_t len = 0; len <= text->len; len++) {
		struct slice begin = { text->data, len };

		if (paste_judge(begin, &err) || paste_judge_blocks(begin, &err))
			fail_msg("%s: %s\n%.*s", row->name, err.text, (int)len,
				text->data);
	}
}

static void forms_are_taken(void **state)
{
	static const char *const ends[] = { "\n", "\r\n", "\r" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows) * ARRAY_SIZE(ends); i++) {
		const struct row *row = &rows[i / ARRAY_SIZE(ends)];
		_cleanup_buf_ struct buf text = BUF_INIT;

		fixture_expand(&text, row->text, 1, ends[i % ARRAY_SIZE(ends)]);
		form_check(row, &text);
		if (i % ARRAY_SIZE(ends) < 2)
			beginnings_check(row, &text);
		/* browsers leave the last line end out */
		while (text.len && strchr("\r\n", text.data[text.len - 1]))
			buf_cut(&text, text.len - 1);
		form_check(row, &text);
		/* and people hit Enter once more */
		buf_adds(&text, "\n\n");
		form_check(row, &text);
	}
}

/* What is cut off somewhere is refused, or it has whole values all the same; only a token
 * has no length of its own. */
static void cut_forms_are_safe(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_buf_ struct buf text = BUF_INIT;

		fixture_expand(&text, rows[i].text, 1, "\n");
		for (size_t len = 0; len <= text.len; len++) {
			_cleanup_paste_ struct paste paste = PASTE_INIT;
			struct slice begin = { text.data, len };
			int r = paste_parse(begin, &paste, NULL);

			if (r && r != -EINVAL && r != -ENODATA)
				fail_msg("%s: %d", rows[i].name, r);
			if (!r && !fixture_keys_begin(&paste.creds, 1))
				fail_msg("%s: other values\n%.*s", rows[i].name, (int)len,
					text.data);
		}
	}
}

/* Each form, and then each other one with other keys. */
static void forms_follow_each_other(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows) * ARRAY_SIZE(rows); i++) {
		const struct row *one = &rows[i / ARRAY_SIZE(rows)];
		const struct row *two = &rows[i % ARRAY_SIZE(rows)];
		_cleanup_buf_ struct buf text = BUF_INIT;
		_cleanup_paste_ struct paste paste = PASTE_INIT;
		struct slice whole;
		struct paste *list = NULL;
		size_t count = 0;
		struct err err = ERR_INIT;

		/* a token could be the long-term key's */
		if (is_forced(two) ||
			((one->flags & NO_TOKEN) && (two->flags & TOKEN_FIRST)))
			continue;
		fixture_expand(&text, one->text, 1, "\n");
		buf_adds(&text, "\n");
		fixture_expand(&text, two->text, 2, "\n");
		whole = (struct slice){ text.data, text.len };
		if (paste_parse_blocks(whole, &list, &count, &err))
			fail_msg("%s, %s: %s\n%s", one->name, two->name, err.text,
				text.data);
		if (count != 2 ||
			!fixture_keys_are(&list[0].creds, 1, one->flags & NO_TOKEN) ||
			!fixture_keys_are(&list[1].creds, 2, two->flags & NO_TOKEN))
			fail_msg("%s, %s: %zu", one->name, two->name, count);
		assert_told(list[0].header, one->header, one->name);
		assert_told(list[1].header, two->header, two->name);
		assert_true(list[1].line > list[0].line);
		paste_list_free(list, count);
		/* but one profile's file takes one profile; in a section a fragment's
		 * names are keys like others */
		if (!paste_parse(whole, &paste, &err) &&
			!(one->header &&
				fixture_keys_are(&paste.creds, 1, one->flags & NO_TOKEN)))
			fail_msg("%s, %s: taken", one->name, two->name);
		assert_null(strstr(err.text, fixture_key_id(2)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_are_taken),
		cmocka_unit_test(cut_forms_are_safe),
		cmocka_unit_test(forms_follow_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
