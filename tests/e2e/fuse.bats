#!/usr/bin/env bats
# The mount as a file system: sizes, inode numbers, modes, and what it does not do.

E2E_AWS=no
load helper

setup() {
	common_setup
	add_profile acme
	add_profile second
}

@test "files that need no network have their true size" {
	start
	echo garbage >"$mnt/acme/profile" || :
	for file in README acme/profile acme/error second/profile; do
		[ "$(wc -c <"$mnt/$file")" = "$(stat -c %s "$mnt/$file")" ] || {
			echo "$file"
			return 1
		}
		[ "$(cat "$mnt/$file" | wc -c)" = "$(stat -c %s "$mnt/$file")" ]
		[ -s "$mnt/$file" ]
		# and blocks to hold them, for du
		[ "$(stat -c %b "$mnt/$file")" -gt 0 ]
	done
	# the size follows what is written
	made_up_keys longer
	token=$token$token
	paste_into acme
	[ "$(cat "$mnt/acme/profile" | wc -c)" = "$(stat -c %s "$mnt/acme/profile")" ]
	holds acme
}

@test "a network file that was never asked has no made-up size" {
	start
	[ "$(stat -c %s "$mnt/acme/status")" = 0 ]
	[ "$(stat -c %s "$mnt/acme/s3.tsv")" = 0 ]
}

@test "bash's source, tar, cp, busybox cp, python, git hash-object, grep, head and tail" {
	start
	sed -n 's/^aws_/acct_/p' "$mnt/acme/profile" >wanted
	# bash reads exactly st_size bytes
	run bash -c 'source <(:); source "$1" 2>/dev/null; echo "${#aws_session_token}"' - "$mnt/acme/profile"
	is "${#token}"
	tar cf - -C "$mnt/acme" profile | tar xf -
	cmp profile "$mnt/acme/profile"
	cp "$mnt/acme/profile" copy
	cmp copy "$mnt/acme/profile"
	busybox cp "$mnt/acme/profile" copy2
	cmp copy2 "$mnt/acme/profile"
	python3 -c 'import os, shutil, sys
shutil.copyfile(sys.argv[1], "copy3")
fd = os.open(sys.argv[1], os.O_RDONLY)
assert os.read(fd, os.fstat(fd).st_size) == open("copy3", "rb").read()' "$mnt/acme/profile"
	cmp copy3 "$mnt/acme/profile"
	[ "$(git hash-object "$mnt/acme/profile")" = "$(git hash-object copy)" ]
	[ "$(tail -n 1 "$mnt/acme/profile")" = "$(tail -n 1 copy)" ]
	[ "$(tail -c 5 "$mnt/acme/profile")" = "$(tail -c 5 copy)" ]
	[ "$(head -c 5 "$mnt/acme/profile")" = "$(head -c 5 copy)" ]
	grep -q aws_session_token "$mnt/acme/profile"
	python3 -c 'import mmap, sys
with open(sys.argv[1], "rb") as file:
    text = mmap.mmap(file.fileno(), 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ)[:]
assert text == open("copy", "rb").read()' "$mnt/acme/profile"
}

@test "reads in pieces, at any place, and past the end" {
	start
	cp "$mnt/acme/profile" copy
	dd if="$mnt/acme/profile" of=copy2 bs=1 status=none
	cmp copy copy2
	python3 -c 'import os, sys
want = open("copy", "rb").read()
fd = os.open(sys.argv[1], os.O_RDONLY)
for at in list(range(0, len(want) + 10, 13)) + [len(want) - 1, len(want), 1 << 40]:
    assert os.pread(fd, 100, at) == want[at:at + 100], at' "$mnt/acme/profile"
}

@test "one open file gives one moment's text to its end" {
	start
	cp "$mnt/acme/profile" old
	exec 7<"$mnt/acme/profile"
	read -r first <&7
	made_up_keys new
	paste_into acme
	{ echo "$first" && cat <&7; } | cmp - old
	exec 7<&-
	grep -q "$key" "$mnt/acme/profile"
}

@test "inode numbers are stable: over time, over dropped caches, over a new mount" {
	inodes() {
		find "$mnt" -printf '%i %P\n' | sort -k 2
	}
	start
	inodes >first
	[ "$(cut -d ' ' -f 1 first | sort | uniq -d)" = "" ]
	if [ "$(id -u)" = 0 ]; then
		echo 2 >/proc/sys/vm/drop_caches
	fi
	inodes | cmp - first
	made_up_keys other
	paste_into acme
	add_profile another
	inodes | grep -v another | cmp - first
	stop
	start
	inodes | grep -v another | cmp - first
	# what readdir says is what stat says
	python3 -c 'import os, sys
for entry in os.scandir(sys.argv[1]):
    assert entry.inode() == os.lstat(entry.path).st_ino, entry.name' "$mnt"
}

@test "modes and owner" {
	start
	[ "$(stat -c '%a %F' "$mnt")" = "700 directory" ]
	[ "$(stat -c '%a %F' "$mnt/acme")" = "700 directory" ]
	[ "$(stat -c '%a %F' "$mnt/acme/profile")" = "600 regular file" ]
	for file in status status.json whoami error s3.tsv s3.json dynamodb.tsv dynamodb.json; do
		[ "$(stat -c '%a' "$mnt/acme/$file")" = 444 ]
	done
	[ "$(stat -c '%u %g' "$mnt/acme/profile")" = "$(id -u) $(id -g)" ]
	[ "$(stat -c %Y "$mnt/acme/profile")" = "$(stat -c %Y "$aws/credentials")" ]
}

