#!/usr/bin/env bats
# Starting and ending: options, errors that reach the terminal, stale mounts, signals.

E2E_AWS=no
load helper

# detaches and gives its output: `run_detached ARGUMENT...`, then $pid is the daemon
run_detached() {
	run timeout $((10 * slow)) "$ACCTFS" "$@"
	if is_mounted; then
		pid=$(daemon_of "$mnt")
	fi
}

detached_ends() {
	kill -TERM "$pid"
	wait_until is_gone "$pid"
	not is_mounted
}

@test "-h says how it is used and every option of ours" {
	run -0 "$ACCTFS" -h
	for word in credentials= config= ttl= timeout= allow_http -f -d -h -V; do
		says "$word"
	done
	run -0 "$ACCTFS" --help
	says "credentials="
}

@test "-V says the version of acctfs" {
	run -0 "$ACCTFS" -V
	says "acctfs"
	[[ $output =~ [0-9]+\.[0-9]+\.[0-9]+ ]]
	run -0 "$ACCTFS" --version
	says "acctfs"
}

@test "without -f it detaches once the mount answers" {
	run_detached "$mnt"
	[ "$status" = 0 ]
	is ""
	is_mounted
	cat "$mnt/README"
	[ -n "$pid" ]
	# of its own session, with nothing of the terminal
	[ "$(ps -o sess= -p "$pid" | tr -d ' ')" != "$(ps -o sess= -p $$ | tr -d ' ')" ]
	[ "$(readlink "/proc/$pid/cwd")" = / ]
	[ "$(readlink "/proc/$pid/fd/1")" = /dev/null ]
	[ "$(readlink "/proc/$pid/fd/2")" = /dev/null ]
	detached_ends
}

@test "started with standard input, output and error closed" {
	add_profile acme
	status=0
	bash -c 'exec "$0" "$1" <&- >&- 2>&-' "$ACCTFS" "$mnt" || status=$?
	[ "$status" = 0 ]
	pid=$(daemon_of "$mnt")
	cat "$mnt/acme/profile"
	detached_ends
}

@test "with -f it stays in the foreground" {
	start
	[ "$(readlink "/proc/$pid/fd/2")" = "$log" ]
	stop
	not is_mounted
}

@test "no mountpoint, too many, or one that is not there: said before it detaches" {
	run "$ACCTFS"
	[ "$status" -ne 0 ]
	[ -n "$output" ]
	run "$ACCTFS" a b c
	[ "$status" -ne 0 ]
	[ -n "$output" ]
	run "$ACCTFS" "$home/nowhere"
	[ "$status" -ne 0 ]
	says nowhere
	touch file
	run "$ACCTFS" "$home/file"
	[ "$status" -ne 0 ]
	says "$home/file"
	says directory
	not pgrep -f "^$ACCTFS .*$home"
}

@test "unknown options and bad values: said before it detaches" {
	for options in no_such_option ttl=soon ttl=-1 ttl= timeout=0 timeout=x timeout=99999999999999999999; do
		run timeout 10 "$ACCTFS" -o "$options" "$mnt"
		[ "$status" -ne 0 ] || fail_on "$options"
		[ "$status" -ne 124 ] || fail_on "$options"
		says "${options%%=*}"
		not is_mounted || fail_on "$options"
	done
	run "$ACCTFS" --no-such-option "$mnt"
	[ "$status" -ne 0 ]
	run "$ACCTFS" -x "$mnt"
	[ "$status" -ne 0 ]
	not is_mounted
}

fail_on() {
	echo "-o $1: status $status: $output" >&2
	return 1
}

@test "no home directory and no path given: said before it detaches" {
	run env -u HOME "$ACCTFS" -o "credentials=$aws/credentials,config=$aws/config" "$mnt"
	[ "$status" = 0 ]
	pid=$(daemon_of "$mnt")
	detached_ends
}

@test "a mountpoint that is in use is refused" {
	start
	run timeout 10 "$ACCTFS" "$mnt"
	[ "$status" -ne 0 ]
	says "$mnt"
	# and the first one is none the worse
	cat "$mnt/README"
	[ "$(grep -c " $mnt " /proc/self/mountinfo)" = 1 ]
}

@test "a mountpoint with files in it works, and they come back" {
	echo mine >"$mnt/mine"
	start
	[ ! -e "$mnt/mine" ]
	stop
	[ "$(cat "$mnt/mine")" = mine ]
}

@test "a stale mount of our own after kill -9 is repaired at the next start" {
	start
	kill -KILL "$pid"
	wait "$pid" || :
	pids=()
	run ls "$mnt"
	says "Transport endpoint is not connected"
	start
	cat "$mnt/README"
	stop
	not is_mounted
}

@test "a stale mount is repaired when it detaches, too" {
	start
	kill -KILL "$pid"
	wait "$pid" || :
	pids=()
	run_detached "$mnt"
	[ "$status" = 0 ]
	cat "$mnt/README"
	detached_ends
}

