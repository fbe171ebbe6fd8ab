#!/usr/bin/env bats
# Every profile of the two files is a directory.

E2E_AWS=no
load helper

files='dynamodb.json
dynamodb.tsv
error
profile
s3.json
s3.tsv
status
status.json
whoami'

@test "neither file there: an empty root whose README says what to do" {
	rmdir "$aws"
	start
	[ -z "$(accounts)" ]
	grep -q "Option 2" "$mnt/README"
	grep -q "$aws/credentials" "$mnt/README"
	grep -qi "no account" "$mnt/README"
	# looking made nothing
	[ ! -e "$aws" ]
}

@test "README's own steps make the first account" {
	rmdir "$aws"
	start
	sh -ec "$(grep -A 1 '^  mkdir -p ' "$mnt/README" | sed 's/NAME/first/')"
	made_up_keys
	cat >"$mnt/first/profile" <<-END
		$(option_2)
	END
	holds first
	not grep -qi "no account" "$mnt/README"
}

@test "a file that cannot be read or is broken: README and the account say why" {
	add_profile acme
	start
	cp "$aws/credentials" away
	truncate -s 1G "$aws/credentials"
	broken() { grep -qi 'something is wrong' "$mnt/README"; }
	wait_until broken
	grep -q 'it is larger than' "$mnt/README"
	[ "$(accounts)" = acme ]
	run cat "$mnt/acme/profile"
	says "File too large"
	grep -q 'it is larger than' "$mnt/acme/error"
	printf '[acme\nfoo\n' >"$aws/credentials"
	wait_until grep -q 'line 1' "$mnt/README"
	not grep -q '>> ' "$mnt/README"
	mv away "$aws/credentials"
	wait_until not broken
	grep -q aws_access_key_id "$mnt/acme/profile"
}

@test "profiles of both files, each once, and README" {
	add_profile default
	add_profile acme
	cat >"$aws/config" <<-'END'
		[default]
		region = eu-west-1
		[profile acme]
		region = us-east-1
		[profile config-only]
		region = us-east-1
		[sso-session corp]
		sso_region = us-east-1
		[services local]
		s3 =
		  endpoint_url = http://localhost
		[not-a-profile]
		region = us-east-1
	END
	start
	[ "$(accounts)" = $'acme\nconfig-only\ndefault' ]
	for account in acme config-only default; do
		[ "$(ls "$mnt/$account")" = "$files" ]
	done
	[ ! -s "$mnt/config-only/profile" ]
}

@test "a profile of the config file only takes credentials" {
	printf '[profile config-only]\nregion = eu-west-1\n' >"$aws/config"
	keep "$aws/config"
	start
	made_up_keys
	option_2 >"$mnt/config-only/profile"
	holds config-only
	unchanged "$aws/config"
}

@test "names with blanks, slashes, unicode, dots, percent signs and of our own files" {
	made_up_keys
	while read -r name file; do
		option_2 "${name//_/ }" >>"$aws/credentials"
	done <<-'END'
		with_two_blanks
		a/b
		.
		..
		...
		100%
		%2F
		README
		events
		.git
		größe-日本-🚀
		a:b+c=d,e@f
		-rf
		*
		--help
	END
	start
	run -0 find "$mnt" -mindepth 1 -maxdepth 1 -type d -printf '%f\n'
	[ "$(sort <<<"$output")" = "$(sort <<-'END'
		with two blanks
		a%2Fb
		%2E
		%2E.
		...
		100%25
		%252F
		%52EADME
		%65vents
		%2Egit
		größe-日本-🚀
		a:b+c=d,e@f
		-rf
		*
		--help
	END
	)" ]
	# each is what it says
	grep -qxF '[a/b]' "$mnt/a%2Fb/profile"
	grep -qxF '[..]' "$mnt/%2E./profile"
	grep -qxF '[%2F]' "$mnt/%252F/profile"
	grep -qxF '[README]' "$mnt/%52EADME/profile"
	grep -qxF '[with two blanks]' "$mnt/with two blanks/profile"
	# other spellings are nothing
	for other in a%2fb %52%45ADME %20 %61 a%2 %; do
		[ ! -e "$mnt/$other" ] || {
			echo "there is $other"
			return 1
		}
	done
	# and each takes credentials
	for account in "$mnt"/*/ "$mnt"/%2E/ "$mnt"/%2E./; do
		made_up_keys "$account"
		option_2 >"${account}profile"
		grep -q "$key" "${account}profile"
	done
	[ "$(grep -c '^\[' "$aws/credentials")" = 15 ]
}

@test "control characters and over-long names become file names, and stay apart" {
	long=$(printf 'x%.0s' {1..300})
	made_up_keys
	for name in "${long}1" "${long}2" $'tab\there'; do
		option_2 "$name" >>"$aws/credentials"
	done
	start
	[ -d "$mnt/tab%09here" ]
	[ "$(find "$mnt" -mindepth 1 -type d | wc -l)" = 3 ]
	[ "$(cat "$mnt"/xxx*/profile | grep -c '^\[x*[12]\]$')" = 2 ]
	made_up_keys fresh
	for account in "$mnt"/xxx*; do
		option_2 >"$account/profile"
	done
	[ "$(grep -c "$key" "$aws/credentials")" = 2 ]
}

