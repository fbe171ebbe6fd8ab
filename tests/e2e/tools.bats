#!/usr/bin/env bats
# Everything people write files with works on `profile`, or fails with an honest error and
# leaves everything as it was.

E2E_AWS=no
load helper

setup() {
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
	export file=$mnt/acme/profile
	export text
	text=$(option_2)
}

# taken: the paste is in the file, beside everything else, and no copy of it anywhere else
taken() {
	holds acme
	grep -qx '# mine' "$aws/credentials"
	grep -qx 'region = eu-west-1' "$aws/credentials"
	nothing_beside
	[ "$(ls -A "$mnt/acme")" = $'dynamodb.json\ndynamodb.tsv\nerror\nprofile\ns3.json\ns3.tsv\nstatus\nstatus.json\nwhoami' ]
	# an editor's copy in the home folder would be as bad
	rm -f pasted typed
	if grep -rqF "$key_secret" "$home" --exclude-dir=.aws --exclude-dir=aws; then
		grep -rlF "$key_secret" "$home" --exclude-dir=.aws --exclude-dir=aws >&2
		return 1
	fi
}

# A shell's echo and printf: taken, and an error that is shown for garbage.
with_shell() { # SHELL...
	needs "$1"
	run -0 "$@" -c 'echo "$text" >"$file"'
	taken
	made_up_keys 2
	text=$(option_2)
	run -0 "$@" -c 'printf "%s\n" "$text" >"$file"'
	taken
	made_up_keys 3
	text=$(option_2)
	run -0 "$@" -c 'printf "%s\n%s\n%s\n%s\n" $text >"$file"'
	taken
	made_up_keys 4
	text=$(option_2)
	run -0 "$@" -c 'cat >"$file" <<END
$text
END'
	taken
	keep "$aws/credentials"
	run "$@" -c 'echo garbage >"$file"'
	[ "$status" -ne 0 ]
	[ -n "$output" ]
	run "$@" -c 'printf "no such\nthing\n" >"$file"'
	[ "$status" -ne 0 ] # busybox says no more than that
	unchanged "$aws/credentials"
}

@test "bash" {
	with_shell bash
}

@test "dash" {
	with_shell dash
}

@test "zsh" {
	needs zsh
	# zsh does not split words
	with_shell zsh -f -o shwordsplit
}

@test "busybox sh" {
	with_shell busybox sh
}

@test "cat, cp, tee, dd, install and head of coreutils" {
	number=0
	for command in 'cat pasted >"$file"' 'cat <pasted >"$file"' 'cp pasted "$file"' 'cp -p pasted "$file"' \
		'cp -f pasted "$file"' 'tee "$file" <pasted' 'tee -a "$file" <pasted' 'dd if=pasted of="$file"' \
		'dd if=pasted of="$file" conv=fsync' 'dd if=pasted of="$file" bs=16' 'head -n 9 pasted >"$file"' \
		'/bin/echo "$(cat pasted)" >"$file"' 'cp --no-preserve=all pasted "$file"' 'awk 1 pasted >"$file"' \
		'{ head -n 2 pasted; tail -n 2 pasted; } >"$file"' 'exec 3>"$file"; cat pasted >&3; exec 3>&-'; do
		number=$((number + 1))
		made_up_keys $number
		option_2 >pasted
		run bash -c "$command"
		[ "$status" = 0 ] && holds acme || {
			echo "$command: status $status: $output"
			return 1
		}
	done
	taken
}

@test "cat, cp, tee and dd report what is refused" {
	option_2 | head -n 3 >half
	echo garbage >garbage
	keep "$aws/credentials"
	for source in half garbage; do
		for command in 'cat $source >"$file"' 'cp $source "$file"' 'tee "$file" <$source' \
			'dd if=$source of="$file"' 'cat >"$file" <<<"$(cat $source)"'; do
			source=$source run bash -c "$command"
			if [ "$status" = 0 ] || [ -z "$output" ]; then
				echo "$command of $source: status $status: $output"
				return 1
			fi
			unchanged "$aws/credentials"
		done
	done
}

