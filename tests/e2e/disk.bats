#!/usr/bin/env bats
# Disks that are full, folders that may not be written, files that cannot be renamed over.

E2E_AWS=no
load helper

setup() {
	common_setup
	needs_root
}

teardown() {
	common_teardown
	local rc=$?
	umount -l "$aws/credentials" 2>/dev/null
	umount -l "$aws" 2>/dev/null
	return $rc
}

# own_disk SIZE: ~/.aws is a file system of its own
own_disk() {
	mount -t tmpfs -o "size=$1,mode=700" tmpfs "$aws"
	add_profile acme
	add_profile other
	keep "$aws/credentials"
	made_up_keys new
	option_2 >new
}

# failed TEXT: the last `run` did, visibly; and nothing has changed
failed() {
	[ "$status" -ne 0 ]
	says "$1"
	unchanged "$aws/credentials"
	nothing_but_filler
	[ -s "$mnt/acme/error" ]
	grep -q "$aws/credentials" "$mnt/acme/error"
}

nothing_but_filler() {
	rm -f "$aws/filler"
	nothing_beside
}

@test "a full disk: said so, and nothing is lost" {
	own_disk 64k
	start
	dd if=/dev/zero of="$aws/filler" bs=1k status=none || :
	run cp new "$mnt/acme/profile"
	failed "No space left on device"
	# with room again it works
	cp new "$mnt/acme/profile"
	holds acme
	nothing_beside
}

@test "a full disk, for every tool that looks at how closing went" {
	own_disk 64k
	start
	for command in 'cat new >"$1"' 'tee "$1" <new' 'dd if=new of="$1"' \
		'python3 -c "import os, sys; fd = os.open(sys.argv[1], os.O_WRONLY); os.write(fd, open(\"new\", \"rb\").read()); os.close(fd)" "$1"'; do
		dd if=/dev/zero of="$aws/filler" bs=1k status=none 2>/dev/null || :
		run bash -c "$command" - "$mnt/acme/profile"
		failed "No space left on device"
	done
}

@test "a read-only file system" {
	own_disk 1m
	start
	mount -o remount,ro "$aws"
	run cp new "$mnt/acme/profile"
	[ "$status" -ne 0 ]
	says "Read-only file system"
	unchanged "$aws/credentials"
	grep -q . "$mnt/acme/error"
	cat "$mnt/acme/profile" | grep -q aws_session_token
	mount -o remount,rw "$aws"
	cp new "$mnt/acme/profile"
	holds acme
}

# Root may write everywhere; the daemon here may not.
start_humble() {
	real=$ACCTFS
	printf '#!/bin/sh\nexec setpriv --bounding-set -dac_override,-dac_read_search --inh-caps -dac_override,-dac_read_search %s "$@"\n' \
		"$real" >humble
	chmod +x humble
	ACCTFS=$home/humble start
}

@test "a folder and a file that may not be written" {
	own_disk 1m
	chmod 400 "$aws/credentials"
	chmod 500 "$aws"
	keep "$aws/credentials"
	start_humble
	run cp new "$mnt/acme/profile"
	failed "Permission denied"
}

@test "a folder that may not be written, but the file may: in place" {
	own_disk 1m
	chmod 500 "$aws"
	inode=$(stat -c %i "$aws/credentials")
	start_humble
	cp new "$mnt/acme/profile"
	holds acme
	[ "$(stat -c %i "$aws/credentials")" = "$inode" ]
}

@test "a file that is a mount of its own, as containers have it" {
	add_profile acme
	mv "$aws/credentials" elsewhere
	touch "$aws/credentials"
	mount --bind elsewhere "$aws/credentials"
	start
	made_up_keys new
	paste_into acme
	holds acme
	grep -q "$key" elsewhere
	# shorter, too
	printf 'aws_access_key_id=AKIAIOSFODNN7EXAMPLE\naws_secret_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n' \
		>"$mnt/acme/profile"
	not grep -q token elsewhere
}

@test "a hard-linked file keeps its other name" {
	add_profile acme
	ln "$aws/credentials" other-name
	start
	made_up_keys new
	paste_into acme
	holds acme
	cmp "$aws/credentials" other-name
	[ "$(stat -c %h "$aws/credentials")" = 2 ]
}

@test "a lock that another one holds: an error after timeout, not a hang" {
	add_profile acme
	touch "$aws/.acctfs.lock"
	keep "$aws/credentials"
	start -o timeout=1
	made_up_keys new
	option_2 >new
	python3 -c 'import fcntl, os, struct, sys, time
fd = os.open(sys.argv[1], os.O_RDWR)
fcntl.fcntl(fd, 37, struct.pack("hhqqi", fcntl.F_WRLCK, 0, 0, 0, 0))  # F_OFD_SETLK
open("locked", "w").close()
time.sleep(60)' "$aws/.acctfs.lock" 3>&- &
	disown $!
	others+=($!)
	wait_until test -e locked
	took run cp new "$mnt/acme/profile"
	[ "$status" -ne 0 ]
	says "Connection timed out"
	[ "$ms" -lt $((3000 + 500 * slow)) ]
	unchanged "$aws/credentials"
	# meanwhile everybody else reads on
	cat "$mnt/acme/profile" >/dev/null
	kill "${others[0]}"
	wait_until is_gone "${others[0]}"
	cp new "$mnt/acme/profile"
	holds acme
}

@test "a writer that waits for the lock can be interrupted, and others go on" {
	add_profile acme
	keep "$aws/credentials"
	touch "$aws/.acctfs.lock"
	start -o timeout=30
	made_up_keys new
	option_2 >new
	python3 -c 'import fcntl, os, struct, sys, time
fd = os.open(sys.argv[1], os.O_RDWR)
fcntl.fcntl(fd, 37, struct.pack("hhqqi", fcntl.F_WRLCK, 0, 0, 0, 0))
open("locked", "w").close()
time.sleep(60)' "$aws/.acctfs.lock" 3>&- &
	disown $!
	others+=($!)
	wait_until test -e locked
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
		cp new "$mnt/acme/profile" 3>&- 2>/dev/null &
		writers+=($!)
	done
	disown "${writers[@]}"
	sleep 0.3
	at_most 50 "$(median_ms cat "$mnt/acme/profile")"
	at_most 50 "$(median_ms ls -l "$mnt")"
	kill -KILL "${writers[@]}"
	before=$(now_ms)
	for writer in "${writers[@]}"; do
		wait_until is_gone "$writer"
	done
	[ $(($(now_ms) - before)) -lt $((1000 * slow)) ]
	unchanged "$aws/credentials"
}

@test "~/.aws that is no folder" {
	rmdir "$aws"
	touch "$aws"
	printf '[profile acme]\nregion=eu-west-1\n' >config
	AWS_CONFIG_FILE=$home/config start
	made_up_keys new
	option_2 >new
	run cp new "$mnt/acme/profile"
	[ "$status" -ne 0 ]
	says "Not a directory"
	[ ! -s "$aws" ]
}
