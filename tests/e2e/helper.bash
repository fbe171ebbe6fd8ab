# What every case begins and ends with.
#
# Before: a home of its own with its own ~/.aws, no AWS or proxy variable left over, and, once a
# file of cases, a local AWS (E2E_AWS=no before `load helper`: none).  Most cases then call
# `start`, which mounts the program under test at $mnt.
# After: the mount is gone, the daemon ended by itself and well, it reported no fault of its
# memory or threads, and no secret is in anything it said.
# shellcheck shell=bash

bats_require_minimum_version 1.5.0
root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
export root
export ACCTFS=${ACCTFS:-$root/build/fs/acctfs} # meson sets it; by hand: the usual build

# slow FACTOR: how much longer a sanitized daemon may take
case ${ACCTFS_SANITIZED:-none} in
none) slow=1 ;;
*thread*) slow=25 ;;
*) slow=12 ;;
esac
export slow

# --- a file of cases, and the AWS they ask ----------------------------------------------------

setup_file() {
	export E2E_HOME=$HOME # where a virtual environment may be
	if [ "${E2E_AWS:-yes}" = yes ] && [ -w /dev/fuse ]; then
		aws_start
	fi
}

teardown_file() {
	[ -z "${E2E_PID:-}" ] || kill "$E2E_PID" 2>/dev/null || :
}

# Starts the local AWS, once for all cases of a file; E2E_AWS_OPTIONS: more options for it.
aws_start() {
	local dir=$BATS_FILE_TMPDIR/aws
	clean_environment
	mkdir -p "$dir"
	# shellcheck disable=SC2086 # a list of options
	"$root/scripts/local-aws" --dir "$dir" --seed "$root/tests/support/seed.json" \
		--parent-pid $$ ${E2E_AWS_OPTIONS:-} >"$dir/log" 2>&1 3>&- &
	export E2E_PID=$!
	wait_until test -e "$dir/port" || {
		cat "$dir/log" >&2
		return 1
	}
	export E2E_DIR=$dir
	export E2E_URL
	E2E_URL=http://127.0.0.1:$(cat "$dir/port")
	export E2E_SECRETS=$dir/secrets
	jq -r '.keys[] | .access_key, .secret_key, .session_token // empty' \
		"$root/tests/support/seed.json" >"$E2E_SECRETS"
}

# control METHOD PATH [JSON]: steers the local AWS
control() {
	curl -sS --fail-with-body -X "$1" "$E2E_URL/_control/$2" ${3:+--data "$3"}
}

# fault JSON: what the local AWS does wrong from now on
fault() {
	control POST fault "$1" >/dev/null
}

# requests [ACTION]: how many it was asked since the case began
requests() {
	control GET "log?count=1${1:+&action=$1}"
}

# asked COUNT [ACTION]: it was asked exactly so often
asked() {
	local count
	count=$(requests "${2:-}")
	[ "$count" = "$1" ] || {
		echo "asked $count times, not $1" >&2
		control GET log | jq -c '.[] | [.action, .status, .refused, .access_key]' >&2
		return 1
	}
}

aws_reset() {
	control DELETE fault >/dev/null
	control POST clock '{"offset": 0}' >/dev/null
	control POST settings '{"bucket_page": 0, "table_page": 0}' >/dev/null
	control DELETE log >/dev/null
}