@test "busybox cp, cat, tee, dd and vi" {
	needs busybox
	for command in 'busybox cp pasted "$file"' 'busybox cat pasted >"$file"' 'busybox tee "$file" <pasted' \
		'busybox dd if=pasted of="$file"'; do
		made_up_keys "$command"
		option_2 >pasted
		run -0 bash -c "$command"
		holds acme
	done
	made_up_keys vi
	option_2 >typed
	edit '1GdGi' '@typed' '\x1b' ':wq\r' -- busybox vi "$file"
	taken
}

@test "python: open().write(), os.write, pathlib, shutil" {
	for code in 'open(file, "w").write(text)' \
		'f = os.open(file, os.O_WRONLY | os.O_TRUNC); os.write(f, text.encode()); os.close(f)' \
		'f = open(file, "r+"); f.seek(0); f.truncate(); f.write(text); f.close()' \
		'pathlib.Path(file).write_text(text)' 'shutil.copyfile("pasted", file)' 'shutil.copy("pasted", file)' \
		'f = open(file, "w"); f.write(text); f.flush(); os.fsync(f.fileno()); f.close()' \
		'f = open(file, "wb", 0); [f.write(bytes([c])) for c in text.encode()]; f.close()'; do
		made_up_keys "$code"
		option_2 >pasted
		text=$(option_2) run python3 -c "import os, pathlib, shutil
file, text = os.environ['file'], os.environ['text']
$code"
		[ "$status" = 0 ] && holds acme || {
			echo "$code: status $status: $output"
			return 1
		}
	done
	taken
}

@test "python: a temporary file in the folder, renamed over it" {
	run -0 python3 -c 'import os, tempfile
with tempfile.NamedTemporaryFile("w", dir=os.path.dirname(os.environ["file"]), delete=False) as new:
    new.write(os.environ["text"])
    new.flush()
    os.fsync(new.fileno())
os.replace(new.name, os.environ["file"])'
	taken
	keep "$aws/credentials"
	run python3 -c 'import os, tempfile
with tempfile.NamedTemporaryFile("w", dir=os.path.dirname(os.environ["file"]), delete=False) as new:
    new.write("garbage")
try:
    os.replace(new.name, os.environ["file"])
finally:
    os.unlink(new.name)'
	[ "$status" -ne 0 ]
	says "Invalid argument"
	unchanged "$aws/credentials"
	not ls "$mnt"/acme/tmp*
}

@test "node: fs.writeFileSync and fs.promises" {
	needs node
	run -0 node -e 'require("fs").writeFileSync(process.env.file, process.env.text)'
	taken
	made_up_keys 2
	text=$(option_2) run -0 node -e 'require("fs").promises.writeFile(process.env.file, process.env.text)'
	taken
	keep "$aws/credentials"
	run node -e 'require("fs").writeFileSync(process.env.file, "garbage")'
	[ "$status" -ne 0 ]
	says EINVAL
	unchanged "$aws/credentials"
}

@test "perl, awk and jq" {
	run -0 perl -e 'open(my $f, ">", $ENV{file}) or die $!; print $f $ENV{text} or die $!; close $f or die $!'
	taken
	made_up_keys 2
	text=$(option_2) run -0 bash -c 'jq -rn env.text >"$file"'
	taken
	made_up_keys 3
	text=$(option_2) run -0 awk 'BEGIN { print ENVIRON["text"] >ENVIRON["file"] }'
	taken
}

# sets old_* to the keys the file has now, and key, key_secret and token to fresh ones
next_keys() { # SEED
	old_key=$key old_secret=$key_secret old_token=$token
	made_up_keys "$1"
}

