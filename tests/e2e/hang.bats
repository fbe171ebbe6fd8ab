#!/usr/bin/env bats
# An endpoint that never answers, and whoever waits for it: nobody else notices.

load helper

setup() {
	common_setup
	# takes connections and says nothing, ever
	python3 -c 'import socket, time
listener = socket.create_server(("127.0.0.1", 0), backlog=200)
open("port", "w").write(str(listener.getsockname()[1]) + "\n")
kept = []
while True:
    kept.append(listener.accept())' 3>&- &
	hole=$!
	disown "$hole" # its end is nobody's news
	wait_until test -s port
	add_account acme jane-admin
	for i in 1 2 3 4 5 6 7 8; do
		add_account "dead-$i" jane-admin
	done
	{
		printf '[profile acme]\nendpoint_url = %s\n' "$E2E_URL"
		for i in 1 2 3 4 5 6 7 8; do
			printf '[profile dead-%d]\nendpoint_url = http://127.0.0.1:%d\n' "$i" "$(cat port)"
		done
	} >"$aws/config"
}

teardown() {
	common_teardown
	local rc=$?
	kill -KILL "$hole" 2>/dev/null
	return $rc
}

# wait_for READERS FILE...: so many readers of the files, one after the other, until they wait
waiting_readers() {
	local count=$1 i
	shift
	for ((i = 0; i < count; i++)); do
		cat "$mnt/${*:i % $# + 1:1}" >/dev/null 2>&1 3>&- &
		others+=($!)
	done
	sleep 0.5
	alive "$count"
}

alive() { # COUNT
	local count=0 reader
	for reader in "${others[@]}"; do
		! kill -0 "$reader" 2>/dev/null || count=$((count + 1))
	done
	[ "$count" = "$1" ] || {
		echo "$count readers are waiting, not $1" >&2
		return 1
	}
}

all_gone() {
	alive 0 2>/dev/null
}

@test "50 waiting readers: ls -l of the root and another account's profile under 50 ms" {
	start -o timeout=60
	waiting_readers 50 dead-1/status
	at_most 50 "$(median_ms ls -l "$mnt")"
	at_most 50 "$(median_ms cat "$mnt/acme/profile")"
	at_most 50 "$(median_ms ls -l "$mnt/dead-1")"
	at_most 50 "$(median_ms cat "$mnt/dead-1/profile")"
	# and an account that is well answers
	took cat "$mnt/acme/status" >out
	grep -qx 'state: valid' out
	at_most 500 "$ms"
	# writing, too
	seed_keys jane-other
	took paste_into acme
	at_most 200 "$ms"
	took paste_into dead-1
	at_most 200 "$ms"
	alive 50
}

@test "eight dead accounts and every question of them do not use up what the living need" {
	start -o timeout=60
	waiting_readers 48 dead-{1..8}/status dead-{1..8}/s3.tsv dead-{1..8}/dynamodb.tsv
	at_most 50 "$(median_ms ls -l "$mnt")"
	at_most 50 "$(median_ms cat "$mnt/acme/profile")"
	took timeout $((5 * slow)) cat "$mnt/acme/status" >out
	grep -qx 'state: valid' out
	at_most 500 "$ms"
}

@test "Ctrl-C ends a waiting cat within 100 ms, SIGKILL too, and nothing is left" {
	start -o timeout=60
	waiting_readers 5 dead-1/status
	for signal in SIGINT SIGTERM SIGKILL; do
		run -0 python3 -c 'import signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
reader = subprocess.Popen(["cat", sys.argv[1]], stderr=subprocess.DEVNULL, restore_signals=True)
time.sleep(0.5)
assert reader.poll() is None
begin = time.monotonic()
reader.send_signal(getattr(signal, sys.argv[2]))
reader.wait(20)
print(int((time.monotonic() - begin) * 1000))' "$mnt/dead-1/status" $signal
		at_most 100 "$output"
	done
	# the others go on waiting
	alive 5
}

@test "Ctrl-C at a terminal" {
	start -o timeout=60
	cd "$mnt"
	took "$root/tests/support/pty_run.py" --timeout 20 'cat dead-1/status\r' '\x03' 'echo "status $?"\r' 'exit 0\r' \
		-- bash --norc -i >"$home/shown"
	cd "$home"
	grep -q 'status 130' shown
	at_most 5000 "$ms"
}

@test "every waiting reader killed: no question is left, and no process in state D" {
	start -o timeout=60
	waiting_readers 50 dead-1/status dead-1/s3.tsv dead-2/status
	kill -KILL "${others[@]}"
	wait_until all_gone
	run pgrep -r D -f "cat $mnt"
	is ""
	# their connections are closed again
	connections_closed() {
		[ "$(find "/proc/$pid/fd" -lname 'socket:*' | wc -l)" -le 2 ]
	}
	wait_until connections_closed
	others=()
	at_most 50 "$(median_ms ls -l "$mnt")"
}

@test "the deadline: status says unreachable, whoami times out" {
	start -o timeout=2
	took cat "$mnt/dead-1/status" >out
	grep -qx 'state: unreachable' out
	[ "$ms" -ge 1500 ]
	[ "$ms" -le $((2500 + 500 * slow)) ]
	run cat "$mnt/dead-2/whoami"
	says "Connection timed out"
}

@test "SIGTERM ends the daemon within 2 s, with 50 readers waiting" {
	start -o timeout=60
	waiting_readers 50 dead-1/status dead-2/s3.tsv dead-3/dynamodb.tsv
	before=$(now_ms)
	kill -TERM "$pid"
	wait_until is_gone "$pid"
	[ $(($(now_ms) - before)) -lt $((2000 * (slow > 3 ? 3 : slow))) ]
	wait "$pid"
	pids=()
	not is_mounted
	wait_until all_gone
	others=()
}

