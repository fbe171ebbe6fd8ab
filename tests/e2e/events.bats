#!/usr/bin/env bats
# events, for those who follow it, and .events.wait, for those who wait in it.

load helper

setup() {
	common_setup
	add_account acme jane-admin
}

# something COUNT: so many events of which each is a line of its own kind
something() {
	python3 -c 'import sys
for i in range(int(sys.argv[2])):
    try:
        with open(sys.argv[1], "wb", buffering=0) as file:
            file.write(b"nonsense\n")
        sys.exit("it was taken")
    except OSError:
        pass' "$mnt/acme/profile" "$1"
}

# lines FILE COUNT: it has that many
lines_in() {
	[ "$(grep -c . "$1")" = "$2" ]
}

# follow COMMAND...: in the background, into the file `followed'
follow() {
	"$@" >followed 2>follow.err 3>&- &
	follower=$!
	others+=("$follower")
}

# wait_in COUNT: so many readers wait for a line, each into waited-N
wait_in() {
	local i
	for ((i = 0; i < $1; i++)); do
		# a shell's job in the background ignores SIGINT
		env --default-signal=INT cat "$mnt/.events.wait" \
			>"waited-$i" 2>"waited-$i.err" 3>&- &
		others+=($!)
	done
	wait_until all_wait "${others[@]}"
}

# Until a reader's READ is kept it may not have opened yet, and would begin behind a line.
all_wait() {
	local reader
	for reader; do
		[[ $(readlink "/proc/$reader/exe") == */cat ]] &&
			[[ $(cat "/proc/$reader/syscall" 2>/dev/null) == "0 0x3 "* ]] || return 1
	done
}

ended() {
	local reader
	for reader; do
		is_gone "$reader" || return 1
	done
}

@test "what happens is a line each: written, failed, valid, expired" {
	start_aws
	[ ! -s "$mnt/events" ]
	[ "$(stat -c '%A %h' "$mnt/events")" = "-r--r--r-- 1" ]
	something 1
	cat "$mnt/acme/status" "$mnt/acme/status" >/dev/null
	seed_keys jane-other
	{ echo force && option_2 acme; } >"$mnt/acme/profile"
	cat "$mnt/acme/status" >/dev/null
	control POST clock '{"offset": 360000}' >/dev/null
	echo forget >"$mnt/acme/profile"
	cp "$mnt/events" shown-events
	cut -d ' ' -f 2,3 "$mnt/events" >words
	diff words - <<-'END'
		acme failed
		acme valid
		acme written
		acme valid
		acme written
	END
	[[ $(sed -n 1p "$mnt/events") =~ ^20..-..-..T..:..:..\....Z\ acme\ failed\ error=[^\ ]+$ ]]
	says_line 3 " key=${key: -4} "
	says_line 3 " profile=acme"
	says_line 4 " key=${key: -4} "
	says_line 5 " forgotten=yes"
	[ "$(stat -c %s "$mnt/events")" = "$(wc -c <shown-events)" ]
	[ "$(stat -c %Y "$mnt/events")" -le "$(date +%s)" ]
	[ "$(stat -c %Y "$mnt/events")" -ge $(($(date +%s) - 20)) ]
}

says_line() { # NUMBER TEXT
	run -0 sed -n "$1p" "$mnt/events"
	says "$2"
}

@test "a refused write and its close are one event, the same mistake again another" {
	start
	run ! sh -c 'printf "[x]\naws_access_key_id=ASIAQQQQQQQQQQQQQQQQ\n" | tee "$1"' sh "$mnt/acme/profile"
	lines_in "$mnt/events" 1
	run ! sh -c 'echo nonsense | tee "$1"' sh "$mnt/acme/profile"
	lines_in "$mnt/events" 2
	run ! sh -c 'echo nonsense | tee "$1"' sh "$mnt/acme/profile"
	lines_in "$mnt/events" 3
}

@test "tail -f and tail -F follow" {
	local option
	start
	something 3
	for option in -f -F; do
		follow tail "$option" -n 2 -s 0.1 "$mnt/events"
		wait_until lines_in followed 2
		something 2
		wait_until lines_in followed 4
		sleep 1.5
		something 1
		wait_until lines_in followed 5
		kill "$follower"
		[ ! -s follow.err ]
		diff followed <(tail -n 5 "$mnt/events")
	done
}