# Sets key, key_secret and token to those of a key of the seed.
seed_keys() { # NAME
	{
		read -r key
		read -r key_secret
		read -r token
	} < <(jq -r --arg name "$1" '.keys[] | select(.name == $name)
		| .access_key, .secret_key, .session_token // ""' "$root/tests/support/seed.json")
}

# Adds a profile with a seed's keys to the credentials file.
add_account() { # PROFILE SEED-NAME
	seed_keys "$2"
	option_2 "$1" | grep -v '=$' >>"$aws/credentials"
	chmod 600 "$aws/credentials"
}

# Mounts with every service at the local AWS.
start_aws() { # [OPTION...]
	AWS_ENDPOINT_URL=$E2E_URL start "$@"
}

# A Python with boto3, and the AWS CLI.
boto3_python() {
	HOME=$E2E_HOME "$root/scripts/local-aws" --with-cli --python
}

aws_cli() {
	if command -v aws >/dev/null; then
		aws "$@"
	else
		"$(boto3_python)" -m awscli "$@"
	fi
}

# --- a case -----------------------------------------------------------------------------------

setup() {
	common_setup
}

teardown() {
	common_teardown
}

common_setup() {
	if [ ! -w /dev/fuse ]; then
		if [ "${ACCTFS_REQUIRE_FUSE:-0}" = 1 ]; then
			echo "/dev/fuse is not there, or not for us" >&2
			return 1
		fi
		skip "no /dev/fuse"
	fi
	clean_environment
	export HOME=$BATS_TEST_TMPDIR/home
	home=$HOME
	aws=$home/.aws
	mnt=$home/aws
	log=$BATS_TEST_TMPDIR/daemon.log
	mkdir -m 700 "$home" "$aws" "$mnt"
	cd "$home" || return
	pids=()
	others=()
	[ -z "${E2E_URL:-}" ] || aws_reset
	# a daemon that detached has no other place to say what it found
	local options="log_path=$BATS_TEST_TMPDIR/sanitizer:exitcode=99"
	local leaks=1
	[ "$(id -u)" = 0 ] || leaks=0 # the search needs ptrace, which a daemon with secrets refuses
	export ASAN_OPTIONS="$options:detect_leaks=$leaks:handle_abort=1:detect_stack_use_after_return=1"
	export UBSAN_OPTIONS="$options:halt_on_error=1:print_stacktrace=1"
	export TSAN_OPTIONS="$options:halt_on_error=0:second_deadlock_stack=1"
}

common_teardown() {
	local bad=0 pid

	cd / || return
	see_errors
	for pid in "${others[@]:-}"; do
		if [ -n "$pid" ]; then
			kill -CONT "$pid" 2>/dev/null || :
			kill -KILL "$pid" 2>/dev/null || :
		fi
	done
	for pid in "${pids[@]:-}"; do
		[ -z "$pid" ] || stop_pid "$pid" || bad=1
	done
	if is_mounted; then
		fusermount3 -u "$mnt" 2>/dev/null || {
			echo "# the mount was busy at the end" >&2
			umount -l "$mnt"
			bad=1
		}
	fi
	no_reports || bad=1
	no_secrets || bad=1
	return $bad
}

clean_environment() {
	local name
	for name in ${!AWS_@}; do
		unset "$name"
	done
	unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY no_proxy NO_PROXY
	export LC_ALL=C.UTF-8
	umask 022
}

# --- the daemon -------------------------------------------------------------------------------

is_mounted() {
	grep -q " $mnt .* fuse\.acctfs " /proc/self/mountinfo
}

# Waits until COMMAND succeeds; false after 10 s (longer when the daemon is slow).
wait_until() {
	local end=$((SECONDS + 10 + slow))
	until "$@"; do
		[ $SECONDS -le $end ] || return 1
		sleep 0.01
	done
}

# Mounts at $mnt, the daemon in the foreground of its own job: $pid.
start() { # [OPTION...]
	start_at "$mnt" "$@"
}

start_at() { # MOUNTPOINT [OPTION...]
	local at=$1
	shift
	"$ACCTFS" -f "$@" "$at" >>"$log" 2>&1 3>&- &
	pid=$!
	pids+=("$pid")
	wait_until answers_or_dead "$at" "$pid"
	[ -e "$at/README" ] || {
		cat "$log" >&2
		return 1
	}
}

answers_or_dead() {
	[ -e "$1/README" ] || ! kill -0 "$2" 2>/dev/null
}

# Ends the daemon as a user would; false when it does not end, or not well.
stop() {
	stop_pid "$pid"
}

stop_pid() {
	local rc=0 known new=()

	for known in "${pids[@]}"; do
		[ "$known" = "$1" ] || new+=("$known")
	done
	pids=("${new[@]}")
	if ! kill -TERM "$1" 2>/dev/null; then
		wait "$1"
		rc=$?
		[ $rc = 0 ] || echo "# the daemon had died: status $rc" >&2
	elif ! wait_until is_gone "$1"; then
		echo "# the daemon did not end:" >&2
		grep -H . "/proc/$1/task"/*/{comm,wchan,syscall} >&2 || :
		kill -KILL "$1"
		rc=1
	else
		wait "$1"
		rc=$?
		[ $rc = 0 ] || echo "# the daemon ended with status $rc" >&2
	fi
	[ $rc = 0 ] || sed 's/^/# /' "$log" >&2
	return $rc
}

is_gone() {
	! kill -0 "$1" 2>/dev/null || grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null
}

# The daemon of a mount that detached.
daemon_of() { # MOUNTPOINT
	pgrep -f "^$ACCTFS .*$1" | head -n 1
}

# --- what it left -----------------------------------------------------------------------------

# Keeps what the accounts' `error` files say while they can be read.
see_errors() {
	if is_mounted && [ ${#pids[@]} -gt 0 ]; then
		timeout $((2 * slow)) cat "$mnt/error" "$mnt"/*/error >"$BATS_TEST_TMPDIR/errors" 2>/dev/null || :
	fi
}

no_reports() {
	local report bad=0
	for report in "$BATS_TEST_TMPDIR"/sanitizer.*; do
		[ -e "$report" ] || continue
		sed 's/^/# /' "$report" >&2
		bad=1
	done
	if [ -e "$log" ] && grep -E 'Sanitizer|runtime error:|[Aa]ssertion' "$log" >&2; then
		bad=1
	fi
	return $bad
}

# secret TEXT...: from now on these may not appear in anything the daemon says
secret() {
	printf '%s\n' "$@" >>"$BATS_TEST_TMPDIR/secrets"
}

no_secrets() {
	local bad=0 file
	{
		cat "$BATS_TEST_TMPDIR/secrets" 2>/dev/null
		[ ! -e "${E2E_SECRETS:-}" ] || cat "$E2E_SECRETS"
	} | awk 'length($0) >= 16' | sort -u >"$BATS_TEST_TMPDIR/patterns"
	[ -s "$BATS_TEST_TMPDIR/patterns" ] || return 0
	for file in "$log" "$BATS_TEST_TMPDIR/errors" "$BATS_TEST_TMPDIR"/shown*; do
		[ -e "$file" ] || continue
		if grep -qaFf "$BATS_TEST_TMPDIR/patterns" "$file"; then
			echo "# a secret is in $file:" >&2
			grep -aFf "$BATS_TEST_TMPDIR/patterns" "$file" | head -n 3 | sed 's/^/# /' >&2
			bad=1
		fi
	done
	return $bad
}

# --- accounts ---------------------------------------------------------------------------------

# The directories of the mount, one a line.
accounts() {
	find "$mnt" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort
}

# A made-up set of keys, each of its own: sets key, key_secret and token, all of them secrets.
# Their key id tells that they are of account 123456789012, or 210987654321: OTHER.
made_up_keys() { # [SEED [OTHER]]
	local hash
	hash=$(printf 'keys %s' "${1:-1}" | sha512sum)
	hash=${hash%% *}
	key=ASIA${2:+TCH6YDSYQ}
	[ -n "${2:-}" ] || key=ASIARZPUZDIKA
	key+=${hash:0:7}
	key=${key^^}
	key=${key//[0189]/Q} # the alphabet is A-Z and 2-7
	key_secret=${hash:16:40}
	hash=${hash^^} # so that the secret is no part of the token
	token=$hash/${hash:32:64}+${hash:64:64}/${hash:0:64}$hash/+==
	secret "$key" "$key_secret" "$token"
}

# The portal's Option 2, as it stands there.
option_2() { # [NAME]
	printf '[%s]\naws_access_key_id=%s\naws_secret_access_key=%s\naws_session_token=%s\n' \
		"${1:-123456789012_Admin}" "$key" "$key_secret" "$token"
}

# Writes it to an account.
paste_into() { # ACCOUNT [NAME]
	option_2 "${2:-$1}" >"$mnt/$1/profile"
}

# Appends a section with keys to the credentials file.
add_profile() { # NAME [SEED]
	made_up_keys "${2:-$1}"
	option_2 "$1" >>"$aws/credentials"
	chmod 600 "$aws/credentials"
}

# What an SDK gets for a profile of the credentials file: key, secret and token, a line each.
stored() { # NAME
	python3 - "$aws/credentials" "$1" <<-'END'
		import configparser, sys
		parser = configparser.RawConfigParser()
		parser.read(sys.argv[1])
		section = parser[sys.argv[2]]
		for key in ("aws_access_key_id", "aws_secret_access_key", "aws_session_token"):
		    print(section.get(key, ""))
	END
}

# holds NAME: the file has exactly key, key_secret and token for that profile
holds() {
	diff <(stored "$1") <(printf '%s\n' "$key" "$key_secret" "$token") >/dev/null || {
		echo "profile $1 is not what was written: $(stored "$1" | cut -c 1-24 | tr '\n' ' ')" >&2
		return 1
	}
}

# --- time and output --------------------------------------------------------------------------

now_ms() {
	echo $((${EPOCHREALTIME/./} / 1000))
}

# took COMMAND...: runs it, sets $ms
took() {
	local before rc
	before=$(now_ms)
	"$@"
	rc=$?
	ms=$(($(now_ms) - before))
	return $rc
}

# median_ms COMMAND...: of five runs
median_ms() {
	local i
	for i in 1 2 3 4 5; do
		took "$@" >/dev/null 2>&1 || :
		echo "$ms"
	done | sort -n | sed -n 3p
}

# at_most LIMIT VALUE: VALUE is within LIMIT, or the more that a sanitized daemon may take
at_most() {
	if [ "$2" -gt $(($1 * slow)) ]; then
		echo "took $2 ms, not $(($1 * slow))" >&2
		return 1
	fi
}

# says TEXT: the output of the last `run` has it
says() {
	if [[ $output != *"$1"* ]]; then
		printf 'status %s, and no "%s" in: %s\n' "$status" "$1" "$output" >&2
		return 1
	fi
}

# is WANTED: the output of the last `run` is it
is() {
	if [ "$output" != "$1" ]; then
		printf 'status %s, and not "%s" but: %s\n' "$status" "$1" "$output" >&2
		return 1
	fi
}

# not COMMAND...: fails the case when it succeeds, which a plain `!` does not
not() {
	if "$@"; then
		echo "succeeded: $*" >&2
		return 1
	fi
}

# needs COMMAND: the case is about it
needs() {
	command -v "$1" >/dev/null || skip "no $1"
}

needs_root() {
	[ "$(id -u)" = 0 ] || skip "needs root"
}

# unchanged FILE COPY: byte for byte, and it is the same file
keep() { # FILE: remembers it
	cp -p "$1" "$BATS_TEST_TMPDIR/kept"
	kept_stat=$(stat -c '%i %a %Y %s' "$1")
}

unchanged() { # FILE
	cmp "$1" "$BATS_TEST_TMPDIR/kept" && [ "$(stat -c '%i %a %Y %s' "$1")" = "$kept_stat" ]
}

# nothing_beside: ~/.aws holds the two files and the lock, no copy with keys in it
nothing_beside() {
	local other
	other=$(find "$aws" -mindepth 1 ! -name credentials ! -name config ! -name .acctfs.lock)
	[ -z "$other" ] || {
		echo "left beside the files: $other" >&2
		return 1
	}
}