@test "chmod and touch work and change nothing, other owners are refused" {
	start
	touch "$mnt/acme/profile" "$mnt/acme" "$mnt/README"
	touch -d '2001-01-01' "$mnt/acme/profile"
	for mode in 600 400 644 604 666 777 4755; do
		chmod $mode "$mnt/acme/profile" "$mnt/acme/status" "$mnt/README"
		[ "$(stat -c %a "$mnt/acme/profile" "$mnt/acme/status" "$mnt/README")" = $'600\n444\n444' ]
		chmod $mode "$mnt/acme" "$mnt"
		[ "$(stat -c %a "$mnt/acme" "$mnt")" = $'700\n700' ]
	done
	chown "$(id -u):$(id -g)" "$mnt/acme/profile"
	needs_root
	run chown nobody "$mnt/acme/profile"
	[ "$status" -ne 0 ]
	says "Operation not permitted"
	[ "$(stat -c '%a %U' "$aws/credentials")" = "600 root" ]
}

@test "what is not a thing this file system does is refused with EPERM" {
	start
	for command in "mkdir new" "mkdir acme/new" "rmdir acme" "rm -rf acme" "mv acme other" "ln -s x link" \
		"ln acme/profile link" "ln acme/profile acme/link" "mkfifo fifo" "touch new" "rm -f README" \
		"mv README old" "rm -f acme/status" "mv acme/status acme/other" "truncate -s 0 README" "mknod acme/n p"; do
		run bash -c "cd '$mnt' && $command"
		if [ "$status" = 0 ] || [[ $output != *"Operation not permitted"* && $output != *"Permission denied"* ]]; then
			echo "$command: status $status: $output"
			return 1
		fi
	done
	[ "$(accounts)" = $'acme\nsecond' ]
	run bash -c 'echo x >"$1"' - "$mnt/acme/status"
	[ "$status" -ne 0 ]
	holds second
}

@test "version control's and desktops' names are not there" {
	start
	for name in .git .hg .svn .envrc .hidden .Trash .directory .editorconfig Makefile package.json CVS; do
		for place in "$mnt" "$mnt/acme"; do
			run stat "$place/$name"
			says "No such file or directory"
		done
	done
	run -0 bash -c 'cd "$1/acme" && ! git rev-parse 2>&1' - "$mnt"
	says "not a git repository"
}

@test "extended attributes are not supported" {
	start
	run python3 -c 'import errno, os, sys
for call in (lambda: os.listxattr(sys.argv[1]), lambda: os.getxattr(sys.argv[1], "user.x"),
             lambda: os.setxattr(sys.argv[1], "user.x", b"y")):
    try:
        print(call())
    except OSError as error:
        print(errno.errorcode[error.errno])' "$mnt/acme/profile"
	[[ $output =~ ^(\[\]|EOPNOTSUPP|ENOTSUP).(EOPNOTSUPP|ENOTSUP).(EOPNOTSUPP|ENOTSUP)$ ]] || {
		echo "$output"
		return 1
	}
}

@test "df works and shows room" {
	start
	run -0 df "$mnt"
	says "$mnt"
	run -0 stat -f -c '%a %l %S' "$mnt"
	read -r free length block <<<"$output"
	[ "$free" -gt 0 ]
	[ "$length" = 255 ]
	[ "$block" -gt 0 ]
}

@test "readdir: . and .., any place to go on from, rewinding" {
	for i in {1..300}; do
		printf '[account-%03d]\nregion = eu-west-1\n' "$i"
	done >>"$aws/credentials"
	start
	[ "$(ls -a "$mnt" | head -n 2)" = $'.\n..' ]
	[ "$(ls -f "$mnt" | sort | uniq -d)" = "" ]
	[ "$(ls -f "$mnt" | sed -n "/^account-/p" | wc -l)" = 300 ]
	# one name after the other, with the list changing meanwhile
	python3 -c 'import os, sys
names = []
with os.scandir(sys.argv[1]) as entries:
    for entry in entries:
        names.append(entry.name)
        if len(names) == 10:
            open(sys.argv[2], "a").write("[late]\n")
assert len(names) == len(set(names)) >= 304, len(names)' "$mnt" "$aws/credentials"
	[ -d "$mnt/late" ]
}

@test "another user sees nothing" {
	needs_root
	chmod 755 "$BATS_TEST_TMPDIR" "$home"
	start
	run setpriv --reuid 65534 --clear-groups ls "$mnt"
	[ "$status" -ne 0 ]
	says "Permission denied"
}

@test "a file's events while its neighbours are busy: many readers and writers at once" {
	start
	jobs=()
	for i in 1 2 3 4 5 6; do
		(
			for round in {1..30}; do
				cat "$mnt/acme/profile" "$mnt/README" >/dev/null || exit 1
				ls -l "$mnt" "$mnt/second" >/dev/null || exit 1
			done
		) 3>&- &
		jobs+=($!)
	done
	for i in {1..10}; do
		made_up_keys "$i"
		paste_into second
	done
	for job in "${jobs[@]}"; do
		wait "$job"
	done
	holds second
}
