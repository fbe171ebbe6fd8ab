#!/usr/bin/env bats
# `paste' at the root, and whose credentials an account takes: all of a paste, or nothing of it.

load helper

teardown() {
	common_teardown
	local bad=$?
	umount -l "$aws" 2>/dev/null
	return $bad
}

# Two profiles of a person; their keys are of account 123456789012 and 210987654321.
two_profiles() {
	{
		echo '# mine'
		made_up_keys acme
		option_2 acme
		printf '\n# the other\n'
		made_up_keys globex other
		option_2 globex
		echo 'region = eu-west-1'
	} >"$aws/credentials"
	chmod 600 "$aws/credentials"
	start
}

# refused COMMAND...: it fails as WANTED says, nothing changed, and the root's `error` tells why
refused() { # ERRNO-TEXT SENTENCE COMMAND...
	local wanted=$1 sentence=$2
	shift 2
	keep "$aws/credentials"
	run "$@"
	[ "$status" -ne 0 ] || {
		echo "taken: $*" >&2
		return 1
	}
	says "$wanted"
	unchanged "$aws/credentials"
	nothing_beside
	[ -z "$sentence" ] || grep -qF -- "$sentence" "$mnt/error" || {
		cat "$mnt/error" >&2
		return 1
	}
}

# paste_file FILE: as people do
paste_file() {
	cat "$1" >"$mnt/paste"
}

@test "each block goes to the profile that its header names" {
	two_profiles
	made_up_keys 1
	option_2 acme >pasted
	made_up_keys 2 other
	{ echo && option_2 globex; } >>pasted
	cat pasted >"$mnt/paste"
	holds globex
	made_up_keys 1
	holds acme
	grep -qx '# the other' "$aws/credentials"
	grep -qx 'region = eu-west-1' "$aws/credentials"
	nothing_beside
	[ ! -s "$mnt/error" ]
}

@test "several blocks as Windows has them" {
	two_profiles
	made_up_keys 1
	option_2 acme >pasted
	made_up_keys 2 other
	option_2 globex >>pasted
	sed 's/$/\r/' pasted | tee "$mnt/paste" >shown-no-secret
	rm shown-no-secret
	holds globex
	made_up_keys 1
	holds acme
	not grep -q $'\r' "$aws/credentials"
}

@test "the portal's header goes to the one profile of its account" {
	two_profiles
	made_up_keys 1 other
	option_2 210987654321_Admin >"$mnt/paste"
	holds globex
	[ "$(accounts)" = $'acme\nglobex' ]
}

@test "variables go by the key id" {
	two_profiles
	made_up_keys 1 other
	printf 'export AWS_ACCESS_KEY_ID="%s"\nexport AWS_SECRET_ACCESS_KEY="%s"\nexport AWS_SESSION_TOKEN="%s"\n' \
		"$key" "$key_secret" "$token" >"$mnt/paste"
	holds globex
}

@test "what nobody has is a new profile, at once" {
	start
	[ "$(accounts)" = "" ]
	not ls "$mnt/123456789012_Admin"
	made_up_keys 1
	option_2 123456789012_Admin >pasted
	made_up_keys 2 other
	option_2 210987654321_Reader >>pasted
	cp pasted "$mnt/paste"
	[ "$(accounts)" = $'123456789012_Admin\n210987654321_Reader' ]
	[ "$(stat -c %a "$aws/credentials")" = 600 ]
	holds 210987654321_Reader
	[ -s "$mnt/123456789012_Admin/profile" ]
	# and the next paste finds them
	made_up_keys 3
	option_2 123456789012_Admin >"$mnt/paste"
	holds 123456789012_Admin
}

@test "the role that AWS told of tells two profiles of one account apart" {
	add_account jane jane-admin
	made_up_keys old
	option_2 second >>"$aws/credentials"
	start_aws
	made_up_keys new
	option_2 123456789012_AdministratorAccess >pasted
	refused "Invalid argument" "\`jane', \`second'" paste_file pasted
	role=$(cut -d / -f 2 "$mnt/jane/whoami" | sed 's/^AWSReservedSSO_\(.*\)_[0-9a-f]*$/\1/')
	option_2 "123456789012_$role" >"$mnt/paste"
	holds jane
}

@test "one bad block, and none is stored" {
	two_profiles
	made_up_keys 1
	option_2 acme >pasted
	option_2 globex >>pasted # a key of acme's account
	refused "Invalid argument" "line 5, [globex]: " paste_file pasted
	grep -q 210987654321 "$mnt/error"
	grep -q 123456789012 "$mnt/error"
	option_2 acme >pasted
	option_2 globex | head -n 3 >>pasted # its token was cut off
	refused "Invalid argument" "" paste_file pasted
	option_2 acme | head -n 2 >pasted
	option_2 globex >>pasted # the same in the middle
	refused "Invalid argument" "" paste_file pasted
	{ option_2 acme && echo 'rm -rf /'; } >pasted
	refused "Invalid argument" "" paste_file pasted
	option_2 globex | tail -n 3 >pasted
	sed -i 's/ASIA.*/ASIAIOSFODNN7EXAMPLE/' pasted
	refused "Invalid argument" "write it to ACCOUNT/profile" paste_file pasted
	printf 'forget\n' >pasted
	refused "Invalid argument" "forget" paste_file pasted
}

@test "it only takes text: reading, editing in place and removing are refused" {
	two_profiles
	[ "$(stat -c '%a %s' "$mnt/paste")" = "200 0" ]
	refused "Permission denied" "" cat "$mnt/paste"
	refused "Permission denied" "" sh -c 'exec 3<>"$1"' - "$mnt/paste"
	refused "" "" sed -i s/a/b/ "$mnt/paste"
	refused "Operation not permitted" "" rm -f "$mnt/paste"
	refused "Operation not permitted" "" mv "$mnt/paste" "$mnt/elsewhere"
	refused "Operation not permitted" "" sh -c 'echo x >"$1"' - "$mnt/error"
	# a shell's > alone is no paste
	keep "$aws/credentials"
	: >"$mnt/paste"
	unchanged "$aws/credentials"
}