@test "SIGTERM, SIGINT and SIGHUP unmount and end well" {
	for signal in TERM INT HUP; do
		start
		python3 -c 'import os, signal, sys
os.kill(int(sys.argv[1]), getattr(signal, "SIG" + sys.argv[2]))' "$pid" "$signal"
		wait_until is_gone "$pid"
		wait "$pid"
		pids=()
		not is_mounted
	done
}

@test "fusermount3 -u and umount end the daemon" {
	start
	fusermount3 -u "$mnt"
	wait_until is_gone "$pid"
	wait "$pid"
	pids=()
	needs_root
	start
	umount "$mnt"
	wait_until is_gone "$pid"
	wait "$pid"
	pids=()
}

@test "as mount(8) calls it: acctfs SOURCE MOUNTPOINT -o rw,nosuid,nodev" {
	add_profile acme
	run_detached "accounts of mine" "$mnt" -o rw,noatime,noexec,nosuid,nodev,ttl=5
	[ "$status" = 0 ]
	grep -q " $mnt .*nosuid,nodev.* fuse.acctfs accounts\\\\040of\\\\040mine " /proc/self/mountinfo
	[ -d "$mnt/acme" ]
	detached_ends
}

@test "mount(8) mounts it" {
	needs_root
	[ -e /sbin/mount.fuse ] || skip "no mount.fuse"
	add_profile acme
	# the program is not installed where mount(8) looks, so its path stands before the source
	run mount -t fuse "$ACCTFS#accounts" "$mnt" -o "credentials=$aws/credentials,config=$aws/config"
	[ "$status" = 0 ] || {
		echo "$output"
		return 1
	}
	[ -d "$mnt/acme" ]
	umount "$mnt"
	not is_mounted
}

@test "options for systemd and fstab are not for us and are ignored" {
	run_detached "$mnt" -o _netdev,nofail,noauto,user,x-systemd.automount,x-systemd.idle-timeout=60,x-gvfs-hide,defaults
	[ "$status" = 0 ] || {
		echo "$output"
		return 1
	}
	cat "$mnt/README"
	detached_ends
}

@test "libfuse's own options work" {
	run_detached "$mnt" -o ro,fsname=mine,max_idle_threads=2
	[ "$status" = 0 ] || {
		echo "$output"
		return 1
	}
	grep -q " $mnt ro,.* fuse.acctfs mine " /proc/self/mountinfo
	detached_ends
}

@test "the mount is always nosuid and nodev, also when root asks for more, and noexec by itself" {
	run_detached "$mnt"
	grep " $mnt " /proc/self/mountinfo | grep nosuid | grep nodev | grep -q noexec
	detached_ends
	run_detached "$mnt" -o dev,suid
	grep " $mnt " /proc/self/mountinfo | grep nosuid | grep -q nodev
	detached_ends
}

@test "a source is a name and nothing else" {
	run_detached 'mine,allow_other,max_read=4096' "$mnt"
	[ "$status" = 0 ]
	grep -qF ' fuse.acctfs mine,allow_other,max_read=4096 ' /proc/self/mountinfo
	not grep " $mnt .*allow_other.* - " /proc/self/mountinfo
	detached_ends
}

@test "credentials= and config= name other files, as the environment does" {
	made_up_keys
	option_2 from-option >one
	option_2 from-environment >two
	printf '[profile from-config]\nregion = eu-west-1\n' >three
	start -o "credentials=$home/one,config=$home/three"
	[ "$(accounts)" = $'from-config\nfrom-option' ]
	stop
	AWS_SHARED_CREDENTIALS_FILE=$home/two AWS_CONFIG_FILE=$home/three start
	[ "$(accounts)" = $'from-config\nfrom-environment' ]
	stop
	# ~ and relative names mean what they mean in a shell
	AWS_SHARED_CREDENTIALS_FILE=\~/two start
	[ "$(accounts)" = from-environment ]
	stop
	start -o credentials=one
	cd /
	[ "$(accounts)" = from-option ]
}

@test "mount to ready needs no network" {
	add_profile acme
	# a name server and an endpoint that nobody answers for
	took env AWS_ENDPOINT_URL=http://192.0.2.1:9 RES_OPTIONS=timeout:30 http_proxy=http://192.0.2.1:9 \
		"$ACCTFS" "$mnt"
	pid=$(daemon_of "$mnt")
	at_most 500 "$ms"
	took ls -lR "$mnt"
	at_most 500 "$ms"
	detached_ends
}

@test "two mounts live side by side" {
	add_profile acme
	mkdir "$home/second"
	start
	start_at "$home/second"
	made_up_keys fresh
	paste_into acme
	grep -q "$key" "$home/second/acme/profile"
	stop
	cat "$mnt/acme/profile"
}

@test "-d shows what goes on, and no secret" {
	add_profile acme
	start -d
	cat "$mnt/acme/profile" >/dev/null
	made_up_keys fresh
	paste_into acme
	option_2 | dd of="$mnt/acme/profile" bs=64 status=none
	echo garbage >"$mnt/acme/profile" || :
	stop
	[ -s "$log" ]
}
