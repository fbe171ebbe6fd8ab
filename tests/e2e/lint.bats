#!/usr/bin/env bats
# lint and accounts.tsv: the two files as a whole, without asking anybody.

load helper

# What botocore reads of a profile of the credentials file; fails when it cannot read the file.
botocore_key_id() { # PROFILE
	"$(boto3_python)" -c '
import sys
from botocore.configloader import raw_config_parse
print(raw_config_parse(sys.argv[1])[sys.argv[2]]["aws_access_key_id"])' "$aws/credentials" "$1"
}

@test "lint of good files is empty" {
	add_profile acme
	printf '[profile acme]\nregion = eu-west-1\n' >"$aws/config"
	start_aws
	[ ! -s "$mnt/lint" ]
	[ -z "$(cat "$mnt/lint")" ]
}

@test "lint is there without files, too" {
	rmdir "$aws"
	start_aws
	[ -z "$(cat "$mnt/lint" "$mnt/accounts.tsv")" ]
}

@test "lint names file and line, and who is hurt" {
	add_profile acme
	add_profile acme
	printf '[acme]\nregion = eu-west-1\n' >"$aws/config"
	start_aws
	run -0 cat "$mnt/lint"
	says "$aws/credentials:5: begins the same section as line 1 (breaks: botocore)"
	says "$aws/config:1: is not read: in this file a profile is [profile NAME] (breaks: botocore, "
	# every line has that form, and the files come one after the other
	not grep -vE "^$aws/(credentials|config):[0-9]+: [^()]+( \(breaks: [a-z, -]+\))?$" "$mnt/lint"
	[ "$(cut -d: -f1 "$mnt/lint" | uniq)" = "$aws/credentials"$'\n'"$aws/config" ]
	asked 0
}

@test "an editor jumps to the lines of lint" {
	needs vim
	add_profile acme
	printf 'k : v\n' >>"$aws/credentials"
	start_aws
	# -q reads a list of errors and goes to the first
	vim -N -u NONE -n -i NONE -es -q "$mnt/lint" \
		-c 'call writefile([expand("%:p") . " " . line(".") . " " . len(getqflist())], "where") | qa!' \
		</dev/null || :
	[ "$(cat where)" = "$aws/credentials 5 1" ]
}

@test "what lint says of botocore is what botocore does" {
	boto3_python >/dev/null || skip "no boto3"
	add_profile acme
	start_aws
	botocore_key_id acme
	not grep botocore "$mnt/lint"
	add_profile acme
	not botocore_key_id acme
	sleep 2.1 # what looks half-written is believed only then
	cat "$mnt/lint"
	grep -q botocore "$mnt/lint"
}

@test "lint follows the files, and its size is true" {
	add_profile acme
	start_aws
	[ ! -s "$mnt/lint" ]
	chmod 644 "$aws/credentials"
	grep -qxF "$aws/credentials:1: is in a file that others may read: chmod 600 it" "$mnt/lint"
	[ "$(stat -c %s "$mnt/lint")" = "$(cat "$mnt/lint" | wc -c)" ]
	chmod 600 "$aws/credentials"
	[ ! -s "$mnt/lint" ]
	run bash -c 'echo x >"$1"' - "$mnt/lint"
	[ "$status" -ne 0 ]
}

@test "lint and accounts.tsv hold no secret, whatever is wrong" {
	made_up_keys
	printf '%s\n[%s]\n%s = %s\nregion = %s\n  %s\n%s\nsource_profile = %s\nsso_session = %s\n' \
		"$token" "$token" "$key_secret" "$token" "$key_secret" "$token" "$token" "$token" "$token" \
		>"$aws/credentials"
	cp "$aws/credentials" "$aws/config"
	start_aws
	[ "$(wc -l <"$mnt/lint")" -ge 8 ]
	cp "$mnt/lint" "$BATS_TEST_TMPDIR/shown-lint"
}

@test "accounts.tsv has a line for each account, its first column its directory" {
	add_profile acme
	option_2 'a/b' >>"$aws/credentials"
	printf '[tab\tand ]]\nregion = eu-west-1\n' >>"$aws/credentials"
	printf '[profile sso]\nsso_account_id = 123456789012\n[profile bad]\nregion = EU\n' >"$aws/config"
	start_aws
	[ "$(cut -f1 "$mnt/accounts.tsv")" = "$(accounts)" ]
	not grep -vP '^[^\t]+(\t[^\t]+){6}$' "$mnt/accounts.tsv"
	grep -qP '^a%2Fb\ta/b\tus-east-1\t-\t' "$mnt/accounts.tsv"
	grep -qP '^bad\tbad\t-\t-\t-\t-\t-$' "$mnt/accounts.tsv"
	grep -qP '^sso\tsso\tus-east-1\t-\t123456789012\t-\t-$' "$mnt/accounts.tsv"
	[ "$(stat -c %s "$mnt/accounts.tsv")" = "$(cat "$mnt/accounts.tsv" | wc -c)" ]
	asked 0
}

@test "accounts.tsv tells the last state, as long as the keys are the same" {
	add_account acme jane-admin
	printf 'x_security_token_expires = 2030-01-02T03:04:05Z\nregion = eu-west-1\n' >>"$aws/credentials"
	start_aws
	grep -qP '^acme\tacme\teu-west-1\t-\t[-0-9]+\t2030-01-02T03:04:05Z\t-$' "$mnt/accounts.tsv"
	cat "$mnt/acme/status"
	id=$(sed -n 's/^account: //p' "$mnt/acme/status")
	checked=$(sed -n 's/^checked: //p' "$mnt/acme/status")
	grep -qxF $'acme\tacme\teu-west-1\tvalid\t'"$id"$'\t2030-01-02T03:04:05Z\t'"$checked" "$mnt/accounts.tsv"
	asked 1
	made_up_keys
	paste_into acme
	run -0 cut -f4,7 "$mnt/accounts.tsv"
	is $'-\t-'
	cat "$mnt/acme/status"
	run -0 cut -f4 "$mnt/accounts.tsv"
	is invalid
}

@test "2,000 profiles: accounts.tsv and lint at once" {
	python3 - "$aws" <<-'END'
		import sys
		with open(sys.argv[1] + "/credentials", "w") as file, open(sys.argv[1] + "/config", "w") as config:
		    for i in range(2000):
		        file.write(f"[account-{i:04}]\naws_access_key_id = ASIAIOSFODNN7EX{i:05}\n"
		                   "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n"
		                   f"aws_session_token = {'t' * 800}\n")
		        config.write(f"[profile account-{i:04}]\nregion = eu-west-1\n")
	END
	chmod 600 "$aws/credentials"
	start_aws
	[ "$(wc -l <"$mnt/accounts.tsv")" = 2000 ]
	[ ! -s "$mnt/lint" ]
	at_most 50 "$(median_ms cat "$mnt/accounts.tsv")"
	at_most 50 "$(median_ms cat "$mnt/lint")"
	asked 0
}