@test "quoted and oddly spaced headers of the config file" {
	printf '[profile "with blank"]\nregion = eu-west-1\n[profile  double]\nregion = eu-west-1\n[profile\ttab]\nregion=eu-west-1\n' \
		>"$aws/config"
	printf '  [ padded ]  # note\r\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\r\n' >"$aws/credentials"
	start
	run -0 ls "$mnt"
	says "with blank"
	says double
	says tab
	says padded
}

@test "a new profile in the file shows up at once, and a removed one is gone" {
	add_profile acme
	start
	[ "$(accounts)" = acme ]
	add_profile another
	[ "$(accounts)" = $'acme\nanother' ]
	cat "$mnt/another/profile"
	# an editor's way: a new file takes the old one's place
	sed '/^\[acme\]/,/^\[/{/^\[another\]/!d}' "$aws/credentials" >"$aws/new"
	mv "$aws/new" "$aws/credentials"
	[ "$(accounts)" = another ]
	# the kernel may remember a name for a second
	sleep 1.1
	[ ! -e "$mnt/acme" ]
	run cat "$mnt/acme/profile"
	says "No such file or directory"
	rm "$aws/credentials"
	[ -z "$(accounts)" ]
	add_profile acme
	[ -d "$mnt/acme" ]
}

@test "another tool's half-written file is no change" {
	add_profile acme
	start
	ls "$mnt/acme"
	cp "$aws/credentials" kept
	: >"$aws/credentials"
	ls "$mnt/acme"
	cat kept >"$aws/credentials"
	[ "$(accounts)" = acme ]
	made_up_keys acme
	grep -q "$key" "$mnt/acme/profile"
}

@test "a broken file is shown as far as it can be read, and a write to it is refused" {
	add_profile acme
	add_profile second
	add_profile acme
	keep "$aws/credentials"
	start
	[ "$(accounts)" = $'acme\nsecond' ]
	made_up_keys fresh
	run bash -c 'option_2=$1; cat >"$2" <<<"$option_2"' - "$(option_2)" "$mnt/second/profile"
	[ "$status" -ne 0 ]
	unchanged "$aws/credentials"
	grep -q "line " "$mnt/second/error"
}

@test "files too large or not readable are said to be so" {
	needs_root
	add_profile acme
	truncate -s 20M "$aws/credentials"
	start
	run ls "$mnt"
	cat "$mnt/README"
	made_up_keys
	run bash -c 'cat >"$1"' - "$mnt/acme/profile" <<<"$(option_2)"
	[ "$status" -ne 0 ]
}

@test "2,000 profiles: ls in well under a second" {
	python3 - >"$aws/credentials" <<-'END'
		for i in range(2000):
		    print(f"[account-{i:04}]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n"
		          "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
	END
	start
	took ls "$mnt"
	at_most 500 "$ms"
	[ "$(accounts | wc -l)" = 2000 ]
	took ls -l "$mnt"
	at_most 1000 "$ms"
	took find "$mnt"
	at_most 3000 "$ms"
	took cat "$mnt/account-1999/profile"
	at_most 300 "$ms"
	made_up_keys
	took paste_into account-1000
	at_most 500 "$ms"
	holds account-1000
}
