#!/usr/bin/env bats
# kill -9 of the daemon at every system call of a write through the mount: the credentials file
# is the old one or the new one, and the next daemon goes on from there.

E2E_AWS=no
load helper

# every thread has a tracer, or has met its end already
traced() {
	local states
	states=$(cat "/proc/$pid/task/"*/status 2>/dev/null | grep '^TracerPid:') || return 0
	[[ $states != *$'TracerPid:\t0'* ]]
}

# trace OPTION...: strace on every thread of the daemon, $tracer
trace() {
	strace -f -qq -p "$pid" "$@" >/dev/null 2>&1 3>&- &
	tracer=$!
	wait_until traced
}

# Starts a daemon over what the last one left, with the old credentials in the file.
fresh() {
	cp -p old "$aws/credentials"
	start
	pids=()
	disown "$pid" # its end is nobody's news
	cat "$mnt/acme/profile" >/dev/null
}

finish() { # SIGNAL
	kill "-$1" "$pid" 2>/dev/null || :
	wait_until is_gone "$pid"
	wait "$tracer" 2>/dev/null || :
}

# calls: "CALL COUNT", of the most that one thread makes of each during a write
calls() {
	fresh
	trace -o trace
	cp new "$mnt/acme/profile"
	kill -INT "$tracer"
	finish TERM
	# what a thread does when it waits, or talks to the kernel's FUSE, is not about the file
	awk '{
		thread = $1
		call = $2
		sub(/\(.*/, "", call)
		if (call !~ /^[a-z][a-z_0-9]*$/ || call ~ /^(futex|restart_syscall|clock_nanosleep|madvise|munmap|mmap|mprotect|brk)$/)
			next
		count[thread " " call]++
		if (count[thread " " call] > most[call])
			most[call] = count[thread " " call]
	}
	END { for (call in most) print call, most[call] }' trace | sort
}

@test "kill -9 at every system call of a profile write leaves old or new, never else" {
	needs strace
	needs_root
	add_profile default
	add_profile acme
	cp -p "$aws/credentials" old
	made_up_keys new
	option_2 acme >new
	sed '/^\[acme\]/,$d' old | cat - new >wanted

	calls >list
	# the heart of it is there
	grep -q '^fsync' list
	grep -q '^rename' list
	saw_old=0 saw_new=0
	while read -r call count <&4; do
		for ((n = 1; n <= count; n++)); do
			fresh
			trace -o trace.kill -e "inject=$call:signal=KILL:when=$n"
			timeout 10 cp new "$mnt/acme/profile" 2>/dev/null || :
			# the call may be one that only the end of a request makes
			timeout 10 cat "$mnt/acme/profile" >/dev/null 2>&1 || :
			finish KILL
			if cmp -s "$aws/credentials" old; then
				saw_old=$((saw_old + 1))
			elif cmp -s "$aws/credentials" wanted; then
				saw_new=$((saw_new + 1))
			else
				echo "killed at $call $n: neither old nor new"
				diff "$aws/credentials" wanted | cut -c 1-40
				return 1
			fi
			# what is left of the new text is nobody else's to read
			[ -z "$(find "$aws" -type f -perm /077)" ]
		done
	done 4<list
	echo "old $saw_old times, new $saw_new times"
	[ $saw_old -ge 5 ]
	[ $saw_new -ge 1 ]
	# and the next write leaves nothing of it all
	fresh
	cp new "$mnt/acme/profile"
	cmp "$aws/credentials" wanted
	nothing_beside
	finish TERM
}