@test "sed -i and perl -i" {
	paste_into acme
	next_keys 2
	run sed -i "s|$old_key|$key|; s|$old_secret|$key_secret|; s|$old_token|$token|" "$file"
	[ "$status" = 0 ] || {
		echo "$output"
		return 1
	}
	taken
	next_keys 3
	run perl -pi -e "s|\Q$old_key\E|$key|; s|\Q$old_secret\E|$key_secret|; s|\Q$old_token\E|$token|" "$file"
	[ "$status" = 0 ] || {
		echo "$output"
		return 1
	}
	taken
	# what is not credentials any longer is refused, and nothing is lost
	keep "$aws/credentials"
	run sed -i 's/aws_secret_access_key/secret/' "$file"
	[ "$status" -ne 0 ]
	unchanged "$aws/credentials"
	nothing_beside
}

@test "rsync --inplace and git config" {
	needs git
	# git's way: profile.lock, renamed
	run git config -f "$file" acme.region us-east-1
	[ "$status" -ne 0 ]
	holds_old
	if command -v rsync >/dev/null; then
		rsync --inplace pasted "$file"
		taken
	fi
}

holds_old() {
	made_up_keys old
	holds acme
}

# edit KEYS... -- COMMAND...: a person at a terminal
edit() {
	run "$root/tests/support/pty_run.py" --timeout $((20 * slow)) "$@"
	[ "$status" = 0 ] || {
		echo "status $status" >&2
		printf '%s' "$output" | tail -c 2000 | cat -v >&2
		return 1
	}
}

@test "ed" {
	needs ed
	run -0 ed -s "$file" <<<$',d\na\n'"$text"$'\n.\nw\nq'
	taken
	keep "$aws/credentials"
	run ed -s "$file" <<<$',d\na\ngarbage\n.\nw\nq\nq'
	unchanged "$aws/credentials"
}

@test "vim" {
	needs vim
	option_2 >typed
	edit ':set paste\r' 'ggdGi' '@typed' '\x1b' ':wq\r' -- vim "$file"
	taken
}

@test "vim as Debian's defaults have it, and :w twice" {
	needs vim
	option_2 >typed
	printf 'set nocompatible\nset backup\nset writebackup\nset undofile\n' >.vimrc
	edit ':set paste\r' 'ggdGi' '@typed' '\x1b' ':w\r' ':w\r' ':q\r' -- vim "$file"
	holds acme
	grep -qx '# mine' "$aws/credentials"
}

@test "vim shows what is refused" {
	needs vim
	keep "$aws/credentials"
	run "$root/tests/support/pty_run.py" --timeout $((20 * slow)) 'ggdGi' 'garbage\x1b' ':w\r' '\r' ':q!\r' \
		-- vim "$file"
	[[ $output =~ (E512|E514|E72|E667|write error|Fsync failed|Close error) ]]
	unchanged "$aws/credentials"
}

@test "nano" {
	needs nano
	option_2 >typed
	edit '\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b' '@typed' '\x0f' '\r' '\x18' -- nano --ignorercfiles "$file"
	taken
}

@test "nano with backups on" {
	needs nano
	option_2 >typed
	edit '\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b' '@typed' '\x0f' '\r' '\x18' -- nano --ignorercfiles -B "$file" ||
		edit '\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b' '@typed' '\x0f' '\r' 'y' '\x18' -- nano --ignorercfiles -B "$file"
	holds acme
	nothing_beside
}

@test "emacs" {
	needs emacs
	option_2 >typed
	edit '\x18h\x17' '@typed' '\x18\x13' '\x18\x03' -- emacs -nw -Q "$file"
	taken
}

@test "swap, backup and lock names of editors are refused, so that secrets stay out of them" {
	for name in .profile.swp .profile.swo .profile.swx profile~ '#profile#' '.#profile' 4913; do
		run bash -c 'echo secret >"$1"' - "$mnt/acme/$name"
		[ "$status" -ne 0 ] || {
			echo "$name was made" >&2
			return 1
		}
		[ ! -e "$mnt/acme/$name" ]
	done
	run ln -s target "$mnt/acme/.#profile"
	[ "$status" -ne 0 ]
	run bash -c 'echo text >"$1"' - "$mnt/acme/notes.txt"
	[ "$status" -ne 0 ]
}