@test "cat, tee, cp, dd, >>, a here-document and a file of Python's" {
	two_profiles
	local i=0 way
	for way in 'cat pasted >"$mnt/paste"' 'tee "$mnt/paste" <pasted >/dev/null' \
		'cp pasted "$mnt/paste"' 'dd if=pasted of="$mnt/paste" bs=7 status=none' \
		'cat pasted >>"$mnt/paste"' 'cat >"$mnt/paste" <<<"$(cat pasted)"' \
		'python3 -c "import sys; open(sys.argv[1], \"w\").write(open(\"pasted\").read())" "$mnt/paste"'; do
		made_up_keys $((++i))
		option_2 acme >pasted
		eval "$way" || {
			echo "$way failed" >&2
			return 1
		}
		holds acme || {
			echo "$way" >&2
			return 1
		}
	done
}

@test "a read-only disk, and a file that is broken" {
	needs_root
	mount -t tmpfs -o size=1m,mode=700 none "$aws"
	two_profiles
	made_up_keys 1
	option_2 acme >pasted
	mount -o remount,ro "$aws"
	refused "Read-only file system" "nothing was changed: " paste_file pasted
	mount -o remount,rw "$aws"
	made_up_keys 1
	option_2 acme >pasted
	option_2 acme >>"$aws/credentials"
	refused "Bad message" "line 1, [acme]: " paste_file pasted
}

@test "profile: credentials of another account are refused unless forced" {
	two_profiles
	made_up_keys 1 other
	keep "$aws/credentials"
	run bash -c 'cat >"$1"' - "$mnt/acme/profile" <<<"$(option_2 acme)"
	[ "$status" -ne 0 ]
	says "Invalid argument"
	unchanged "$aws/credentials"
	grep -q 'the key id in the paste is of account 210987654321' "$mnt/acme/error"
	[ ! -s "$mnt/error" ]
	# a header of another account, with keys of this one
	made_up_keys 2
	run bash -c 'cat >"$1"' - "$mnt/acme/profile" <<<"$(option_2 210987654321_Admin)"
	[ "$status" -ne 0 ]
	unchanged "$aws/credentials"
	grep -q 'names account 210987654321' "$mnt/acme/error"
	# another profile's name is no other account
	option_2 globex >"$mnt/acme/profile"
	holds acme
	made_up_keys 3 other
	{ echo force && option_2 acme; } >"$mnt/acme/profile"
	holds acme
	# now it is that account's
	made_up_keys 4
	run bash -c 'cat >"$1"' - "$mnt/acme/profile" <<<"$(option_2)"
	[ "$status" -ne 0 ]
}

@test "profile: keys that tell no account are as good as any" {
	two_profiles
	key=ASIAIOSFODNN7EXAMPLE key_secret=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
	secret "$key" "$key_secret"
	option_2 acme >"$mnt/acme/profile"
	holds acme
	made_up_keys 1 other
	option_2 acme >"$mnt/acme/profile"
	holds acme
}

@test "profile: what AWS said of the account counts, until the credentials are forgotten" {
	add_account jane jane-admin
	start_aws
	[ "$(cut -d : -f 5 "$mnt/jane/whoami")" = 123456789012 ]
	sed -i 's/^aws_access_key_id.*/aws_access_key_id=ASIAIOSFODNN7EXAMPLE/' "$aws/credentials"
	made_up_keys 1 other
	run bash -c 'cat >"$1"' - "$mnt/jane/profile" <<<"$(option_2 jane)"
	[ "$status" -ne 0 ]
	grep -q "says the last \`status'" "$mnt/jane/error"
	cat >"$mnt/jane/profile" <<<forget
	option_2 jane >"$mnt/jane/profile"
	holds jane
}

@test "Option 3: the three values one at a time, in any order" {
	two_profiles
	made_up_keys 1
	keep "$aws/credentials"
	echo "$token" >"$mnt/acme/profile"
	grep -q '1 of 3 values taken' "$mnt/acme/error"
	echo "$key" >"$mnt/acme/profile"
	grep -q '2 of 3 values taken, the secret access key is missing' "$mnt/acme/error"
	unchanged "$aws/credentials"
	cat >"$mnt/acme/profile" <<<"$key_secret"
	holds acme
	[ ! -s "$mnt/acme/error" ]
	# a long-lived key has two
	key=AKIARZPUZDIKCCCCCCCC token=
	key_secret=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
	secret "$key" "$key_secret"
	echo "$key_secret" >"$mnt/acme/profile"
	tee "$mnt/acme/profile" <<<"$key" >/dev/null
	holds acme
}

@test "one value with its name is half a paste, and refused" {
	two_profiles
	made_up_keys 1
	keep "$aws/credentials"
	run bash -c 'cat >"$1"' - "$mnt/acme/profile" <<<"aws_session_token=$token"
	[ "$status" -ne 0 ]
	says "Invalid argument"
	run bash -c 'cat >"$1"' - "$mnt/acme/profile" <<<"export AWS_ACCESS_KEY_ID=$key"
	[ "$status" -ne 0 ]
	unchanged "$aws/credentials"
}

@test "force on the first line is for every block" {
	two_profiles
	made_up_keys 1 other
	option_2 acme >pasted
	made_up_keys 2
	option_2 globex >>pasted
	{ echo force && cat pasted; } >"$mnt/paste"
	holds globex
	made_up_keys 1 other
	holds acme
}
