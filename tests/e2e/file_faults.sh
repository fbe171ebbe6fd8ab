#!/usr/bin/env bash
# What is left of a user's file when the writer is killed or the kernel refuses: the old text or
# the new one, never anything else, never a temporary file.
#
# usage: file_faults.sh TOOL   (tool_file_update; short_write.so lies beside it)
#
# Each way of writing is traced once; then, for each of its system calls, it is run again and
# killed there, or told there that something failed.
set -u
export LC_ALL=C ASAN_OPTIONS=detect_leaks=0:verify_asan_link_order=0

tool=${1:?usage: file_faults.sh TOOL}
tool=$(realpath "$tool")
short_write=${tool%/*}/short_write.so
jobs=2

work=$(mktemp -d "${TMPDIR:-/tmp}/file_faults.ZZZZZZ" 2>/dev/null || mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
if ! strace -o /dev/null true 2>/dev/null; then
	echo "skip: strace cannot trace here"
	exit 77
fi

# text LINES WORD: what a file is filled with
text() {
	local i
	for ((i = 0; i < $1; i++)); do
		printf '[%s %d]\naws_session_token = %s%s\n' "$2" "$i" "$2" "$2"
	done
}
text 60 old >"$work/old"
text 20 shorter >"$work/shorter"
text 200 longer >"$work/longer"
chmod 640 "$work/old"
cp -a "$work/old" "$work/attrs"
# what of this can be had: it takes root, and a file system that knows it
chown 65534:65534 "$work/attrs" 2>/dev/null
python3 - "$work/attrs" 2>/dev/null <<'END'
import os, struct, sys
os.setxattr(sys.argv[1], "user.acctfs", b"kept")
# user::rw-, user:12345:r--, group::r--, mask::r--, other::---
entries = [(1, 6, -1), (2, 4, 12345), (4, 4, -1), (16, 4, -1), (32, 0, -1)]
os.setxattr(sys.argv[1], "system.posix_acl_access",
	struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *entry) for entry in entries))
END

# WAY     how it is written                               the new text
# beside  a file beside it, exchanged                     shorter
# attrs   the same, with an owner and attributes to keep  longer
# plain   the same, no exchange on this file system       shorter
# create  through a dangling link into a missing folder   longer
# shrink  in place (hard-linked)                          shorter
# grow    in place (hard-linked)                          longer
ways=(beside attrs plain create shrink grow)

# way WAY: sets $new and $extra, strace's arguments
way() {
	extra=()
	case $1 in
	beside | shrink) new=$work/shorter ;;
	plain) new=$work/shorter extra=(-e inject=renameat2:error=EINVAL) ;;
	*) new=$work/longer ;;
	esac
}

# lay WAY DIR: the file as it is before; sets $file, its name, and $real, where it is
lay() {
	rm -rf "$2"
	mkdir "$2" || exit 99
	file=$2/credentials real=$2/credentials
	if [ "$1" = create ]; then
		real=$2/a/b/real
		ln -s a/b/real "$file"
		return
	fi
	case $1 in
	attrs) cp -a "$work/attrs" "$file" ;;
	*) cp -a "$work/old" "$file" ;;
	esac
	case $1 in
	shrink | grow) ln "$file" "$2/other" ;;
	esac
}

is_new() { cmp -s "$real" "$new"; }
is_old() {
	if [ "$1" = create ]; then
		[ ! -e "$real" ]
	else
		cmp -s "$real" "$work/old"
	fi
}
# what a kill in place may leave: the new text and then empty lines
is_filled() {
	local size
	case $1 in shrink | grow) ;; *) return 1 ;; esac
	size=$(wc -c <"$new")
	cmp -s -n "$size" "$real" "$new" && [ -z "$(tail -c "+$((size + 1))" "$real" | tr -d '\n')" ]
}
has_temp() { [ -n "$(find "$1" -name '.*.acctfs.??????')" ]; }

bad() { echo "FAULT: $*" >>"$work/bad"; }

# killed WAY DIR CALL N
killed() {
	local at="$1: killed at $3 $4"
	lay "$1" "$2"
	strace -o /dev/null "${extra[@]}" -e "inject=$3:signal=KILL:when=$4" \
		"$tool" "$file" "$new" 2>/dev/null
	[ $? = 137 ] || bad "$at: was not killed"
	is_old "$1" || is_new || is_filled "$1" || bad "$at: neither the old text nor the new one"
	if ! "$tool" "$file" "$new" 2>"$2.err"; then
		bad "$at: the next update failed: $(<"$2.err")"
	fi
	is_new || bad "$at: the next update did not write the new text"
	has_temp "$2" && bad "$at: the next update left a temporary file"
}

# refused WAY DIR CALL N ERROR: N+ means every time from the Nth
refused() {
	local at="$1: $3 $4 failed with $5" status mode kept
	lay "$1" "$2"
	if [ -n "${preload:-}" ]; then
		at+=", short writes"
		extra+=(-E "LD_PRELOAD=$preload")
	fi
	strace -o "$2.log" "${extra[@]}" -e "inject=$3:error=$5:when=$4" \
		"$tool" "$file" "$new" 2>"$2.err"
	status=$?
	grep -q "^$3(.*$5 .*(INJECTED)" "$2.log" || bad "$at: it never happened"
	if [ $status = 0 ]; then
		is_new || bad "$at: success, but not the new text"
	elif [ $status != 1 ]; then
		bad "$at: status $status: $(<"$2.err")"
	elif ! excused "$1" "$2" "$4"; then
		is_old "$1" || bad "$at: failure, but not the old text"
	fi
	[ $status = 0 ] || [ -s "$2.err" ] || bad "$at: no reason given"
	grep -q '\.acctfs\.' "$2.err" && bad "$at: names a file the user does not know: $(<"$2.err")"
	if [ "$3" != unlinkat ] && has_temp "$2"; then
		bad "$at: a temporary file is left"
	fi
	if [ "$1" != create ]; then
		mode=$(stat -c %a "$real")
		# an access list that could not be copied takes the group's access with it
		kept=640
		case $status,$3 in 0,*xattr) kept=600 ;; esac
		[ "$mode" = $kept ] || bad "$at: mode $mode"
	fi
}

# The disk does not come back, or there is no exchange to undo: then the message says so.
excused() {
	case $1,$3 in
	plain,* | shrink,*+ | grow,*+ | create,*+) grep -q 'needs a look' "$2.err" ;;
	*) return 1 ;;
	esac
}

# calls WAY: "CALL FIRST LAST" for each system call after the program has started
calls() {
	local file real new extra
	way "$1"
	lay "$1" "$work/trace"
	strace -o "$work/trace.$1" "${extra[@]}" "$tool" "$file" "$new" || exit 99
	awk -v start="\"$new\"" '
		{ call = substr($0, 1, index($0, "(") - 1) }
		call !~ /^[a-z_0-9]+$/ || call ~ /^(brk|mmap|munmap|madvise|mprotect)$/ { next }
		{ count[call]++ }
		!started { before[call] = count[call] }
		index($0, start) && call ~ /^openat2?$/ { started = 1 }
		END { for (call in count) if (count[call] > before[call])
			print call, before[call] + 1, count[call] }' "$work/trace.$1" | sort
}

# ordered WAY CALL...: these were traced in this order, with other calls between them
ordered() {
	local name=$1 trace pattern
	shift
	trace=" $(sed -n 's/^\([a-z0-9_]*\)(.* = [0-9].*/\1/p' "$work/trace.$name" | tr '\n' ' ')"
	pattern=$(printf '*%s ' "$@")
	# shellcheck disable=SC2053 # it is a pattern
	[[ $trace == $pattern* ]] || bad "$name: not in this order: $*"
}