@test "less +F follows" {
	command -v less >/dev/null || skip "no less"
	start
	something 1
	(
		sleep 1
		add_line
	) 3>&- &
	others+=($!)
	# Ctrl-C ends the following, q less
	run -0 python3 - "$root/tests/support/pty_run.py" "$mnt/events" <<-'END'
		import os, pty, select, sys, time
		pid, master = pty.fork()
		if pid == 0:
		    os.environ["TERM"] = "xterm"
		    os.execvp("less", ["less", "-S", "+F", sys.argv[2]])
		shown, end, state = b"", time.monotonic() + 15, "follow"
		while time.monotonic() < end:
		    if select.select([master], [], [], 0.2)[0]:
		        try:
		            shown += os.read(master, 65536)
		        except OSError:
		            break
		    if state == "follow" and b"written" in shown:
		        os.write(master, b"\x03")
		        state, at = "stop", time.monotonic()
		    elif state == "stop" and time.monotonic() > at + 0.5:
		        os.write(master, b"q")
		        state = "quit"
		_, status = os.waitpid(pid, 0)
		assert b"failed" in shown and state == "quit", (state, shown)
	END
}

add_line() {
	echo forget >"$mnt/acme/profile"
}

@test "while read in .events.wait: each line once, as it comes" {
	start
	something 1
	timeout $((20 * slow)) bash -c 'while read -r time account what details; do
		echo "$account $what" >>seen
		[ "$what" != written ] || exit 0
	done' <"$mnt/.events.wait" 3>&- &
	reader=$!
	others+=("$reader")
	sleep 0.3
	not test -e seen
	something 1
	wait_until lines_in seen 1
	sleep 0.3
	lines_in seen 1
	something 1
	add_line
	wait_until lines_in seen 3
	wait "$reader"
	[ "$(cat seen)" = $'acme failed\nacme failed\nacme written' ]
	# nothing comes any more
	took run -124 timeout 0.5 cat "$mnt/.events.wait"
	is ""
	at_most 2500 "$ms"
}

@test "poll, select and epoll in .events.wait; O_NONBLOCK; one line a read" {
	start
	python3 - "$mnt/.events.wait" "$mnt/acme/profile" <<-'END'
		import errno, os, select, sys, threading, time

		def event():
		    try:
		        with open(sys.argv[2], "wb", buffering=0) as file:
		            file.write(b"nonsense\n")
		    except OSError:
		        pass

		def ready(fd, seconds):
		    poll = select.poll()
		    poll.register(fd, select.POLLIN)
		    begun = time.monotonic()
		    events = poll.poll(seconds * 1000)
		    return events == [(fd, select.POLLIN)], time.monotonic() - begun

		fd = os.open(sys.argv[1], os.O_RDONLY | os.O_NONBLOCK)
		try:
		    os.read(fd, 100)
		    sys.exit("a line?")
		except BlockingIOError as error:
		    assert error.errno == errno.EAGAIN
		assert not ready(fd, 0)[0]
		assert not ready(fd, 0.3)[0]
		assert select.select([fd], [], [], 0)[0] == []
		for i in range(20):
		    timer = threading.Timer(0.05, event)
		    timer.start()
		    is_ready, took = ready(fd, 15)
		    assert is_ready and took > 0.01, (i, is_ready, took)
		    timer.join()
		    line = os.read(fd, 4096)
		    assert line.endswith(b"\n") and line.count(b"\n") == 1, line
		    assert not ready(fd, 0)[0]
		event()
		event()
		assert ready(fd, 15)[0] and select.select([fd], [], [], 15)[0] == [fd]
		assert os.read(fd, 4096).count(b"\n") == 1
		# in pieces, none lost
		assert ready(fd, 0)[0]
		first = os.read(fd, 10)
		assert len(first) == 10 and ready(fd, 0)[0]
		assert os.read(fd, 4096).endswith(b"\n") and not ready(fd, 0)[0]
		with select.epoll() as epoll:
		    epoll.register(fd, select.EPOLLIN)
		    assert epoll.poll(0.1) == []
		    threading.Timer(0.1, event).start()
		    assert epoll.poll(15) == [(fd, select.EPOLLIN)]
		try:
		    os.lseek(fd, 0, os.SEEK_SET)
		    sys.exit("it seeks")
		except OSError as error:
		    assert error.errno == errno.ESPIPE
		# what does not wait is always ready
		for path in sys.argv[2], os.path.dirname(sys.argv[1]) + "/events":
		    other = os.open(path, os.O_RDONLY)
		    assert ready(other, 0)[0]
	END
}

@test "100 readers get each line, and nobody else notices that they wait" {
	start
	wait_in 100
	at_most 50 "$(median_ms ls -l "$mnt/acme")"
	[ "$(ls "/proc/$pid/task" | wc -l)" -le 8 ]
	something 3
	for ((i = 0; i < 100; i++)); do
		wait_until lines_in "waited-$i" 3
		diff "waited-$i" "$mnt/events"
	done
	kill -INT "${others[@]}"
	wait_until ended "${others[@]}"
}

