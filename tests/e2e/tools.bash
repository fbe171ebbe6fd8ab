# What the cases about other people's tools share: an account to write to, and what must be
# true when something was written, whatever wrote it.
# shellcheck shell=bash

tools_setup() {
	common_setup
	printf '# mine\n[acme]\nregion = eu-west-1\naws_access_key_id = A\naws_secret_access_key = B\n' \
		>"$aws/credentials"
	add_profile other
	made_up_keys old
	start
	paste_into acme
	made_up_keys new
	option_2 >pasted
	chmod 600 pasted
	typed=$BATS_TEST_TMPDIR/typed
	option_2 >"$typed"
	# editors make no backups of what is in the folder for temporary files
	mkdir tmp
	export TMPDIR=$home/tmp
	export file=$mnt/acme/profile
	export text
	text=$(option_2)
	rows=$(ls -A "$mnt/acme")
}

# taken: the paste is in the file, beside everything else, and no copy of it anywhere else
taken() {
	holds acme
	grep -qx '# mine' "$aws/credentials"
	grep -qx 'region = eu-west-1' "$aws/credentials"
	nothing_beside
	[ "$(ls -A "$mnt/acme")" = "$rows" ]
	rm -f pasted
	no_copy
}

# no_copy: no key of this case is in a file of the home, or one made in a folder for temporary
# files meanwhile
no_copy() {
	local found patterns=$BATS_TEST_TMPDIR/secrets
	found=$(
		grep -rlaFf "$patterns" "$HOME" --exclude-dir=.aws --exclude-dir=aws
		find /tmp /var/tmp -maxdepth 1 -type f -newer "$HOME/tmp" \
			-exec grep -laFf "$patterns" {} + 2>/dev/null
	) || : # none
	[ -z "$found" ] || {
		echo "keys are in: $found" >&2
		return 1
	}
}
export -f no_copy # for pty_run.py

# fails COMMAND...: says so, and nothing was changed
fails() {
	keep "$aws/credentials"
	run "$@"
	if [ "$status" = 0 ] || [ -z "$output" ]; then
		echo "$*: status $status: $output" >&2
		return 1
	fi
	unchanged "$aws/credentials"
	nothing_beside
}

# --- a person at a terminal -------------------------------------------------------------------

# Which files it opens, and under which names; where that is not allowed: not looked at.
tracer=(strace -f -qq -y -e 'signal=none' -e 'trace=open,openat,creat,rename,renameat,renameat2')
strace -o /dev/null true 2>/dev/null || tracer=()

# type KEYS... -- COMMAND...
type_into() {
	local keys=()
	until [ "$1" = -- ]; do
		keys+=("$1")
		shift
	done
	shift
	rm -f "$BATS_TEST_TMPDIR/trace"
	run "$root/tests/support/pty_run.py" --timeout $((20 * slow)) "${keys[@]}" -- \
		"${tracer[@]}" ${tracer[0]:+-o "$BATS_TEST_TMPDIR/trace"} "$@"
}

# edit KEYS... -- COMMAND...: it ends well, and wrote to no file on the disk but to those that
# match $elsewhere (whose text no_copy looks at)
edit() {
	type_into "$@"
	[ "$status" = 0 ] || {
		echo "status $status" >&2
		printf '%s' "$output" | tail -c 500 | cat -v >&2
		return 1
	}
	stays_inside
}

stays_inside() {
	local written
	[ -e "$BATS_TEST_TMPDIR/trace" ] || return 0
	written=$(sed -nE '/O_WRONLY|O_RDWR|O_CREAT|creat\(/s/.* = [0-9]+<(.*)>(\(deleted\))?$/\1/p' \
		"$BATS_TEST_TMPDIR/trace" | sort -u)
	grep -q "^$mnt/acme/profile" <<<"$written" || {
		echo "the trace tells of no write to profile" >&2
		return 1
	}
	written=$(grep -vE "^($mnt/acme/|/dev/|${elsewhere:-/dev/})" <<<"$written") || return 0
	echo "also written: $written" >&2
	return 1
}

# did REGEX: the editor made such a call, so that the case is about what it says
did() {
	[ ! -e "$BATS_TEST_TMPDIR/trace" ] || grep -qE "$1" "$BATS_TEST_TMPDIR/trace" || {
		echo "no call like $1:" >&2
		grep -oE '[a-z0-9]+\(.*' "$BATS_TEST_TMPDIR/trace" | grep "$mnt" | tail -n 12 >&2
		return 1
	}
}