# What makes it durable shows in no fault but a power cut: that it is asked for, and when.
durable() {
	ordered beside pwrite64 fchmod fsync renameat2 fsync unlinkat
	ordered attrs pwrite64 fchmod fsync renameat2 fsync unlinkat
	ordered plain pwrite64 fchmod fsync renameat fsync
	ordered create mkdir fsync mkdir fsync pwrite64 fchmod fsync renameat2 fsync
	ordered shrink pwrite64 fsync ftruncate fsync
	ordered grow fallocate pwrite64 fsync
}

# one line a case: FUNCTION WAY CALL N [ERROR [PRELOAD]]
cases() {
	local name call first last n error
	for name in "${ways[@]}"; do
		calls "$name" >"$work/calls.$name"
		while read -r call first last; do
			for ((n = first; n <= last; n++)); do
				# without the exchange it is renameat2 that is told to fail
				[ "$name,$call" = plain,renameat2 ] && continue
				echo "killed $name $call $n"
				case $call in exit_group) continue ;; esac
				for error in EIO ENOSPC EDQUOT EINTR; do
					echo "refused $name $call $n $error"
				done
				[ "$call" = unlinkat ] || echo "refused $name $call $n+ EIO"
			done
		done <"$work/calls.$name"
	done
	for error in EACCES EBUSY EPERM EROFS EXDEV; do
		echo "refused beside renameat2 1 $error"
	done
	for error in EACCES EPERM EROFS; do
		for call in fchmod pwrite64; do
			echo "refused beside $call 1 $error"
		done
	done
	for name in beside shrink grow; do
		for n in 1 2 50 100; do
			for error in EIO ENOSPC EINTR; do
				echo "refused $name pwrite64 $n $error $short_write"
			done
		done
	done
}

# Without faults, but with a disk that takes 7 bytes a write.
short_writes() {
	local name file real new extra
	for name in "${ways[@]}"; do
		way "$name"
		lay "$name" "$work/short"
		LD_PRELOAD=$short_write "$tool" "$file" "$new" || bad "$name: short writes: failed"
		is_new || bad "$name: short writes: not the new text"
		has_temp "$work/short" && bad "$name: short writes: a temporary file is left"
	done
}

# worker NUMBER: every case whose turn it is
worker() {
	local turn=0 run name call n error preload file real new extra
	while read -r run name call n error preload; do
		if ((turn++ % jobs == $1)); then
			way "$name"
			"$run" "$name" "$work/dir$1" "$call" "$n" "$error"
			echo >>"$work/done$1"
		fi
	done <"$work/cases"
}

cases >"$work/cases"
for name in "${ways[@]}"; do
	[ -s "$work/calls.$name" ] || bad "$name: no system calls found"
done
durable
[ -e "$short_write" ] || bad "no $short_write"
short_writes
for ((job = 0; job < jobs; job++)); do
	worker "$job" 2>>"$work/said" &
done
wait

planned=$(wc -l <"$work/cases")
ran=$(cat "$work"/done* | wc -l)
[ "$ran" = "$planned" ] || bad "$ran of $planned cases were run"
grep -v ' Killed ' "$work/said"
echo "$((ran + ${#ways[@]})) cases"
if [ -s "$work/bad" ]; then
	cat "$work/bad"
	exit 1
fi
