#!/usr/bin/env bats
# What the daemon keeps in memory, and what it asks of the kernel.  Not with sanitizers, which
# keep freed memory on purpose.

E2E_AWS=no
load helper

# in_memory TEXT...: which of them are somewhere in the daemon's memory (root may look)
in_memory() {
	python3 - "$pid" "$@" <<-'END'
		import sys
		texts = [text.encode() for text in sys.argv[2:]]
		found = set()
		with open(f"/proc/{sys.argv[1]}/maps") as maps, open(f"/proc/{sys.argv[1]}/mem", "rb", 0) as memory:
		    for line in maps:
		        fields = line.split()
		        if "r" not in fields[1] or fields[-1] in ("[vvar]", "[vsyscall]", "[vvar_vclock]"):
		            continue
		        begin, end = (int(part, 16) for part in fields[0].split("-"))
		        if end - begin > 1 << 36:
		            continue  # a sanitizer's shadow
		        tail = b""
		        while begin < end:
		            try:
		                memory.seek(begin)
		                chunk = memory.read(min(1 << 24, end - begin))
		            except OSError:
		                break
		            if not chunk:
		                break
		            for text in texts:
		                if text in tail + chunk:
		                    found.add(text.decode())
		            tail = chunk[-4096:]
		            begin += len(chunk)
		for text in sorted(found):
		    print(text[:12])
	END
}

@test "keys that were replaced are not in memory any more" {
	needs_root
	add_profile acme
	start
	first=$token first_secret=$key_secret
	cat "$mnt/acme/profile" >/dev/null
	made_up_keys A
	a=$token a_secret=$key_secret
	paste_into acme
	option_2 | dd of="$mnt/acme/profile" bs=64 status=none
	cat >"$mnt/acme/profile" <<<"$(option_2)"
	cat "$mnt/acme/profile" >/dev/null
	made_up_keys B
	paste_into acme
	cat "$mnt/acme/profile" >/dev/null
	cat "$mnt/README" "$mnt/acme/error" >/dev/null
	run -0 in_memory "${first:0:300}" "$first_secret" "${a:0:300}" "$a_secret"
	is ""
}

@test "what was refused is not in memory any more" {
	needs_root
	add_profile acme
	start
	made_up_keys refused
	{ option_2 && echo "and garbage"; } | cat >"$mnt/acme/profile" || :
	option_2 | head -n 3 | cat >"$mnt/acme/profile" || :
	{ option_2 && echo "and garbage"; } >"$mnt/acme/profile" || :
	run -0 in_memory "${token:0:300}" "$key_secret"
	is ""
}

@test "reading a profile leaves its keys in memory for no longer than they are the file's" {
	needs_root
	add_profile acme
	start
	cat "$mnt/acme/profile" >/dev/null
	cp "$mnt/acme/profile" copy
	old=$token old_secret=$key_secret
	made_up_keys new
	option_2 acme >"$aws/new"
	mv "$aws/new" "$aws/credentials"
	cat "$mnt/acme/profile" | grep -q "$key"
	run -0 in_memory "${old:0:300}" "$old_secret"
	is ""
}

@test "a tool's new text beside the file is not in memory any more, nor can it be listed" {
	needs_root
	add_profile acme
	start
	old_key=$key old_secret=$key_secret old_token=$token
	made_up_keys new
	sed -i "s|$old_key|$key|; s|$old_secret|$key_secret|; s|$old_token|$token|" "$mnt/acme/profile"
	holds acme
	cat "$mnt/acme/profile" >/dev/null
	run -0 in_memory "${old_token:0:300}" "$old_secret"
	is ""
}

@test "temporary files of a write are 0600 from the start and gone after it" {
	needs strace
	needs_root
	add_profile acme
	chmod 640 "$aws/credentials"
	start
	strace -f -qq -e trace=openat,fchmod,rename,renameat,renameat2 -o trace -p "$pid" 3>&- &
	tracer=$!
	others+=("$tracer")
	wait_until grep -q . "/proc/$pid/task/$pid/status"
	traced() {
		! grep -q '^TracerPid:.0$' "/proc/$pid/status"
	}
	wait_until traced
	made_up_keys new
	paste_into acme
	kill -INT $tracer
	wait $tracer || :
	others=()
	grep -q 'openat.*O_CREAT.*O_EXCL.*0600' trace
	not grep -E 'openat.*O_CREAT.*, 0([1-57]|6[1-7]|60[1-7])' trace
	nothing_beside
}

@test "memory does not grow with use" {
	add_profile acme
	add_profile second
	start
	use() {
		for _ in {1..100}; do
			find "$mnt" >/dev/null
			cat "$mnt"/*/profile >/dev/null
			stat "$mnt/nothing" "$mnt/acme/nothing" >/dev/null 2>&1 || :
		done
	}
	rss() {
		awk '/^VmRSS/ { print $2 }' "/proc/$pid/status"
	}
	use
	before=$(rss)
	use
	[ "$(rss)" -lt $((before + 4096)) ]
}