@test "Ctrl-C ends a wait within a second, and so does a kill" {
	start
	for signal in INT TERM KILL; do
		others=()
		wait_in 5
		took stop_waiting "$signal"
		at_most 1000 "$ms"
	done
	# who is left still gets lines
	others=()
	wait_in 1
	something 1
	wait_until lines_in waited-0 1
}

stop_waiting() { # SIGNAL
	kill "-$1" "${others[@]}"
	wait_until ended "${others[@]}"
}

@test "the end of the daemon ends all waits within two seconds" {
	start
	wait_in 20
	python3 -c 'import os, select, sys
poll = select.poll()
poll.register(os.open(sys.argv[1], os.O_RDONLY), select.POLLIN)
open("polls", "w").close()
poll.poll()' "$mnt/.events.wait" 3>&- &
	others+=($!)
	wait_until test -e polls
	sleep 0.2
	took stop
	at_most 2000 "$ms"
	took wait_until ended "${others[@]}"
	at_most 1000 "$ms"
	for ((i = 0; i < 20; i++)); do
		[ ! -s "waited-$i.err" ]
	done
}

@test "a search through all files does not find what waits" {
	start_aws
	[ "$(ls -A "$mnt")" = $'README\naccounts.tsv\nacme\nerror\nevents\nlint\npaste' ]
	run -1 timeout 10 grep -r --exclude=paste no-such-text "$mnt"
	run -0 timeout 10 find "$mnt" -type f -exec cat {} + -quit
	[ -e "$mnt/.events.wait" ]
	[ "$(stat -c '%A %s' "$mnt/.events.wait")" = "-r--r--r-- 0" ]
	for file in events .events.wait; do
		run ! sh -c 'echo x >"$1"' sh "$mnt/$file"
		run ! rm -f "$mnt/$file"
		run ! truncate -s 0 "$mnt/$file"
	done
}

@test "accounts called like these files have other names" {
	printf '[events]\nregion = x\n[.events.wait]\nregion = y\n' >>"$aws/credentials"
	start
	[ "$(ls "$mnt")" = $'%2Eevents.wait\n%65vents\nREADME\naccounts.tsv\nacme\nerror\nevents\nlint\npaste' ]
	[ "$(cat "$mnt/%2Eevents.wait/profile")" = $'[.events.wait]\nregion = y' ]
}

@test "more than is kept: the oldest whole line comes first, for whoever reads" {
	start
	follow tail -f -s 0.1 "$mnt/events"
	something 1600
	size=$(stat -c %s "$mnt/events")
	[ "$size" -gt 300000 ]
	cat "$mnt/events" >all
	[ "$(wc -c <all)" -le 262144 ]
	[ "$(wc -c <all)" -gt 261000 ]
	not grep -v '^20.*Z acme failed error=[^ ]*$' all
	wait_until lines_in followed 1600
	tail -n "$(wc -l <all)" followed | diff all -
	while read -r line; do echo "$line"; done <"$mnt/events" | diff all -
	diff <(tail -n 10 "$mnt/events") <(tail -n 10 all)
	diff <(tail -n +1 "$mnt/events") all
	kill "$follower"
	# and on from there
	follow tail -f -n +1 -s 0.1 "$mnt/events"
	wait_until lines_in followed "$(wc -l <all)"
	something 2
	wait_until lines_in followed "$(($(wc -l <all) + 2))"
	tail -n 2 "$mnt/events" >>all
	diff followed all
	[ ! -s follow.err ]
}

@test "expiring and expired come by themselves" {
	made_up_keys
	at=$(date -u -d "+63 seconds" +%FT%TZ)
	option_2 acme | sed "\$a x_security_token_expires=$at" >"$aws/credentials"
	seconds=$((SECONDS))
	start -o expiry_warnings=2:1
	# two minutes were over when we came
	wait_until lines_in "$mnt/events" 1
	says_line 1 " acme expiring minutes=1 expires=$at key=${key: -4}"
	# by another tool
	at=$(date -u -d "+2 seconds" +%FT%TZ)
	option_2 acme | sed "\$a x_security_token_expires=$at" >"$aws/credentials"
	wait_until lines_in "$mnt/events" 3
	says_line 2 " acme expiring minutes=1 expires=$at"
	says_line 3 " acme expired expires=$at key=${key: -4}"
	[ $((SECONDS - seconds)) -lt $((12 * slow)) ]
}

@test "a broken file and its repair" {
	start
	cp "$aws/credentials" good
	echo nonsense >>"$aws/credentials"
	wait_until lines_in "$mnt/events" 1
	says_line 1 " - broken file=$aws/credentials error=line%205:"
	cp good "$aws/credentials"
	wait_until lines_in "$mnt/events" 2
	says_line 2 " - repaired file=$aws/credentials"
}