@test "SIGINT ends the daemon within 2 s, with readers waiting" {
	start -o timeout=60
	waiting_readers 20 dead-1/status
	took python3 -c 'import os, signal, sys; os.kill(int(sys.argv[1]), signal.SIGINT)' "$pid"
	before=$(now_ms)
	wait_until is_gone "$pid"
	[ $(($(now_ms) - before)) -lt $((2000 * (slow > 3 ? 3 : slow))) ]
	wait "$pid"
	pids=()
	not is_mounted
	wait_until all_gone
	others=()
}

@test "SIGTERM ends the daemon within 2 s, with a paste waiting for another's lock" {
	start -o timeout=60
	python3 -c 'import fcntl, os, sys, time
lock = os.open(sys.argv[1] + "/.acctfs.lock", os.O_CREAT | os.O_RDWR, 0o600)
fcntl.lockf(lock, fcntl.LOCK_EX)
open("locked", "w").close()
time.sleep(60)' "$aws" 3>&- &
	others+=($!)
	wait_until test -e locked
	cp "$aws/credentials" before
	made_up_keys
	option_2 >new
	for i in 1 2 3 4; do
		cat new >"$mnt/dead-$i/profile" 3>&- &
		others+=($!)
	done
	sleep 0.5
	alive 5
	# Ctrl-C, also for one whose turn has not come yet
	run -130 python3 -c 'import signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
writer = subprocess.Popen(["sh", "-c", "cat new >" + sys.argv[1]], restore_signals=True)
time.sleep(0.5)
assert writer.poll() is None
begin = time.monotonic()
subprocess.run(["pkill", "-INT", "-P", str(writer.pid)])
writer.send_signal(signal.SIGINT)
writer.wait(20)
open("took", "w").write(str(int((time.monotonic() - begin) * 1000)))
sys.exit(130)' "$mnt/acme/profile"
	at_most 200 "$(cat took)"
	alive 5
	before=$(now_ms)
	kill -TERM "$pid"
	wait_until is_gone "$pid"
	[ $(($(now_ms) - before)) -lt $((2000 * (slow > 3 ? 3 : slow))) ]
	wait "$pid"
	pids=()
	not is_mounted
	cmp before "$aws/credentials"
}

@test "a link that comes to lead into the mount is an error, not a deadlock" {
	start -o timeout=60
	mv "$aws/credentials" "$home/real"
	for name in credentials config; do
		ln -sfn "$mnt/acme/profile" "$aws/$name"
		for i in 1 2 3 4 5 6 7 8; do
			timeout $((5 * slow)) ls -lR "$mnt" >/dev/null 2>&1 3>&- &
			readers[i]=$!
		done
		for i in 1 2 3 4 5 6 7 8; do
			rc=0
			wait "${readers[i]}" || rc=$?
			[ "$rc" -ne 124 ]
		done
		run timeout $((5 * slow)) sh -c "printf 'aws_access_key_id = x\n' >'$mnt/acme/profile'"
		[ "$status" -ne 124 ]
		run timeout $((5 * slow)) cat "$mnt/acme/error"
		[ "$status" -ne 124 ]
		rm "$aws/$name"
	done
	# a folder that leads in, too
	mv "$aws" "$home/away"
	ln -s "$mnt/acme" "$aws"
	timeout $((5 * slow)) ls -lR "$mnt" >/dev/null || [ $? -ne 124 ]
	# and the daemon ends while it is so
	rm "$aws"
	mv "$home/away" "$aws"
	mv "$home/real" "$aws/credentials"
	took paste_into acme
	at_most 200 "$ms"
	ln -sf "$mnt/acme/profile" "$aws/config"
	before=$(now_ms)
	stop
	[ $(($(now_ms) - before)) -lt $((2000 * (slow > 3 ? 3 : slow))) ]
}

@test "umount with readers waiting: busy, or lazily, and then everything ends" {
	start -o timeout=60
	waiting_readers 20 dead-1/status
	run fusermount3 -u "$mnt"
	[ "$status" -ne 0 ]
	says "busy"
	cat "$mnt/acme/profile" >/dev/null
	fusermount3 -u -z "$mnt"
	not is_mounted
	kill -KILL "${others[@]}"
	wait_until all_gone
	others=()
	wait_until is_gone "$pid"
	wait "$pid"
	pids=()
}

@test "a name server that does not answer ends with the deadline, too" {
	needs_root
	# a name server of our own, in a namespace with its own resolv.conf
	python3 -c 'import socket, time
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.53", 53))
time.sleep(60)' 3>&- &
	others+=($!)
	echo "nameserver 127.0.0.53" >resolv.conf
	add_account dns jane-admin
	printf '[profile dns]\nendpoint_url = https://sts.slow.example\n' >>"$aws/config"
	# the mount is in that namespace as well
	unshare -m bash -c 'mount --bind resolv.conf /etc/resolv.conf || exit 77
		"$ACCTFS" -f -o timeout=2 "$1" 2>>"$2" & pid=$!
		until mountpoint -q "$1"; do sleep 0.05; done
		begin=${EPOCHREALTIME/./}
		head -n 1 "$1/dns/status"
		echo $(((${EPOCHREALTIME/./} - begin) / 1000))
		begin=${EPOCHREALTIME/./}
		kill $pid; wait $pid || exit
		echo $(((${EPOCHREALTIME/./} - begin) / 1000))' - "$mnt" "$log" >out
	[ "$(sed -n 1p out)" = "state: unreachable" ]
	[ "$(sed -n 2p out)" -lt $((3000 + 500 * slow)) ]
	[ "$(sed -n 3p out)" -lt $((2000 * (slow > 3 ? 3 : slow))) ]
}
